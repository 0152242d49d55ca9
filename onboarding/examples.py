"""One customer and its service, as examples in the API's description."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from invitations.records import Channel, Invitation, InvitationStatus, Link, LinkEnd, Mail, MailState
from onboarding.records import Customer, Event, License, Service, ServiceState, ServiceType, What
from shared.actors import Actor, ActorKind
from shared.due import owed
from shared.kinds import Kind
from validation.records import (
    Check,
    Credential,
    CredentialKind,
    DomainMatch,
    ExpirySource,
    Findings,
    Item,
    ItemName,
    ItemState,
    Outcome,
    Purpose,
    Registration,
)

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
PROVIDER, TENANT = "11111111-aaaa-4bbb-8ccc-000000000001", "33333333-aaaa-4bbb-8ccc-000000000001"
CLIENT = "b0000000-0000-4000-8000-000000000001"
OPERATOR = Actor(ActorKind.OPERATOR, "Olivia Berg", PROVIDER, "44444444-aaaa-4bbb-8ccc-000000000001")

CUSTOMER = Customer("f9e0c1a2b3d4e5f601234567", "Contoso", TENANT, NOON - timedelta(days=30))
PASSED = Check(
    "0123456789abcdef0123456789abcdef",
    Purpose.SUBMISSION,
    NOON - timedelta(seconds=2),
    NOON,
    Outcome.PASSED,
    attempts=1,
    items=(Item(ItemName.SIGN_IN, ItemState.PASSED, "Microsoft accepts the application and its secret."),),
)
REGISTRATION = Registration(
    TENANT,
    CLIENT,
    Credential(CredentialKind.SECRET, "sealed"),
    "it@contoso.example",
    Channel.MAIL,
    NOON,
    Findings(
        tenant_name="Contoso",
        verified_domains=("contoso.example",),
        application_name="Contoso voice onboarding",
        secret_hint="Q8~",  # noqa: S106 - three characters of no secret
        secret_expires_on=NOON + timedelta(days=400),
        secret_expires_source=ExpirySource.GRAPH,
        permissions=("Organization.Read.All",),
        directory_roles=("Teams Administrator",),
        domain_match=DomainMatch.MATCH,
    ),
)
INVITATION = Invitation(
    number=1,
    admin_email="it@contoso.example",
    invited_by=OPERATOR,
    status=InvitationStatus.AUTHENTICATED,
    created_at=NOON - timedelta(days=1),
    expires_at=NOON + timedelta(days=30),
    mail=Mail(MailState.SENT, "89abcdef0123456789abcdef01234567", sent_at=NOON - timedelta(days=1), count=1),
    links=(Link("0" * 64, Channel.MAIL, "Olivia Berg", NOON - timedelta(days=1), NOON, LinkEnd.USED),),
    channel=Channel.MAIL,
    check=PASSED,
    proposal=REGISTRATION,
)
AUTHENTICATED = Service(
    id="f9e0c1a2b3d4e5f6fedcba98",
    provider=PROVIDER,
    version=4,
    type=ServiceType.DIRECT_ROUTING,
    customer_id=CUSTOMER.id,
    customer_name=CUSTOMER.name,
    full_name="Contoso voice",
    short_name="CONTOSO-1",
    license=License.HOSTED_PRO,
    licensed_users=25,
    state=ServiceState.AUTHENTICATED,
    created_at=NOON - timedelta(days=1),
    updated_at=NOON,
    invitation=INVITATION,
)
PENDING = replace(
    AUTHENTICATED,
    version=2,
    state=ServiceState.INVITED,
    invitation=replace(
        INVITATION,
        status=InvitationStatus.PENDING,
        expires_at=NOON + timedelta(days=7),
        links=(Link("0" * 64, Channel.MAIL, "Olivia Berg", NOON - timedelta(days=1)),),
        channel=None,
        check=None,
        proposal=None,
    ),
)
ADDED = replace(
    AUTHENTICATED,
    version=5,
    invitation=replace(INVITATION, status=InvitationStatus.ACCEPTED, proposal=None),
    registration=REGISTRATION,
)
ACTIVE = replace(
    ADDED,
    version=9,
    state=ServiceState.ACTIVE,
    check=replace(PASSED, purpose=Purpose.VALIDATION),
    activated_at=NOON + timedelta(hours=1),
)
ERASED = replace(
    PENDING,
    version=4,
    state=ServiceState.CANCELLED,
    invitation=replace(
        PENDING.invitation,
        admin_email=None,
        status=InvitationStatus.REVOKED,
        invited_by=replace(OPERATOR, name="An operator"),
        links=(Link("0" * 64, Channel.MAIL, "An operator", NOON - timedelta(days=1), NOON, LinkEnd.CANCELLED),),
    ),
    over_since=NOON,
)
STUCK = replace(
    PENDING,
    invitation=replace(
        PENDING.invitation,
        mail=Mail(
            MailState.QUEUED,
            "89abcdef0123456789abcdef01234567",
            waiting_for="The e-mail service answered 503.",
            attempts=6,
            stuck_since=NOON - timedelta(minutes=6),
            next_at=NOON + timedelta(minutes=6),
        ),
    ),
)
LATE = owed(PROVIDER, Kind.MAIL, STUCK.id, "89abcdef0123456789abcdef01234567", NOON - timedelta(minutes=30))
EVENT = Event(NOON, What.REGISTRATION_ADDED, OPERATOR, {"tenantId": TENANT, "clientId": CLIENT, "domainMatch": "match"})
PINNED = Event(NOON, What.CUSTOMER_PINNED, OPERATOR, {"tenantId": TENANT})
