"""A customer's new name on its way to its services: page by page, within its time, from where it stopped."""

import json
from typing import Any, cast

import pytest

from onboarding.operations import customers
from onboarding.operations.customers import spread_name
from onboarding.rules.customers import customer_key
from shared.due import Due, from_row, insert, message
from shared.kinds import Kind
from shared.minted import Minted
from shared.platform import Platform
from shared.rows import Change, Delete, Insert, Page, Row
from shared.store import InvalidCursor
from shared.stored import to_json
from tests.unit.builders import NOW, PROVIDER, customer, due

CUSTOMER_ID = "0123456789abcdef01234567"


class PagedStore:
    """A table with one customer, owed work, and pages of services that hold nothing but the way to the next one."""

    def __init__(self, pages: int, owed: Due) -> None:
        self.pages = pages
        self.asked: list[str | None] = []
        self.rows = {owed.key: insert(owed).row, customer_key(CUSTOMER_ID): Row("customer", to_json(customer()))}

    def read(self, _: str, key: str) -> Row | None:
        return self.rows.get(key)

    def query(self, *_: Any, cursor: str | None = None, **__: Any) -> Page:
        self.asked.append(cursor)
        if cursor == "of another version":
            raise InvalidCursor
        place = int(cursor or 0) + 1
        return Page((), str(place) if place < self.pages else None)

    def commit(self, change: Change) -> None:
        for write in change.writes:
            if isinstance(write, Delete):
                del self.rows[write.key]
            elif isinstance(write, Insert):
                self.rows[write.row.key] = write.row

    def owed(self) -> list[Due]:
        return [from_row(row) for key, row in self.rows.items() if key.startswith("due:")]


def run(store: PagedStore) -> list[Due]:
    """One delivery of the work; what is owed then."""
    (owed,) = store.owed()
    platform = cast(Platform, type("Platform", (), {"store": store}))
    spread_name(platform, message(owed), Minted(NOW, "c0ffee"))
    return store.owed()


def renaming(**note: str) -> Due:
    return due(Kind.RENAME, subject=CUSTOMER_ID, provider=PROVIDER, note=note)


def test_it_looks_at_every_page_twice_and_is_done() -> None:
    store = PagedStore(3, renaming())
    (again,) = run(store)
    assert (store.asked, again.note["again"], again.attempts) == ([None, "1", "2"], "yes", 0)
    assert again.time > NOW
    assert run(store) == []
    assert store.asked == [None, "1", "2"] * 2


def test_what_takes_too_long_goes_on_from_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "SECONDS_A_RUN", -1.0)
    store = PagedStore(3, renaming())
    for cursor in ("1", "2"):
        (left,) = run(store)
        assert (left.note["cursor"], "again" in left.note) == (cursor, False)
    (again,) = run(store)
    assert (store.asked, again.note["again"], again.note["cursor"]) == ([None, "1", "2"], "yes", "")


def test_a_cursor_of_another_version_begins_at_the_start() -> None:
    store = PagedStore(1, renaming(cursor="of another version"))
    (again,) = run(store)
    assert (store.asked, again.note["again"]) == (["of another version", None], "yes")


def test_work_that_is_settled_or_somebody_else_s_is_left_alone() -> None:
    store = PagedStore(1, renaming())
    gone = json.dumps({"provider": PROVIDER, "due": due(Kind.RENAME, work_id="f" * 32).key})
    spread_name(cast(Platform, type("Platform", (), {"store": store})), gone, Minted(NOW, "c0ffee"))
    assert (store.asked, len(store.owed())) == ([], 1)
