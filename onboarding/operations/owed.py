"""Owed work: what is late, and waking it."""

from datetime import datetime

from onboarding.aggregate import load
from onboarding.rules import owed as rules
from onboarding.rules.attention import attention
from shared.due import KEY, Due, message
from shared.kinds import Kind
from shared.platform import Platform
from shared.problems import NotFound
from shared.rows import Row
from shared.store import Store
from shared.web.auth import Operator

PAGE = 100
OF_SERVICES = frozenset({Kind.MAIL, Kind.CHECK})


def list_owed(
    platform: Platform, operator: Operator, cursor: str | None, now: datetime
) -> tuple[list[tuple[Row, Due | None]], str | None]:
    """A page of the provider's late rows, those that wait longest first, each with the work in it, if it can be read.

    A page is taken of all rows in the order of their next look, so it may be short.
    """
    page = platform.store.query(operator.provider.id, "due:", "due:~", limit=PAGE, cursor=cursor)
    found = [(row, rules.read(row)) for row in page.rows]
    late = [(row, due) for row, due in found if rules.late(row, due, now)]
    late.sort(key=lambda one: (rules.waiting_since(one[1]) if one[1] else now, one[0].key))
    ended = bool(page.rows) and page.rows[-1].key > rules.beyond(now)
    return late, None if ended else page.cursor


def wake(platform: Platform, operator: Operator, key: str, now: datetime) -> tuple[Row, Due, str]:
    """The work under that key, which is late or waits for its next attempt, and its wake-up. Raises NotFound."""
    store, provider = platform.store, operator.provider.id
    row = store.read(provider, key) if KEY.fullmatch(key) else None
    due = rules.read(row) if row else None
    if row is None or due is None or not (rules.wakeable(due, now) or _waits(store, due)):
        raise NotFound("Nothing waits under this key any more: it was done, or is being done. Reload the list.")
    return row, due, message(due)


def _waits(store: Store, due: Due) -> bool:
    """Whether the service says that it waits for this very look, so that no worker has the work."""
    if due.kind not in OF_SERVICES:
        return False
    found = attention(load(store, due.provider, due.subject).service)
    return found is not None and found.work == due.key
