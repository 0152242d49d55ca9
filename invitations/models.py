"""Invitations as they come in and go out over HTTP: the operator's rows, the admin's page, the submission."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from invitations.assets import colors_address
from invitations.pending import InvitationRow, pending_row
from invitations.records import Channel, InvitationStatus, LinkEnd
from invitations.rules.states import tries_left
from onboarding.records import Service
from shared.languages.translations import ENGLISH, SOURCE, Translation
from shared.names import MOST_MARKS, has_unseen, highest_pile
from shared.patterns import DOMAIN, GUID
from shared.settings import Provider
from shared.texts import N_
from shared.web.fields import GUID_OF_ANY_CASE, AddressText, ExpiresAt, GuidText, LanguageCode, TrueOrFalse
from shared.web.models import Body, ContactView, Listing, Time, View
from validation.models import CheckView, ProgressView, check_view, progress_view
from validation.permissions import ROLE, ROLE_REASON, asked_for, reason
from validation.records import CredentialKind

DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
ANY_TENANT = frozenset({"common", "organizations", "consumers"})


def _tenant(value: str) -> str:
    lowered = value.lower()
    if lowered in ANY_TENANT:
        raise PydanticCustomError("tenant", N_("This names any tenant. Enter the Directory (tenant) ID of your own."))
    if not GUID.fullmatch(lowered) and not DOMAIN.fullmatch(lowered):
        raise PydanticCustomError(
            "tenant",
            N_("This is not a tenant ID such as 11111111-2222-3333-4444-555555555555, nor a domain of yours."),
        )
    return lowered


def _secret(value: str) -> str:
    if not value.isprintable() or not value.isascii() or " " in value:
        raise PydanticCustomError("secret", N_("This contains blanks or characters that no client secret has."))
    if GUID.fullmatch(value.lower()):
        raise PydanticCustomError("secret-id", N_("This looks like the secret's ID. Copy the secret's Value instead."))
    return value


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("date", N_("This is not a day such as 2027-12-31."))


def _future(value: date) -> date:
    if value < datetime.now(UTC).date():
        raise PydanticCustomError(
            "date-past", N_("This day has passed. Enter the day on which the secret will expire.")
        )
    return value


TenantText = Annotated[
    str,
    Field(max_length=253),
    AfterValidator(_tenant),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 253,
            "anyOf": [{"pattern": f"^{GUID_OF_ANY_CASE}$"}, {"pattern": f"^{DOMAIN.pattern}$"}],
            "description": "The tenant's id, or a domain of it.",
        }
    ),
]
SecretText = Annotated[
    str,
    Field(min_length=8, max_length=256),
    AfterValidator(_secret),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 8,
            "maxLength": 256,
            "pattern": "^[!-~]+$",
            "not": {"pattern": f"^{GUID_OF_ANY_CASE}$"},
            "writeOnly": True,
            "description": "The secret's Value, not its Secret ID.",
        }
    ),
]
ExpiryDate = Annotated[
    date,
    Field(strict=False),
    BeforeValidator(_day),
    AfterValidator(_future),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{DAY.pattern}$"}),
]


class SecretCredential(Body):
    """A client secret. ``expires_on`` is the day the admin typed, used where Microsoft does not tell."""

    kind: CredentialKind
    value: SecretText = Field(repr=False)
    expires_on: ExpiryDate | None = None


class Submission(Body):
    """Step 9: what the admin enters."""

    repeats_names = False

    tenant_id: TenantText
    client_id: GuidText
    credential: SecretCredential

    @field_validator("client_id")
    @classmethod
    def _is_another_id(cls, value: str, known: ValidationInfo) -> str:
        if value == known.data.get("tenant_id"):
            raise PydanticCustomError("same-id", N_("Both IDs are the same. Compare them with the Overview page."))
        return value


def _reason(value: str) -> str:
    """In one line: it is read within sentences of ours, and must not pose as one."""
    told = " ".join(value.split())
    if has_unseen(told) or highest_pile(told) > MOST_MARKS:
        raise PydanticCustomError("reason", N_("Write the reason in plain text, or leave it out."))
    return told


REASON_SCHEMA = WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 500, "pattern": "\\S"})


class Decline(Body):
    """*Decline*, perhaps with a reason for the operator to read."""

    reason: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_reason), REASON_SCHEMA] | None = None


class Reinitiation(Body):
    """*Re-initiate Authentication Flow*: whom to invite for an existing service, and until when."""

    admin_email: AddressText
    expires_at: ExpiresAt | None = None
    language: LanguageCode = SOURCE


class Extension(Body):
    """*Extend*: the invitation's new end."""

    expires_at: ExpiresAt


