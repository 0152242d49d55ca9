"""The walk over everything that is sealed: counting it, and sealing it anew.

A service's row is replaced under its ETag; whoever loses the race to a transition reloads and decides again.

A link is sealed anew by a move of its mail's row, for a due row never changes under its key. The row moves by a
microsecond, so neither a lease nor a pause gets shorter, and no mail is lost or doubled:

- *No worker has it.* A wake-up that is on its way names the old key and finds nothing: the sweep wakes the row, a
  minute or two later. A worker that has read the old row and not claimed it yet cannot: a claim deletes that very row.
- *A worker has it under lease.* Nobody else can claim it before the lease has ended. Whether that worker sends the
  mail or puts it off, its commit deletes the old row too; so it fails whole, and the worker finds the row gone and
  stops. The work is still owed at the end of the lease, with its attempt counted, and every attempt after the first
  asks the e-mail service what became of the operation before it sends.
- *The worker is faster.* Then the move fails whole, and the next round looks for the row where it is by then.

Either way the work keeps its id, of which the operation's id is made.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from keys import rules
from keys.rules import Tally, What
from onboarding.aggregate import rewrite
from shared.due import moved
from shared.platform import Platform
from shared.reporting import report
from shared.rows import Row
from shared.store import StoreUnavailable
from shared.work import relocate

ROUNDS = 5
RANGES = (("service:", "service;"), ("due:", "due;"))


@dataclass
class Walk:
    """A walk under way: ``rows`` looked at so far, ``done`` sealed anew. ``say`` hears of each row."""

    platform: Platform
    say: Callable[[str], None] = lambda _: None
    rows: int = 0
    done: Counter[What] = field(default_factory=Counter)

    @property
    def newest(self) -> str:
        """The id of the key that seals."""
        return next(iter(self.platform.settings.sealing_keys))


def count(walk: Walk) -> Tally:
    """What stands under which key now; every value is opened to be sure. Raises StoreUnavailable."""
    tally, walk.rows = Tally(), 0
    for provider, row in _rows(walk, "counting"):
        rules.counted(tally, provider, row, walk.platform.sealer)
    return tally


def reseal(walk: Walk) -> Tally:
    """Seal anew what stands under an older key, and count what stands where then.

    It can end at any row and begin again: each row is one transaction, and what stands under the newest key is left
    alone. A row that cannot be read or written harms no other. Raises StoreUnavailable.
    """
    for _ in range(ROUNDS):
        walk.rows = 0
        lost = sum(not _resealed(walk, provider, row) for provider, row in _rows(walk, "resealing"))
        if not lost:
            break
    return count(walk)


def _rows(walk: Walk, doing: str) -> Iterator[tuple[str, Row]]:
    """The rows of all providers in which something sealed may stand, page after page."""
    for provider in walk.platform.settings.providers:
        for first, end in RANGES:
            for row in walk.platform.store.scan(provider.id, first, end):
                walk.rows += 1
                walk.say(f"{doing}: {walk.rows:,} rows, {provider.name}; resealed {walk.done.total():,}")
                if rules.may_hold(row.key):
                    yield provider.id, row


def _resealed(walk: Walk, provider: str, row: Row) -> bool:
    """False when another was faster, and the row has to be looked for again."""
    try:
        return _reseal_link(walk, provider, row) if row.key.startswith("due:") else _reseal_secrets(walk, provider, row)
    except StoreUnavailable:
        raise
    except (ValueError, TypeError):
        return True  # the count tells of it
    except Exception as error:  # noqa: BLE001 - whatever it is, the rows behind it are to be resealed
        report(error)
        return True


def _reseal_secrets(walk: Walk, provider: str, first: Row) -> bool:
    """Replace a service's row by the same with its secrets under the newest key."""
    given: dict[str, str] = {}

    def rewritten(row: Row) -> Row | None:
        nonlocal given
        values = _anew(walk, provider, row)
        given = values or given
        return rules.resealed(row, values) if values else None

    stands = rewrite(walk.platform.store, provider, first, rewritten)
    walk.done[What.SECRET] += sum(stands is not None and new in stands.body for new in given.values())
    return True


def _reseal_link(walk: Walk, provider: str, row: Row) -> bool:
    """Move a mail's row by the least that a key can tell, with its link under the newest key."""
    values = _anew(walk, provider, row)
    if not values:
        return True
    old = rules.work_in(provider, row)
    new = replace(moved(old, old.time), note={**old.note, "token": values[old.note["token"]]})
    won = relocate(walk.platform.store, old, new)
    walk.done[What.LINK] += won
    return won


def _anew(walk: Walk, provider: str, row: Row) -> dict[str, str]:
    return rules.anew(rules.sealed_in(provider, row), walk.platform.sealer, walk.newest)
