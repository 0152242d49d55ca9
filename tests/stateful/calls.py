"""What should become of a service when an operator or an administrator calls, from the procedure and not the rules.

Each answers with the service as it shall be (the same one for no change), or with the code of the refusal.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tests.stateful.known import ANSWERABLE, ANSWERED, ENDED, NEW, Client, Known, Line, Proposal

ASK_WITHIN, ASK_AGAIN = timedelta(days=30), timedelta(days=1)


@dataclass(frozen=True)
class Ask:
    """An operator's call: what they saw, and what they want."""

    provider: str
    version: int
    number: int
    now: datetime
    ends: datetime
    address: str | None = None
    seen: tuple[str, str] = ("", "")
    acknowledged: bool = False
    users: int = 1


type Decide = Callable[[Known, Ask], Known | str]


def resend(one: Known, ask: Ask) -> Known | str:
    if not one.waits:
        return "invitation-closed"
    if not (ask.address or one.address):
        return "invalid-input"
    after = one.mailed(ask.ends, one.dead("replaced", ask.now))
    return replace(after, address=ask.address or one.address)


def reinitiate(one: Known, ask: Ask) -> Known | str:
    if one.waits:
        return "invitation-still-open"
    if one.state in ("cancelled", "creating"):
        return "wrong-state"
    after = one.mailed(ask.ends, one.dead("replaced", ask.now))
    state = "invited" if one.state == "disconnected" else one.state
    return replace(after, number=one.number + 1, address=ask.address or one.address, sent=0, state=state)


def _not_answerable(one: Known, ask: Ask) -> str | None:
    if not one.waits:
        return "invitation-closed"
    if one.status in ANSWERED:
        return "already-answered"
    return None if one.status in ANSWERABLE and ask.now < one.expires else "invitation-not-open"


def extend(one: Known, ask: Ask) -> Known | str:
    return _not_answerable(one, ask) or replace(one, expires=ask.ends)


def copy(one: Known, ask: Ask) -> Known | str:
    copied = {**one.dead("replaced", ask.now, "copy"), NEW: Line("copy")}
    return _not_answerable(one, ask) or replace(one, links=copied, asked=None)


def revoke(one: Known, ask: Ask) -> Known | str:
    if not one.waits:
        return "invitation-closed"
    if one.status == "revoked":
        return "invitation-not-open"
    return replace(one.ended("revoked", "revoked", ask.now), asked=None)


def validate(one: Known, ask: Ask) -> Known | str:
    if one.registered is None:
        return "registration-missing"
    return one if one.check else replace(one, check=NEW, purpose="validation")


def complete(one: Known, ask: Ask) -> Known | str:
    if one.state in ("creating", "active"):
        return one
    if one.registered is None:
        return "registration-missing"
    if one.check:
        return "wrong-state"
    if one.state != "validated":
        return "not-validated"
    return replace(one, state="creating", check=NEW, purpose="completion")


def cancel(one: Known, ask: Ask) -> Known | str:
    if one.state in ("active", "disconnected"):
        return "already-active" if one.state == "active" else "service-ended"
    if one.state == "cancelled":
        return one
    status = "accepted" if one.status == "accepted" else "revoked"
    return _over(replace(one.ended(status, "cancelled", ask.now), asked=None), "cancelled")


def disconnect(one: Known, ask: Ask) -> Known | str:
    if one.state != "active":
        return one if one.state == "disconnected" else "not-active"
    if one.waits:
        one = replace(one.ended("revoked", "cancelled", ask.now), asked=None)
    return _over(one, "disconnected")


def _over(one: Known, state: str) -> Known:
    return replace(one, state=state, registered=None, check=None, purpose=None)


def change(one: Known, ask: Ask) -> Known | str:
    return "service-ended" if one.state in ENDED else replace(one, users=ask.users)


OPERATORS: dict[str, Decide] = {
    "resend": resend,
    "reinitiate": reinitiate,
    "extend": extend,
    "copy": copy,
    "revoke": revoke,
    "validate": validate,
    "complete": complete,
    "cancel": cancel,
    "disconnect": disconnect,
    "change": change,
}
OF_THE_INVITATION = {"resend", "extend", "copy", "revoke"}
JOINS = {"validate", "complete"}  # a press that joins what is under way needs no fresh version


def add_refusals(one: Known, ask: Ask, client: Client) -> tuple[tuple[str, Callable[[], bool]], ...]:
    """What refuses *Add*, in the order in which it is told; each is asked only when those before it let it pass."""
    proposal = one.proposal or Proposal("", "", "", "")
    return (
        ("not-found", lambda: ask.provider != one.provider),
        ("changed-meanwhile", lambda: ask.version != one.version),
        ("not-authenticated", lambda: one.status != "authenticated" or one.expires <= ask.now),
        ("proposal-differs", lambda: (proposal.tenant, proposal.client) != ask.seen),
        ("tenant-not-this-customers", lambda: one.registered is not None and one.registered.tenant != proposal.tenant),
        ("wrong-state", lambda: one.state == "creating"),
        ("acknowledgement-required", lambda: not (ask.acknowledged or proposal.address.endswith("@contoso.com"))),
        ("tenant-not-this-customers", lambda: client.tenant not in (None, proposal.tenant)),
    )


def submit(one: Known, link: str, now: datetime, proposal: Proposal) -> Known | str:
    opened = one.opened(link, now)
    if opened != "form":
        return "link-used" if opened == "confirmation" else opened
    if one.status == "validating":
        return "check-in-progress"
    proposal = replace(proposal, address=one.address, channel=one.links[link].channel)
    return replace(one, status="validating", proposal=proposal, submission=NEW)


def decline(one: Known, link: str, now: datetime) -> Known | str:
    opened = one.opened(link, now)
    if opened != "form":
        return "link-used" if opened == "confirmation" else opened
    return one.ended("declined", "declined", now)


def request(one: Known, link: str, now: datetime) -> Known | str:
    opened, died = one.opened(link, now), one.died(link, now)
    if opened in ("form", "confirmation"):
        return "link-works" if opened == "form" else "link-used"
    if opened in ("invalid-link", "link-cancelled") or died is None:
        return opened
    if one.status in ANSWERED:
        return "link-used"
    if not one.waits:
        return "link-revoked"
    if now - died >= ASK_WITHIN:
        return "link-too-old"
    return one if one.asked and now - one.asked < ASK_AGAIN else replace(one, asked=now)
