"""What may happen to an invitation, and what follows: pure decisions from a service, an input and a time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from invitations import problems
from invitations.records import (
    Channel,
    Invitation,
    InvitationStatus,
    Link,
    LinkEnd,
    Mail,
    MailState,
)
from onboarding.records import Service, ServiceState, Transition
from shared.actors import SYSTEM, Actor, ActorKind, Reason
from shared.due import Due, owed
from shared.kinds import Kind
from shared.times import rfc3339
from shared.waiting import Patience
from validation.records import Check, ItemState, Outcome, Purpose, Registration, Verdict

MAX_TRIES = 10
DEAD_LINKS_KEPT = 20
ADD_WITHIN = timedelta(days=30)
LOOK_AGAIN = timedelta(minutes=5)

MAIL_SENDS = 12
MAIL_PATIENCE = Patience(  # the attempts after the last send only ask what became of it
    attempts=MAIL_SENDS + 4, first_pause=timedelta(seconds=10), longest_pause=timedelta(hours=1), age=timedelta(days=2)
)

ANSWERABLE = frozenset({InvitationStatus.PENDING, InvitationStatus.VALIDATING})
HOLDS_SECRET = frozenset({InvitationStatus.VALIDATING, InvitationStatus.AUTHENTICATED})
BEFORE_ADD = frozenset({ServiceState.INVITED, ServiceState.AUTHENTICATED})
ENDED = frozenset({ServiceState.CANCELLED, ServiceState.DISCONNECTED})

DEAD = {
    LinkEnd.EXPIRED: problems.LinkExpired,
    LinkEnd.REPLACED: problems.LinkReplaced,
    LinkEnd.REVOKED: problems.LinkRevoked,
    LinkEnd.DECLINED: problems.LinkDeclined,
    LinkEnd.LOCKED: problems.LinkLocked,
    LinkEnd.CANCELLED: problems.LinkCancelled,
}


def device_authenticated(service: Service) -> bool:
    """The column *Device Authenticated* (step 11)."""
    return service.invitation.status in (InvitationStatus.AUTHENTICATED, InvitationStatus.ACCEPTED)


def waits(service: Service) -> bool:
    """Whether the invitation is on the Pending Invitations page: it waits for somebody until *Add* or the end."""
    return service.invitation.status is not InvitationStatus.ACCEPTED and service.state not in ENDED


def tries_left(invitation: Invitation) -> int:
    return max(0, MAX_TRIES - invitation.tries)


def secrets_stand_where_they_may(service: Service) -> bool:
    """A sealed secret is in a proposal under check or authenticated, and in a service that uses it; nowhere else."""
    proposal_may = service.invitation.status in HOLDS_SECRET
    registration_may = service.state not in (ServiceState.INVITED, *ENDED)
    return (service.invitation.proposal is None or proposal_may) and (service.registration is None or registration_may)


# Links


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


def copied(service: Service, link: Link, by: Actor, now: datetime) -> Transition:
    """*Copy link*: replaces the earlier copied one. Raises AlreadyAnswered, InvitationNotOpen."""
    invitation = service.invitation
    if device_authenticated(service):
        raise problems.AlreadyAnswered
    if invitation.status not in ANSWERABLE or invitation.expires_at <= now:
        raise problems.InvitationNotOpen
    links = (*links_ended(invitation.links, LinkEnd.REPLACED, now, channel=Channel.COPY), link)
    return Transition(with_invitation(service, replace(invitation, links=links)), "link-copied", by)


# What the operator does


def with_invitation(service: Service, invitation: Invitation) -> Service:
    """The service with that invitation; before *Add* its own state follows the invitation's."""
    state = service.state
    if state in BEFORE_ADD and service.registration is None:
        authenticated = invitation.status is InvitationStatus.AUTHENTICATED
        state = ServiceState.AUTHENTICATED if authenticated else ServiceState.INVITED
    return replace(service, invitation=invitation, state=state)


def expiry(service: Service, expires_at: datetime, work_id: str, now: datetime) -> Due:
    """The owed look at an invitation's end, stamped with the time that it is for."""
    return owed(service.provider, Kind.EXPIRE, service.id, work_id, now, at=expires_at, stamp=expires_at.isoformat())


@dataclass(frozen=True)
class Sending:
    """What a new mail needs: its link, the sealed token for its due row, and two work ids minted by the caller."""

    link: Link
    sealed_token: str
    mail_work: str
    expire_work: str
    expires_at: datetime


def mail_owed(service: Service, sending: Sending, now: datetime) -> Due:
    return owed(
        service.provider,
        Kind.MAIL,
        service.id,
        sending.mail_work,
        now,
        token=sending.sealed_token,
        hash=sending.link.hash,
    )


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
        _closed(service.invitation, InvitationStatus.REVOKED, LinkEnd.REVOKED, now),
        reason=Reason("revoked", f"Revoked by {by.name}."),
    )
    return Transition(with_invitation(service, invitation), "invitation-revoked", by)


def called_off(invitation: Invitation, by: Actor, now: datetime) -> Invitation:
    """The invitation of a service that was cancelled; an accepted one stays accepted."""
    accepted = invitation.status is InvitationStatus.ACCEPTED
    status = InvitationStatus.ACCEPTED if accepted else InvitationStatus.REVOKED
    ended = _closed(invitation, status, LinkEnd.CANCELLED, now)
    return replace(ended, reason=Reason("cancelled", f"The service was cancelled by {by.name}."))


def _closed(invitation: Invitation, status: InvitationStatus, why: LinkEnd, now: datetime) -> Invitation:
    check = invitation.check if invitation.check and not invitation.check.running else None
    return replace(
        invitation,
        status=status,
        links=links_ended(invitation.links, why, now),
        proposal=None,
        channel=None,
        check=check,
    )


