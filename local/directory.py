"""The pretend Microsoft 365 world of the local cloud: tenants, app registrations and portal users, read from
a file.

The file may be edited while the stand-in runs; the next request sees the change.
"""

import re
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

_DAYS = re.compile(r"([+-][0-9]{1,5})d")


class DirectoryError(Exception):
    """The directory file cannot be used; the text names the file, the field and what is wrong with it."""


def _is_guid(value: str) -> str:
    if str(UUID(value)) != value:
        raise ValueError("write the GUID in lower case with hyphens")
    return value


def _is_moment(value: str) -> str:
    if _DAYS.fullmatch(value) is None and datetime.fromisoformat(value).tzinfo is None:
        raise ValueError("write a date with a time zone (2027-01-31T12:00:00Z) or days from today (+400d, -3d)")
    return value


Guid = Annotated[str, AfterValidator(_is_guid)]
Moment = Annotated[str, AfterValidator(_is_moment)]


def resolve_moment(value: str, now: datetime) -> datetime:
    """An absolute moment as it is; `+400d` as the end of the UTC day that lies 400 days after `now`'s."""
    relative = _DAYS.fullmatch(value)
    if relative is None:
        return datetime.fromisoformat(value).astimezone(UTC)
    day = now.astimezone(UTC).date() + timedelta(days=int(relative[1]))
    return datetime.combine(day, time(23, 59, 59), UTC)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True)


class Domain(_Entry):
    """A verified domain of a tenant."""

    name: str
    is_default: bool = False
    is_initial: bool = False


class Tenant(_Entry):
    """A customer's tenant. One that does not `exist` is a name to try: Entra knows no such tenant."""

    id: Guid
    display_name: str
    note: str | None = None
    exists: bool = True
    domains: tuple[Domain, ...] = ()


class Secret(_Entry):
    """A client secret. `endDateTime` is absolute, or counted in days from the day on which somebody asks; null,
    as Graph's type allows it, means that it never ends.
    """

    key_id: Guid
    display_name: str | None = None
    value: str
    end_date_time: Moment | None
    start_date_time: Moment = "-30d"

    def ends_at(self, now: datetime) -> datetime | None:
        """When the secret stops working, in UTC."""
        return None if self.end_date_time is None else resolve_moment(self.end_date_time, now)


class TokenRefusal(_Entry):
    """What Entra answers instead of a token for `resource`, or for any without one; `number` is the AADSTS one."""

    resource: str | None = None
    status: Annotated[int, Field(ge=400, le=599)]
    error: str
    number: int
    text: str
    retry_after: Annotated[int, Field(ge=0)] | None = None


class GraphRefusal(_Entry):
    """What Graph answers instead of a resource, however well the token is made."""

    of: Literal["organization", "applications", "servicePrincipals"]
    status: Annotated[int, Field(ge=400, le=599)]
    code: str
    text: str
    retry_after: Annotated[int, Field(ge=0)] | None = None


class Installation(_Entry):
    """How an app registration stands in one tenant: its service principal there and what that was granted.

    `roles` are application permissions of Microsoft Graph, `directoryRoles` template ids of directory roles.
    `tokensWithoutServicePrincipal` is Entra's older behaviour: tokens without `oid` instead of a refusal.
    """

    service_principal: Guid | None
    roles: tuple[str, ...] = ()
    directory_roles: tuple[Guid, ...] = ()
    conditional_access: bool = False
    tokens_without_service_principal: bool = False
    token_refusals: tuple[TokenRefusal, ...] = ()
    graph_refusals: tuple[GraphRefusal, ...] = ()

    def token_refusal(self, resource: str) -> TokenRefusal | None:
        """What stands between this app and a token for that resource."""
        return next((one for one in self.token_refusals if one.resource in (None, resource)), None)

    def graph_refusal(self, of: str) -> GraphRefusal | None:
        """What stands between this app and that part of Graph."""
        return next((one for one in self.graph_refusals if one.of == of), None)


class Application(_Entry):
    """An app registration; `homeTenant` holds the application object, `tenants` says where it can sign in."""

    app_id: Guid
    display_name: str
    note: str | None = None
    home_tenant: Guid
    enabled: bool = True
    secrets: tuple[Secret, ...] = ()
    tenants: dict[Guid, Installation] = Field(default_factory=dict)

    @property
    def object_id(self) -> str:
        """The id of the application object, which nobody needs to choose."""
        return str(uuid5(UUID(self.app_id), "application"))


class User(_Entry):
    """A person who may sign in to the portal."""

    oid: Guid
    name: str
    email: str
    roles: tuple[Literal["Onboarding.Operator", "Onboarding.Monitor"], ...]


class Provider(_Entry):
    """A service provider's own tenant, with the portal's users."""

    id: Guid
    display_name: str
    users: tuple[User, ...]


class Portal(_Entry):
    """The registrations of the product's own API and portal."""

    api_client_id: Guid
    portal_client_id: Guid
    scope: str


class Directory(_Entry):
    """Everything that the Entra and Graph stand-in knows."""

    portal: Portal
    providers: tuple[Provider, ...]
    tenants: tuple[Tenant, ...]
    applications: tuple[Application, ...]

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        ids = [one.id for one in self.providers] + [one.id for one in self.tenants]
        apps = [one.app_id for one in self.applications]
        for kind, values in (("tenant", ids), ("application", apps)):
            if len(values) != len(set(values)):
                raise ValueError(f"two entries with one {kind} id")
        for application in self.applications:
            for tenant in (application.home_tenant, *application.tenants):
                if tenant not in ids:
                    raise ValueError(f"application {application.app_id} names the unknown tenant {tenant}")
        return self

    def tenant(self, name: str) -> Tenant | None:
        """The existing tenant (a provider's, too) with that id or verified domain, whatever the case."""
        wanted = name.lower()
        for tenant in self.tenants:
            if wanted == tenant.id or wanted in (domain.name.lower() for domain in tenant.domains):
                return tenant if tenant.exists else None
        for provider in self.providers:
            if wanted == provider.id:
                return Tenant.model_validate({"id": provider.id, "displayName": provider.display_name})
        return None

    def application(self, app_id: str) -> Application | None:
        """The app registration with that application (client) id."""
        return next((one for one in self.applications if one.app_id == app_id.lower()), None)

    def provider(self, name: str) -> Provider | None:
        """The provider with that id or display name, whatever the case."""
        wanted = name.lower()
        return next((one for one in self.providers if wanted in (one.id, one.display_name.lower())), None)


def load_directory(path: Path) -> Directory:
    """Reads the file; raises DirectoryError naming the faulty field."""
    try:
        return Directory.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DirectoryError(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DirectoryError(f"{path}: {field}: {first['msg']}") from None


class DirectoryFile:
    """The directory as the file says now.

    A file that stops being usable leaves the last good state in force.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = self._look()
        self._directory = load_directory(path)

    def _look(self) -> tuple[int, int, int] | None:
        try:
            seen = self.path.stat()
        except OSError:
            return None
        return seen.st_mtime_ns, seen.st_size, seen.st_ino

    def current(self) -> Directory:
        """The directory, read again when the file has changed; stderr says why a changed file is not used."""
        stamp = self._look()
        if stamp != self._stamp:
            try:
                self._directory = load_directory(self.path)
            except DirectoryError as error:
                print(f"entra: {error}; still using the version before", file=sys.stderr, flush=True)
            self._stamp = stamp
        return self._directory
