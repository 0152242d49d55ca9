"""Owed work that is late, in words for whoever operates the service: what may be woken, and what each row says."""

from datetime import datetime, timedelta

from shared.due import LONGEST_PAUSE, MANY_ATTEMPTS, WAKE_GRACE, Due, from_row, stamp
from shared.rows import Row

UNREADABLE = "This row cannot be read: a newer version wrote it, or somebody else. It keeps no other from being done."


def read(row: Row) -> Due | None:
    """The work in a due row; None when it cannot be read."""
    try:
        return from_row(row)
    except ValueError:
        return None


def late(row: Row, due: Due | None, now: datetime) -> bool:
    """Whether a row is overdue: past its time for longer than a queue message takes, or woken and never claimed."""
    return row.key < f"due:{stamp(now - WAKE_GRACE)}" or (due is not None and due.waiting_since is not None)


def beyond(now: datetime) -> str:
    """The key behind which nothing can be late: the sweep never puts off what is late further than that."""
    return f"due:{stamp(now + LONGEST_PAUSE + timedelta(minutes=1))}"


def wakeable(due: Due, now: datetime) -> bool:
    """Whether no worker has the work: one that has it has moved its row to the end of a lease."""
    return due.time <= now or due.sweeps > 0


def waiting_since(due: Due) -> datetime:
    """Since when the work could have been done."""
    return due.waiting_since or due.time


def words(due: Due | None) -> str:
    """Why a late row is still there, as far as the row tells."""
    if due is None:
        return UNREADABLE
    if due.attempts >= MANY_ATTEMPTS:
        return f"It was begun {due.attempts} times and never came to an end: look into the log for what goes wrong."
    if due.sweeps:
        return "No worker has taken it since it was woken last: does the function run that serves its queue?"
    return "Its time has come, and no sweep has woken it yet."
