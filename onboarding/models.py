"""Customers and services as they come in and go out over HTTP."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from invitations.pending import pending_row
from onboarding.records import Customer, Event, License, Service, ServiceState, ServiceType
from onboarding.short_names import HELP, MESSAGES, broken_rules
from shared.web.auth import Operator, Role
from shared.web.fields import AddressText, GuidText, NameText
from shared.web.models import Body, ColorsView, ContactView, Query, Time, View
from validation.models import CheckView, check_view
from validation.records import DomainMatch, ExpirySource, Registration

RFC3339 = re.compile(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
MOST_USERS = 500
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)


def _short_name(value: str) -> str:
    broken = broken_rules(value)
    if broken:
        raise PydanticCustomError(broken[0], "{words}", {"words": " ".join(MESSAGES[code] for code in broken)})
    return value


def _link_is_sent(value: bool) -> bool:
    if not value:
        raise PydanticCustomError(
            "send-link", "The link is the one way to authenticate a tenant here: leave it ticked."
        )
    return value


def _rfc3339(value: object) -> object:
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise PydanticCustomError("date-time", "This is not a time such as 2026-12-01T12:00:00Z.")
    return value


def _lifetime(value: datetime) -> datetime:
    now = datetime.now(UTC)
    if not now + SHORTEST <= value <= now + LONGEST:
        raise PydanticCustomError("expires-at", "An invitation lives for 1 hour to 30 days from now.")
    return value.astimezone(UTC)


ShortNameText = Annotated[str, Field(max_length=64, description=HELP), AfterValidator(_short_name)]
ExpiresAt = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_rfc3339), AfterValidator(_lifetime)]


class NewCustomer(Body):
    """``tenant_id`` is the customer's Microsoft tenant, where it is known."""

    name: NameText
    tenant_id: GuidText | None = None


class NewService(Body):
    """Steps 1 to 7. ``send_link`` is this product's one way, so it must be true."""

    type: ServiceType
    full_name: NameText
    short_name: ShortNameText
    license: License
    licensed_users: int = Field(ge=1, le=MOST_USERS)
    admin_email: AddressText
    send_link: Annotated[bool, AfterValidator(_link_is_sent)] = True
    expires_at: ExpiresAt | None = None
    language: Literal["en"] = "en"


class AddedRegistration(Body):
    """Step 14: what the operator saw, and whether a doubtful tenant is acknowledged."""

    tenant_id: GuidText
    client_id: GuidText
    acknowledged: bool = False


class CustomerFilters(Query):
    """``name`` is the beginning of a customer's name."""

    name: str = Field("", max_length=100)


class ServiceFilters(Query):
    """The Services page's filters."""

    customer_id: str | None = Field(None, max_length=64)
    state: ServiceState | None = None


class EventFilters(Query):
    """Events have no filter but the cursor."""


class ShortNameQuestion(Query):
    value: str = Field(max_length=64)


class CustomerView(View):
    id: str
    name: str
    tenant_id: str | None
    created_at: Time
    etag: str


def customer_view(customer: Customer) -> CustomerView:
    return CustomerView(
        id=customer.id,
        name=customer.name,
        tenant_id=customer.tenant_id,
        created_at=customer.created_at,
        etag=f'"{customer.version}"',
    )


class ProviderView(View):
    id: str
    name: str
    contact: ContactView
    colors: ColorsView


class UserView(View):
    id: str
    name: str


class Me(View):
    """Who is signed in, for which provider, in which role."""

    provider: ProviderView
    user: UserView
    role: Literal["operator", "monitor"]


def me(operator: Operator) -> Me:
    return Me(
        provider=ProviderView.model_validate(operator.provider),
        user=UserView(id=operator.oid, name=operator.name),
        role="operator" if operator.role is Role.OPERATOR else "monitor",
    )


class ShortNameView(View):
    value: str
    available: bool
    code: str | None = None
    detail: str | None = None


