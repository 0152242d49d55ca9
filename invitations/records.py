"""What is stored of an invitation: its links, its mail, its states."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.actors import Actor, Reason
from validation.records import Check, Registration


class InvitationStatus(StrEnum):
    PENDING = "pending"
    VALIDATING = "validating"
    AUTHENTICATED = "authenticated"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    REVOKED = "revoked"
    DECLINED = "declined"
    LOCKED = "locked"


class Channel(StrEnum):
    """How a link reached whoever used it."""

    MAIL = "mail"
    COPY = "copy"
    REMINDER = "reminder"


class LinkEnd(StrEnum):
    """Why a link died."""

    EXPIRED = "expired"
    REPLACED = "replaced"
    REVOKED = "revoked"
    DECLINED = "declined"
    LOCKED = "locked"
    CANCELLED = "cancelled"
    USED = "used"


@dataclass(frozen=True)
class Link:
    """A link, living or dead. ``hash`` is SHA-256 of the token's random part, in hex; ``by`` minted it."""

    hash: str
    channel: Channel
    by: str
    at: datetime
    died_at: datetime | None = None
    why: LinkEnd | None = None


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Mail:
    """The invitation's e-mail. ``count`` is how many were accepted for delivery since the invitation was made.

    A queued one that the e-mail service could not take says what it is ``waiting_for`` and when it is tried next.
    ``stuck_since`` is when it could not be taken for the first time, or failed; ``attempts`` is how often it was tried
    in vain; 0 once it is sent.
    """

    state: MailState
    work_id: str
    reason: str | None = None
    sent_at: datetime | None = None
    count: int = 0
    message_id: str | None = None
    waiting_for: str | None = None
    attempts: int = 0
    stuck_since: datetime | None = None
    next_at: datetime | None = None


@dataclass(frozen=True)
class Invitation:
    """One invitation, through all its links.

    ``admin_email`` is None once it was erased, some time after the invitation's end. ``proposal`` (with its sealed
    secret) is there while it is checked and until *Add*. ``link_requested_at`` is when somebody with a dead link last
    asked for a new one.
    """

    number: int
    admin_email: str | None
    invited_by: Actor
    status: InvitationStatus
    created_at: datetime
    expires_at: datetime
    mail: Mail
    links: tuple[Link, ...] = ()
    tries: int = 0
    language: str = "en"
    reason: Reason | None = None
    channel: Channel | None = None
    check: Check | None = None
    proposal: Registration | None = None
    link_requested_at: datetime | None = None
