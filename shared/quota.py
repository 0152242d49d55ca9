"""How often something may happen within a window of time, to whoever must be spared more of it.

A row for each window and subject counts, under its ETag. Its key holds a keyed hash in the subject's place, so nobody
reads from the table who got mail or whose tenant was asked about; and whatever else is cancelled and made anew, the
count stays. One piece of owed work for each window deletes all its rows when it is over.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.due import Due, insert, owed, stamp
from shared.kinds import Kind
from shared.minted import Minted
from shared.platform import Platform
from shared.rows import COMMIT_COLUMN, Change, Insert, Put, Replace, Row
from shared.stored import from_json, to_json

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PIECES = 200  # so many pieces of work are remembered: a row's text has 32,768 characters at most
KEPT = timedelta(hours=1)  # after a window its rows are deleted; nobody who counts in it is under way any more by then


@dataclass(frozen=True)
class Quota:
    """At most ``most`` times in each ``window``; windows begin at multiples of it in UTC."""

    name: str
    most: int
    window: timedelta


@dataclass(frozen=True)
class Taken:
    """How often it has happened in a window; ``by`` are the latest pieces of work, which must not count twice."""

    count: int = 0
    by: tuple[str, ...] = ()


def take(
    platform: Platform, quota: Quota, provider: str, subject: str, minted: Minted, piece: str = ""
) -> datetime | None:
    """Count one more for ``subject``; the window's end when there were enough already, and then nothing is counted.

    Asked again for the same ``piece`` of work, it counts no second time. Raises StoreUnavailable.
    """
    begins = minted.now - (minted.now - EPOCH) % quota.window
    ends = begins + quota.window
    window = f"quota:{quota.name}:{stamp(begins)}:"
    key = f"{window}{platform.sealer.pseudonym(quota.name, subject)}"
    forget = insert(_forgetting(provider, window, begins, ends + KEPT)).row

    def decide(row: Row | None) -> tuple[Change | None, datetime | None]:
        taken = from_json(Taken, row.body) if row else Taken()
        if piece and piece in taken.by:
            return None, None
        if taken.count >= quota.most:
            return None, ends
        more = Taken(taken.count + 1, (*taken.by, piece)[-PIECES:] if piece else taken.by)
        counted = Row(key, to_json(more), {COMMIT_COLUMN: minted.commit_id})
        writes = (Replace(replace(counted, etag=row.etag)),) if row else (Insert(counted), Put(forget))
        return Change(provider, writes, key, minted.commit_id), None

    return platform.store.transact(lambda: platform.store.read(provider, key), decide)


def _forgetting(provider: str, window: str, begins: datetime, at: datetime) -> Due:
    """The owed end of a window: the same row, whoever counts first for a subject in it, and long before its time."""
    work_id = hashlib.sha256(f"{provider} {window}".encode()).hexdigest()[:32]
    return owed(provider, Kind.FORGET, "", work_id, begins, at=at, rows=window)
