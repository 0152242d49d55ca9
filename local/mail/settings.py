"""What a test may switch in the e-mail service: what is documented nowhere, and what depends on the account."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from local.mail.message import MailAddress

# What a mail's error says when the service gave it up, as people quote it (firezone/firezone); there is no public list
# of codes (Azure/azure-sdk-for-net issue 56805).
DROPPED = "EmailDropped"

# EmailSendStatus of "Email - Get Send Result (REST)".
type Status = Literal["NotStarted", "Running", "Succeeded", "Failed", "Canceled"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


class Outcome(_Part):
    """What becomes of a mail: only one that is to succeed is delivered. `code` and `message` say why not."""

    status: Status
    code: str = DROPPED
    message: str = "Email was dropped after several attempts to deliver."


class Quota(_Part):
    """At most `limit` requests in any `seconds`."""

    limit: Annotated[int, Field(ge=1, le=10_000)]
    seconds: Annotated[float, Field(gt=0, le=86_400)]


class Quotas(_Part):
    """The account's quotas for sends and for status reads; a request must fit in each of its kind."""

    send: tuple[Quota, ...] = ()
    status: tuple[Quota, ...] = ()


# "Service limits for Azure Communication Services", Email, Rate Limits: what an account begins with.
DOCUMENTED_QUOTAS = {
    "customDomain": Quotas(
        send=(Quota(limit=30, seconds=60), Quota(limit=100, seconds=3600)),
        status=(Quota(limit=60, seconds=60), Quota(limit=200, seconds=3600)),
    ),
    "azureManagedDomain": Quotas(
        send=(Quota(limit=5, seconds=60), Quota(limit=10, seconds=3600)),
        status=(Quota(limit=10, seconds=60), Quota(limit=20, seconds=3600)),
    ),
}


class Settings(_Part):
    """The switches; what a request leaves out takes its default.

    `repeated`: what a known Operation-Id does, which is documented nowhere. It sends `again`, sends `once`, or is
    a `conflict` (409). `senders`: the account's sender addresses; null takes any. `quotas`: a documented set by its
    name, or one's own. `outcomes`: what becomes of mails to an address, instead of their delivery. `anyDate` takes
    signatures of any date: from hosts whose clocks were moved further than the 15 minutes of grace.
    """

    repeated: Literal["again", "once", "conflict"] = "again"
    senders: list[MailAddress] | None = None
    quotas: Literal["customDomain", "azureManagedDomain"] | Quotas | None = None
    outcomes: dict[MailAddress, Outcome] = Field(default_factory=dict)
    any_date: bool = False

    @property
    def limits(self) -> Quotas:
        """The quotas in force."""
        if isinstance(self.quotas, str):
            return DOCUMENTED_QUOTAS[self.quotas]
        return self.quotas or Quotas()

    def outcome(self, recipients: list[str]) -> Outcome | None:
        """What becomes of a mail to these addresses; None when it is delivered."""
        listed = {address.lower(): outcome for address, outcome in self.outcomes.items()}
        outcomes = (listed.get(address.lower()) for address in recipients)
        return next((one for one in outcomes if one is not None and one.status != "Succeeded"), None)
