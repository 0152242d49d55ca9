"""Builders: a service at each stage of its life, and the small values that the rules want beside it."""

import base64
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.functions as func
from pydantic import BaseModel, ValidationError

from invitations.records import Channel, Invitation, InvitationStatus, Link, LinkEnd, Mail, MailState
from invitations.rules.sending import Sending
from onboarding.records import Customer, License, Order, Service, ServiceState, ServiceType, Transition
from onboarding.rules.services import created
from shared.actors import Actor, ActorKind
from shared.due import Due
from shared.kinds import Kind
from shared.settings import Settings, read_settings
from validation.records import (
    Check,
    Credential,
    CredentialKind,
    DomainMatch,
    Findings,
    Item,
    ItemName,
    ItemState,
    Outcome,
    Purpose,
    Registration,
    Verdict,
)

NOW = datetime(2026, 11, 24, 9, 30, 0, 123456, UTC)
PROVIDER = "11111111-aaaa-4bbb-8ccc-000000000001"
OTHER_PROVIDER = "22222222-aaaa-4bbb-8ccc-000000000002"
TENANT = "33333333-aaaa-4bbb-8ccc-000000000003"
OTHER_TENANT = "44444444-aaaa-4bbb-8ccc-000000000004"
CLIENT = "55555555-aaaa-4bbb-8ccc-000000000005"
SERVICE_ID = "0123456789abcdef01234567"
SECRET = "Kd7~sTq.ealed-never-shown-9QzXw"
SEALED = "c2VhbGVkLWJ5LXRoZS1idWlsZGVycw"
OPERATOR = Actor(ActorKind.OPERATOR, "Olga Operator", PROVIDER, "66666666-aaaa-4bbb-8ccc-000000000006")
ORIGIN = "https://connect.tenantlink.example"


# The invitation's parts


def link(name: str = "first", channel: Channel = Channel.MAIL, **changes: Any) -> Link:
    """A living link; links of different names have different hashes."""
    return replace(Link(hashlib.sha256(name.encode()).hexdigest(), channel, "Olga Operator", NOW), **changes)


def dead(why: LinkEnd, name: str = "first", channel: Channel = Channel.MAIL) -> Link:
    return link(name, channel, died_at=NOW - timedelta(hours=1), why=why)


def sending(name: str = "second", now: datetime = NOW, lifetime: timedelta = timedelta(days=7)) -> Sending:
    return Sending(link(name, at=now), f"sealed-token-{name}", work_id(f"mail {name}"), work_id(name), now + lifetime)


def work_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def due(kind: Kind = Kind.CHECK, **changes: Any) -> Due:
    made = Due(PROVIDER, kind, work_id("check"), NOW, NOW - timedelta(minutes=1), SERVICE_ID, attempts=1)
    return replace(made, **changes)


# The check's parts


def registration(tenant: str = TENANT, match: DomainMatch = DomainMatch.MATCH, **changes: Any) -> Registration:
    credential = Credential(CredentialKind.SECRET, SEALED)
    made = Registration(
        tenant, CLIENT, credential, "it@contoso.com", Channel.MAIL, NOW, Findings("Contoso", domain_match=match)
    )
    return replace(made, **changes)


def check(purpose: Purpose = Purpose.SUBMISSION, **changes: Any) -> Check:
    """A check under way; `finished` ends it."""
    return replace(Check(work_id("check"), purpose, NOW - timedelta(seconds=30)), **changes)


def finished(running: Check, outcome: Outcome = Outcome.PASSED) -> Check:
    return replace(running, finished_at=NOW - timedelta(seconds=20), outcome=outcome)


