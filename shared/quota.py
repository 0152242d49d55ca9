"""How often something may happen within a window of time, to whoever must be spared more of it.

A row for each window and subject counts, under its ETag. Its key holds a keyed hash in the subject's place, so nobody
reads from the table who got mail or whose tenant was asked about; and whatever else is cancelled and made anew, the
count stays. Owed work deletes the row when its window is over.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.due import Due, insert, new_work_id, owed, stamp
from shared.kinds import Kind
from shared.minted import Minted
from shared.platform import Platform
from shared.rows import COMMIT_COLUMN, Change, Insert, Replace, Row
from shared.stored import from_json, to_json

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = timedelta(hours=1)  # after its window a row is deleted; nobody who counts in it is under way any more by then


@dataclass(frozen=True)
class Quota:
    """At most ``most`` times in each ``window``; windows begin at multiples of it in UTC."""

    name: str
    most: int
    window: timedelta


@dataclass(frozen=True)
class Taken:
    """How often it has happened in a window; ``by`` are the pieces of work that must not count twice."""

    count: int = 0
    by: tuple[str, ...] = ()


def take(
    platform: Platform, quota: Quota, provider: str, subject: str, service_id: str, minted: Minted, piece: str = ""
) -> datetime | None:
    """Count one more for ``subject``; the window's end when there were enough already, and then nothing is counted.

    Asked again for the same ``piece`` of work, it counts no second time. Raises StoreUnavailable.
    """
    begins = minted.now - (minted.now - EPOCH) % quota.window
    ends = begins + quota.window
    key = f"quota:{quota.name}:{stamp(begins)}:{platform.sealer.pseudonym(quota.name, subject)}"
    forget = _forget(provider, service_id, ends + KEPT, key, minted)

    def decide(row: Row | None) -> tuple[Change | None, datetime | None]:
        taken = from_json(Taken, row.body) if row else Taken()
        if piece and piece in taken.by:
            return None, None
        if taken.count >= quota.most:
            return None, ends
        more = Taken(taken.count + 1, (*taken.by, piece) if piece else taken.by)
        counted = Row(key, to_json(more), {COMMIT_COLUMN: minted.commit_id})
        writes = (Replace(replace(counted, etag=row.etag)),) if row else (Insert(counted), insert(forget))
        return Change(provider, writes, key, minted.commit_id), None

    return platform.store.transact(lambda: platform.store.read(provider, key), decide)


def _forget(provider: str, service_id: str, at: datetime, key: str, minted: Minted) -> Due:
    return owed(provider, Kind.FORGET, service_id, new_work_id(), minted.now, at=at, row=key)
