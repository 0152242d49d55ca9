"""What a registration is asked for: Graph permissions and a directory role, what each is good for and what breaks."""

from collections.abc import Collection

from shared.settings import Settings
from shared.texts import N_
from validation.records import ItemName

OPTIONAL = "Application.Read.All"
REASONS = {
    "Organization.Read.All": N_("Read your organisation's name and its verified domains."),
    OPTIONAL: N_(
        "Read all app registrations of the tenant. It is used here only to read when the client secret expires. You "
        "may leave it out; the date is then unknown."
    ),
}
OTHER_REASON = N_("Needed to run the service.")
ROLE = N_("Teams Administrator")
ROLE_REASON = N_(
    "Manage Teams telephony, such as phone numbers. This is a directory role for all of Teams; a Privileged Role "
    "Administrator or a Global Administrator assigns it to the app."
)
BREAKS = {
    "Organization.Read.All": "Without it the tenant's name and verified domains cannot be read, and no check passes.",
    OPTIONAL: "Without it Microsoft does not tell when the client secret expires. Everything else works.",
}
OTHER_BREAKS = "It is needed to run the service; what uses it will be refused by Microsoft."


def asked_for(required: Collection[str]) -> tuple[str, ...]:
    """The permissions that an administrator is asked for: the required ones, then the optional one."""
    return tuple(dict.fromkeys((*required, OPTIONAL)))


def missing(required: Collection[str], granted: Collection[str]) -> dict[str, str]:
    """What was asked for and is not granted, each with what breaks without it."""
    return {name: BREAKS.get(name, OTHER_BREAKS) for name in asked_for(required) if name not in granted}


def reason(name: str) -> str:
    """Why an administrator is asked for this permission, to be said in the reader's language."""
    return REASONS.get(name, OTHER_REASON)


def needs_role(settings: Settings) -> bool:
    """Whether an item that must pass needs the directory role; the Teams service gives nothing without it."""
    asks = bool(settings.required_resources) and ItemName.RESOURCES in settings.required_items
    return asks or ItemName.DIRECTORY_ROLES in settings.required_items
