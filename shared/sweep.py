"""The sweep: finds the due rows whose time has come, wakes their workers, and leaves a heartbeat."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared import due
from shared.due import Due
from shared.kinds import Kind
from shared.problems import Problem
from shared.rows import Row
from shared.store import Store
from shared.work import relocate

ROWS_A_RUN = 500
SYSTEM = "system"
HEARTBEAT = "sweep"
LATE = timedelta(minutes=5)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Heartbeat:
    """The last complete sweep, and the oldest due row that it met (None: nothing was due)."""

    at: datetime
    oldest_due: datetime | None
    woken: int


def sweep(store: Store, providers: Iterable[str], now: datetime) -> list[tuple[Kind, str]]:
    """Move every row that is due to its next look and return the messages that wake its worker."""
    woken: list[Due] = []
    for provider in providers:
        page = store.query(provider, "due:", f"due:{due.stamp(now)}", limit=ROWS_A_RUN)
        for row in page.rows:
            moved = _moved(store, provider, row, now)
            if moved is not None:
                woken.append(moved)
    oldest = min((item.waiting_since for item in woken if item.waiting_since), default=None)
    store.put(SYSTEM, _heartbeat_row(Heartbeat(now, oldest, len(woken))))
    return [(item.kind, due.message(item)) for item in woken]


def _moved(store: Store, provider: str, row: Row, now: datetime) -> Due | None:
    """A row that cannot be read or moved harms no other."""
    try:
        old = due.from_row(provider, row)
        new = due.put_off(old, now)
        return new if relocate(store, old, new) else None
    except (ValueError, KeyError, TypeError):
        log.error("due row %s cannot be read; it stays where it is", row.key)
    except Problem as problem:
        log.warning("due row %s was not moved: %s", row.key, problem.code)
    return None


def heartbeat(store: Store) -> Heartbeat | None:
    """The last complete sweep; None when there was none yet."""
    row = store.read(SYSTEM, HEARTBEAT)
    if row is None:
        return None
    body = json.loads(row.body)
    oldest = body["oldestDue"]
    at = datetime.fromisoformat(body["at"])
    return Heartbeat(at, datetime.fromisoformat(oldest) if oldest else None, body["woken"])


def _heartbeat_row(beat: Heartbeat) -> Row:
    oldest = beat.oldest_due.isoformat() if beat.oldest_due else None
    return Row(HEARTBEAT, json.dumps({"at": beat.at.isoformat(), "oldestDue": oldest, "woken": beat.woken}))
