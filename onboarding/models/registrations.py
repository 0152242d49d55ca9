"""App registrations as they come in and go out over HTTP."""

from collections.abc import Collection
from datetime import datetime

from invitations.pending import AttentionView, CustomerName, attention_view
from invitations.records import Channel, InvitationStatus
from invitations.rules.states import awaits_add
from onboarding.records import Customer, Service, ServiceState
from shared.web.fields import GuidText
from shared.web.models import Body, ReasonView, Time, View, reason_view
from validation.models import CheckView, check_view
from validation.permissions import missing
from validation.records import DomainMatch, ExpirySource, Registration


class AddedRegistration(Body):
    """Step 14: what the operator saw, and whether a doubtful tenant is acknowledged."""

    tenant_id: GuidText
    client_id: GuidText
    acknowledged: bool = False


class RegistrationView(View):
    """An app registration, never its secret. ``other_customers`` are those that its tenant is connected for already."""

    tenant_id: str
    tenant_name: str | None
    verified_domains: tuple[str, ...]
    client_id: str
    application_name: str | None
    secret_hint: str | None
    secret_expires_on: Time | None
    permissions: tuple[str, ...]
    directory_roles: tuple[str, ...]
    invited_address: str | None
    domain_match: DomainMatch
    channel: Channel
    check: CheckView | None
    other_customers: tuple[CustomerName, ...] = ()


def proposal_view(service: Service, others: Collection[Customer] = ()) -> RegistrationView | None:
    """The registration that *Add* would attach, else the one that it has attached."""
    proposed = awaits_add(service)
    registration = proposed or service.registration
    if registration is None:
        return None
    passed = proposed or service.invitation.status is InvitationStatus.ACCEPTED
    check, found = service.invitation.check if passed else None, registration.findings
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
        invited_address=registration.invited_address,
        domain_match=found.domain_match,
        channel=Channel(registration.channel),
        check=check_view(check) if check else None,
        other_customers=tuple(CustomerName(id=customer.id, name=customer.name) for customer in others),
    )


class MissingPermission(View):
    """A permission that was asked for and is not granted; ``detail`` says what breaks without it."""

    name: str
    detail: str


class M365View(View):
    """The Microsoft 365 Settings page (steps 19 to 21). ``permissions`` and ``directory_roles`` are what the latest
    token of the registration held, and ``missing_permissions`` what it lacked.
    """

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
    channel: Channel
    permissions: tuple[str, ...]
    missing_permissions: tuple[MissingPermission, ...]
    directory_roles: tuple[str, ...]
    check: CheckView | None
    state: ServiceState
    reason: ReasonView | None
    attention: AttentionView | None
    etag: str


def m365_view(service: Service, registration: Registration, required: Collection[str], now: datetime) -> M365View:
    """``required`` are the permissions that the provider's settings ask for."""
    found = registration.findings
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
        channel=Channel(registration.channel),
        permissions=found.permissions,
        missing_permissions=tuple(
            MissingPermission(name=name, detail=breaks) for name, breaks in missing(required, found.permissions).items()
        ),
        directory_roles=found.directory_roles,
        check=check_view(service.check) if service.check else None,
        state=service.state,
        reason=reason_view(service.reason),
        attention=attention_view(service),
        etag=f'"{service.version}"',
    )


def days_until(ends: datetime | None, now: datetime) -> int | None:
    """Whole days left, 0 on the last day and after it; None when the end is unknown."""
    return max(0, (ends - now).days) if ends else None
