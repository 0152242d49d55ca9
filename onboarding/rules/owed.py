"""Owed work that is late, in words for whoever operates the service: what may be woken, and what each row says."""

from datetime import datetime, timedelta

from onboarding.records import Service
from shared.due import LONGEST_PAUSE, MANY_ATTEMPTS, WAKE_GRACE, Due, from_row, stamp
from shared.rows import Row

UNREADABLE = "This row cannot be read: a newer version wrote it, or somebody else. It keeps no other from being done."


def read(row: Row, provider: str) -> Due | None:
    """The work in a due row of that provider; None when it cannot be read."""
    try:
        return from_row(row, provider)
    except ValueError:
        return None


def overdue(now: datetime) -> str:
    """The key before which every row is past its time, for longer than a queue message takes."""
    return f"due:{stamp(now - WAKE_GRACE)}"


def beyond(now: datetime) -> str:
    """The key behind which nothing is late and no attempt waits: neither is ever put off further than that."""
    return f"due:{stamp(now + LONGEST_PAUSE + timedelta(minutes=1))}"


# A mail whose link was sealed anew stands this little behind its time (`keys.operations`).
RESEALED = timedelta(milliseconds=1)


def wakeable(due: Due, service: Service | None, now: datetime) -> bool:
    """Whether no worker has the work. One that has it has moved its row to the end of a lease; so a row whose time is
    to come may be woken when a sweep has moved it since, or its ``service`` says that it waits until then.
    """
    awaited = _next_at(service, due) if service is not None else None
    waits = awaited is not None and timedelta() <= due.time - awaited < RESEALED
    return due.time <= now or due.sweeps > 0 or waits


def _next_at(service: Service, due: Due) -> datetime | None:
    """When the service expects the next attempt at its mail or at a check of its."""
    mail = service.invitation.mail
    if mail.work_id == due.work_id:
        return mail.next_at
    checks = (service.invitation.check, service.check)
    return next((check.next_at for check in checks if check is not None and check.id == due.work_id), None)


def waiting_since(due: Due, now: datetime) -> datetime | None:
    """Since when the work could have been done; None when its time is still to come."""
    return due.waiting_since or (due.time if due.time <= now else None)


def words(due: Due | None, now: datetime) -> str:
    """Why a row is still there, as far as the row tells."""
    if due is None:
        return UNREADABLE
    if due.attempts >= MANY_ATTEMPTS:
        return f"It was begun {due.attempts} times and never came to an end: look into the log for what goes wrong."
    if due.sweeps:
        return "No worker has taken it since it was woken last: does the function run that serves its queue?"
    if due.time > now:
        return "It waits for its next attempt."
    return "Its time has come, and no sweep has woken it yet."
