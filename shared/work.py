"""Claiming owed work: two deliveries of one message cannot both work, and a crash gives the row back to the sweep."""

import logging
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from shared import due
from shared.due import LEASE, MANY_ATTEMPTS, Due, anew, insert, moved, settle
from shared.kinds import Kind
from shared.rows import Change
from shared.store import Doubtful, Store

log = logging.getLogger(__name__)


def claim(store: Store, text: str, kind: Kind, now: datetime) -> Due | None:
    """Take the work that a message names: the row moves to the end of its lease and counts an attempt.

    None means that there is nothing to do: settled, moved, or claimed by another delivery of the same message.
    """
    named = due.named(text, kind)
    if named is None:
        log.warning("a message on the queue %s is not ours; it is dropped", kind)
        return None
    row = store.read(*named)
    if row is None:
        return None
    found = due.from_row(row, named[0])
    claimed = replace(
        moved(found, now + LEASE),
        attempts=found.attempts + 1,
        sweeps=0,
        waiting_since=found.waiting_since if found.attempts >= MANY_ATTEMPTS else None,
        begun=found.begun or now,
    )
    return claimed if relocate(store, found, claimed) else None


def finish(store: Store, due: Due) -> None:
    """Delete the row of work that changes nothing else any more."""
    commit_id = secrets.token_hex(16)
    with suppress(Doubtful):  # gone already, or the sweep finds it once more
        store.commit(Change(due.provider, (settle(due),), due.key, commit_id))


def abandon(store: Store, due: Due) -> None:
    """End work about something that does not exist: nobody waits for it, and it would come back for ever."""
    log.warning("due row %s is about nothing that exists; it is deleted", due.key)
    finish(store, due)


def put_back(store: Store, due: Due, time: datetime, **note: str) -> None:
    """Leave the work for another look, with something to remember; that look counts its attempts anew."""
    relocate(store, due, replace(anew(moved(due, time)), note={**due.note, **note}))


def relocate(store: Store, old: Due, new: Due) -> bool:
    """Replace the row of ``old`` by that of ``new``; False when another was faster."""
    commit_id = secrets.token_hex(16)
    change = Change(old.provider, (settle(old), insert(new, commit_id)), new.key, commit_id)
    try:
        store.commit(change)
    except Doubtful:
        return store.made(change)
    return True