class RegistrationView(View):
    """An app registration, never its secret."""

    tenant_id: str
    tenant_name: str | None
    verified_domains: tuple[str, ...]
    client_id: str
    application_name: str | None
    secret_hint: str | None
    secret_expires_on: Time | None
    permissions: tuple[str, ...]
    directory_roles: tuple[str, ...]
    invited_address: str
    domain_match: DomainMatch
    channel: str
    check: CheckView | None


class ReasonView(View):
    code: str
    detail: str


class CustomerName(View):
    id: str
    name: str


class ServiceView(View):
    id: str
    type: ServiceType
    customer: CustomerName
    full_name: str
    short_name: str
    license: License
    licensed_users: int
    state: ServiceState
    reason: ReasonView | None
    created_at: Time
    activated_at: Time | None
    invitation: dict[str, Any]
    proposal: RegistrationView | None
    etag: str


def service_view(service: Service) -> ServiceView:
    reason = service.reason
    return ServiceView(
        id=service.id,
        type=service.type,
        customer=CustomerName(id=service.customer_id, name=service.customer_name),
        full_name=service.full_name,
        short_name=service.short_name,
        license=service.license,
        licensed_users=service.licensed_users,
        state=service.state,
        reason=ReasonView(code=reason.code, detail=reason.detail) if reason else None,
        created_at=service.created_at,
        activated_at=service.activated_at,
        invitation=pending_row(service),
        proposal=_proposal(service),
        etag=f'"{service.version}"',
    )


def _proposal(service: Service) -> RegistrationView | None:
    """The registration that *Add* attached, or would attach."""
    registration = service.registration or service.invitation.proposal
    check = service.invitation.check
    if registration is None or (check is not None and check.running):
        return None
    found = registration.findings
    return RegistrationView(
        tenant_id=registration.tenant,
        tenant_name=found.tenant_name,
        verified_domains=found.verified_domains,
        client_id=registration.client_id,
        application_name=found.application_name,
        secret_hint=found.secret_hint,
        secret_expires_on=found.secret_expires_on,
        permissions=found.permissions,
        directory_roles=found.directory_roles,
        invited_address=service.invitation.admin_email,
        domain_match=found.domain_match,
        channel=registration.channel,
        check=check_view(check) if check else None,
    )


class M365View(View):
    """The Microsoft 365 Settings page (steps 19 to 21)."""

    tenant_id: str
    tenant_name: str | None
    verified_domains: tuple[str, ...]
    application_id: str
    application_name: str | None
    secret_hint: str | None
    secret_expires_on: Time | None
    secret_expires_source: ExpirySource | None
    secret_days_until_expire: int | None
    secret_expiry_unknown_why: str | None
    channel: str
    permissions: tuple[str, ...]
    directory_roles: tuple[str, ...]
    check: CheckView | None
    state: ServiceState
    reason: ReasonView | None
    etag: str


def m365_view(service: Service, registration: Registration, now: datetime) -> M365View:
    found, reason = registration.findings, service.reason
    ends = found.secret_expires_on
    return M365View(
        tenant_id=registration.tenant,
        tenant_name=found.tenant_name,
        verified_domains=found.verified_domains,
        application_id=registration.client_id,
        application_name=found.application_name,
        secret_hint=found.secret_hint,
        secret_expires_on=ends,
        secret_expires_source=found.secret_expires_source,
        secret_days_until_expire=days_until(ends, now),
        secret_expiry_unknown_why=found.expiry_unknown_why,
        channel=registration.channel,
        permissions=found.permissions,
        directory_roles=found.directory_roles,
        check=check_view(service.check) if service.check else None,
        state=service.state,
        reason=ReasonView(code=reason.code, detail=reason.detail) if reason else None,
        etag=f'"{service.version}"',
    )


def days_until(ends: datetime | None, now: datetime) -> int | None:
    """Whole days left, 0 on the last day and after it; None when the end is unknown."""
    return max(0, (ends - now).days) if ends else None


class ActorView(View):
    kind: str
    name: str


class EventView(View):
    at: Time
    what: str
    by: ActorView
    details: dict[str, str]


def event_view(event: Event) -> EventView:
    by = ActorView(kind=event.by.kind, name=event.by.name)
    return EventView(at=event.at, what=event.what, by=by, details=event.details)
