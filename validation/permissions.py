"""The Graph permissions that a registration is asked for: what each is good for, and what breaks without it."""

from collections.abc import Collection

from shared.texts import N_

OPTIONAL = "Application.Read.All"
REASONS = {
    "Organization.Read.All": N_("Read your organisation's name and its verified domains."),
    OPTIONAL: N_("Read when the client secret expires. You may leave this out; the date is then unknown."),
}
OTHER_REASON = N_("Needed to run the service.")
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
