"""The end of an invitation's time."""

from dataclasses import replace
from datetime import datetime, timedelta

from invitations.records import InvitationStatus, LinkEnd
from invitations.rules.links import with_end
from invitations.rules.states import waits, with_invitation
from onboarding.records import Service, Transition, What
from shared.actors import SYSTEM, Reason
from shared.due import Due

LOOK_AGAIN = timedelta(minutes=5)


def look_again(service: Service, due: Due, now: datetime) -> datetime | None:
    """When to look at this expiry again: it is too early, or a check is under way. None: now is the time."""
    invitation = service.invitation
    if not _is_stamped(service, due):
        return None
    if invitation.status is InvitationStatus.VALIDATING:
        return max(now, invitation.expires_at) + LOOK_AGAIN
    return invitation.expires_at if now < invitation.expires_at else None


def expired(service: Service, due: Due, now: datetime) -> Transition | None:
    """The end of an invitation's time; None when this look is for another time, or another end came first."""
    invitation = service.invitation
    ends = invitation.status in (InvitationStatus.PENDING, InvitationStatus.AUTHENTICATED)
    if not _is_stamped(service, due) or not ends or now < invitation.expires_at:
        return None
    answered = invitation.status is InvitationStatus.AUTHENTICATED
    detail = (
        "The registration was not added within 30 days, so its secret was deleted. Resend the invitation."
        if answered
        else "Nobody answered in time. Resend the invitation to get a new link."
    )
    ended = replace(
        with_end(invitation, InvitationStatus.EXPIRED, LinkEnd.EXPIRED, invitation.expires_at),
        reason=Reason("expired", detail),
    )
    return Transition(with_invitation(service, ended), What.INVITATION_EXPIRED, SYSTEM)


def _is_stamped(service: Service, due: Due) -> bool:
    """Whether this look is for the invitation's present end; a new end brings a look of its own."""
    return due.note.get("stamp") == service.invitation.expires_at.isoformat() and waits(service)
