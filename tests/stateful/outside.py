"""The services outside, pretended: the e-mail service and Microsoft keep what they got, and answer as they are told."""

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

from azure.core.exceptions import AzureError

from invitations.links import decode, digest
from invitations.mail import MailRefused, Message
from shared.settings import Settings
from shared.waiting import Later
from tests.stateful.table import Moments
from tests.unit.examined import evidence, token
from validation.evidence import Evidence, Organization, Refusal

IN_A_LETTER = re.compile(r"/invite#([A-Za-z0-9_-]{84})")
MAIL_ANSWERS = ("accepted", "accepted", "accepted", "refused", "busy", "throttled", "unheard", "forgotten")
CHECK_ANSWERS = ("passed", "passed", "passed", "refused", "refused", "lacking", "busy", "throttled", "broken")
BUSY, THROTTLED = "The service is busy.", "The service asks us to wait."
SECRET = "Kd7~sTq.ealed-"
VERIFIED = "contoso.com"


@dataclass
class Post:
    """The e-mail service. ``accepted`` counts each work's mails, ``letters`` are the tokens that went out.

    ``forgotten`` are works that it took and cannot remember; ``untold`` are those whose fate it once did not tell.
    """

    moments: Moments
    answer: str = "accepted"
    accepted: Counter[str] = field(default_factory=Counter)
    forgotten: set[str] = field(default_factory=set)
    untold: set[str] = field(default_factory=set)
    letters: list[str] = field(default_factory=list)

    def send(self, message: Message, _to: str, _reply_to: str | None, work_id: str) -> str:
        return str(self._asked(lambda: self._take(message, work_id)))

    def _take(self, message: Message, work_id: str) -> str:
        if self.answer == "refused":
            raise MailRefused("The e-mail service refused the e-mail (400).")
        self._be_busy(work_id)
        self.accepted[work_id] += 1
        self.letters += IN_A_LETTER.findall(message.text)
        if self.answer == "forgotten":
            self.forgotten.add(work_id)
        if self.answer in ("unheard", "forgotten"):
            raise _later()
        return f"message of {work_id}"

    def fate(self, work_id: str) -> str | None:
        return self._asked(lambda: self._tell(work_id))

    def _tell(self, work_id: str) -> str | None:
        self._be_busy(work_id)
        return f"message of {work_id}" if self.took(work_id) else None

    def took(self, work_id: str) -> bool:
        """What it says when it is asked for the operation."""
        return self.accepted[work_id] > 0 and work_id not in self.forgotten

    def _be_busy(self, work_id: str) -> None:
        if self.answer in ("busy", "throttled"):
            self.untold.add(work_id)
            raise _later(self.answer)

    def _asked(self, call: Callable[[], str | None]) -> str | None:
        try:
            return self.moments.pass_by(call, changes=False)  # type: ignore[no-any-return]
        except AzureError:
            raise Later("The e-mail service could not be reached.") from None


@dataclass
class Microsoft:
    """Entra and Graph. Each client secret that they are shown must be one that an administrator has typed."""

    moments: Moments
    answer: str = "passed"
    typed: set[str] = field(default_factory=set)

    def examine(
        self,
        _settings: Settings,
        tenant: str,
        _client_id: str,
        secret: str,
        pins: Collection[str],
        admit: Callable[[str], None],
    ) -> Evidence:
        admit(tenant)
        assert secret in self.typed
        try:
            self.moments.pass_by(lambda: None, changes=False)
        except AzureError:
            raise _later() from None
        return self._seen(tenant, secret, pins)

    def _seen(self, tenant: str, secret: str, pins: Collection[str]) -> Evidence:
        match self.answer:
            case "busy":
                raise _later()
            case "throttled":
                raise _later("throttled")
            case "broken":
                raise RuntimeError("an answer that nobody has foreseen")
        if any(pin != tenant for pin in pins):
            return Evidence(tenant, secret[:3])
        if self.answer == "refused":
            return Evidence(tenant, secret[:3], Refusal("invalid_client", 7000215, None))
        organization = Organization(tenant, "Contoso", (VERIFIED,))
        graph = token(tid=tenant, oid=None if self.answer == "lacking" else "service-principal")
        return evidence(tenant_id=tenant, graph=graph, organization=organization)


def _later(answer: str = "busy") -> Later:
    if answer == "throttled":
        return Later(THROTTLED, timedelta(minutes=1), throttled=True)
    return Later(BUSY)


def hash_of(text: str) -> str:
    """What the table keeps of a link's token."""
    return digest(decode(text))
