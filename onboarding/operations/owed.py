"""Owed work: what is late, and waking it."""

from datetime import datetime

from onboarding.aggregate import load
from onboarding.records import Service
from onboarding.rules import owed as rules
from shared.due import WORK_ID, Due, at, message, stamp
from shared.kinds import Kind
from shared.platform import Platform
from shared.problems import NotFound
from shared.rows import Row
from shared.store import InvalidCursor, Store
from shared.web.auth import Operator

PAGE = 100
OF_SERVICES = frozenset({Kind.MAIL, Kind.CHECK})


def list_owed(
    platform: Platform, operator: Operator, cursor: str | None, now: datetime
) -> tuple[list[tuple[Row, Due | None]], str | None]:
    """A page of the provider's late rows, in the order of their next look, each with the work in it, if it can be read.

    Late is what is past its time for longer than a queue message takes, and what was woken and never taken, when the
    first page was asked for. Raises InvalidCursor.
    """
    began, rest = _begun(cursor) if cursor else (now, None)
    page = platform.store.query(
        operator.provider.id,
        "due:",
        rules.beyond(began),
        limit=PAGE,
        cursor=rest,
        filters="( RowKey lt @overdue or woken eq @woken )",  # apart, or the SDK would not find the names
        overdue=rules.overdue(began),
        woken=True,
    )
    shown = [(row, rules.read(row, operator.provider.id)) for row in page.rows]
    return shown, page.cursor and f"{stamp(began)}.{page.cursor}"


def _begun(cursor: str) -> tuple[datetime, str]:
    """When the first page was asked for, which bounds all of them, and the store's own cursor."""
    began, _, rest = cursor.rpartition(".")
    try:
        return at(began), rest
    except ValueError:
        raise InvalidCursor from None


def wake(platform: Platform, operator: Operator, work_id: str, now: datetime) -> tuple[Row, Due, str]:
    """The work of that id, which is late or waits for its next attempt, and its wake-up. Raises NotFound."""
    store, provider = platform.store, operator.provider.id
    row = _row(store, provider, work_id, now) if WORK_ID.fullmatch(work_id) else None
    due = rules.read(row, provider) if row else None
    if row is None or due is None or not rules.wakeable(due, _service(store, due), now):
        raise NotFound("Nothing waits under this id: the work was done, or is being done now. Reload the list.")
    return row, due, message(due)


def _row(store: Store, provider: str, work_id: str, now: datetime) -> Row | None:
    """The row of that work, wherever it stands by now."""
    return next(store.scan(provider, "due:", rules.beyond(now), filters="work eq @work", work=work_id), None)


def _service(store: Store, due: Due) -> Service | None:
    """What the work is about, where that is a service which says until when it waits."""
    try:
        return load(store, due.provider, due.subject).service if due.kind in OF_SERVICES else None
    except NotFound:
        return None
