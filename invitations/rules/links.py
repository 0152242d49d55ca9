"""The life and death of links."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from invitations import problems
from invitations.records import Channel, Invitation, InvitationStatus, Link, LinkEnd
from invitations.rules.states import device_authenticated
from onboarding.records import Service
from shared.times import rfc3339

DEAD_LINKS_KEPT = 20
DEAD = {
    LinkEnd.EXPIRED: problems.LinkExpired,
    LinkEnd.REPLACED: problems.LinkReplaced,
    LinkEnd.REVOKED: problems.LinkRevoked,
    LinkEnd.DECLINED: problems.LinkDeclined,
    LinkEnd.LOCKED: problems.LinkLocked,
    LinkEnd.CANCELLED: problems.LinkCancelled,
}


def links_ended(
    links: Iterable[Link], why: LinkEnd, now: datetime, *, channel: Channel | None = None
) -> tuple[Link, ...]:
    """The links with the living ones (of one channel, or all) dead; only the newest dead ones are kept.

    A used link tells of its invitation's end like a living one: nobody shall read a confirmation that was undone.
    """

    def ends(link: Link) -> bool:
        return link.died_at is None or link.why is LinkEnd.USED

    ended = [
        replace(link, died_at=now, why=why) if ends(link) and channel in (None, link.channel) else link
        for link in links
    ]
    living = [link for link in ended if link.died_at is None]
    dead = [link for link in ended if link.died_at is not None][-DEAD_LINKS_KEPT:]
    return (*dead, *living)


def is_used(service: Service, link: Link, now: datetime) -> bool:
    """Whether this link on file has led to an accepted registration: whoever holds it sees the confirmation.

    False means that it opens the form. Raises the DeadLink that says why it opens nothing.
    """
    invitation = service.invitation
    if link.died_at is None:
        if invitation.expires_at <= now and invitation.status is InvitationStatus.PENDING:
            raise problems.LinkExpired(members={"at": rfc3339(invitation.expires_at)})
        return False
    if link.why is LinkEnd.USED and device_authenticated(service):
        return True
    raise DEAD.get(link.why or LinkEnd.REPLACED, problems.LinkReplaced)(members={"at": rfc3339(link.died_at)})


def closed(invitation: Invitation, status: InvitationStatus, why: LinkEnd, now: datetime) -> Invitation:
    """The invitation with that end: its links die, and what was proposed through them is wiped."""
    check = invitation.check if invitation.check and not invitation.check.running else None
    return replace(
        invitation,
        status=status,
        links=links_ended(invitation.links, why, now),
        proposal=None,
        channel=None,
        check=check,
    )
