"""What a new invitation mail needs and owes."""

from dataclasses import dataclass
from datetime import datetime

from invitations.records import Link
from onboarding.records import Service
from shared.due import Due, owed
from shared.kinds import Kind
from shared.problems import Fault, InvalidInput
from shared.setting_values import LONGEST_LIFETIME, SHORTEST_LIFETIME

WORDS = "An invitation lives for 1 hour to 30 days from now."


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


def living(expires_at: datetime, now: datetime) -> datetime:
    """The end of an invitation, as an operator may choose it. Raises InvalidInput."""
    if not now + SHORTEST_LIFETIME <= expires_at <= now + LONGEST_LIFETIME:
        raise InvalidInput(faults=(Fault("/expiresAt", "expires-at", WORDS),))
    return expires_at


def expiry(service: Service, expires_at: datetime, work_id: str, now: datetime) -> Due:
    """The owed look at an invitation's end, stamped with the time that it is for."""
    return owed(service.provider, Kind.EXPIRE, service.id, work_id, now, at=expires_at, stamp=expires_at.isoformat())
