"""Owed work as it goes out over HTTP."""

from datetime import datetime

from onboarding.rules.owed import waiting_since, words
from shared.due import Due
from shared.kinds import Kind
from shared.rows import Row
from shared.web.models import Listing, Time, View


class OwedFilters(Listing):
    """Owed work has no filter but the cursor."""


class OwedView(View):
    """A piece of owed work that is late; of a row that cannot be read only the ``key`` is known.

    ``id`` never changes, and is what wakes it; ``key`` is that of its row, for whoever looks into the table.
    ``owed_since`` is when the work arose, ``waiting_since`` since when it could have been done, ``next_at`` when the
    sweep looks at it next. ``attempts`` is how often a worker has begun it.
    """

    id: str | None
    key: str
    kind: Kind | None
    service_id: str | None
    customer_id: str | None
    owed_since: Time | None
    waiting_since: Time | None
    next_at: Time | None
    attempts: int | None
    detail: str


def owed_view(row: Row, due: Due | None, now: datetime) -> OwedView:
    of_customer = due is not None and (due.kind is Kind.RENAME or due.note.get("of") == "customer")
    return OwedView(
        id=due.work_id if due else None,
        key=row.key,
        kind=due.kind if due else None,
        service_id=(due.subject or None) if due and not of_customer else None,
        customer_id=due.subject if due and of_customer else None,
        owed_since=due.owed_since if due else None,
        waiting_since=waiting_since(due, now) if due else None,
        next_at=due.time if due else None,
        attempts=due.attempts if due else None,
        detail=words(due, now),
    )
