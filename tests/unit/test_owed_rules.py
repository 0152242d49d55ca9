"""Owed work that is late: what a list of it shows, what it says, and what may be woken."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from onboarding.models.owed import owed_view
from onboarding.rules.owed import UNREADABLE, beyond, overdue, read, wakeable
from shared.due import KEY, LEASE, LONGEST_PAUSE, WAKE_GRACE, Due, insert, moved, put_off
from shared.kinds import Kind
from shared.rows import Row
from tests.unit.builders import NOW, PROVIDER, SERVICE_ID, due, service

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def lying(**changes: Any) -> Due:
    return due(Kind.MAIL, **changes)


LEASED = lying(time=NOW + LEASE, attempts=1)
WOKEN = put_off(lying(time=NOW - MINUTE), NOW)
NEVER_ENDING = lying(time=NOW + LEASE, attempts=26, waiting_since=NOW - MINUTE)
# Each row: whether it is late, and whether it may be woken.
ROWS: dict[str, tuple[Due, bool, bool]] = {
    "new": (lying(time=NOW + WAKE_GRACE, attempts=0), False, False),
    "in a worker's hands": (LEASED, False, False),
    "put off to a later attempt": (lying(time=NOW + timedelta(hours=1), attempts=3), False, False),
    "just due": (lying(time=NOW), False, True),
    "due for a minute": (lying(time=NOW - WAKE_GRACE), False, True),
    "due for longer": (lying(time=NOW - WAKE_GRACE - SECOND), True, True),
    "woken by a sweep and never claimed": (WOKEN, True, True),
    "begun again and again, and in a worker's hands": (NEVER_ENDING, True, False),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_no_worker_takes_is_late_and_what_a_worker_has_is_never_woken(name: str) -> None:
    one, is_late, may_be_woken = ROWS[name]
    row = insert(one).row
    assert (row.key < overdue(NOW) or row.columns["woken"]) is is_late
    assert wakeable(one, None, NOW) is may_be_woken


def test_work_of_which_its_service_says_until_when_it_waits_may_be_woken_until_a_worker_has_it() -> None:
    waits = lying(time=NOW + timedelta(hours=1), attempts=3)
    pending = service()
    mail = replace(pending.invitation.mail, work_id=waits.work_id, next_at=waits.time)
    waiting = replace(pending, invitation=replace(pending.invitation, mail=mail))
    assert wakeable(waits, waiting, NOW)
    assert wakeable(moved(waits, waits.time), waiting, NOW), "as re-sealing its link leaves it"
    assert not wakeable(replace(waits, time=waits.time + SECOND), waiting, NOW)
    assert not wakeable(replace(waits, time=NOW + LEASE), waiting, NOW)
    assert not wakeable(replace(waits, work_id="f" * 32), waiting, NOW)


def test_nothing_late_lies_beyond_the_longest_pause() -> None:
    woken = lying(time=NOW - MINUTE)
    for _ in range(20):
        woken = put_off(woken, NOW)
        assert woken.key < beyond(NOW)
    assert woken.time == NOW + LONGEST_PAUSE


def test_each_late_row_says_why_it_is_still_there() -> None:
    past, ahead = lying(time=NOW - timedelta(hours=1)), lying(time=NOW + timedelta(hours=1))
    said = {owed_view(insert(one).row, one, NOW).detail for one in (WOKEN, NEVER_ENDING, past, ahead)}
    assert len(said) == 4
    assert any("26 times" in words for words in said)


def test_a_late_row_tells_since_when_and_whose_it_is() -> None:
    shown = owed_view(insert(WOKEN).row, WOKEN, NOW)
    assert (shown.kind, shown.service_id, shown.customer_id) == (Kind.MAIL, SERVICE_ID, None)
    assert (shown.waiting_since, shown.next_at, shown.attempts) == (NOW - MINUTE, WOKEN.time, 1)
    rename = due(Kind.RENAME)
    shown = owed_view(insert(rename).row, rename, NOW)
    assert (shown.service_id, shown.customer_id) == (None, SERVICE_ID)


def test_a_list_of_late_work_shows_nothing_of_a_row_s_note() -> None:
    one = lying(note={"token": "sealed-token", "hash": "0" * 64})
    assert "sealed" not in owed_view(insert(one).row, one, NOW).model_dump_json()
    assert KEY.fullmatch(owed_view(insert(one).row, one, NOW).key)


def test_a_row_that_cannot_be_read_is_named_by_its_key() -> None:
    row = Row(due(time=NOW - timedelta(hours=1)).key, "not json")
    assert read(row, PROVIDER) is None
    assert row.key < overdue(NOW)
    shown = owed_view(row, None, NOW)
    assert (shown.key, shown.kind, shown.service_id, shown.detail) == (row.key, None, None, UNREADABLE)
