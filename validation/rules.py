"""What a check proves: judges the evidence from Entra and Graph, and decides when to ask again. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

from onboarding.records import Service
from shared.due import Due
from shared.texts import N_, Day, Text, Words, text_of
from shared.waiting import Patience
from validation import help as texts
from validation.evidence import ApplicationRecord, Evidence, Organization, Refusal, Token, Unreadable
from validation.help import Help
from validation.records import (
    Check,
    DomainMatch,
    ExpirySource,
    Findings,
    Item,
    ItemName,
    ItemState,
    Outcome,
    Registration,
    Verdict,
)

TEAMS_ADMINISTRATOR = "69091246-20e8-4a56-aa4d-066075b2a7a8"  # "Microsoft Entra built-in roles"
ROLE_NAMES = {TEAMS_ADMINISTRATOR: "Teams Administrator"}
EXPIRES_SOON = timedelta(days=30)
PATIENCE = Patience(
    attempts=20, first_pause=timedelta(seconds=5), longest_pause=timedelta(minutes=5), age=timedelta(hours=1)
)

# What another company's tenant can make us store: a row may hold two registrations in one column of 64 KiB (UTF-16).
# A tenant has up to 5,000 domains ("Microsoft Entra service limits"): all are compared, these are kept to be read.
DOMAINS_KEPT, NAMES_KEPT, CHARACTERS_KEPT = 20, 100, 2_000


@dataclass(frozen=True)
class Requirements:
    """What the provider asks of a registration; ``pins`` are the tenants that it must be of, where any is known.

    ``items`` are the optional items that must pass; any other one only warns.
    """

    items: tuple[str, ...]
    permissions: tuple[str, ...]
    pins: frozenset[str]
    invited_domain: str
    typed_expiry: str | None


@dataclass(frozen=True)
class Subject:
    """What a piece of owed work is to check."""

    registration: Registration
    check: Check


def subject(service: Service, due: Due) -> Subject | None:
    """The registration that this work checks; None when nobody waits for it any more."""
    pairs = ((service.invitation.check, service.invitation.proposal), (service.check, service.registration))
    for check, registration in pairs:
        if check is not None and registration is not None and check.id == due.work_id and check.running:
            return Subject(registration, check)
    return None


def judge(evidence: Evidence, wanted: Requirements, now: datetime) -> Verdict:
    """The items in order, up to the first definitive no; passed when none failed."""
    items = tuple(_items(evidence, wanted, now))
    failed = any(item.state is ItemState.FAILED for item in items)
    refused = evidence.tenant_id is None or isinstance(evidence.graph, Refusal)
    outcome = Outcome.REFUSED if failed else Outcome.PASSED
    return Verdict(outcome, items, _findings(evidence, wanted, now), evidence.tenant_id, refused)


def _items(evidence: Evidence, wanted: Requirements, now: datetime) -> Iterator[Item]:
    yield _tenant(evidence, wanted)
    graph = evidence.graph
    if graph is None:
        return
    if isinstance(graph, Refusal):
        yield _refused(ItemName.SIGN_IN, graph, texts.of_refusal(graph.number))
        return
    yield Item(ItemName.SIGN_IN, ItemState.PASSED, N_("Microsoft accepts the application and its secret."))
    yield _service_principal(graph, evidence.tenant_id)
    if evidence.resources:
        yield _resources(evidence, wanted)
    permissions = _permissions(graph, wanted)
    yield permissions
    if evidence.organization is not None:
        told = permissions.state is ItemState.FAILED and texts.READ_ORGANIZATION in _missing(graph, wanted)
        yield _organization(evidence.organization, evidence.tenant_id, told)
    yield _domain(evidence, wanted)
    yield _directory_roles(graph, wanted)
    yield _expiry_item(evidence, wanted, now)


def _tenant(evidence: Evidence, wanted: Requirements) -> Item:
    if evidence.tenant_id is None:
        return failed(ItemName.TENANT, texts.TENANT_UNKNOWN)
    if not right_tenant(evidence.tenant_id, wanted.pins):
        return failed(ItemName.TENANT, texts.TENANT_NOT_EXPECTED)
    return Item(ItemName.TENANT, ItemState.PASSED, N_("Microsoft knows this tenant."))


def right_tenant(tenant_id: str, pins: Collection[str]) -> bool:
    """Whether the customer's pin and the service's own tenant, where there are any, are this tenant."""
    return all(pin == tenant_id for pin in pins)


def _service_principal(token: Token, tenant_id: str | None) -> Item:
    """A token without ``oid`` comes from an application that is not installed in the tenant."""
    if not token.text("oid") or token.text("tid") != tenant_id:
        return failed(ItemName.SERVICE_PRINCIPAL, texts.NO_SERVICE_PRINCIPAL)
    return Item(ItemName.SERVICE_PRINCIPAL, ItemState.PASSED, N_("The application is installed in this tenant."))


def _resources(evidence: Evidence, wanted: Requirements) -> Item:
    refused = {name: answer for name, answer in evidence.resources.items() if isinstance(answer, Refusal)}
    if refused:
        first = next(iter(refused.values()))
        help_ = texts.of_refused_resource(first.number, refused)
        return replace(_short(ItemName.RESOURCES, help_, wanted), trace_id=first.trace_id)
    reached = Text(N_("The application reaches {resources}."), {"resources": texts.named(evidence.resources)})
    return Item(ItemName.RESOURCES, ItemState.PASSED, reached)


def _permissions(token: Token, wanted: Requirements) -> Item:
    if missing := _missing(token, wanted):
        return _short(ItemName.PERMISSIONS, texts.PERMISSIONS_MISSING.naming(permissions=", ".join(missing)), wanted)
    return Item(ItemName.PERMISSIONS, ItemState.PASSED, N_("The application has the permissions that are needed."))


def _missing(token: Token, wanted: Requirements) -> list[str]:
    return [name for name in wanted.permissions if name not in token.texts("roles")]


def _organization(answer: Organization | Unreadable, tenant_id: str | None, told: bool) -> Item:
    """``told``: the permissions' item has said already what is missing, and what to do."""
    if isinstance(answer, Unreadable) and told:
        return failed(ItemName.ORGANIZATION, texts.ORGANIZATION_FOLLOWS)
    if isinstance(answer, Unreadable):
        item = failed(ItemName.ORGANIZATION, texts.ORGANIZATION_UNREADABLE)
        return replace(item, trace_id=answer.trace_id)
    if answer.id != tenant_id:
        return failed(ItemName.ORGANIZATION, texts.ORGANIZATION_DIFFERS)
    return Item(ItemName.ORGANIZATION, ItemState.PASSED, N_("The organisation's name and domains could be read."))


