"""Services as they come in and go out over HTTP."""

from collections.abc import Collection
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from invitations.pending import AttentionView, CustomerName, InvitationRow, attention_view, pending_row
from onboarding.models.registrations import RegistrationView, proposal_view
from onboarding.records import Customer, Event, License, Service, ServiceState, ServiceType, What
from onboarding.rules.retention import PersonalData, personal_data
from onboarding.short_names import HELP, MAX_LENGTH, MESSAGES, MIN_LENGTH, broken_rules
from shared.actors import ActorKind
from shared.languages.translations import SOURCE
from shared.web.fields import AddressText, ExpiresAt, LanguageCode, NameText, TrueOrFalse
from shared.web.models import Body, Change, Listing, Query, ReasonView, Time, View, left_out, reason_view

MOST_USERS = 500


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


ShortNameText = Annotated[
    str,
    Field(max_length=64),
    AfterValidator(_short_name),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": MIN_LENGTH,
            "maxLength": MAX_LENGTH,
            "pattern": r'^(?!.*[aA][uU][dD][iI][tT])[^\\/:*?"<>|.\s\x00-\x1f\x7f]+$',
            "description": HELP,
        }
    ),
]


ALWAYS = WithJsonSchema({"type": "boolean", "enum": [True]})


class NewService(Body):
    """Steps 1 to 7. ``send_link`` is this product's one way, so it must be true."""

    type: ServiceType
    full_name: NameText
    short_name: ShortNameText
    license: License
    licensed_users: int = Field(ge=1, le=MOST_USERS)
    admin_email: AddressText
    send_link: Annotated[bool, AfterValidator(_link_is_sent), ALWAYS] = True
    expires_at: ExpiresAt | None = None
    language: LanguageCode = SOURCE


class ChangedService(Change):
    """Another full name, licence or number of users; what is left out stays."""

    full_name: NameText = Field(default_factory=left_out)
    license: License = Field(default_factory=left_out)
    licensed_users: int = Field(default_factory=left_out, ge=1, le=MOST_USERS)


class ServiceFilters(Listing):
    """The Services page's filters."""

    customer_id: str | None = Field(None, max_length=64)
    state: ServiceState | None = None
    attention: TrueOrFalse | None = None

    @property
    def columns(self) -> dict[str, str | bool]:
        """The filters by the columns of a service's row."""
        wanted = {
            "customer": self.customer_id,
            "state": self.state and self.state.value,
            "attention": self.attention,
        }
        return {name: value for name, value in wanted.items() if value not in (None, "")}


class EventFilters(Listing):
    """Events have no filter but the cursor."""


class ShortNameQuestion(Query):
    value: str = Field(min_length=1, max_length=64)  # the host drops a query's name without a value


class ShortNameView(View):
    value: str
    available: bool
    code: str | None = None
    detail: str | None = None


class ServiceView(View):
    """A service. ``secret_expires_on`` is of the registration in use; null without one, or where it is unknown.

    ``personal_data`` says whether they may be erased: not while they are in use.
    """

    id: str
    type: ServiceType
    customer: CustomerName
    full_name: str
    short_name: str
    license: License
    licensed_users: int
    state: ServiceState
    reason: ReasonView | None
    attention: AttentionView | None
    created_at: Time
    activated_at: Time | None
    secret_expires_on: Time | None
    invitation: InvitationRow
    proposal: RegistrationView | None
    personal_data: PersonalData
    etag: str


def service_view(service: Service, others: Collection[Customer] = ()) -> ServiceView:
    """``others`` are the other customers that a proposed tenant is connected for."""
    return ServiceView(
        id=service.id,
        type=service.type,
        customer=CustomerName(id=service.customer_id, name=service.customer_name),
        full_name=service.full_name,
        short_name=service.short_name,
        license=service.license,
        licensed_users=service.licensed_users,
        state=service.state,
        reason=reason_view(service.reason),
        attention=attention_view(service),
        created_at=service.created_at,
        activated_at=service.activated_at,
        secret_expires_on=service.registration.findings.secret_expires_on if service.registration else None,
        invitation=pending_row(service),
        proposal=proposal_view(service, others),
        personal_data=personal_data(service),
        etag=f'"{service.version}"',
    )


class ActorView(View):
    """Who acted. ``id`` is an operator's object id in the provider's directory: it stays when the name was erased."""

    kind: ActorKind
    name: str
    id: str | None


class EventView(View):
    """Who did what, when. A later version may tell of more than these."""

    at: Time
    what: Annotated[str, WithJsonSchema({"type": "string", "enum": list(What)})]
    by: ActorView
    details: dict[str, str]


def event_view(event: Event) -> EventView:
    by = ActorView(kind=event.by.kind, name=event.by.name, id=event.by.oid)
    return EventView(at=event.at, what=event.what, by=by, details=event.details)
