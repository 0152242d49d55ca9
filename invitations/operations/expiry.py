"""Owed work: expiry."""

from dataclasses import replace
from functools import partial

from invitations.rules import expiry as rules
from onboarding.aggregate import load, settle_work
from shared.due import moved
from shared.kinds import Kind
from shared.minted import Minted
from shared.platform import Platform
from shared.work import claim


def expire_invitation(platform: Platform, message: str, minted: Minted) -> None:
    """Look at an invitation whose time has come: end it, look again later, or let the row go."""
    due = claim(platform.store, message, Kind.EXPIRE, minted.now)
    if due is None:
        return
    loaded = load(platform.store, due.provider, due.subject)
    again = rules.look_again(loaded.service, due, minted.now)
    if again is not None:
        settle_work(platform.store, due, loaded, minted, lambda _: None, moved=replace(moved(due, again), attempts=0))
        return
    settle_work(platform.store, due, loaded, minted, partial(rules.expired, due=due, now=minted.now))
