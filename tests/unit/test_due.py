"""Owed work: its key, its wake-up message, and how a sweep puts it off."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.due import (
    LONGEST_PAUSE,
    SWEEP_PAUSE,
    WAKE_GRACE,
    from_row,
    insert,
    message,
    moved,
    named,
    new_work_id,
    owed,
    put_off,
    settle,
    stamp,
)
from shared.kinds import Kind
from shared.rows import Delete, Row
from tests.unit.builders import NOW, OTHER_PROVIDER, PROVIDER, SERVICE_ID, due

KEY = due().key
times = st.datetimes(datetime(2020, 1, 1), datetime(2199, 12, 31)).map(lambda time: time.replace(tzinfo=UTC))  # noqa: DTZ001


def wake_up(**changes: object) -> str:
    return json.dumps({"provider": PROVIDER, "due": KEY} | changes)


@settings(deadline=None, database=None)
@given(times, times)
def test_keys_sort_by_time(one: datetime, other: datetime) -> None:
    keys = [due(time=time).key for time in (one, other)]
    assert (keys[0] < keys[1]) == (one < other) or one == other


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 6, UTC), "20260102T030405.000006Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 0, UTC), "20260102T030405.000000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 6, timezone(timedelta(hours=2))), "20260102T010405.000006Z"),
    ],
    ids=["utc", "whole second", "another zone"],
)
def test_a_time_is_written_in_utc_to_the_microsecond(time: datetime, text: str) -> None:
    assert stamp(time) == text


def test_what_is_due_by_now_is_one_range_of_keys() -> None:
    before, at, after = (due(time=NOW + timedelta(microseconds=m)).key for m in (-1, 0, 1))
    assert "due:" < before < f"due:{stamp(NOW)}" < at < after


def test_new_work_waits_a_minute_for_its_queue_message() -> None:
    made = owed(PROVIDER, Kind.MAIL, SERVICE_ID, "w" * 32, NOW, token="sealed")
    assert (made.time, made.owed_since, made.attempts, made.sweeps) == (NOW + WAKE_GRACE, NOW, 0, 0)
    assert made.note == {"token": "sealed"}


def test_work_for_a_later_time_is_due_then() -> None:
    later = NOW + timedelta(days=7)
    made = owed(PROVIDER, Kind.EXPIRE, SERVICE_ID, "w" * 32, NOW, at=later)
    assert (made.time, made.owed_since) == (later, NOW)


def test_every_work_id_is_another_one() -> None:
    ids = {new_work_id() for _ in range(50)}
    assert len(ids) == 50
    assert {len(each) for each in ids} == {32}


@pytest.mark.parametrize("waiting", [None, NOW], ids=["fresh", "put off"])
@pytest.mark.parametrize("kind", list(Kind))
def test_work_comes_back_from_its_row(kind: Kind, waiting: datetime | None) -> None:
    made = due(kind, attempts=3, sweeps=2, note={"purpose": "submission"}, waiting_since=waiting, begun=waiting)
    assert from_row(insert(made, "commit").row) == made


def test_a_row_carries_the_commit_that_wrote_it() -> None:
    assert insert(due(), "c1").row.commit == "c1"


BODY = insert(due()).row.body


@pytest.mark.parametrize(
    "row",
    [
        Row("due:x", BODY),
        Row(due(time=NOW + timedelta(seconds=1)).key, BODY),
        Row(KEY, "{}"),
        Row(KEY, "[]"),
        Row(KEY, "nonsense"),
        Row(KEY, BODY.replace('"check"', '"dance"')),
        Row(KEY, BODY.replace(SERVICE_ID, "\\ud800")),
    ],
    ids=["another key", "another time", "empty body", "a list", "no JSON", "unknown kind", "no text"],
)
def test_a_row_that_is_not_ours_says_so(row: Row) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its subclass is pydantic's
        from_row(row)


def test_a_row_in_another_provider_s_partition_is_not_ours() -> None:
    row = insert(due()).row
    assert from_row(row, PROVIDER) == due()
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        from_row(row, OTHER_PROVIDER)


def test_settled_work_is_deleted_under_its_key_and_moved_work_has_another() -> None:
    made = due()
    later = moved(made, NOW + timedelta(hours=1))
    assert later == replace(made, time=NOW + timedelta(hours=1))
    assert settle(made) == Delete(made.key)
    assert insert(later).row.key == later.key != made.key


def test_work_never_moves_to_the_key_that_it_has() -> None:
    made = due(time=NOW)
    assert moved(made, NOW).key > made.key
    assert moved(made, NOW).time - NOW == timedelta(microseconds=1)


def test_a_message_carries_nothing_but_provider_and_key() -> None:
    made = due(note={"token": "sealed-token", "purpose": "submission"})
    assert json.loads(message(made)) == {"provider": PROVIDER, "due": made.key}


@pytest.mark.parametrize("kind", list(Kind))
def test_a_message_names_its_row_to_the_queue_of_its_kind_alone(kind: Kind) -> None:
    made = due(kind)
    assert [other for other in Kind if named(message(made), other)] == [kind]
    assert named(message(made), kind) == (PROVIDER, made.key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "5",
        '"due"',
        "[]",
        "{}",
        "[" * 5000,
        "\ufffd\ufffd",
        json.dumps({"provider": PROVIDER}),
        json.dumps({"due": KEY}),
        wake_up(due=f"service:{SERVICE_ID}"),
        wake_up(due=KEY + "0"),
        wake_up(due=KEY + "\n"),
        wake_up(due=" " + KEY),
        wake_up(due=KEY.replace(":check:", ":CHECK:")),
        wake_up(due=KEY.replace(":check:", ":check/../x:")),
        wake_up(due=KEY.replace("2026", "\u0662\u0660\u0662\u0666")),
        wake_up(due=[KEY]),
        wake_up(due={"key": KEY}),
        wake_up(due=None),
        wake_up(provider="system"),
        wake_up(provider=PROVIDER + "\n"),
        wake_up(provider=PROVIDER.upper()),
        wake_up(provider=f"{PROVIDER}' or '1' eq '1"),
        wake_up(provider=5),
    ],
    ids=lambda text: repr(text[:60]),
)
def test_a_hostile_message_is_not_ours(text: str) -> None:
    assert named(text, Kind.CHECK) is None


@pytest.mark.parametrize(("sweeps", "minutes"), [(0, 5), (1, 10), (2, 20), (3, 40), (6, 320), (7, 360), (16, 360)])
def test_pauses_double_with_each_sweep_up_to_six_hours(sweeps: int, minutes: int) -> None:
    left = put_off(due(sweeps=sweeps, attempts=3), NOW)
    assert left.time == NOW + timedelta(minutes=minutes)
    assert left.attempts == 3


def test_a_sweep_changes_nothing_but_time_and_count() -> None:
    made = due(note={"purpose": "submission"}, attempts=2)
    assert put_off(made, NOW) == replace(made, time=NOW + SWEEP_PAUSE, sweeps=1, waiting_since=made.time)


def test_sweeps_without_end_neither_overflow_nor_stretch_the_pause() -> None:
    left = due(time=NOW)
    for _ in range(2000):
        before, left = left, put_off(left, left.time)
        assert left.time - before.time <= LONGEST_PAUSE


def test_the_first_sweep_notes_since_when_the_work_waits_and_later_ones_keep_it() -> None:
    left = due(time=NOW)
    for minutes in (1, 17, 400):
        left = put_off(left, NOW + timedelta(minutes=minutes))
    assert (left.waiting_since, left.sweeps) == (NOW, 3)
