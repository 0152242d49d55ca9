"""What the operator does with an invitation."""

from dataclasses import replace
from datetime import datetime

from invitations import problems
from invitations.records import Channel, Invitation, InvitationStatus, Link, LinkEnd, Mail, MailState
from invitations.rules.links import links_ended, with_end
from invitations.rules.sending import Sending, expiry, invited, owes, within_lifetime
from invitations.rules.states import ANSWERABLE, device_authenticated, waits, with_invitation
from onboarding.records import Service, ServiceState, Transition, What
from shared.actors import Actor, Reason
from shared.problems import Fault, InvalidInput, WrongState
from shared.times import rfc3339

ADDRESS_ERASED = "The address was deleted. Enter it again, or another one."


def copied(service: Service, link: Link, by: Actor, now: datetime) -> Transition:
    """*Copy link*: replaces the earlier copied one. Raises InvitationClosed, AlreadyAnswered, InvitationNotOpen."""
    _answerable(service, now)
    invitation = service.invitation
    links = (*links_ended(invitation.links, LinkEnd.REPLACED, now, channel=Channel.COPY), link)
    after = replace(invitation, links=links, link_requested_at=None)
    return Transition(with_invitation(service, after), What.LINK_COPIED, by)


def resent(
    service: Service, sending: Sending, admin_email: str | None, by: Actor, now: datetime, language: str | None = None
) -> Transition:
    """*Resend*: the old links die, a proposal is undone, and a new link goes out; None leaves the old value.

    Raises InvitationClosed, InvalidInput for an address that was erased meanwhile.
    """
    if not waits(service):
        raise problems.InvitationClosed
    old = service.invitation
    if admin_email is None and old.admin_email is None:
        raise InvalidInput(faults=(Fault("/adminEmail", "missing", ADDRESS_ERASED),))
    mail = Mail(MailState.QUEUED, sending.mail_work, sent_at=old.mail.sent_at, count=old.mail.count)
    invitation = replace(
        old,
        admin_email=admin_email or old.admin_email,
        language=language or old.language,
        status=InvitationStatus.PENDING,
        expires_at=sending.expires_at,
        mail=mail,
        links=(*links_ended(old.links, LinkEnd.REPLACED, now), sending.link),
        tries=0,
        reason=None,
        channel=None,
        check=None,
        proposal=None,
        link_requested_at=None,
    )
    after = with_invitation(service, invitation)
    return Transition(after, What.INVITATION_RESENT, by, owes=owes(after, sending, now))


def reinitiated(
    service: Service, sending: Sending, admin_email: str, language: str, by: Actor, now: datetime
) -> Transition:
    """*Re-initiate Authentication Flow*: a new invitation for a service that has had its registration.

    A disconnected service becomes `invited`; any other stays as it is, on its old registration, until *Add* swaps it.
    Raises InvitationStillOpen, WrongState, InvalidInput.
    """
    if waits(service):
        raise problems.InvitationStillOpen
    if service.state is ServiceState.CANCELLED:
        raise WrongState("This service was cancelled. Make a new one.")
    if service.state is ServiceState.CREATING:
        raise WrongState("The service is being created. Wait for the result, then repeat.")
    old = service.invitation
    earlier = links_ended(old.links, LinkEnd.REPLACED, now)
    invitation = invited(old.number + 1, admin_email, language, sending, by, now, earlier)
    after = replace(service, invitation=invitation)
    if service.state is ServiceState.DISCONNECTED:
        after = replace(after, state=ServiceState.INVITED, reason=None, activated_at=None)
    return Transition(after, What.INVITATION_REINITIATED, by, owes=owes(after, sending, now))


def extended(service: Service, expires_at: datetime, work_id: str, by: Actor, now: datetime) -> Transition | None:
    """*Extend*: another end for an invitation that can be answered, also while it is checked; not after its end.

    None when it ends then already. Raises InvitationClosed, AlreadyAnswered, InvitationNotOpen, InvalidInput.
    """
    _answerable(service, now)
    within_lifetime(expires_at, now)
    if service.invitation.expires_at == expires_at:
        return None
    after = with_invitation(service, replace(service.invitation, expires_at=expires_at))
    look = expiry(after, expires_at, work_id, now)
    return Transition(after, What.INVITATION_EXTENDED, by, {"expiresAt": rfc3339(expires_at)}, (look,))


def _answerable(service: Service, now: datetime) -> None:
    if not waits(service):
        raise problems.InvitationClosed
    if device_authenticated(service):
        raise problems.AlreadyAnswered
    if service.invitation.status not in ANSWERABLE or service.invitation.expires_at <= now:
        raise problems.InvitationNotOpen


def revoked(service: Service, by: Actor, now: datetime) -> Transition:
    """*Revoke*: the links die and a proposal is undone; *Resend* revives it. Raises InvitationClosed."""
    if not waits(service):
        raise problems.InvitationClosed
    if service.invitation.status is InvitationStatus.REVOKED:
        raise problems.InvitationNotOpen("This invitation is revoked already. Resend it to get a new link.")
    invitation = replace(
        with_end(service.invitation, InvitationStatus.REVOKED, LinkEnd.REVOKED, now),
        reason=Reason("revoked", f"Revoked by {by.name}.{_told_before(service.invitation)}"),
        link_requested_at=None,
    )
    return Transition(with_invitation(service, invitation), What.INVITATION_REVOKED, by)


def _told_before(invitation: Invitation) -> str:
    """What the administrator wrote on declining stays readable."""
    declined = invitation.status is InvitationStatus.DECLINED and invitation.reason is not None
    return f" Before that: {invitation.reason.detail}" if declined and invitation.reason else ""


def called_off(invitation: Invitation, reason: Reason, now: datetime) -> Invitation:
    """The invitation of a service that has ended; an accepted one stays accepted."""
    accepted = invitation.status is InvitationStatus.ACCEPTED
    status = InvitationStatus.ACCEPTED if accepted else InvitationStatus.REVOKED
    ended = with_end(invitation, status, LinkEnd.CANCELLED, now)
    return replace(ended, reason=reason, link_requested_at=None)