class Resend(Body):
    """*Resend*, perhaps to another address, or in another language; what is left out stays."""

    admin_email: AddressText | None = None
    language: LanguageCode | None = None


class Filters(Listing):
    """The Pending Invitations page's filters."""

    status: InvitationStatus | None = None
    customer_id: str | None = Field(None, max_length=64)
    device_authenticated: TrueOrFalse | None = None
    link_requested: TrueOrFalse | None = None
    attention: TrueOrFalse | None = None

    @property
    def columns(self) -> dict[str, str | bool]:
        """The filters by the columns of an open row."""
        wanted = {
            "status": self.status and self.status.value,
            "customer": self.customer_id,
            "deviceAuthenticated": self.device_authenticated,
            "linkRequested": self.link_requested,
            "attention": self.attention,
        }
        return {name: value for name, value in wanted.items() if value not in (None, "")}


class LinkView(View):
    """A link, without anything that opens it."""

    channel: Channel
    by: str
    at: Time
    died_at: Time | None
    why: LinkEnd | None


class InvitationView(InvitationRow):
    """An invitation in full: its row, its links, the submission's check."""

    links: tuple[LinkView, ...]
    check: CheckView | None


def invitation_view(service: Service) -> InvitationView:
    check = service.invitation.check
    return InvitationView(
        **pending_row(service).model_dump(),
        links=tuple(LinkView.model_validate(link) for link in service.invitation.links),
        check=check_view(check) if check else None,
    )


class CopiedLink(View):
    """The only reply that ever carries a link."""

    link: str
    expires_at: Time
    etag: str


class Inviter(View):
    """The provider, as an admin sees it; ``styles`` is the path of a style sheet with its colours."""

    name: str
    contact: ContactView
    styles: str


class ServiceName(View):
    full_name: str


class Permission(View):
    name: str
    why: str


# The others are ends of a link, and are told by its problem.
PageStatus = Annotated[
    InvitationStatus,
    WithJsonSchema({"type": "string", "enum": ["pending", "validating", "authenticated", "declined"]}),
]


class PageView(View):
    """What the admin's page shows: never an id, an address or a secret."""

    status: PageStatus
    provider: Inviter
    service: ServiceName
    expires_at: Time
    tries_left: int
    permissions: tuple[Permission, ...]
    check: ProgressView | None


def inviter(provider: Provider) -> Inviter:
    contact = ContactView.model_validate(provider.contact)
    return Inviter(name=provider.name, contact=contact, styles=colors_address(provider.colors))


class LinkRequest(View):
    """*Ask for a new link*: since when the provider sees that somebody asks."""

    requested: bool = True
    requested_at: Time
    provider: Inviter


def page_view(
    service: Service,
    provider: Provider,
    required: tuple[str, ...],
    spoken: Translation = ENGLISH,
    *,
    done: bool,
    with_role: bool = False,
) -> PageView:
    """The page of a living link, or the confirmation of step 10 for a used one, in the reader's language.

    ``with_role`` lists the directory role with the permissions.
    """
    invitation, check = service.invitation, service.invitation.check
    return PageView(
        status=InvitationStatus.AUTHENTICATED if done else invitation.status,
        provider=inviter(provider),
        service=ServiceName(full_name=service.full_name),
        expires_at=invitation.expires_at,
        tries_left=tries_left(invitation),
        permissions=_asked(required, spoken, with_role=with_role),
        check=progress_view(check, spoken) if check else None,
    )


def _asked(required: tuple[str, ...], spoken: Translation, *, with_role: bool) -> tuple[Permission, ...]:
    """What the registration is to hold; the role comes first, since it allows most."""
    role = ((spoken.say(ROLE), ROLE_REASON),) if with_role else ()
    permissions = ((name, reason(name)) for name in asked_for(required))
    return tuple(Permission(name=name, why=spoken.say(why)) for name, why in (*role, *permissions))
