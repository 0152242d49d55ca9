"""The sweep: finds the due rows whose time has come, wakes their workers, and leaves a heartbeat."""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from shared import due
from shared.due import Due
from shared.kinds import Kind
from shared.problems import Problem
from shared.reporting import report
from shared.rows import Row
from shared.store import Store
from shared.stored import from_json, to_json
from shared.work import relocate

ROWS_A_RUN = 500  # for each provider
SECONDS_A_RUN = 30.0  # below functionTimeout in host.json: what was moved must still be woken
SYSTEM = "system"
HEARTBEAT = "sweep"
LATE = timedelta(minutes=5)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waiting:
    """Owed work that a sweep has woken and nobody has claimed: where its row is, and since when it waits."""

    provider: str
    key: str
    since: datetime

    @property
    def kind(self) -> Kind | None:
        """What it is; None for a kind that this version does not know."""
        return next((kind for kind in Kind if self.key.split(":")[2:3] == [kind]), None)


@dataclass(frozen=True)
class Heartbeat:
    """The last complete sweep, the work that has waited longest then, and how many rows could not be read."""

    at: datetime
    oldest: Waiting | None = None
    unreadable: int = 0


@dataclass
class Run:
    """One sweep under way. ``failed`` says that a provider could not be read."""

    now: datetime
    providers: tuple[str, ...]
    ends: float = field(default_factory=lambda: time.monotonic() + SECONDS_A_RUN)
    woken: list[Due] = field(default_factory=list)
    unreadable: int = 0
    failed: bool = False

    @property
    def is_over(self) -> bool:
        """Whether its time has run out."""
        return time.monotonic() > self.ends


def sweep(store: Store, providers: Iterable[str], now: datetime) -> list[tuple[Kind, str]]:
    """Move every row that is due to its next look, and return the messages that wake its worker.

    What was moved is always returned: a fault with one row or provider takes no wake-up from another.
    """
    run = Run(now, tuple(providers))
    for provider in _in_turn(run):
        if run.is_over:  # before each query, too: one that meets a hanging storage takes longer than many rows
            break
        try:
            _sweep_provider(store, provider, run)
        except Problem as problem:
            run.failed = True
            log.warning("the sweep could not read a provider's due rows: %s", problem.code)
    try:
        _leave_heartbeat(store, run)
    except Problem as problem:
        log.warning("the sweep could not leave its heartbeat: %s", problem.code)
    return [(item.kind, due.message(item)) for item in run.woken]


def _in_turn(run: Run) -> tuple[str, ...]:
    """Each run begins with another provider, so that nobody's backlog keeps the others waiting for ever."""
    first = int(run.now.timestamp() // 60) % max(1, len(run.providers))
    return run.providers[first:] + run.providers[:first]


def _sweep_provider(store: Store, provider: str, run: Run) -> None:
    for row in _due_rows(store, provider, run.now):
        if run.is_over:
            return
        moved = _moved(store, provider, row, run)
        if moved is not None:
            run.woken.append(moved)


def _due_rows(store: Store, provider: str, now: datetime) -> Iterator[Row]:
    """What is due up to now, a bounded number."""
    yield from islice(store.scan(provider, "due:", f"due:{due.stamp(now)}"), ROWS_A_RUN)


def _moved(store: Store, provider: str, row: Row, run: Run) -> Due | None:
    """A row that cannot be read or moved harms no other."""
    try:
        old = due.from_row(row, provider)
        new = due.put_off(old, run.now)
        return new if relocate(store, old, new) else None
    except ValueError:
        run.unreadable += 1
        log.error("due row %s cannot be read; it stays where it is", row.key)
    except Problem as problem:
        log.warning("due row %s was not moved: %s", row.key, problem.code)
    except Exception as error:  # noqa: BLE001 - whatever it is, the rows behind it must be woken
        run.unreadable += 1
        log.error("due row %s could not be moved [%s]", row.key, report(error))
    return None


def _leave_heartbeat(store: Store, run: Run) -> None:
    """The heartbeat records complete runs only, so that a sweep that always fails is seen."""
    if not run.failed and not run.is_over:
        store.put(SYSTEM, Row(HEARTBEAT, to_json(Heartbeat(run.now, _oldest(store, run), run.unreadable))))


def _oldest(store: Store, run: Run) -> Waiting | None:
    """The work that has waited longest: of this run, or what an earlier one left, if its row still stands there."""
    waiting = [Waiting(item.provider, item.key, item.waiting_since) for item in run.woken if item.waiting_since]
    before = heartbeat(store)
    left = before.oldest if before else None
    if left and left.provider in run.providers and store.read(left.provider, left.key):
        waiting.append(left)
    return min(waiting, key=lambda item: item.since, default=None)


def heartbeat(store: Store) -> Heartbeat | None:
    """The last complete sweep; None when there was none yet, or it was written by another version."""
    row = store.read(SYSTEM, HEARTBEAT)
    try:
        return from_json(Heartbeat, row.body) if row else None
    except ValueError:
        log.error("the heartbeat cannot be read; the next complete sweep writes it anew")
        return None
