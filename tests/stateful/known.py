"""What the model knows of a service and of a customer. A new link or check is NEW until the table shows its name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

NEW = "new"
ENDED = {"cancelled", "disconnected"}
ANSWERABLE = {"pending", "validating"}
ANSWERED = {"authenticated", "accepted"}


@dataclass(frozen=True)
class Line:
    """A link: how it went out, and how and when it died."""

    channel: str
    end: str | None = None
    died: datetime | None = None


@dataclass(frozen=True)
class Proposal:
    tenant: str
    client: str
    address: str
    channel: str


@dataclass(frozen=True)
class Known:
    """A service with its invitation. ``submission`` and ``check`` are the ids of checks under way."""

    provider: str
    customer: str
    customer_name: str
    short_name: str
    address: str
    expires: datetime
    users: int
    links: Mapping[str, Line]
    version: int = 1
    state: str = "invited"
    status: str = "pending"
    number: int = 1
    tries: int = 0
    mail: str = "queued"
    mail_link: str = NEW
    mail_waits_for: str | None = None
    checks_wait_for: Mapping[str, str] = field(default_factory=dict)
    sent: int = 0
    asked: datetime | None = None
    proposal: Proposal | None = None
    registered: Proposal | None = None
    submission: str | None = None
    check: str | None = None
    purpose: str | None = None

    @property
    def waits(self) -> bool:
        """Whether the invitation is on the Pending Invitations page."""
        taken_back = self.status == "revoked" and self.registered is not None
        return self.status != "accepted" and self.state not in ENDED and not taken_back

    def opened(self, link: str, now: datetime) -> str:
        """What a link opens: "form", "confirmation", or the code that says why it opens nothing."""
        line, died = self.links.get(link), self.died(link, now)
        if line is None:
            return "invalid-link"
        if died is None:
            return "form"
        if line.end == "used" and self.status in ANSWERED:
            return "confirmation"
        if self.state in ENDED:
            return "link-cancelled"
        return f"link-{'replaced' if line.end == 'used' else line.end or 'expired'}"

    def died(self, link: str, now: datetime) -> datetime | None:
        late = self.status == "pending" and self.expires <= now
        return (self.links[link].died if link in self.links else None) or (self.expires if late else None)

    def dead(self, end: str, at: datetime, channel: str | None = None) -> dict[str, Line]:
        """The links after the living and the used ones (of a channel, or all) have come to that end."""
        return {
            name: replace(line, end=end, died=at)
            if line.end in (None, "used") and channel in (None, line.channel)
            else line
            for name, line in self.links.items()
        }

    def ended(self, status: str, end: str, at: datetime) -> "Known":
        """The invitation's end: links die, what was proposed is wiped."""
        return replace(self, status=status, links=self.dead(end, at), proposal=None, submission=None).followed()

    def followed(self) -> "Known":
        """Before *Add*, the service's state follows the invitation's."""
        if self.state in ("invited", "authenticated") and self.registered is None:
            return replace(self, state="authenticated" if self.status == "authenticated" else "invited")
        return self

    def mailed(self, ends: datetime, dead: dict[str, Line]) -> "Known":
        """A fresh mail is owed, with a fresh link."""
        return replace(
            self,
            status="pending",
            expires=ends,
            mail="queued",
            mail_link=NEW,
            mail_waits_for=None,
            links={**dead, NEW: Line("mail")},
            tries=0,
            proposal=None,
            submission=None,
            asked=None,
        ).followed()


@dataclass(frozen=True)
class Client:
    """A customer."""

    provider: str
    name: str
    tenant: str | None = None
    archived: bool = False
    version: int = 1
