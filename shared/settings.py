"""Every setting of the app: read once from the environment, validated, frozen.

A missing or malformed setting stops the start. Its name is said, its value never is: it may be a secret.
"""

import base64
import binascii
import functools
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Json, ValidationError
from pydantic import model_validator as whole

from shared.patterns import ADDRESS, GUID

COLOR = re.compile(r"#[0-9a-fA-F]{6}")
MINIMUM_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3


class SettingsError(ValueError):
    """The app cannot start; the text names every setting that is missing or malformed, never a value."""


def _guid(value: str) -> str:
    if not GUID.fullmatch(value.lower()):
        raise ValueError("is not a GUID such as 11111111-2222-3333-4444-555555555555")
    return value.lower()


def _color(value: str) -> str:
    if not COLOR.fullmatch(value):
        raise ValueError("is not a colour such as #0f5ea8")
    return value.lower()


def _host(value: str) -> str:
    """An origin without a path: https, or http on this machine alone."""
    loopback = re.fullmatch(r"http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?", value)
    if not loopback and not re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]{1,5})?", value):
        raise ValueError("is not an https origin without a path, such as https://login.microsoftonline.com")
    return value


def _secure_host(value: str) -> str:
    if not _host(value).startswith("https://"):
        raise ValueError("must be https: client secrets go there")
    return value


def _address(value: str) -> str:
    if not ADDRESS.fullmatch(value):
        raise ValueError("is not an e-mail address")
    return value


def _connection(value: str) -> str:
    if not re.search(r"(^|;)(AccountName|TableEndpoint)=", value):
        raise ValueError("is not a connection string of Azure Storage")
    return value


def _sealing_keys(value: Any) -> Any:
    """``id:base64,id:base64``; the first key seals, all of them open."""
    if not isinstance(value, str):
        return value
    keys: dict[str, bytes] = {}
    for entry in value.split(","):
        name, _, encoded = entry.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,32}", name) or len(key) != 32:
            raise ValueError("must be id:key,id:key, each key 32 bytes in base64")
        if name in keys:
            raise ValueError("names a key twice")
        keys[name] = key
    return keys


Guid = Annotated[str, AfterValidator(_guid)]
Color = Annotated[str, AfterValidator(_color)]
Address = Annotated[str, AfterValidator(_address)]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True)


def _luminance(color: str) -> float:
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


class Colors(Frozen):
    accent: Color = "#0f5ea8"
    on_accent: Color = Field("#ffffff", alias="onAccent")

    @whole(mode="after")
    def _readable(self) -> Self:
        if contrast(self.accent, self.on_accent) < MINIMUM_CONTRAST:
            raise ValueError("accent and onAccent need a contrast of 4.5 to 1")
        return self


class Contact(Frozen):
    """Whom an admin calls when in doubt."""

    name: str = Field(min_length=1, max_length=100)
    email: Address | None = None
    phone: str | None = None


class ProviderState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class Provider(Frozen):
    """A voice service provider; ``id`` is its Entra tenant id and so the partition of all that it owns."""

    id: Guid
    name: str = Field(min_length=1, max_length=100)
    state: ProviderState = ProviderState.ACTIVE
    contact: Contact
    colors: Colors = Field(default_factory=Colors)

    @property
    def disabled(self) -> bool:
        """A disabled provider's people are refused; what it owes is still done."""
        return self.state is ProviderState.DISABLED


class Settings(Frozen):
    """The settings, by the names that they have in the environment."""

    providers: Json[tuple[Provider, ...]] = Field(alias="PROVIDERS")
    public_base_url: Annotated[str, AfterValidator(_host)] = Field(alias="PUBLIC_BASE_URL")
    authority_host: Annotated[str, AfterValidator(_secure_host)] = Field(
        "https://login.microsoftonline.com", alias="AUTHORITY_HOST"
    )
    graph_host: Annotated[str, AfterValidator(_secure_host)] = Field("https://graph.microsoft.com", alias="GRAPH_HOST")
    api_client_id: Guid = Field(alias="API_CLIENT_ID")
    portal_client_ids: Json[tuple[Guid, ...]] = Field(alias="PORTAL_CLIENT_IDS")
    sealing_keys: Annotated[dict[str, bytes], BeforeValidator(_sealing_keys)] = Field(alias="SEALING_KEYS")
    mail: str = Field(alias="MAIL", pattern=r"^(endpoint=https://[^;]+;accesskey=[A-Za-z0-9+/=]+|https://[^;]+)$")
    mail_sender: Address = Field(alias="MAIL_SENDER")
    sweep_schedule: str = Field(alias="SWEEP_SCHEDULE", min_length=1)  # read by the timer's binding
    invitation_lifetime: timedelta = Field(
        timedelta(days=7), alias="INVITATION_LIFETIME", ge=timedelta(hours=1), le=timedelta(days=30)
    )
    required_resources: Json[tuple[Guid, ...]] = Field((), alias="REQUIRED_RESOURCES")
    required_permissions: Json[tuple[str, ...]] = Field(("Organization.Read.All",), alias="REQUIRED_PERMISSIONS")

    data_connection: Annotated[str, AfterValidator(_connection)] | None = Field(None, alias="Data")
    data_table_uri: str | None = Field(None, alias="Data__tableServiceUri")
    data_client_id: str | None = Field(None, alias="Data__clientId")

    @whole(mode="after")
    def _complete(self) -> Self:
        if not self.providers:
            raise ValueError("PROVIDERS names no provider")
        if len({provider.id for provider in self.providers}) != len(self.providers):
            raise ValueError("PROVIDERS names an id twice")
        if not self.data_connection and not self.data_table_uri:
            raise ValueError("Data (a connection string) or Data__tableServiceUri is missing")
        return self

    def provider(self, provider_id: str) -> Provider | None:
        """The provider of that tenant id, whatever its state; None when it is not configured."""
        return next((provider for provider in self.providers if provider.id == provider_id), None)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in ``environment``. Raises SettingsError that names each faulty one."""
    names = [field.alias for field in Settings.model_fields.values() if field.alias]
    unresolved = sorted(n for n in names if environment.get(n, "").startswith("@Microsoft.KeyVault("))
    if unresolved:
        raise SettingsError(f"Settings: {', '.join(unresolved)}: the Key Vault reference was not resolved.")
    try:
        return Settings.model_validate({name: environment[name] for name in names if name in environment})
    except ValidationError as error:
        faults = error.errors(include_input=False, include_context=False, include_url=False)
        lines = [f"  {'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['msg']}" for fault in faults]
        raise SettingsError("Settings: the app cannot start.\n" + "\n".join(lines)) from None


@functools.cache
def settings() -> Settings:
    """The settings of this process, read at the first call."""
    return read_settings(os.environ)