PASSED = Verdict(
    Outcome.PASSED,
    (Item(ItemName.SIGN_IN, ItemState.PASSED),),
    Findings("Contoso", ("contoso.com",), secret_hint="Kd7", domain_match=DomainMatch.MATCH),
    TENANT,
)
REFUSED = Verdict(
    Outcome.REFUSED,
    (Item(ItemName.TENANT, ItemState.PASSED), Item(ItemName.SIGN_IN, ItemState.FAILED, "The secret is wrong.")),
    credentials_refused=True,
)
LACKING = replace(
    REFUSED, items=(Item(ItemName.PERMISSIONS, ItemState.FAILED, "One is missing."),), credentials_refused=False
)
UNAVAILABLE = Verdict(Outcome.UNAVAILABLE, (Item(ItemName.SIGN_IN, ItemState.FAILED, "Microsoft did not answer."),))


# The service


@dataclass(frozen=True)
class Stage:
    """What a service looks like at one point of its life."""

    state: ServiceState
    status: InvitationStatus
    link_end: LinkEnd | None = None
    running: Purpose | None = None


STAGES = {
    "pending": Stage(ServiceState.INVITED, InvitationStatus.PENDING),
    "validating": Stage(ServiceState.INVITED, InvitationStatus.VALIDATING, running=Purpose.SUBMISSION),
    "expired": Stage(ServiceState.INVITED, InvitationStatus.EXPIRED, LinkEnd.EXPIRED),
    "revoked": Stage(ServiceState.INVITED, InvitationStatus.REVOKED, LinkEnd.REVOKED),
    "declined": Stage(ServiceState.INVITED, InvitationStatus.DECLINED, LinkEnd.DECLINED),
    "locked": Stage(ServiceState.INVITED, InvitationStatus.LOCKED, LinkEnd.LOCKED),
    "authenticated": Stage(ServiceState.AUTHENTICATED, InvitationStatus.AUTHENTICATED, LinkEnd.USED),
    "added": Stage(ServiceState.AUTHENTICATED, InvitationStatus.ACCEPTED, LinkEnd.USED),
    "being-validated": Stage(
        ServiceState.AUTHENTICATED, InvitationStatus.ACCEPTED, LinkEnd.USED, running=Purpose.VALIDATION
    ),
    "validated": Stage(ServiceState.VALIDATED, InvitationStatus.ACCEPTED, LinkEnd.USED),
    "creating": Stage(ServiceState.CREATING, InvitationStatus.ACCEPTED, LinkEnd.USED, running=Purpose.COMPLETION),
    "active": Stage(ServiceState.ACTIVE, InvitationStatus.ACCEPTED, LinkEnd.USED),
    "cancelled": Stage(ServiceState.CANCELLED, InvitationStatus.REVOKED, LinkEnd.CANCELLED),
    "disconnected": Stage(ServiceState.DISCONNECTED, InvitationStatus.ACCEPTED, LinkEnd.USED),
}
WAITING_FOR_ADD = ["pending", "validating", "expired", "revoked", "declined", "locked", "authenticated"]
AFTER_ADD = ["added", "being-validated", "validated", "creating", "active"]
ENDED = ["cancelled", "disconnected"]


def others(*stages: str) -> list[str]:
    """Every stage but those."""
    return [stage for stage in STAGES if stage not in stages]


def service(stage: str = "pending", **changes: Any) -> Service:
    """A service at that stage. A change named ``invitation__x`` is one of its invitation."""
    at = STAGES[stage]
    inner = {name.removeprefix("invitation__"): changes.pop(name) for name in list(changes) if "__" in name}
    made = Service(
        id=SERVICE_ID,
        provider=PROVIDER,
        version=7,
        type=ServiceType.DIRECT_ROUTING,
        customer_id="customer-1",
        customer_name="Contoso",
        full_name="Contoso Bristol",
        short_name="Contoso-1",
        license=License.HOSTED_PRO,
        licensed_users=25,
        state=at.state,
        created_at=NOW - timedelta(days=1),
        updated_at=NOW - timedelta(hours=1),
        invitation=replace(_invitation(at), **inner),
        registration=registration() if stage in AFTER_ADD else None,
        check=_service_check(stage, at),
    )
    return replace(made, **changes)


