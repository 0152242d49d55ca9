"""What is stored of an app registration and of a check: shapes and states."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.texts import Words


class CredentialKind(StrEnum):
    """Certificates and federated credentials will join."""

    SECRET = "secret"  # noqa: S105 - the name of a kind


@dataclass(frozen=True)
class Credential:
    """How the app proves itself. ``sealed`` opens only for its provider and service; ``expires_on`` was typed."""

    kind: CredentialKind
    sealed: str
    expires_on: str | None = None


class ExpirySource(StrEnum):
    GRAPH = "graph"
    TYPED = "typed"


class DomainMatch(StrEnum):
    """Whether the invited address's domain is one of the tenant's verified domains."""

    MATCH = "match"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Findings:
    """What Entra and Graph told of a registration. ``expiry_unknown_why`` is a sentence where no date is known."""

    tenant_name: str | None = None
    verified_domains: tuple[str, ...] = ()
    application_name: str | None = None
    secret_hint: str | None = None
    secret_expires_on: datetime | None = None
    secret_expires_source: ExpirySource | None = None
    expiry_unknown_why: str | None = None
    permissions: tuple[str, ...] = ()
    directory_roles: tuple[str, ...] = ()
    domain_match: DomainMatch = DomainMatch.UNKNOWN


@dataclass(frozen=True)
class Registration:
    """An app registration of a customer's tenant. ``tenant`` is a GUID, or a domain until a check has resolved it.

    ``invited_address`` and ``channel`` tell whose invitation it came by; a later invitation changes neither. Once the
    address was erased it is None, and ``kept_domain`` has its domain.
    """

    tenant: str
    client_id: str
    credential: Credential
    invited_address: str | None
    channel: str
    submitted_at: datetime
    findings: Findings = Findings()
    kept_domain: str = ""

    @property
    def invited_domain(self) -> str:
        """The invited address's domain, in lower case."""
        return (self.invited_address or self.kept_domain).rpartition("@")[2].lower()


class Purpose(StrEnum):
    """Why a check runs; it decides which rule applies the outcome."""

    SUBMISSION = "submission"
    VALIDATION = "validation"
    COMPLETION = "completion"


class ItemName(StrEnum):
    """The items of a check, in the order in which they are looked at."""

    TENANT = "tenant"
    SIGN_IN = "sign-in"
    SERVICE_PRINCIPAL = "service-principal"
    RESOURCES = "resources"
    PERMISSIONS = "permissions"
    ORGANIZATION = "organization"
    DOMAIN = "domain"
    DIRECTORY_ROLES = "directory-roles"
    SECRET_EXPIRY = "secret-expiry"  # noqa: S105 - the name of an item


class ItemState(StrEnum):
    WAITING = "waiting"
    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Item:
    """One thing that a check looked at. ``steps`` say what to do, ``trace_id`` is for Microsoft's support."""

    name: ItemName
    state: ItemState
    detail: Words = ""
    steps: tuple[Words, ...] = ()
    trace_id: str | None = None


class Outcome(StrEnum):
    """``refused``: something required failed. ``unavailable``: Microsoft could not be asked, in time or at all."""

    PASSED = "passed"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Check:
    """A check, under way or done. ``id`` is its owed work's id.

    ``waiting_for`` says why Microsoft could not be asked, ``next_at`` when it is asked again.
    """

    id: str
    purpose: Purpose
    started_at: datetime
    finished_at: datetime | None = None
    outcome: Outcome | None = None
    waiting_for: Words | None = None
    attempts: int = 0
    items: tuple[Item, ...] = ()
    next_at: datetime | None = None

    @property
    def running(self) -> bool:
        return self.finished_at is None

    def ended(self, verdict: "Verdict", now: datetime) -> "Check":
        """The check with what it came to."""
        return replace(
            self,
            finished_at=now,
            outcome=verdict.outcome,
            waiting_for=None,
            attempts=verdict.attempts,
            items=verdict.items,
            next_at=None,
        )


@dataclass(frozen=True)
class Verdict:
    """What a finished check proves. ``tenant_id`` is the resolved GUID; only ``credentials_refused`` costs a try.

    ``attempts`` is how often Microsoft was asked until then.
    """

    outcome: Outcome
    items: tuple[Item, ...]
    findings: Findings = Findings()
    tenant_id: str | None = None
    credentials_refused: bool = False
    attempts: int = 1
