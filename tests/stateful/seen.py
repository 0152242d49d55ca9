"""What stands in the table, read whole, and how it compares with what the model knows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from onboarding.records import Customer, Event, Service
from shared.due import Due, from_row
from shared.languages.translations import ENGLISH
from shared.rows import Row
from shared.store import Store
from shared.stored import from_json
from tests.stateful.known import NEW, Client, Known, Line, Proposal
from tests.stateful.model import Model
from validation.records import Check, Registration

DEAD_LINKS_KEPT = 20


@lru_cache(50_000)
def parsed[R](kind: type[R], text: str) -> R:
    return from_json(kind, text)


@dataclass(frozen=True)
class Seen:
    """All rows of some providers, by their partition and key."""

    rows: dict[tuple[str, str], Row]

    @classmethod
    def of(cls, store: Store, providers: Iterable[str]) -> "Seen":
        return cls({(provider, row.key): row for provider in providers for row in store.scan(provider, "", "~")})

    def of_kind(self, kind: str) -> dict[tuple[str, str], Row]:
        return {place: row for place, row in self.rows.items() if place[1].startswith(f"{kind}:")}

    @cached_property
    def services(self) -> dict[str, Service]:
        """By their full names, which nobody changes here."""
        found = [parsed(Service, row.body) for row in self.of_kind("service").values()]
        return {service.full_name: service for service in found}

    @cached_property
    def customers(self) -> dict[str, Customer]:
        found = [parsed(Customer, row.body) for row in self.of_kind("customer").values()]
        return {customer.id: customer for customer in found}

    @cached_property
    def dues(self) -> list[Due]:
        return [from_row(row) for row in self.of_kind("due").values()]

    def events(self, subject: str) -> list[Event]:
        found = self.of_kind(f"event:{subject}")
        return [parsed(Event, found[place].body) for place in sorted(found)]


class Differs(Exception):
    """The table does not show what the model says."""


def bound(model: Model, seen: Seen, slack: int) -> Model:
    """The model with the names that the table gave to what is new. Raises Differs.

    ``slack`` is how many transitions more than foretold a service may have made: those that only say something.
    """
    clients = _bound_clients(model, seen)
    if set(model.services) != set(seen.services):
        raise Differs(f"services: {sorted(model.services)} foretold, {sorted(seen.services)} seen")
    services = {label: _bound_service(label, one, seen.services[label], slack) for label, one in model.services.items()}
    return Model(services, clients, dict(model.requests))


def _bound_clients(model: Model, seen: Seen) -> dict[str, Client]:
    shown = {
        one.id: Client("", one.name, one.tenant_id, one.archived_at is not None, one.version)
        for one in seen.customers.values()
    }
    ids = {one.name: one.id for one in seen.customers.values() if one.id not in model.clients}
    clients = {ids.get(one.name, key) if key.startswith(NEW) else key: one for key, one in model.clients.items()}
    foretold = {key: replace(one, provider="") for key, one in clients.items()}
    if foretold != shown:
        raise Differs(f"customers: {foretold} foretold, {shown} seen")
    return clients


def _bound_service(label: str, one: Known, service: Service, slack: int) -> Known:
    invitation = service.invitation
    expected = replace(
        one,
        version=service.version,
        customer_name=service.customer_name,
        mail_waits_for=service.invitation.mail.waiting_for,
        checks_wait_for=_waits(service),
        links=_bound_links(label, one, service),
        submission=_bound_check(one.submission, invitation.check),
        check=_bound_check(one.check, service.check),
    )
    if one.mail_link == NEW:
        expected = replace(expected, mail_link=next(iter(set(expected.links) - set(one.links)), NEW))
    shown = _shown(service, expected)
    if shown != expected or not 0 <= service.version - one.version <= slack:
        pairs = [(name, getattr(one, name), getattr(shown, name)) for name in Known.__dataclass_fields__]
        told = [f"{name} {mine!r} foretold, {theirs!r} seen" for name, mine, theirs in pairs if mine != theirs]
        raise Differs(f"{label}: {'; '.join(told)}")
    return expected


def _bound_links(label: str, one: Known, service: Service) -> dict[str, Line]:
    fresh = [link.hash for link in service.invitation.links if link.hash not in one.links]
    links = {fresh[0] if name == NEW and fresh else name: line for name, line in one.links.items()}
    shown = {
        link.hash: Line(link.channel.value, link.why.value if link.why else None, link.died_at)
        for link in service.invitation.links
    }
    forgotten = set(links) - set(shown)
    dead = [line for line in shown.values() if line.end]
    if forgotten and (len(dead) != DEAD_LINKS_KEPT or any(links[name].end is None for name in forgotten)):
        raise Differs(f"{label}: links {links} foretold, {shown} seen")
    return {name: line for name, line in links.items() if name in shown}


def _bound_check(foretold: str | None, check: Check | None) -> str | None:
    return check.id if foretold == NEW and check is not None and check.running else foretold


def _shown(service: Service, expected: Known) -> Known:
    invitation = service.invitation
    running = service.check if service.check and service.check.running else None
    submission = invitation.check if invitation.check and invitation.check.running else None
    return Known(
        provider=service.provider,
        customer=service.customer_id,
        customer_name=service.customer_name,
        short_name=service.short_name,
        address=invitation.admin_email or "",
        expires=invitation.expires_at,
        users=service.licensed_users,
        links={
            link.hash: Line(link.channel.value, link.why.value if link.why else None, link.died_at)
            for link in invitation.links
        },
        version=service.version,
        state=service.state.value,
        status=invitation.status.value,
        number=invitation.number,
        tries=invitation.tries,
        mail=invitation.mail.state.value,
        mail_link=expected.mail_link,
        mail_waits_for=expected.mail_waits_for,
        checks_wait_for=expected.checks_wait_for,
        sent=invitation.mail.count,
        asked=invitation.link_requested_at,
        proposal=_proposal(invitation.proposal),
        registered=_proposal(service.registration),
        submission=submission.id if submission else None,
        check=running.id if running else None,
        purpose=running.purpose.value if running else None,
    )


def _waits(service: Service) -> dict[str, str]:
    """The words of each check under way that waits."""
    checks = (service.invitation.check, service.check)
    waiting = {check.id: check.waiting_for for check in checks if check and check.running}
    return {id_: ENGLISH.say(words) for id_, words in waiting.items() if words}


def _proposal(registration: Registration | None) -> Proposal | None:
    if registration is None:
        return None
    return Proposal(
        registration.tenant, registration.client_id, registration.invited_address or "", registration.channel
    )
