"""The help texts of a check: what a refusal means and what to do, with the precise path in the Entra admin centre.

AADSTS numbers are those of "Microsoft Entra authentication & authorization error codes"; they choose a text, never
a decision.
"""

from dataclasses import dataclass

OPEN_APP = "Open entra.microsoft.com > Entra ID > App registrations > All applications > your app."
OVERVIEW = "On Overview, copy {0} and paste it here."
CONSENT = "It takes a Privileged Role Administrator or a Global Administrator."
SECRETS = "Open Certificates & secrets > Client secrets."


@dataclass(frozen=True)
class Help:
    """One sentence of meaning, and numbered steps."""

    detail: str
    steps: tuple[str, ...]

    def naming(self, name: str) -> "Help":
        """The same help with what it is about put in."""
        return Help(self.detail.format(name), tuple(step.format(name) for step in self.steps))


TENANT_UNKNOWN = Help(
    "Microsoft knows no tenant with this ID.",
    (OPEN_APP, OVERVIEW.format("Directory (tenant) ID")),
)
TENANT_NOT_EXPECTED = Help(
    "This is not the Microsoft tenant that your provider has on file for your organisation.",
    (
        "Check the Directory (tenant) ID on the Overview page of your app registration.",
        "If it is right, the provider has another tenant on file for this customer, and can correct that.",
    ),
)
APPLICATION_UNKNOWN = Help(
    "There is no application with this ID in this tenant.",
    (
        OPEN_APP,
        OVERVIEW.format("Application (client) ID"),
        "Check that Directory (tenant) ID on the same page is the tenant that you entered.",
    ),
)
SECRET_WRONG = Help(
    "Microsoft does not accept this client secret for this application.",
    (
        OPEN_APP,
        SECRETS,
        "Use the secret's Value, not its Secret ID. The Value is shown only once, right after it was made.",
        "If you no longer have it, press New client secret, and use the new Value.",
    ),
)
SECRET_EXPIRED = Help(
    "This client secret has expired.",
    (OPEN_APP, SECRETS, "Press New client secret, and use the new Value."),
)
APPLICATION_DISABLED = Help(
    "This application is switched off.",
    (
        "Open entra.microsoft.com > Entra ID > Enterprise apps > your app > Properties.",
        "Set Enabled for users to sign-in to Yes, save, and try again.",
    ),
)
NO_SERVICE_PRINCIPAL = Help(
    "The application is not installed in this tenant: it has no service principal here.",
    (
        OPEN_APP,
        f"Open API permissions and press Grant admin consent; that installs the application. {CONSENT}",
        "Wait a minute, then try again.",
    ),
)
BLOCKED_BY_POLICY = Help(
    "A Conditional Access policy of your tenant blocks this application's sign-in.",
    (
        "Open entra.microsoft.com > Entra ID > Monitoring & health > Sign-in logs > Service principal sign-ins.",
        "Find the failed sign-in of this application, and exclude the application from the policy that blocked it.",
    ),
)
UNKNOWN_REFUSAL = Help(
    "Microsoft refused the sign-in of this application.",
    (
        "Compare the three values with the Overview and Certificates & secrets pages of your app registration.",
        "If they are right, look for the trace ID: Entra ID > Monitoring & health > Sign-in logs > Service principal "
        "sign-ins.",
    ),
)
RESOURCE_REFUSED = Help(
    "Microsoft gives this application no token for {0}.",
    (
        OPEN_APP,
        f"Open API permissions and press Grant admin consent. {CONSENT}",
        f"Assign the application the role Teams Administrator, then try again. {CONSENT}",
    ),
)
PERMISSIONS_MISSING = Help(
    "The application lacks permissions that the provider needs: {0}.",
    (
        OPEN_APP,
        "Open API permissions > Add a permission > Microsoft Graph > Application permissions, and add: {0}.",
        f"Press Grant admin consent, wait a minute, and try again. {CONSENT}",
    ),
)
ORGANIZATION_UNREADABLE = Help(
    "The application may not read your organisation's name and domains.",
    (
        OPEN_APP,
        "Open API permissions > Microsoft Graph > Application permissions, and add Organization.Read.All.",
        f"Press Grant admin consent, wait a minute, and try again. {CONSENT}",
    ),
)
ORGANIZATION_DIFFERS = Help(
    "Microsoft Graph answered for another organisation than the tenant that was entered.",
    (OPEN_APP, OVERVIEW.format("Directory (tenant) ID")),
)
ROLE_MISSING = Help(
    "The application does not hold the role Teams Administrator. It is needed before phone numbers can be managed.",
    (
        "Open entra.microsoft.com > Entra ID > Roles & admins > Teams Administrator > Add assignments.",
        f"Choose the application and press Add. {CONSENT}",
    ),
)
DOMAIN_DIFFERS = Help(
    "The invited address's domain is none of the tenant's verified domains.",
    (
        "Check that Directory (tenant) ID is the tenant of your own organisation.",
        "If it is, your provider can see that the domain differs, and can invite another address if need be.",
    ),
)
DOMAIN_UNKNOWN = Help(
    "Whether the invited address belongs to the tenant cannot be told.",
    ("Your provider can see this, and can invite another address if need be.",),
)
EXPIRY_UNKNOWN = Help(
    "When the secret expires is unknown: {0}",
    (
        "Enter the day on which the secret expires together with it: it stands beside the secret in the admin centre.",
        f"Or grant the application Application.Read.All, with admin consent. {CONSENT}",
    ),
)
SECRET_SEALED_AWAY = Help(
    "The stored client secret can no longer be opened on our side.",
    ("Ask whoever runs this service to look at its sealing keys.",),
)

BY_NUMBER = {
    90002: TENANT_UNKNOWN,
    900023: TENANT_UNKNOWN,
    700016: APPLICATION_UNKNOWN,
    7000215: SECRET_WRONG,
    7000222: SECRET_EXPIRED,
    7000112: APPLICATION_DISABLED,
    7000229: NO_SERVICE_PRINCIPAL,
    53003: BLOCKED_BY_POLICY,
}

RESOURCES = {  # Teams PowerShell, "Application-based authentication"
    "48ac35b8-9aa8-4d74-927d-1f4a14a0b239": "the Teams administration service",
}


def of_refusal(number: int | None) -> Help:
    """What helps against a refusal with that AADSTS number; one that we do not know is named for support."""
    if number in BY_NUMBER:
        return BY_NUMBER[number]
    named = f" Its error number is AADSTS{number}." if number else ""
    return Help(UNKNOWN_REFUSAL.detail + named, UNKNOWN_REFUSAL.steps)


def of_refused_resource(number: int | None, resources: str) -> Help:
    """What helps when the sign-in was accepted, and only these resources were refused."""
    return BLOCKED_BY_POLICY if BY_NUMBER.get(number or 0) is BLOCKED_BY_POLICY else RESOURCE_REFUSED.naming(resources)
