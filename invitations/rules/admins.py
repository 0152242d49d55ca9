"""What the administrator does with a link."""

from dataclasses import replace
from datetime import datetime, timedelta

from invitations import problems
from invitations.records import InvitationStatus, Link, LinkEnd
from invitations.rules.links import ASK_WITHIN, dead_since, opens_confirmation, why_dead, with_end
from invitations.rules.states import device_authenticated, waits, with_invitation
from onboarding.records import Service, Transition, What
from shared.actors import Actor, ActorKind, Reason
from shared.due import owed
from shared.kinds import Kind
from shared.times import rfc3339
from validation.records import Check, Purpose, Registration

ASK_AGAIN = timedelta(days=1)


def submitted(service: Service, link: Link, proposal: Registration, work_id: str, now: datetime) -> Transition:
    """*Start authentication*: the proposal waits for its check. Raises CheckInProgress, LinkUsed or a DeadLink."""
    if opens_confirmation(service, link, now):
        raise problems.LinkUsed
    if service.invitation.status is InvitationStatus.VALIDATING:
        raise problems.CheckInProgress
    invitation = replace(
        service.invitation,
        status=InvitationStatus.VALIDATING,
        proposal=proposal,
        check=Check(work_id, Purpose.SUBMISSION, now),
        reason=None,
    )
    due = owed(service.provider, Kind.CHECK, service.id, work_id, now)
    return Transition(with_invitation(service, invitation), What.CREDENTIALS_SUBMITTED, _holder(link), owes=(due,))


def declined(service: Service, link: Link, why: str | None, now: datetime) -> Transition:
    """*Decline*: the links die, and what is under check is wiped; the operator can resend.

    Raises LinkUsed or a DeadLink.
    """
    if opens_confirmation(service, link, now):
        raise problems.LinkUsed
    detail = f"Declined through the link; the reason given: {why}" if why else "Declined through the link."
    invitation = replace(
        with_end(service.invitation, InvitationStatus.DECLINED, LinkEnd.DECLINED, now),
        reason=Reason("declined", detail),
    )
    return Transition(with_invitation(service, invitation), What.INVITATION_DECLINED, _holder(link))


def link_requested(service: Service, link: Link, now: datetime) -> Transition | None:
    """*Ask for a new link*, with a dead one: flags the invitation for the operator, at most once a day.

    None when it is flagged already. Raises LinkWorks, LinkUsed, LinkTooOld, or the DeadLink that leaves nothing to ask.
    """
    end, died_at = why_dead(service, link, now), dead_since(service, link, now)
    if end is None or died_at is None:
        raise problems.LinkUsed if link.why is LinkEnd.USED else problems.LinkWorks
    if not end.askable:
        raise end
    if device_authenticated(service):  # through a newer link
        raise problems.LinkUsed
    if not waits(service):
        raise problems.LinkRevoked(members={"at": rfc3339(died_at)})
    if now - died_at >= ASK_WITHIN:
        raise problems.LinkTooOld(members={"at": rfc3339(died_at)})
    asked = service.invitation.link_requested_at
    if asked is not None and now - asked < ASK_AGAIN:
        return None
    after = with_invitation(service, replace(service.invitation, link_requested_at=now))
    return Transition(after, What.LINK_REQUESTED, _holder(link))


def _holder(link: Link) -> Actor:
    """Who holds a link cannot be known: the channel by which it went out is all that we say."""
    return Actor(ActorKind.ADMIN, f"link: {link.channel}")
