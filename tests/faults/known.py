"""What the callers of a soak know for sure about each service and customer, and how that compares with the table."""

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from onboarding.records import Service
from shared.stored import from_json
from tests.faults.lane import Rows

LOST, DOUBLED, STUCK = "lost", "doubled", "stuck"
ASKED = {  # an event that only a caller's request can bring about, by who asks
    "operator": (
        "service-created", "service-changed", "service-cancelled", "service-disconnected", "invitation-resent",
        "invitation-revoked", "invitation-extended", "invitation-reinitiated", "link-copied", "registration-added",
        "registration-replaced", "validation-started", "completion-started",
        "customer-created", "customer-changed", "customer-archived",
    ),
    "holder": ("credentials-submitted", "invitation-declined", "link-requested"),
}  # fmt: skip
RESULTS = {
    ("credentials-submitted",): ("authenticated", "credentials-refused", "check-given-up", "invitation-locked"),
    ("validation-started",): ("validation-passed", "validation-failed"),
    ("completion-started",): ("service-activated", "creation-failed"),
}
JOINS = ("validation-started", "completion-started")  # a second press joins the check that is under way
NEXT_STATUS = {
    "invitation-resent": "pending", "invitation-reinitiated": "pending", "invitation-revoked": "revoked",
    "invitation-declined": "declined", "invitation-expired": "expired", "invitation-locked": "locked",
    "credentials-submitted": "validating", "credentials-refused": "pending", "check-given-up": "pending",
    "authenticated": "authenticated", "registration-added": "accepted", "registration-replaced": "accepted",
}  # fmt: skip
NEXT_STATE = {
    "registration-added": "authenticated", "completion-started": "creating", "creation-failed": "validated",
    "service-activated": "active", "service-disconnected": "disconnected", "service-cancelled": "cancelled",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """Something that is not as it must be: lost, doubled or stuck, and about what."""

    kind: str
    words: str
    subject: str = ""


@dataclass
class Known:
    """What was answered about one subject of events (a service's id, or ``customer-`` and a customer's).

    ``yes`` are the events that somebody was told of, by version; ``maybe`` those of requests without a known answer.
    Requests with a link know no version: ``held`` counts theirs. ``joined`` are the versions in which a check of the
    registration was under way, or done, by an answer.
    """

    subject: str = ""
    yes: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    maybe: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    joined: list[int] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    maybe_held: Counter[str] = field(default_factory=Counter)

    @property
    def changes(self) -> int:
        return sum(map(len, list(self.yes.values()))) + len(self.joined) + self.held.total()

    def faults(self, rows: Rows) -> Iterator[Fault]:
        """Where the events tell something else."""
        told = events(rows, self.subject)
        yield from self._promised(told)
        for version, what in told.items():
            if what in ASKED["operator"] and what not in (*self.yes[version], *self.maybe[version]):
                yield self._fault(DOUBLED, f"nobody asked for {what}, version {version}")
        yield from self._by_link(Counter(told.values()))

    def _promised(self, told: dict[int, str]) -> Iterator[Fault]:
        for version, whats in self.yes.items():
            if len(whats) > 1:
                yield self._fault(DOUBLED, f"version {version} was promised to {len(whats)} callers: {whats}")
            if told.get(version) != whats[0]:
                yield self._fault(LOST, f"{whats[0]} was promised as version {version}, which is {told.get(version)}")
        for seen in self.joined:
            if not any(what in JOINS for version, what in told.items() if version <= seen):
                yield self._fault(LOST, f"a check was promised in version {seen}, and none was begun by then")

    def _by_link(self, counts: Counter[str]) -> Iterator[Fault]:
        for what in ASKED["holder"]:
            if counts[what] < self.held[what]:
                yield self._fault(LOST, f"{what} was promised {self.held[what]} times and happened {counts[what]}")
            if counts[what] > self.held[what] + self.maybe_held[what]:
                yield self._fault(DOUBLED, f"{what} happened {counts[what]} times, asked for {self.held[what]}")

    def _fault(self, kind: str, words: str) -> Fault:
        return Fault(kind, words, self.subject)


@dataclass
class Way:
    """A service on its way: what its callers were answered, and every link to it that they have seen."""

    customer: str
    email: str
    known: Known
    links: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.known.subject

    @property
    def path(self) -> str:
        return f"/api/services/{self.id}"


@dataclass
class Book:
    """What all walkers know. ``over``: finish what you are at; ``stopped``: leave everything."""

    ways: list[Way] = field(default_factory=list)
    customers: list[Known] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def changes(self) -> int:
        return sum(one.changes for one in (*(way.known for way in list(self.ways)), *list(self.customers)))


def events(rows: Rows, subject: str) -> dict[int, str]:
    """What happened to a subject, by version."""
    keys = sorted(key for key in rows if key.startswith(f"event:{subject}:"))
    return {int(key.rpartition(":")[2]): json.loads(rows[key]["body"])["what"] for key in keys}


def service_faults(rows: Rows, service: Service, mails: int) -> Iterator[Fault]:
    """Where a service is not what its events tell, or its inbox holds another number of mails than they do."""
    told = list(events(rows, service.id).values())
    ends = str(service.state), str(service.invitation.status)
    if ends != told_end(told):
        yield Fault(LOST, f"it is {ends}, and its events lead to {told_end(told)}", service.id)
    counts = Counter(told)
    for asked, results in RESULTS.items():
        if sum(counts[what] for what in results) > sum(counts[what] for what in asked):
            yield Fault(DOUBLED, f"there are more results than there were checks of {asked[0]}", service.id)
    if mails > counts["mail-sent"]:
        yield Fault(DOUBLED, f"{mails} mails arrived, {counts['mail-sent']} were noted as sent", service.id)
    if mails < counts["mail-sent"]:
        yield Fault(LOST, f"{mails} mails arrived, {counts['mail-sent']} were noted as sent", service.id)


def told_end(told: list[str]) -> tuple[str, str]:
    """The state of the service and of its invitation to which these events lead."""
    state, status, registered = "invited", "pending", False
    for what in told:
        if what in ("service-cancelled", "service-disconnected"):
            status = status if status == "accepted" else "revoked"
            registered = False
        elif what == "invitation-reinitiated" and state == "disconnected":
            state = "invited"
        elif what == "registration-replaced" and state == "validated":
            state = "authenticated"
        elif what == "validation-passed" and state == "authenticated":
            state = "validated"
        registered = registered or what in ("registration-added", "registration-replaced")
        state, status = NEXT_STATE.get(what, state), NEXT_STATUS.get(what, status)
        if not registered and state in ("invited", "authenticated"):
            state = "authenticated" if status == "authenticated" else "invited"
    return state, status


def identity_faults(rows: Rows, kind: str, made: list[str]) -> Iterator[Fault]:
    """One row for each creation that was answered, and none beside them. ``kind``: service or customer."""
    stored = {key.partition(":")[2] for key in rows if key.startswith(f"{kind}:")}
    for one, times in Counter(made).items():
        if times > 1:
            yield Fault(DOUBLED, f"the {kind} {one} was the answer to {times} orders", one)
        if one not in stored:
            yield Fault(LOST, f"the {kind} {one} was promised and is not there", one)
    yield from (Fault(DOUBLED, f"the {kind} {one} is there, and no order was answered with it", one)
                for one in stored - set(made))  # fmt: skip


def services_in(rows: Rows) -> dict[str, Service]:
    found: list[dict[str, Any]] = [row for key, row in rows.items() if key.startswith("service:")]
    return {service.id: service for service in (from_json(Service, row["body"]) for row in found)}