# What the admin does


def submitted(service: Service, link: Link, proposal: Registration, work_id: str, now: datetime) -> Transition:
    """*Start authentication*: the proposal waits for its check. Raises CheckInProgress, LinkUsed or a DeadLink."""
    if is_used(service, link, now):
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
    by = Actor(ActorKind.ADMIN, f"link: {link.channel}")
    return Transition(with_invitation(service, invitation), "credentials-submitted", by, owes=(due,))


# What a check came to


def checked(service: Service, work_id: str, verdict: Verdict, expire_work: str, now: datetime) -> Transition | None:
    """Apply the outcome of a submission's check; None when nobody waits for that check any more."""
    invitation, running = service.invitation, service.invitation.check
    if running is None or running.id != work_id or not running.running or invitation.proposal is None:
        return None
    check = replace(running, finished_at=now, outcome=verdict.outcome, waiting_for=None, items=verdict.items)
    if verdict.outcome is Outcome.PASSED:
        return _authenticated(service, check, invitation.proposal, verdict, expire_work, now)
    tries = invitation.tries + (1 if verdict.credentials_refused else 0)
    invitation = replace(
        invitation,
        status=InvitationStatus.PENDING,
        check=check,
        tries=tries,
        proposal=None,
        reason=reason_of(verdict),
    )
    what = "credentials-refused" if verdict.outcome is Outcome.REFUSED else "check-given-up"
    if tries >= MAX_TRIES:
        invitation = _closed(invitation, InvitationStatus.LOCKED, LinkEnd.LOCKED, now)
        what = "invitation-locked"
    elif invitation.expires_at <= now:
        invitation = _closed(invitation, InvitationStatus.EXPIRED, LinkEnd.EXPIRED, now)
        what = "invitation-expired"
    details = {"reason": invitation.reason.code} if invitation.reason else {}
    return Transition(with_invitation(service, invitation), what, SYSTEM, details)


def _authenticated(
    service: Service, check: Check, proposal: Registration, verdict: Verdict, expire_work: str, now: datetime
) -> Transition:
    expires_at = now + ADD_WITHIN
    invitation = replace(
        service.invitation,
        status=InvitationStatus.AUTHENTICATED,
        check=check,
        proposal=replace(proposal, tenant=verdict.tenant_id or proposal.tenant, findings=verdict.findings),
        channel=Channel(proposal.channel),
        links=links_ended(service.invitation.links, LinkEnd.USED, now),
        expires_at=expires_at,
        reason=None,
    )
    after = with_invitation(service, invitation)
    owes = (expiry(after, expires_at, expire_work, now),)
    return Transition(after, "authenticated", SYSTEM, {"channel": proposal.channel}, owes)


def reason_of(verdict: Verdict) -> Reason:
    """The first failed item, as the reason that a person reads."""
    failed = next((item for item in verdict.items if item.state is ItemState.FAILED), None)
    if failed is None:
        return Reason("check-failed", "The check ended without a result. Please try again.")
    return Reason(failed.name.value, failed.detail)


def check_waits(service: Service, work: Due, words: str) -> Transition | None:
    """Say what a running submission check is waiting for; None when nobody waits for it any more."""
    check = service.invitation.check
    if check is None or check.id != work.work_id or not check.running:
        return None
    invitation = replace(service.invitation, check=replace(check, waiting_for=words, attempts=work.attempts))
    return Transition(replace(service, invitation=invitation), "check-waits", SYSTEM)


# Expiry


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
        _closed(invitation, InvitationStatus.EXPIRED, LinkEnd.EXPIRED, now), reason=Reason("expired", detail)
    )
    return Transition(with_invitation(service, ended), "invitation-expired", SYSTEM)


def _is_stamped(service: Service, due: Due) -> bool:
    """Whether this look is for the invitation's present end; a new end brings a look of its own."""
    return due.note.get("stamp") == service.invitation.expires_at.isoformat() and waits(service)


# The mail


def mail_wanted(service: Service, due: Due, now: datetime) -> bool:
    """Whether this mail's link still opens something and no newer mail has taken its place."""
    invitation = service.invitation
    link = next((link for link in invitation.links if link.hash == due.note.get("hash")), None)
    alive = link is not None and link.died_at is None and now < invitation.expires_at
    return alive and invitation.mail.work_id == due.work_id and invitation.status in ANSWERABLE


def mail_sent(service: Service, due: Due, message_id: str, now: datetime) -> Transition:
    """The e-mail service took the mail. It counts even when a newer one has taken its place."""
    mail = replace(service.invitation.mail, count=service.invitation.mail.count + 1, sent_at=now)
    if mail.work_id == due.work_id:
        mail = replace(mail, state=MailState.SENT, reason=None, message_id=message_id)
    return _mailed(service, mail, "mail-sent")


def mail_failed(service: Service, due: Due, reason: str) -> Transition | None:
    """The mail will not go out; None when a newer one has taken its place."""
    mail = service.invitation.mail
    if mail.work_id != due.work_id:
        return None
    return _mailed(service, replace(mail, state=MailState.FAILED, reason=reason), "mail-failed")


def mail_dropped(service: Service, due: Due) -> Transition | None:
    """The mail is not wanted any more; None when its state shows a newer one."""
    mail = service.invitation.mail
    if mail.work_id != due.work_id or mail.state is not MailState.QUEUED:
        return None
    dropped = replace(mail, state=MailState.DROPPED, reason="The invitation ended before the e-mail was sent.")
    return _mailed(service, dropped, "mail-dropped")


def _mailed(service: Service, mail: Mail, what: str) -> Transition:
    return Transition(replace(service, invitation=replace(service.invitation, mail=mail)), what, SYSTEM)
