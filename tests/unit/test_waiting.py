"""When an outside service cannot answer: Retry-After as it is sent, when to ask again, and when to give up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.due import Due
from shared.waiting import Later, Patience, next_look, retry_after
from tests.unit.builders import due

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PATIENCE = Patience(20, timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=1))


def look(work: Due, wait: timedelta | None = None, *, throttled: bool = False, jitter: float = 0) -> Due | None:
    later = Later("The service is busy.", wait, throttled=throttled)
    return next_look(work, NOW, later, PATIENCE, jitter)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("1", 1),
        (" 120 ", 120),
        ("3600", 3600),
        ("3601", 3600),
        ("999999999", 3600),
        ("Tue, 24 Nov 2026 09:30:45 GMT", 45),
        ("Tue, 24 Nov 2026 11:30:45 +0200", 45),
        ("Tue, 24 Nov 2026 09:29:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
    ],
)
def test_seconds_and_dates_are_understood_and_an_hour_is_the_most(value: str, seconds: int) -> None:
    assert retry_after(value, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "soon",
        "-1",
        "1.5",
        "1e3",
        "0x10",
        "\u0661\u0662",
        "9" * 10,
        "9" * 5000,
        "Tue, 99 Nov 2026 09:30:45 GMT",
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_says_no_time_is_none(value: str) -> None:
    assert retry_after(value, NOW) is None


def test_a_date_without_a_zone_says_no_time() -> None:
    assert retry_after("Tue, 24 Nov 2026 09:30:45 -0000", NOW) is None


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 5), (2, 10), (3, 20), (6, 160), (7, 300), (19, 300)])
@pytest.mark.parametrize("jitter", [0, 0.5, 1])
def test_pauses_double_up_to_the_longest_with_up_to_half_more(attempts: int, seconds: int, jitter: float) -> None:
    work = due(attempts=attempts, note={"purpose": "submission"})
    assert look(work, jitter=jitter) == replace(work, time=NOW + timedelta(seconds=seconds * (1 + jitter / 2)))


@pytest.mark.parametrize(("asked", "seconds"), [(0, 5), (5, 5), (120, 120)])
def test_what_the_service_asks_for_is_the_least(asked: int, seconds: int) -> None:
    again = look(due(attempts=1), timedelta(seconds=asked))
    assert again is not None
    assert again.time == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("age", "goes_on"),
    [(None, True), (timedelta(hours=1), True), (timedelta(hours=1, microseconds=1), False)],
    ids=["not begun", "an hour", "more"],
)
@pytest.mark.parametrize("throttled", [False, True])
def test_it_is_given_up_when_it_has_taken_too_long(age: timedelta | None, goes_on: bool, throttled: bool) -> None:
    work = due(attempts=2, begun=None if age is None else NOW - age)
    assert (look(work, throttled=throttled) is not None) is goes_on


def test_without_a_bound_age_does_not_count() -> None:
    work = due(attempts=2, begun=NOW - timedelta(days=30))
    assert next_look(work, NOW, Later("busy"), replace(PATIENCE, age=None), 0) is not None


@pytest.mark.parametrize(("attempts", "goes_on"), [(19, True), (20, False), (21, False)])
def test_it_is_given_up_after_so_many_attempts(attempts: int, goes_on: bool) -> None:
    assert (look(due(attempts=attempts)) is not None) is goes_on


@pytest.mark.parametrize("attempts", [1, 5, 20])
def test_a_throttled_attempt_is_taken_back(attempts: int) -> None:
    again = look(due(attempts=attempts), throttled=True)
    assert again is not None
    assert again.attempts == attempts - 1


def test_work_never_moves_to_the_key_that_it_has() -> None:
    work = due(attempts=1, time=NOW + timedelta(seconds=5))
    again = look(work)
    assert again is not None
    assert again.key > work.key
