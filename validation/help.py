"""The help texts of a check: what a refusal means and what to do, with the precise path in the Entra admin centre.

AADSTS numbers are those of "Microsoft Entra authentication & authorization error codes"; they choose a text, never
a decision.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.texts import N_, Given, Text, Words

READ_ORGANIZATION = "Organization.Read.All"

OPEN_APP = N_("Open entra.microsoft.com > Entra ID > App registrations > All applications > your app.")
COPY_TENANT_ID = N_("On “Overview”, copy “Directory (tenant) ID” and paste it below.")
SECRETS = N_("Open Certificates & secrets > Client secrets.")
NEW_SECRET = N_("Press “New client secret” > “Add”, and copy the new Value at once: it is shown only once.")
ADD_PERMISSIONS = N_(
    "Open API permissions > Add a permission > Microsoft Graph > Application permissions, and add: {permissions}."
)
GRANT_CONSENT = N_(
    "Press “Grant admin consent”, wait a minute, and try again. It takes a Privileged Role Administrator or a Global "
    "Administrator."
)
ASSIGN_ROLE = (
    N_("Open entra.microsoft.com > Entra ID > Roles & admins > Teams Administrator > Add assignments."),
    N_(
        "Choose your app, press “Add”, wait some minutes, and try again. Such rights are given by a Privileged Role "
        "Administrator or a Global Administrator."
    ),
)
SIGN_IN_LOGS = N_(
    "Open entra.microsoft.com > Entra ID > Monitoring & health > Sign-in logs > Service principal sign-ins. An entry "
    "appears there some minutes after the sign-in."
)


@dataclass(frozen=True)
class Help:
    """One sentence of meaning, and numbered steps."""

    detail: str
    steps: tuple[str, ...]
    given: Mapping[str, Given] = field(default_factory=dict)

    def naming(self, **given: Given) -> "Help":
        """The same help with what it is about put into its gaps."""
        return Help(self.detail, self.steps, given)

    @property
    def told(self) -> Words:
        """The sentence as it is stored."""
        return self._filled(self.detail)

    @property
    def to_do(self) -> tuple[Words, ...]:
        """The steps as they are stored."""
        return tuple(map(self._filled, self.steps))

    def _filled(self, message: str) -> Words:
        given = {name: what for name, what in self.given.items() if f"{{{name}}}" in message}
        return Text(message, given) if given else message


TENANT_UNKNOWN = Help(
    N_("Microsoft knows no tenant with this ID."),
    (OPEN_APP, COPY_TENANT_ID),
)
TENANT_NOT_EXPECTED = Help(
    N_("This is not the Microsoft tenant that the provider has on file for the organisation."),
    (
        N_("Check “Directory (tenant) ID” on the page “Overview” of your app registration."),
        N_("If it is right, the provider has another tenant on file for this customer, and can correct that."),
    ),
)
APPLICATION_UNKNOWN = Help(
    N_("There is no application with this ID in this tenant."),
    (
        OPEN_APP,
        N_("On “Overview”, copy “Application (client) ID” and paste it below."),
        N_("Check that “Directory (tenant) ID” on the same page belongs to the tenant that you entered."),
    ),
)
SECRET_WRONG = Help(
    N_("Microsoft does not accept this client secret for this application."),
    (
        OPEN_APP,
        SECRETS,
        N_("Use the secret's Value, not its Secret ID."),
        N_("If you no longer have it: press “New client secret” > “Add”, and copy the new Value at once."),
    ),
)
SECRET_EXPIRED = Help(
    N_("This client secret has expired."),
    (OPEN_APP, SECRETS, NEW_SECRET),
)
APPLICATION_DISABLED = Help(
    N_("This application is switched off."),
    (
        N_("Open entra.microsoft.com > Entra ID > Enterprise apps > your app > Properties."),
        N_("Set “Enabled for users to sign-in” to “Yes”, save, and try again."),
    ),
)
NO_SERVICE_PRINCIPAL = Help(
    N_("The application is not installed in this tenant: it has no service principal here."),
    (
        OPEN_APP,
        N_(
            "Open API permissions and press “Grant admin consent”; that installs your app. It takes a Privileged Role "
            "Administrator or a Global Administrator."
        ),
        N_("Wait a minute, then try again."),
    ),
)
BLOCKED_BY_POLICY = Help(
    N_("A Conditional Access policy of the tenant blocks this application's sign-in."),
    (
        N_(
            "Ask whoever looks after your Conditional Access policies first: an exception takes the role Conditional "
            "Access Administrator."
        ),
        SIGN_IN_LOGS,
        N_("Open the entry of the failed sign-in and its tab “Conditional Access”: it names the policy."),
        N_(
            "Open Entra ID > Conditional Access > Policies > the policy > Assignments (workload identities) > Exclude, "
            "choose your app, and save."
        ),
        N_("Enter the client secret again below, and press “Start authentication”."),
    ),
)
UNKNOWN_REFUSAL = Help(
    N_("Microsoft refused the sign-in of this application."),
    (
        N_("Compare the three values with “Overview” and “Certificates & secrets” of your app registration."),
        SIGN_IN_LOGS,
        N_("Filter by “Request ID” for the trace ID shown here, open the entry, and read “Failure reason”."),
        N_("If that does not help, send your provider this message, its error number and the trace ID."),
    ),
)
NUMBERED_REFUSAL = Help(
    N_("Microsoft refused the sign-in of this application. Its error number is {number}."),
    UNKNOWN_REFUSAL.steps,
)
RESOURCE_REFUSED = Help(
    N_("Microsoft gives this application no token for {resources}."),
    (
        OPEN_APP,
        N_("Open API permissions, check that Organization.Read.All is listed, and press “Grant admin consent”."),
        *ASSIGN_ROLE,
    ),
)
PERMISSIONS_MISSING = Help(
    N_("The application lacks permissions that the provider needs: {permissions}."),
    (
        OPEN_APP,
        ADD_PERMISSIONS,
        GRANT_CONSENT,
    ),
)
ORGANIZATION_UNREADABLE = Help(
    N_("The application may not read the organisation's name and domains."),
    (OPEN_APP, ADD_PERMISSIONS, GRANT_CONSENT),
).naming(permissions=READ_ORGANIZATION)
ORGANIZATION_FOLLOWS = Help(
    N_("This follows from the missing permission {permissions}."),
    (),
).naming(permissions=READ_ORGANIZATION)
ORGANIZATION_DIFFERS = Help(
    N_("Microsoft Graph answered for another organisation than the tenant that was entered."),
    (OPEN_APP, COPY_TENANT_ID),
)
ROLE_MISSING = Help(
    N_("The application does not hold the role Teams Administrator. It is needed to manage phone numbers."),
    ASSIGN_ROLE,
)
DOMAIN_DIFFERS = Help(
    N_("The invited address's domain is none of the tenant's verified domains."),
    (
        N_("Check that “Directory (tenant) ID” belongs to your own organisation."),
        N_("If it does, your provider can see that the domain differs, and can invite another address if need be."),
    ),
)
DOMAIN_UNKNOWN = Help(
    N_("Whether the invited address belongs to the tenant cannot be told."),
    (N_("Your provider can see this, and can invite another address if need be."),),
)
EXPIRY_UNKNOWN = Help(
    N_("When the secret expires is unknown: {why}"),
    (
        N_(
            "Enter the day on which the secret expires together with it: it stands beside the secret in the Entra "
            "admin centre."
        ),
        N_(
            "Or grant your app Application.Read.All, with admin consent. It takes a Privileged Role "
            "Administrator or a Global Administrator."
        ),
    ),
)
SECRET_SEALED_AWAY = Help(
    N_("The stored client secret can no longer be opened on our side."),
    (N_("Ask whoever runs this service to look at its sealing keys."),),
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
    "48ac35b8-9aa8-4d74-927d-1f4a14a0b239": N_("the Teams administration service"),
}


def of_refusal(number: int | None) -> Help:
    """What helps against a refusal with that AADSTS number; one that we do not know is named for support."""
    if number in BY_NUMBER:
        return BY_NUMBER[number]
    return NUMBERED_REFUSAL.naming(number=f"AADSTS{number}") if number else UNKNOWN_REFUSAL


def of_refused_resource(number: int | None, resources: Iterable[str]) -> Help:
    """What helps when the sign-in was accepted, and only these resources were refused."""
    if BY_NUMBER.get(number or 0) is BLOCKED_BY_POLICY:
        return BLOCKED_BY_POLICY
    return RESOURCE_REFUSED.naming(resources=named(resources))


def named(resources: Iterable[str]) -> Given:
    """Resources by the names that we know, as they stand in a sentence."""
    names = list(resources)
    if len(names) == 1 and names[0] in RESOURCES:
        return Text(RESOURCES[names[0]])
    return ", ".join(names)