def _domain(evidence: Evidence, wanted: Requirements) -> Item:
    organization = evidence.organization if isinstance(evidence.organization, Organization) else None
    match domain_match(organization, wanted.invited_domain):
        case DomainMatch.MATCH:
            words = N_("The invited address's domain is one of the tenant's verified domains.")
            return Item(ItemName.DOMAIN, ItemState.PASSED, words)
        case DomainMatch.DIFFERS:
            return _short(ItemName.DOMAIN, texts.DOMAIN_DIFFERS, wanted)
        case DomainMatch.UNKNOWN:
            return _short(ItemName.DOMAIN, texts.DOMAIN_UNKNOWN, wanted)


def _directory_roles(token: Token, wanted: Requirements) -> Item:
    if TEAMS_ADMINISTRATOR not in token.texts("wids"):
        return _short(ItemName.DIRECTORY_ROLES, texts.ROLE_MISSING, wanted)
    return Item(ItemName.DIRECTORY_ROLES, ItemState.PASSED, N_("The application holds the role Teams Administrator."))


def _expiry_item(evidence: Evidence, wanted: Requirements, now: datetime) -> Item:
    ends, _, why = secret_expiry(evidence, wanted, now)
    if ends is None:
        return _short(ItemName.SECRET_EXPIRY, texts.EXPIRY_UNKNOWN.naming(why=Text(why or "")), wanted)
    day = {"day": Day(ends.date())}
    if ends - now < EXPIRES_SOON:
        return Item(
            ItemName.SECRET_EXPIRY,
            ItemState.WARNING,
            Text(N_("The secret expires on {day}. Renew it in time."), day),
            (texts.OPEN_APP, texts.SECRETS, N_("Make a new one before that day, and keep its Value ready.")),
        )
    return Item(ItemName.SECRET_EXPIRY, ItemState.PASSED, Text(N_("The secret is valid until {day}."), day))


def failed(name: ItemName, help_: Help) -> Item:
    return Item(name, ItemState.FAILED, help_.told, help_.to_do)


