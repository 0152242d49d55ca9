"""Owed work: expiry."""

from datetime import datetime
from functools import partial

from invitations.rules import expiry as rules
from onboarding.aggregate import load_owed, settle_work
from onboarding.records import Service
from shared.due import Due, anew, moved
from shared.kinds import Kind
from shared.minted import Minted
from shared.platform import Platform
from shared.work import claim


def expire_invitation(platform: Platform, message: str, minted: Minted) -> None:
    """Look at an invitation whose time has come: end it, look again later, or let the row go."""
    due = claim(platform.store, message, Kind.EXPIRE, minted.now)
    if due is None:
        return
    loaded = load_owed(platform.store, due)
    if loaded is None:
        return
    decide = partial(rules.expired, due=due, now=minted.now)
    look = partial(_next_look, due=due, now=minted.now)
    settle_work(platform.store, due, loaded, minted, decide, next_look=look)


def _next_look(service: Service, due: Due, now: datetime) -> Due | None:
    """The row at its next time, with its attempts counted anew: these looks have no bound."""
    again = rules.look_again(service, due, now)
    return anew(moved(due, again)) if again else None
