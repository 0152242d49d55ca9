"""What must hold over every row of the table once all is quiet, whatever happened before."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from invitations.pending import open_row
from invitations.records import InvitationStatus, MailState
from invitations.rules.expiry import look_again
from invitations.rules.states import secrets_stand_where_they_may, waits
from onboarding.aggregate import columns
from onboarding.records import Customer, Event, Service, ServiceState
from onboarding.rules.customers import customer_key, place_key, tenant_key
from onboarding.rules.retention import PersonalData, personal_data
from onboarding.short_names import short_name_key
from shared.due import Due
from shared.kinds import Kind
from shared.stored import from_json
from tests.integration.procedure import CONTOSO

type Rows = dict[str, dict[str, Any]]

SECRETS = (CONTOSO.secret, "not~the.secret-of-this-registration-9Q")
ENDS = (InvitationStatus.PENDING, InvitationStatus.AUTHENTICATED, InvitationStatus.VALIDATING)


def broken(rows: Rows, now: datetime) -> list[str]:
    """Each invariant that does not hold, in a sentence; none for a table in good order."""
    return list(_broken(rows, now))


def _broken(rows: Rows, now: datetime) -> Iterator[str]:
    services = [from_json(Service, row["body"]) for key, row in rows.items() if key.startswith("service:")]
    customers = [from_json(Customer, row["body"]) for key, row in rows.items() if key.startswith("customer:")]
    work = [from_json(Due, row["body"]) for key, row in rows.items() if key.startswith("due:")]
    expected = {f"service:{service.id}" for service in services}
    for customer in customers:
        expected |= {customer_key(customer.id), place_key(customer), tenant_key(customer) or customer_key(customer.id)}
        yield from _copies(rows, customer)
    for service in services:
        yield from _service(rows, service, [due for due in work if due.subject == service.id])
        if service.state is not ServiceState.CANCELLED:
            expected.add(short_name_key(service.short_name))
        if waits(service):
            expected.add(f"open:{service.id}")
    yield from _owed(work, {service.id: service for service in services}, {each.id for each in customers}, now)
    yield from _stories(rows, services, customers)
    counted = tuple(due.note["rows"] for due in work if "rows" in due.note)
    yield from (f"{key} counts for ever" for key in rows if key.startswith("quota:") and not key.startswith(counted))
    made = {service.id for service in services} | {customer.id for customer in customers}
    for key, row in rows.items():
        kind = key.split(":")[0]
        if kind == "request" and row["made"] not in made:
            yield f"{key} remembers what was never made"
        if kind not in ("request", "due", "event", "quota") and key not in expected:
            yield f"{key} belongs to nothing"
        if any(secret in repr(row) for secret in SECRETS):
            yield f"{key} shows a secret"
    for key in expected - set(rows):
        yield f"{key} is missing"


def _copies(rows: Rows, customer: Customer) -> Iterator[str]:
    for key in (place_key(customer), tenant_key(customer)):
        if key in rows and from_json(Customer, rows[key]["body"]) != customer:
            yield f"{key} is not as its customer"


def _service(rows: Rows, service: Service, owed: list[Due]) -> Iterator[str]:
    name, invitation = f"service:{service.id}", service.invitation
    if not secrets_stand_where_they_may(service):
        yield f"{name} keeps a secret as {service.state}"
    taken = rows.get(short_name_key(service.short_name))
    if service.state is not ServiceState.CANCELLED and taken and service.id not in repr(taken):
        yield f"the short name of {name} is another's"
    shown, listed = open_row(service), rows.get(f"open:{service.id}")
    if shown is not None and listed is not None and {"body": shown.body, **shown.columns}.items() - listed.items():
        yield f"open:{service.id} is not as its service"
    if columns(service).items() - rows[name].items():
        yield f"{name} is filtered by what it is not"
    works = {due.work_id for due in owed}
    for check in (invitation.check, service.check):
        if check is not None and check.running and check.id not in works:
            yield f"{name} waits for a check that nobody owes"
    if invitation.mail.state is MailState.QUEUED and invitation.mail.work_id not in works:
        yield f"{name} waits for a mail that nobody owes"
    looks = [due for due in owed if due.kind is Kind.EXPIRE and due.note["stamp"] == invitation.expires_at.isoformat()]
    if waits(service) and invitation.status in ENDS and len(looks) != 1:
        yield f"{len(looks)} looks at the end of {name} are owed"
    since = service.over_since
    forgets = [due for due in owed if due.kind is Kind.FORGET and since and due.note.get("stamp") == since.isoformat()]
    if personal_data(service) is PersonalData.KEPT and len(forgets) != 1:
        yield f"{len(forgets)} looks at the personal data of {name} are owed"


def _owed(work: list[Due], services: dict[str, Service], customers: set[str], now: datetime) -> Iterator[str]:
    for due in work:
        if due.subject not in services and due.subject not in customers and "rows" not in due.note:
            yield f"{due.key} is owed for nothing"
        if due.time <= now:
            yield f"{due.key} is due, and nobody does it"
        if due.kind not in (Kind.EXPIRE, Kind.FORGET):
            yield f"{due.key} is still owed"
        service = services.get(due.subject) if due.kind is Kind.EXPIRE else None
        if service is not None and look_again(service, due, now) is None:
            yield from _late_look(service, due)


def _late_look(service: Service, due: Due) -> Iterator[str]:
    """A look whose invitation has another end by now goes away by itself, at its time."""
    if due.note["stamp"] == service.invitation.expires_at.isoformat() and service.invitation.status in ENDS:
        yield f"{due.key} would have nothing to wait for"


def _stories(rows: Rows, services: list[Service], customers: list[Customer]) -> Iterator[str]:
    told: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for key, row in rows.items():
        if key.startswith("event:"):
            _, subject, version = key.split(":")
            told[subject].append((int(version), row))
    versions = {service.id: service.version for service in services}
    versions |= {f"customer-{customer.id}": customer.version for customer in customers}
    addresses = {service.invitation.admin_email for service in services if service.invitation.admin_email}
    for subject in told.keys() | versions.keys():
        events = sorted(told[subject], key=lambda each: each[0])
        if [version for version, _ in events] != list(range(1, versions.get(subject, 0) + 1)):
            yield f"the events of {subject} have gaps, or one too many"
        times = [from_json(Event, row["body"]).at for _, row in events]
        if times != sorted(times):
            yield f"the events of {subject} run backwards"
        if any(not row.get("commit") for _, row in events):
            yield f"an event of {subject} does not say whose commit it was"
        if any(address in row["body"] for _, row in events for address in addresses):
            yield f"an event of {subject} holds an address"


def story(rows: Rows, subject: str, after: int) -> list[str]:
    """What the subject's events tell since a version; that somebody waited is left out."""
    told = {
        int(key.rsplit(":", 1)[1]): json.loads(row["body"])["what"]
        for key, row in rows.items()
        if key.startswith(f"event:{subject}:")
    }
    return [what for version, what in sorted(told.items()) if version > after and not what.endswith("-waits")]