def _short(name: ItemName, help_: Help, wanted: Requirements) -> Item:
    """An optional item that falls short: a failure where the provider requires it, else a warning."""
    return replace(failed(name, help_), state=ItemState.FAILED if name in wanted.items else ItemState.WARNING)


def _refused(name: ItemName, refusal: Refusal, help_: Help) -> Item:
    return replace(failed(name, help_), trace_id=refusal.trace_id)


# Findings


def _findings(evidence: Evidence, wanted: Requirements, now: datetime) -> Findings:
    organization = evidence.organization if isinstance(evidence.organization, Organization) else None
    application = evidence.application if isinstance(evidence.application, ApplicationRecord) else None
    token = evidence.graph if isinstance(evidence.graph, Token) else None
    ends, source, why = secret_expiry(evidence, wanted, now)
    return Findings(
        tenant_name=(organization.name or None) if organization else None,
        verified_domains=_domains(organization, wanted.invited_domain) if organization else (),
        application_name=(application.name or None) if application else None,
        secret_hint=evidence.hint,
        secret_expires_on=ends,
        secret_expires_source=source,
        expiry_unknown_why=why,
        permissions=_kept(token.texts("roles")) if token else (),
        directory_roles=_kept(tuple(ROLE_NAMES.get(role, role) for role in token.texts("wids"))) if token else (),
        domain_match=domain_match(organization, wanted.invited_domain),
    )


def _domains(organization: Organization, own: str) -> tuple[str, ...]:
    """The domains to be read, first the invited address's own."""
    return _kept(sorted(organization.verified_domains, key=lambda name: name != own))[:DOMAINS_KEPT]


def _kept(names: Sequence[str]) -> tuple[str, ...]:
    """The first of them, as many as there is room for."""
    ends = accumulate(map(len, names))
    return tuple(name for name, end in zip(names, ends, strict=True) if end <= CHARACTERS_KEPT)[:NAMES_KEPT]


def domain_match(organization: Organization | None, domain: str) -> DomainMatch:
    """Whether the invited address's domain is one of the tenant's verified domains."""
    if organization is None or not organization.verified_domains:
        return DomainMatch.UNKNOWN
    return DomainMatch.MATCH if domain in organization.verified_domains else DomainMatch.DIFFERS


def secret_expiry(
    evidence: Evidence, wanted: Requirements, now: datetime
) -> tuple[datetime | None, ExpirySource | None, str | None]:
    """The secret's end, who says so, or why nobody knows.

    Graph knows secrets by their first three characters; where two share them, the earlier end counts.
    One that has ended cannot be the one that has just signed in.
    """
    application = evidence.application
    if isinstance(application, ApplicationRecord):
        ends = [secret.ends for secret in application.secrets if secret.hint == evidence.hint and secret.ends > now]
        if ends:
            return min(ends), ExpirySource.GRAPH, None
    typed = _day(wanted.typed_expiry)
    if typed is not None and typed > now:
        return typed, ExpirySource.TYPED, None
    if typed is not None:
        return None, None, N_("the day that was typed has passed, and the secret still works.")
    if isinstance(application, Unreadable):
        return None, None, N_("the application may not read its own secrets (that needs Application.Read.All).")
    if application is None:
        return None, None, N_("the application's record is not kept in this tenant.")
    return None, None, N_("Microsoft lists no secret that begins like this one.")


def _day(typed: str | None) -> datetime | None:
    return datetime.combine(date.fromisoformat(typed), time.max, UTC).replace(microsecond=0) if typed else None


def sealed_away() -> Verdict:
    """The verdict when the stored secret cannot be opened any more: our fault, so Microsoft has refused nothing."""
    return Verdict(Outcome.UNAVAILABLE, (failed(ItemName.SIGN_IN, texts.SECRET_SEALED_AWAY),))


def given_up(words: Words) -> Verdict:
    """The verdict when Microsoft could not be asked for too long."""
    told = Text(N_("{words} We tried for a while; please try again later."), {"words": text_of(words)})
    return Verdict(Outcome.UNAVAILABLE, (Item(ItemName.SIGN_IN, ItemState.FAILED, told),))


def ask_again(words: Words) -> Text:
    """What a running check waits for, where Microsoft could not be asked yet."""
    return Text(N_("{words} We ask again by ourselves."), {"words": text_of(words)})


def credential_place(provider: str, service_id: str) -> tuple[str, ...]:
    """What a sealed secret is bound to: its purpose, provider, service and field (see `shared.sealing`)."""
    return ("client-secret", provider, service_id, "credential.value")
