"""Owed work. A due row is something to look at, at or after its time; nothing that is owed exists without one.

A transition inserts the row in its own transaction and wakes the worker with a queue message that only names the
row. The worker claims the row (moves it to the end of a lease), works, and deletes it in the transaction that settles
the work. Whatever is lost in between, the sweep finds the row when its time has come. A row never changes under its
key: a move is a delete and an insert in one transaction, so the key's existence is the guard.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shared.kinds import Kind
from shared.rows import COMMIT_COLUMN, Delete, Insert, Row
from shared.stored import from_json, to_json

WAKE_GRACE = timedelta(minutes=1)  # how long the queue message has before the sweep looks
LEASE = timedelta(seconds=60 + 30)  # functionTimeout in host.json, and 30 seconds more
SWEEP_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
MANY_ATTEMPTS = 25  # beyond every worker's patience: work that cannot even be given up stays visible as waiting
KEY = re.compile(r"due:[0-9]{8}T[0-9]{6}\.[0-9]{6}Z:[a-z]{3,20}:[0-9a-f]{32}")
PROVIDER = re.compile(r"[0-9a-f-]{36}")
STAMP = "%Y%m%dT%H%M%S.%fZ"
WORK_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Due:
    """One piece of owed work. ``work_id`` never changes; ``note`` is what only this work needs.

    ``begun`` is when it was first claimed. ``sweeps`` counts the sweeps since the last claim, ``waiting_since`` is when
    the first of them found it due.
    """

    provider: str
    kind: Kind
    work_id: str
    time: datetime
    owed_since: datetime
    subject: str
    attempts: int = 0
    sweeps: int = 0
    waiting_since: datetime | None = None
    begun: datetime | None = None
    note: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"due:{stamp(self.time)}:{self.kind}:{self.work_id}"


def new_work_id() -> str:
    """32 hex digits, random."""
    return secrets.token_hex(16)


def stamp(time: datetime) -> str:
    """UTC to the microsecond, of fixed width: keys sort by time."""
    return time.astimezone(UTC).strftime(STAMP)


def at(stamp: str) -> datetime:
    """The time of a stamp. Raises ValueError."""
    return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)


def owed(
    provider: str,
    kind: Kind,
    subject: str,
    work_id: str,
    now: datetime,
    *,
    at: datetime | None = None,
    **note: str,
) -> Due:
    """New work for ``subject`` (a service's or a customer's id), due at ``at``, else as soon as the queue delivers."""
    return Due(provider, kind, work_id, at or now + WAKE_GRACE, now, subject, note=note)


def insert(due: Due, commit_id: str = "") -> Insert:
    """The write that owes the work. Its columns find it by its id, and what was woken and never taken."""
    woken = due.waiting_since is not None
    return Insert(Row(due.key, to_json(due), {COMMIT_COLUMN: commit_id, "work": due.work_id, "woken": woken}))


def settle(due: Due) -> Delete:
    """The write that ends the work; it fails when the row was moved or settled meanwhile."""
    return Delete(due.key)


def moved(due: Due, time: datetime) -> Due:
    """The same work at another time; never at its present one: one transaction cannot delete and insert one key."""
    return replace(due, time=time if time != due.time else time + timedelta(microseconds=1))


def anew(due: Due) -> Due:
    """The same work as if nobody had tried it: what it is left for now is another look."""
    return replace(due, attempts=0, waiting_since=None)


def message(due: Due) -> str:
    """The wake-up that goes on the queue ``due.kind``: no personal data, no secret."""
    return json.dumps({"provider": due.provider, "due": due.key})


def from_row(row: Row, partition: str | None = None) -> Due:
    """Raises ValueError when the row is not one of ours, or is not of the ``partition`` in which it stands."""
    due = from_json(Due, row.body)
    if due.key != row.key or partition not in (None, due.provider):
        raise ValueError("the row stands under another key than its own")
    return due


def named(text: str, kind: Kind) -> tuple[str, str] | None:
    """Provider and key of the row that a queue message names; None when the message is not ours."""
    try:
        content = json.loads(text)
        provider, key = str(content["provider"]), str(content["due"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    ours = PROVIDER.fullmatch(provider) and KEY.fullmatch(key) and key.split(":")[2] == kind
    return (provider, key) if ours else None


def put_off(due: Due, now: datetime) -> Due:
    """Where the sweep leaves a row: pauses double while no claim follows, so a backlog is not shuffled."""
    pause = min(SWEEP_PAUSE * 2**due.sweeps, LONGEST_PAUSE)
    return replace(due, time=now + pause, sweeps=min(due.sweeps + 1, 16), waiting_since=due.waiting_since or due.time)
