"""Counting within windows of time: how often, for whom, and what is left of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from invitations.rules.mails import mailbox
from onboarding.operations.retention import forget
from shared.due import from_row, insert, message
from shared.kinds import Kind
from shared.minted import Minted
from shared.platform import Platform
from shared.quota import DAY, HOUR, KEPT, Quota, take
from shared.rows import Row
from shared.sealing import Sealer
from shared.store import Store
from tests.stateful.table import MemoryTable
from tests.unit.builders import NOW, OTHER_PROVIDER, PROVIDER, settings

MAILS = Quota("mail", 3, DAY)
SOMEBODY = "it@contoso.com"


class Counter:
    """A platform with a table of its own, and the time."""

    def __init__(self) -> None:
        store = Store(cast(Any, MemoryTable()))
        self.platform = Platform(settings(), store, Sealer({"2026": bytes(range(32))}))
        self._ids = (f"{number:032x}" for number in range(1, 1000))

    def take(
        self,
        quota: Quota = MAILS,
        subject: str = SOMEBODY,
        now: datetime = NOW,
        piece: str = "",
        provider: str = PROVIDER,
    ) -> datetime | None:
        return take(self.platform, quota, provider, subject, Minted(now, next(self._ids)), piece)

    def rows(self, first: str = "") -> Iterator[Row]:
        return self.platform.store.scan(PROVIDER, first, f"{first}~")


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_more_than_enough_is_told_when_the_window_ends(counter: Counter) -> None:
    assert [counter.take() for _ in range(3)] == [None] * 3
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    assert [counter.take() for _ in range(2)] == [midnight] * 2
    assert counter.take(now=midnight) is None


@pytest.mark.parametrize(
    ("quota", "later", "free"),
    [
        (MAILS, timedelta(hours=14, minutes=29), False),
        (MAILS, timedelta(hours=14, minutes=30), True),
        (Quota("check", 3, HOUR), timedelta(minutes=29), False),
        (Quota("check", 3, HOUR), timedelta(minutes=30), True),
    ],
)
def test_windows_begin_at_full_hours_and_days_in_utc(
    counter: Counter, quota: Quota, later: timedelta, free: bool
) -> None:
    for _ in range(3):
        counter.take(quota)
    assert (counter.take(quota, now=NOW + later) is None) is free


def test_others_are_counted_apart(counter: Counter) -> None:
    for _ in range(3):
        counter.take()
    assert counter.take() is not None
    assert counter.take(subject="other@contoso.com") is None
    assert counter.take(provider=OTHER_PROVIDER) is None
    assert counter.take(Quota("check", 3, DAY)) is None


def test_one_piece_of_work_counts_once(counter: Counter) -> None:
    assert [counter.take(piece="mail 1") for _ in range(5)] == [None] * 5
    assert [counter.take(piece=piece) is None for piece in ("mail 2", "mail 3", "mail 4", "mail 1")] == [
        True,
        True,
        False,
        True,
    ]


def test_no_row_tells_whom_it_counts_for(counter: Counter) -> None:
    counter.take()
    counter.take(piece="mail 1")
    for row in counter.rows():
        assert "contoso" not in repr(row)
    (counted,) = counter.rows("quota:")
    assert re.fullmatch(r"quota:mail:20261124T000000\.000000Z:[0-9a-f]{64}", counted.key)


def test_all_of_a_window_is_deleted_by_one_piece_of_work_when_nobody_counts_in_it_any_more(counter: Counter) -> None:
    for number in range(200):
        counter.take(subject=f"{number}@contoso.com", now=NOW + timedelta(seconds=number))
    counter.take(now=NOW + DAY)
    today, tomorrow = map(from_row, counter.rows("due:"))
    assert (today.kind, today.note) == (Kind.FORGET, {"rows": "quota:mail:20261124T000000.000000Z:"})
    assert today.time == NOW.replace(hour=0, minute=0, second=0, microsecond=0) + DAY + KEPT
    assert len(list(counter.rows("quota:"))) == 201
    forget(counter.platform, message(today), Minted(today.time, "c0ffee"))
    assert [row.key.split(":")[2] for row in counter.rows("quota:")] == ["20261125T000000.000000Z"]
    assert list(map(from_row, counter.rows("due:"))) == [tomorrow]


def test_a_tampered_note_deletes_nothing_but_counts(counter: Counter) -> None:
    counter.take()
    (owed,) = map(from_row, counter.rows("due:"))
    hostile = replace(owed, note={"rows": "service:"})
    counter.platform.store.put(PROVIDER, Row("service:1"))
    counter.platform.store.put(PROVIDER, insert(hostile).row)
    forget(counter.platform, message(hostile), Minted(owed.time, "c0ffee"))
    assert [row.key for row in counter.rows("service:")] == ["service:1"]


def test_the_hash_is_keyed_and_of_its_purpose() -> None:
    one, other = Sealer({"a": bytes(32), "b": bytes(range(32))}), Sealer({"b": bytes(range(32)), "a": bytes(32)})
    assert one.pseudonym("mail", SOMEBODY) == one.pseudonym("mail", SOMEBODY)
    found = {sealer.pseudonym(purpose, SOMEBODY) for sealer in (one, other) for purpose in ("mail", "check")}
    assert len(found) == 4


@pytest.mark.parametrize(
    ("address", "box"),
    [
        ("it@contoso.com", "it@contoso.com"),
        ("IT@Contoso.COM", "it@contoso.com"),
        ("it+1@contoso.com", "it@contoso.com"),
        ("it+a+b@contoso.com", "it@contoso.com"),
        ("i.t@contoso.com", "i.t@contoso.com"),
    ],
)
def test_ways_to_write_one_mailbox_count_together(address: str, box: str) -> None:
    assert mailbox(address) == box
