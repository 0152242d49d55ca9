"""What a new invitation mail needs and owes."""

from dataclasses import dataclass
from datetime import datetime

from invitations.records import Invitation, InvitationStatus, Link, Mail, MailState
from onboarding.records import Service
from shared.actors import Actor
from shared.due import Due, owed
from shared.kinds import Kind
from shared.problems import Fault, InvalidInput
from shared.setting_values import LIFETIME_RULE, LONGEST_LIFETIME, SHORTEST_LIFETIME


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


def owes(service: Service, sending: Sending, now: datetime) -> tuple[Due, Due]:
    """What an invitation that goes out owes: its mail, and a look at its end."""
    return mail_owed(service, sending, now), expiry(service, sending.expires_at, sending.expire_work, now)


def invited(
    number: int,
    admin_email: str,
    language: str,
    sending: Sending,
    by: Actor,
    now: datetime,
    earlier: tuple[Link, ...] = (),
) -> Invitation:
    """A new invitation; ``earlier`` are the dead links of those before it. Raises InvalidInput."""
    within_lifetime(sending.expires_at, now)
    return Invitation(
        number=number,
        admin_email=admin_email,
        invited_by=by,
        status=InvitationStatus.PENDING,
        created_at=now,
        expires_at=sending.expires_at,
        mail=Mail(MailState.QUEUED, sending.mail_work),
        links=(*earlier, sending.link),
        language=language,
    )


def within_lifetime(expires_at: datetime, now: datetime) -> None:
    """Holds the end that an operator chose against the rule. Raises InvalidInput."""
    if not now + SHORTEST_LIFETIME <= expires_at <= now + LONGEST_LIFETIME:
        raise InvalidInput(faults=(Fault("/expiresAt", "expires-at", LIFETIME_RULE),))


def expiry(service: Service, expires_at: datetime, work_id: str, now: datetime) -> Due:
    """The owed look at an invitation's end, stamped with the time that it is for."""
    return owed(service.provider, Kind.EXPIRE, service.id, work_id, now, at=expires_at, stamp=expires_at.isoformat())
