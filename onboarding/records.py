"""What is stored of customers and services. `Service` is the aggregate: one row, one ETag, the only guard."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from invitations.records import Invitation
from shared.actors import Actor, Reason
from shared.due import Due
from validation.records import Check, Registration


class ServiceType(StrEnum):
    DIRECT_ROUTING = "DirectRouting"


class License(StrEnum):
    HOSTED_ESSENTIALS_PLUS = "HostedEssentialsPlus"
    HOSTED_PRO = "HostedPro"


class ServiceState(StrEnum):
    INVITED = "invited"
    AUTHENTICATED = "authenticated"
    VALIDATED = "validated"
    CREATING = "creating"
    ACTIVE = "active"
    CANCELLED = "cancelled"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True)
class Customer:
    """A provider's customer. ``tenant_id`` is the pin: no registration of another tenant is accepted.

    An archived one is hidden from the list and gets no new services; those that it has go on. ``updated_at`` is the
    time of its last event; None before the first change. ``request`` is the key of the row that remembers the request
    which made it.
    """

    id: str
    name: str
    tenant_id: str | None
    created_at: datetime
    version: int = 1
    archived_at: datetime | None = None
    updated_at: datetime | None = None
    request: str | None = None


@dataclass(frozen=True)
class Order:
    """What the operator enters in steps 4 to 7."""

    type: ServiceType
    full_name: str
    short_name: str
    license: License
    licensed_users: int
    admin_email: str
    language: str = "en"


@dataclass(frozen=True)
class Service:
    """A service with its current invitation and its Microsoft 365 settings; ``version`` counts its transitions.

    ``registration`` is what *Add* attached; ``check`` is the last check of it, under way or done. ``request`` is the
    key of the row that remembers the order's request. ``over_since`` is when that ended which the personal data in here
    serve: the invitation, later the service itself; None while it goes on.
    """

    id: str
    provider: str
    version: int
    type: ServiceType
    customer_id: str
    customer_name: str
    full_name: str
    short_name: str
    license: License
    licensed_users: int
    state: ServiceState
    created_at: datetime
    updated_at: datetime
    invitation: Invitation
    registration: Registration | None = None
    check: Check | None = None
    reason: Reason | None = None
    activated_at: datetime | None = None
    request: str | None = None
    over_since: datetime | None = None


class What(StrEnum):
    """What happened to a customer or a service, as its events tell it."""

    SERVICE_CREATED = "service-created"
    SERVICE_CHANGED = "service-changed"
    SERVICE_ACTIVATED = "service-activated"
    SERVICE_CANCELLED = "service-cancelled"
    SERVICE_DISCONNECTED = "service-disconnected"
    CUSTOMER_CREATED = "customer-created"
    CUSTOMER_CHANGED = "customer-changed"
    CUSTOMER_RENAMED = "customer-renamed"
    CUSTOMER_ARCHIVED = "customer-archived"
    CUSTOMER_RESTORED = "customer-restored"
    CUSTOMER_PINNED = "customer-pinned"
    PERSONAL_DATA_ERASED = "personal-data-erased"
    INVITATION_RESENT = "invitation-resent"
    INVITATION_EXTENDED = "invitation-extended"
    INVITATION_REVOKED = "invitation-revoked"
    INVITATION_DECLINED = "invitation-declined"
    INVITATION_EXPIRED = "invitation-expired"
    INVITATION_LOCKED = "invitation-locked"
    INVITATION_REINITIATED = "invitation-reinitiated"
    LINK_COPIED = "link-copied"
    LINK_REQUESTED = "link-requested"
    MAIL_SENT = "mail-sent"
    MAIL_WAITS = "mail-waits"
    MAIL_FAILED = "mail-failed"
    MAIL_DROPPED = "mail-dropped"
    CREDENTIALS_SUBMITTED = "credentials-submitted"
    CREDENTIALS_REFUSED = "credentials-refused"
    AUTHENTICATED = "authenticated"
    CHECK_WAITS = "check-waits"
    CHECK_GIVEN_UP = "check-given-up"
    CHECK_SUPERSEDED = "check-superseded"
    REGISTRATION_ADDED = "registration-added"
    REGISTRATION_REPLACED = "registration-replaced"
    VALIDATION_STARTED = "validation-started"
    VALIDATION_PASSED = "validation-passed"
    VALIDATION_FAILED = "validation-failed"
    COMPLETION_STARTED = "completion-started"
    CREATION_FAILED = "creation-failed"


@dataclass(frozen=True)
class Event:
    """Who did what, when; no address and no secret ever. ``details`` are short words.

    ``what`` is one of What, or of a later version's words where two versions run side by side.
    """

    at: datetime
    what: str
    by: Actor
    details: dict[str, str]


@dataclass(frozen=True)
class Transition:
    """What a rule decided: the service as it shall be, the event that tells it, the work that it owes.

    ``frees_name`` gives the short name back: only *Cancel* does. ``quiet`` is for what work under way notes of itself
    each time it is put off: no event and no new version, so that nobody who looks at the service has to reload.
    """

    service: Service
    what: What
    by: Actor
    details: dict[str, str] = field(default_factory=dict)
    owes: tuple[Due, ...] = ()
    frees_name: bool = False
    quiet: bool = False
