"""What the operator does with an invitation."""

from dataclasses import replace
from datetime import datetime

from invitations import problems
from invitations.records import Channel, Invitation, InvitationStatus, Link, LinkEnd, Mail, MailState
from invitations.rules.links import closed, links_ended
from invitations.rules.sending import Sending, expiry, mail_owed
from invitations.rules.states import ANSWERABLE, BEFORE_ADD, device_authenticated, waits, with_invitation
from onboarding.records import Service, Transition
from shared.actors import Actor, Reason


def copied(service: Service, link: Link, by: Actor, now: datetime) -> Transition:
    """*Copy link*: replaces the earlier copied one. Raises AlreadyAnswered, InvitationNotOpen."""
    invitation = service.invitation
    if device_authenticated(service):
        raise problems.AlreadyAnswered
    if invitation.status not in ANSWERABLE or invitation.expires_at <= now:
        raise problems.InvitationNotOpen
    links = (*links_ended(invitation.links, LinkEnd.REPLACED, now, channel=Channel.COPY), link)
    return Transition(with_invitation(service, replace(invitation, links=links)), "link-copied", by)


def resent(service: Service, sending: Sending, admin_email: str | None, by: Actor, now: datetime) -> Transition:
    """*Resend*: the old links die, a proposal is undone, and a new link goes out. Raises InvitationClosed."""
    if not waits(service) or service.state not in BEFORE_ADD:
        raise problems.InvitationClosed
    old = service.invitation
    mail = Mail(MailState.QUEUED, sending.mail_work, sent_at=old.mail.sent_at, count=old.mail.count)
    invitation = replace(
        old,
        admin_email=admin_email or old.admin_email,
        status=InvitationStatus.PENDING,
        expires_at=sending.expires_at,
        mail=mail,
        links=(*links_ended(old.links, LinkEnd.REPLACED, now), sending.link),
        tries=0,
        reason=None,
        channel=None,
        check=None,
        proposal=None,
    )
    after = with_invitation(service, invitation)
    owes = (mail_owed(after, sending, now), expiry(after, sending.expires_at, sending.expire_work, now))
    return Transition(after, "invitation-resent", by, owes=owes)


def revoked(service: Service, by: Actor, now: datetime) -> Transition:
    """*Revoke*: the links die and a proposal is undone; *Resend* revives it. Raises InvitationClosed."""
    if not waits(service):
        raise problems.InvitationClosed
    if service.invitation.status is InvitationStatus.REVOKED:
        raise problems.InvitationNotOpen("This invitation is revoked already. Resend it to get a new link.")
    invitation = replace(
        closed(service.invitation, InvitationStatus.REVOKED, LinkEnd.REVOKED, now),
        reason=Reason("revoked", f"Revoked by {by.name}."),
    )
    return Transition(with_invitation(service, invitation), "invitation-revoked", by)


def called_off(invitation: Invitation, by: Actor, now: datetime) -> Invitation:
    """The invitation of a service that was cancelled; an accepted one stays accepted."""
    accepted = invitation.status is InvitationStatus.ACCEPTED
    status = InvitationStatus.ACCEPTED if accepted else InvitationStatus.REVOKED
    ended = closed(invitation, status, LinkEnd.CANCELLED, now)
    return replace(ended, reason=Reason("cancelled", f"The service was cancelled by {by.name}."))