def _invitation(at: Stage) -> Invitation:
    holds = at.status in (InvitationStatus.VALIDATING, InvitationStatus.AUTHENTICATED)
    submitted = check() if at.status is InvitationStatus.VALIDATING else None
    if at.link_end is LinkEnd.USED:
        submitted = finished(check(id=work_id("submission")))
    return Invitation(
        number=1,
        admin_email="it@contoso.com",
        invited_by=OPERATOR,
        status=at.status,
        created_at=NOW - timedelta(days=1),
        expires_at=NOW + timedelta(days=6),
        mail=Mail(MailState.SENT, work_id("mail"), sent_at=NOW - timedelta(hours=23), count=1, message_id="m1"),
        links=(dead(at.link_end) if at.link_end else link(),),
        channel=Channel.MAIL if at.link_end is LinkEnd.USED else None,
        check=submitted,
        proposal=registration() if holds else None,
    )


def _service_check(stage: str, at: Stage) -> Check | None:
    if at.running in (Purpose.VALIDATION, Purpose.COMPLETION):
        return check(at.running)
    return finished(check(Purpose.VALIDATION)) if stage in ("validated", "active") else None


def customer(tenant: str | None = None) -> Customer:
    return Customer("customer-1", "Contoso", tenant, NOW - timedelta(days=2))


# What stands around a request


def environment(**changes: str | None) -> dict[str, str]:
    """The environment of a good start; a change of None takes a setting away."""
    contact = {"name": "Onboarding desk", "email": "desk@northwind.example", "phone": "+49 30 5550 100"}
    providers = [
        {"id": PROVIDER, "name": "Northwind Voice", "contact": contact},
        {"id": OTHER_PROVIDER, "name": "Fabrikam Telecom", "state": "disabled", "contact": {"name": "Service desk"}},
    ]
    good: dict[str, str | None] = {
        "PROVIDERS": json.dumps(providers),
        "PUBLIC_BASE_URL": ORIGIN,
        "API_CLIENT_ID": "a0000000-0000-4000-8000-000000000001",
        "PORTAL_CLIENT_IDS": '["a0000000-0000-4000-8000-000000000002"]',
        "SEALING_KEYS": f"2026:{base64.b64encode(bytes(range(32))).decode()}",
        "MAIL": "endpoint=https://mail.example/;accesskey=bWFpbC1rZXk=",
        "MAIL_SENDER": "DoNotReply@mail.example",
        "SWEEP_SCHEDULE": "0 * * * * *",
        "Data": "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=a2V5",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def settings(**changes: str | None) -> Settings:
    return read_settings(environment(**changes))


def request(content: object = None, headers: dict[str, str] | None = None, **params: str) -> func.HttpRequest:
    """A request with that body: bytes as they are, anything else as JSON."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    given = {"Content-Type": "application/json"} if headers is None else headers
    return func.HttpRequest("POST", f"{ORIGIN}/api/things", headers=given, params=params, body=raw)


def codes(model: type[BaseModel], **content: object) -> set[str]:
    """The codes of what is wrong with that body."""
    try:
        model.model_validate(content)
    except ValidationError as error:
        return {fault["type"] for fault in error.errors(include_input=False, include_url=False, include_context=False)}
    return set()


def living(one: Service) -> list[Link]:
    return [each for each in one.invitation.links if each.died_at is None]


def ends(one: Service) -> list[LinkEnd | None]:
    return [each.why for each in one.invitation.links]


def after(transition: Transition | None) -> Service:
    assert isinstance(transition, Transition)
    return transition.service


REQUEST = "request:of-the-order"
ORDER = Order(ServiceType.DIRECT_ROUTING, "Contoso Bristol", "Contoso-1", License.HOSTED_PRO, 25, "it@contoso.com")


def creation() -> Transition:
    """The transition that makes the service which `service` gives at its first stage."""
    return created(SERVICE_ID, PROVIDER, customer(), ORDER, sending("first"), OPERATOR, NOW, REQUEST)
