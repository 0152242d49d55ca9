"""What needs a person: the one thing about a service that nobody will mend unless an operator does something.

It follows from what is stored alone. A wait is told from the time of the next attempt: it is long as soon as it is
known that it will be, so no clock is asked, and lists can be filtered by what was committed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from invitations.records import Channel, Invitation, InvitationStatus, Link, LinkEnd, MailState
from invitations.rules.states import ENDED, waits
from onboarding.records import Service, ServiceState
from shared.languages.translations import ENGLISH
from validation.records import Check, Outcome, Purpose

LONG = timedelta(minutes=5)


class AttentionCode(StrEnum):
    """Why a service needs a person."""

    MAIL_FAILED = "mail-failed"
    MAIL_WAITS = "mail-waits"
    CHECK_WAITS = "check-waits"
    CHECK_GIVEN_UP = "check-given-up"
    LINK_REQUESTED = "link-requested"
    EXPIRED = "expired"
    DECLINED = "declined"
    LOCKED = "locked"
    VALIDATION_FAILED = "validation-failed"
    CREATION_FAILED = "creation-failed"


class Mend(StrEnum):
    """The calls that mend what needs a person, by their ``operationId``."""

    RESEND = "resend_invitation"
    COPY_LINK = "copy_link"
    REVOKE = "revoke_invitation"
    REINITIATE = "reinitiate_invitation"
    VALIDATE = "validate_m365"
    COMPLETE = "complete_service"
    WAKE = "wake_owed"


@dataclass(frozen=True)
class Attention:
    """Why a service needs a person, since when, in words, and the calls that mend it.

    ``work`` is the id of the owed work that `wake_owed` tries now, where the service only waits for its next attempt.
    """

    code: AttentionCode
    since: datetime | None
    detail: str
    calls: tuple[Mend, ...]
    work: str | None = None


def attention(service: Service) -> Attention | None:
    """The most pressing thing that waits for an operator; None while somebody else is expected to act, or nobody."""
    if service.state in ENDED:
        return None
    return _slow_check(service) or _failed_check(service) or _invitation(service)


def _slow_check(service: Service) -> Attention | None:
    for check in (service.check, service.invitation.check):
        if check is not None and check.running and _is_long(check.started_at, check.next_at):
            words = ENGLISH.say(check.waiting_for or "")
            return Attention(AttentionCode.CHECK_WAITS, check.started_at, words, (Mend.WAKE,), check.id)
    return None


def _is_long(since: datetime | None, next_at: datetime | None) -> bool:
    return since is not None and next_at is not None and next_at - since >= LONG


def _failed_check(service: Service) -> Attention | None:
    """A validation or a creation that failed, until another check or a new link takes its place."""
    check = service.check
    if check is None or check.running or service.reason is None or check.outcome is Outcome.PASSED:
        return None
    if waits(service) and _is_newer(service.invitation, check):
        return None
    creation = check.purpose is Purpose.COMPLETION
    code = AttentionCode.CREATION_FAILED if creation else AttentionCode.VALIDATION_FAILED
    calls = (
        Mend.VALIDATE,
        *((Mend.COMPLETE,) if service.state is ServiceState.VALIDATED else ()),
        Mend.RESEND if waits(service) else Mend.REINITIATE,
    )
    return Attention(code, check.finished_at, service.reason.detail, calls)


def _is_newer(invitation: Invitation, check: Check) -> bool:
    """Whether a link has gone out since, which leads to another registration."""
    return check.finished_at is not None and any(link.at > check.finished_at for link in invitation.links)


def _invitation(service: Service) -> Attention | None:
    invitation = service.invitation
    if not waits(service) or invitation.status in (InvitationStatus.VALIDATING, InvitationStatus.AUTHENTICATED):
        return None
    if invitation.link_requested_at is not None:
        return Attention(
            AttentionCode.LINK_REQUESTED,
            invitation.link_requested_at,
            "Somebody with a link that no longer works asks for a new one.",
            _new_link(invitation),
        )
    if invitation.status in ENDS:
        return _ended(invitation)
    return _stuck(invitation) if invitation.status is InvitationStatus.PENDING else None


ENDS = {
    InvitationStatus.EXPIRED: (AttentionCode.EXPIRED, LinkEnd.EXPIRED),
    InvitationStatus.DECLINED: (AttentionCode.DECLINED, LinkEnd.DECLINED),
    InvitationStatus.LOCKED: (AttentionCode.LOCKED, LinkEnd.LOCKED),
}


def _ended(invitation: Invitation) -> Attention:
    code, end = ENDS[invitation.status]
    since = max((link.died_at for link in invitation.links if link.why is end and link.died_at), default=None)
    detail = invitation.reason.detail if invitation.reason else "The invitation has ended. Resend it."
    if code is AttentionCode.LOCKED:
        detail = f"Too many sign-ins were refused, so the links are locked. The last one: {detail}"
    return Attention(code, since, detail, (Mend.RESEND, Mend.REVOKE))


def _stuck(invitation: Invitation) -> Attention | None:
    """A mail that did not go out, or a check that was given up, until the operator has copied a link since."""
    mail, check = invitation.mail, invitation.check
    calls = _new_link(invitation)
    if check is not None and check.outcome is Outcome.UNAVAILABLE and not _copied(invitation, check.finished_at):
        detail = invitation.reason.detail if invitation.reason else ""
        told = f"{detail} The administrator has to enter the registration once more: resend, or copy a link."
        return Attention(AttentionCode.CHECK_GIVEN_UP, check.finished_at, told, calls)
    if _copied(invitation, mail.stuck_since):
        return None
    if mail.state is MailState.FAILED:
        return Attention(AttentionCode.MAIL_FAILED, mail.stuck_since, mail.reason or "", calls)
    if mail.state is MailState.QUEUED and mail.next_at and _is_long(mail.stuck_since, mail.next_at):
        words = f"{mail.waiting_for or ''} We try again by ourselves.".strip()
        return Attention(AttentionCode.MAIL_WAITS, mail.stuck_since, words, (Mend.WAKE, *calls), mail.work_id)
    return None


def _new_link(invitation: Invitation) -> tuple[Mend, ...]:
    """The ways to a new link; an invitation that has ended has to be resent."""
    pending = invitation.status is InvitationStatus.PENDING
    return (Mend.RESEND, Mend.COPY_LINK) if pending else (Mend.RESEND,)


def _copied(invitation: Invitation, since: datetime | None) -> bool:
    """Whether a link was copied since, for the administrator to use."""

    def is_one(link: Link) -> bool:
        return link.channel is Channel.COPY and link.died_at is None and (since is None or link.at >= since)

    return any(map(is_one, invitation.links))
