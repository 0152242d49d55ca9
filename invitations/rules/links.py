"""The life and why_dead of links."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from invitations import problems
from invitations.problems import DeadLink
from invitations.records import Channel, Invitation, InvitationStatus, Link, LinkEnd
from invitations.rules.states import ENDED, device_authenticated, waits
from onboarding.records import Service
from shared.times import rfc3339

DEAD_LINKS_KEPT = 20
ASK_WITHIN = timedelta(days=30)
DEAD = {
    LinkEnd.EXPIRED: problems.LinkExpired,
    LinkEnd.REPLACED: problems.LinkReplaced,
    LinkEnd.REVOKED: problems.LinkRevoked,
    LinkEnd.DECLINED: problems.LinkDeclined,
    LinkEnd.LOCKED: problems.LinkLocked,
    LinkEnd.CANCELLED: problems.LinkCancelled,
    LinkEnd.USED: problems.LinkReplaced,  # of a registration that is not this service's any more
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


def opens_confirmation(service: Service, link: Link, now: datetime) -> bool:
    """Whether this link on file has led to an accepted registration: whoever holds it sees the confirmation.

    False means that it opens the form. Raises the DeadLink that says why it opens nothing.
    """
    end = why_dead(service, link, now)
    if end is not None:
        raise end
    return link.why is LinkEnd.USED


def why_dead(service: Service, link: Link, now: datetime) -> DeadLink | None:
    """Why this link on file opens nothing; None when it opens the form or the confirmation.

    The problem's members tell since when, and whether its holder may ask for a new link, or somebody has.
    """
    invitation, died_at = service.invitation, dead_since(service, link, now)
    if died_at is None or (link.why is LinkEnd.USED and device_authenticated(service)):
        return None
    end = problems.LinkCancelled if service.state in ENDED else DEAD[link.why or LinkEnd.EXPIRED]
    members: dict[str, object] = {"at": rfc3339(died_at)}
    if may_ask(service, end, now - died_at):
        members["canRequest"] = True
        if invitation.link_requested_at is not None:
            members["requestedAt"] = rfc3339(invitation.link_requested_at)
    return end(members=members)


def dead_since(service: Service, link: Link, now: datetime) -> datetime | None:
    """When the link died; None while it lives. Its time is over from then on, even when the timer is late."""
    invitation = service.invitation
    late = invitation.status is InvitationStatus.PENDING and invitation.expires_at <= now
    return link.died_at or (invitation.expires_at if late else None)


def may_ask(service: Service, end: type[DeadLink], age: timedelta) -> bool:
    """Whether the holder of a link that died so long ago may ask for a new one: the invitation waits for an answer."""
    return end.askable and age < ASK_WITHIN and waits(service) and not device_authenticated(service)


def with_end(invitation: Invitation, status: InvitationStatus, why: LinkEnd, now: datetime) -> Invitation:
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
