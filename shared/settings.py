"""Every setting of the app: read once from the environment, validated, frozen.

A missing or malformed setting stops the start. Its name is said, its value never is: it may be a secret. The start pays
for what this module imports, hence plain dataclasses (docs/decisions/0003-cold-start.md).
"""

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from shared import setting_values as values

MOST_A_WINDOW = 100_000


class SettingsError(ValueError):
    """The app cannot start; the text names every setting that is missing or malformed, never a value."""


@dataclass(frozen=True)
class Colors:
    """``#rrggbb``; text in ``on_accent`` on ``accent`` has a contrast of 4.5 to 1 at least."""

    accent: str = "#0f5ea8"
    on_accent: str = "#ffffff"


@dataclass(frozen=True)
class Contact:
    """Whom an admin calls when in doubt."""

    name: str
    email: str | None = None
    phone: str | None = None


class ProviderState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True)
class Provider:
    """A voice service provider; ``id`` is its Entra tenant id and so the partition of all that it owns."""

    id: str
    name: str
    contact: Contact
    state: ProviderState = ProviderState.ACTIVE
    colors: Colors = Colors()

    @property
    def disabled(self) -> bool:
        """A disabled provider's people are refused; what it owes is still done."""
        return self.state is ProviderState.DISABLED


@dataclass(frozen=True)
class Settings:
    """The settings. `SETTINGS` has their names in the environment, their forms and their defaults."""

    providers: tuple[Provider, ...]
    public_base_url: str
    authority_host: str
    graph_host: str
    api_client_id: str
    portal_client_ids: tuple[str, ...]
    sealing_keys: Mapping[str, bytes] = field(repr=False)
    mail: str = field(repr=False)
    mail_sender: str
    sweep_schedule: str
    invitation_lifetime: timedelta
    retention: timedelta
    mails_per_address_and_day: int
    checks_per_tenant_and_hour: int
    required_resources: tuple[str, ...]
    required_permissions: tuple[str, ...]
    required_items: tuple[str, ...]
    data_connection: str | None = field(repr=False)
    data_table_uri: str | None
    data_queue_uri: str | None
    data_client_id: str | None

    def provider(self, provider_id: str) -> Provider | None:
        """The provider of that tenant id, whatever its state; None when it is not configured."""
        return next((provider for provider in self.providers if provider.id == provider_id), None)


def _providers(text: str) -> tuple[Provider, ...]:
    providers = tuple(_provider(entry) for entry in values.json_list(text))
    if not providers:
        raise ValueError("names no provider")
    if len({provider.id for provider in providers}) != len(providers):
        raise ValueError("names an id twice")
    return providers


def _provider(entry: object) -> Provider:
    fields = values.members(entry, required=("id", "name", "contact"), optional=("state", "colors"))
    state = fields.get("state", ProviderState.ACTIVE.value)
    if state not in tuple(ProviderState):
        raise ValueError("has a state other than active or disabled")
    colors = values.members(fields.get("colors", {}), optional=("accent", "onAccent"))
    contact = values.members(fields["contact"], required=("name",), optional=("email", "phone"))
    return Provider(
        id=values.guid(fields["id"]),
        name=values.line(fields["name"]),
        contact=_contact(contact),
        state=ProviderState(state),
        colors=_colors(colors),
    )


def _contact(fields: Mapping[str, Any]) -> Contact:
    email, phone = fields.get("email"), fields.get("phone")
    return Contact(
        values.line(fields["name"]),
        None if email is None else values.address(email),
        None if phone is None else values.line(phone),
    )


def _colors(fields: Mapping[str, Any]) -> Colors:
    colors = Colors(
        values.color(fields.get("accent", Colors.accent)), values.color(fields.get("onAccent", Colors.on_accent))
    )
    if values.contrast(colors.accent, colors.on_accent) < values.MINIMUM_CONTRAST:
        raise ValueError("has an accent and an onAccent with a contrast below 4.5 to 1")
    return colors


@dataclass(frozen=True)
class Setting:
    """One setting: its field in `Settings`, its form, and the default text (None: it must be set)."""

    field: str
    parse: Callable[[str], Any]
    default: str | None = None


SETTINGS = {
    "PROVIDERS": Setting("providers", _providers),
    "PUBLIC_BASE_URL": Setting("public_base_url", values.origin),
    "AUTHORITY_HOST": Setting("authority_host", values.secure_origin, "https://login.microsoftonline.com"),
    "GRAPH_HOST": Setting("graph_host", values.secure_origin, "https://graph.microsoft.com"),
    "API_CLIENT_ID": Setting("api_client_id", values.guid),
    "PORTAL_CLIENT_IDS": Setting("portal_client_ids", values.guids),
    "SEALING_KEYS": Setting("sealing_keys", values.sealing_keys),
    "MAIL": Setting("mail", values.mail_service),
    "MAIL_SENDER": Setting("mail_sender", values.address),
    "SWEEP_SCHEDULE": Setting("sweep_schedule", values.line),  # read by the timer's binding
    "INVITATION_LIFETIME": Setting("invitation_lifetime", values.lifetime, "P7D"),
    "RETENTION": Setting("retention", values.retention, "P90D"),
    "MAILS_PER_ADDRESS_AND_DAY": Setting("mails_per_address_and_day", partial(values.number, most=MOST_A_WINDOW), "20"),
    "CHECKS_PER_TENANT_AND_HOUR": Setting(
        "checks_per_tenant_and_hour", partial(values.number, most=MOST_A_WINDOW), "60"
    ),
    "REQUIRED_RESOURCES": Setting("required_resources", values.guids, "[]"),
    "REQUIRED_PERMISSIONS": Setting("required_permissions", values.lines, '["Organization.Read.All"]'),
    "REQUIRED_ITEMS": Setting("required_items", values.check_items, '["resources", "permissions"]'),
}
STORAGE = {
    "Data": Setting("data_connection", values.storage_connection),
    "Data__tableServiceUri": Setting("data_table_uri", values.storage_address),
    "Data__queueServiceUri": Setting("data_queue_uri", values.storage_address),  # read by the queues' bindings
    "Data__clientId": Setting("data_client_id", values.guid),
}


def _unresolved(environment: Mapping[str, str]) -> list[str]:
    """What is wrong with settings of our storage that the bindings alone read, such as ``Data__credential``."""
    faults = []
    for name, text in environment.items():
        if name.startswith("Data__") and name not in STORAGE:
            try:
                values.resolved(text)
            except ValueError as error:
                faults.append(f"{name}: {error}")
    return faults


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in ``environment``. Raises SettingsError that names each faulty one."""
    faults = _unresolved(environment)
    read: dict[str, Any] = {}
    for name, setting in {**SETTINGS, **STORAGE}.items():
        text = environment.get(name, setting.default)
        if text is None:
            read[setting.field] = None
            if name not in STORAGE:
                faults.append(f"{name}: is missing")
            continue
        try:
            read[setting.field] = setting.parse(values.resolved(text))
        except ValueError as error:
            faults.append(f"{name}: {error}")
    if not read.get("data_connection") and not (read.get("data_table_uri") and read.get("data_queue_uri")):
        faults.append("Data: neither a connection string nor Data__tableServiceUri and Data__queueServiceUri")
    if faults:
        raise SettingsError(
            "\n".join(("These settings must be mended.", *(f"  {fault}" for fault in faults)))
        ) from None
    return Settings(**read)


@functools.cache
def settings() -> Settings:
    """The settings of this process, read at the first call."""
    return read_settings(os.environ)
