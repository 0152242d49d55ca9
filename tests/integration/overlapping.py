"""Races that do not hang on luck: two contenders decide on the same state, and commit in the order that a test wants.

Here is also the scene on which they meet: a partition of its own in Azurite, and the app's real operations.
"""

import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from threading import Event
from typing import Any, cast

from azure.data.tables import TableClient
from pydantic import BaseModel

from invitations.mail import Message
from invitations.operations import expiry, mails
from onboarding.aggregate import from_row
from onboarding.models.customers import NewCustomer
from onboarding.models.services import NewService
from onboarding.operations import customers, retention, services
from onboarding.records import Customer, Service
from shared import due
from shared.due import Due
from shared.kinds import Kind
from shared.minted import Minted, mint
from shared.platform import Platform
from shared.problems import Problem
from shared.rows import Change, Row
from shared.sealing import Sealer
from shared.settings import Contact, Provider
from shared.store import Store
from shared.waiting import Later
from shared.web.auth import Operator, Role
from tests.faults.invariants import broken
from tests.unit import builders, examined
from validation.evidence import Evidence
from validation.operations import run_check

PATIENCE_SECONDS = 30.0
WORKERS = {
    Kind.MAIL: mails.send_mail,
    Kind.CHECK: run_check,
    Kind.EXPIRE: expiry.expire_invitation,
    Kind.RENAME: customers.spread_name,
    Kind.FORGET: retention.forget,
}

type Action = Callable[[Platform], Any]


# The race


class Order(StrEnum):
    """In which order two contenders commit, once both have decided."""

    FIRST = "the first commits first"
    SECOND = "the second commits first"
    AT_ONCE = "both commit at once"


@dataclass
class Contender:
    """Somebody who acts; held at their commit number ``at``: a worker's first one claims, the next tells its result."""

    act: Action
    at: int = 1
    met: bool = False
    decided: Event = field(default_factory=Event)
    go: Event = field(default_factory=Event)
    result: Any = None
    refusal: str | None = None

    def run(self, platform: Platform, table: TableClient) -> None:
        try:
            self.result = self.act(replace(platform, store=_HeldStore(table, self)))
        except Problem as problem:
            self.refusal = problem.code
        finally:
            self.decided.set()

    def hold(self) -> None:
        """Say that the decision stands, and wait."""
        self.met = True
        self.decided.set()
        assert self.go.wait(PATIENCE_SECONDS), "nobody let this contender go"


class _HeldStore(Store):
    """A contender's own door to the table."""

    def __init__(self, table: TableClient, contender: Contender) -> None:
        super().__init__(table)
        self._contender = contender
        self._commits = 0

    def commit(self, change: Change) -> None:
        self._commits += 1
        if self._commits == self._contender.at:
            self._contender.hold()
        super().commit(change)


# What is outside


@dataclass
class Outside:
    """The e-mail service and Microsoft, as far as races want them: they count, and say what a test wants."""

    sent: dict[str, Message] = field(default_factory=dict)
    sends: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    busy: bool = False

    @property
    def calls(self) -> int:
        """How many mails were sent, and checks made."""
        return self.sends.total() + self.checks.total()

    def send(self, message: Message, _to: str, _reply_to: str | None, work_id: str) -> str:
        self._answer()
        self.sends[work_id] += 1
        self.sent[work_id] = message
        return f"message-{work_id}"

    def fate(self, work_id: str) -> str | None:
        self._answer()
        return f"message-{work_id}" if work_id in self.sent else None

    def examine(
        self,
        _settings: object,
        tenant: str,
        _client_id: str,
        secret: str,
        _pins: object,
        admit: Callable[[str], None],
    ) -> Evidence:
        """The evidence of a good registration of any tenant; `refused` in the secret makes it a bad one."""
        admit(tenant)
        self._answer()
        self.checks[secret] += 1
        if "refused" in secret:
            return examined.evidence(tenant_id=tenant, graph=examined.REFUSED)
        organization = replace(examined.ORGANIZATION, id=tenant)
        return examined.evidence(tenant_id=tenant, graph=examined.token(tid=tenant), organization=organization)

    def _answer(self) -> None:
        if self.busy:
            raise Later("Not now.")


# The scene


def entered[B: BaseModel](kind: type[B], **members: object) -> B:
    """A request's body with these members, as they come over HTTP."""
    return kind.model_validate_json(json.dumps(members))


@dataclass
class Scene:
    """A partition of its own with one customer and its services; ``id`` is the service that the race is about."""

    table: TableClient
    platform: Platform
    operator: Operator
    outside: Outside
    customer: Customer
    id: str = ""

    @classmethod
    def set_up(cls, table: TableClient, outside: Outside) -> "Scene":
        provider = Provider(f"11111111-aaaa-4bbb-8ccc-{secrets.token_hex(6)}", "Northwind Voice", Contact("Desk"))
        settings = replace(builders.settings(), providers=(provider,))
        platform = Platform(settings, Store(table), Sealer(settings.sealing_keys))
        operator = Operator(provider, "66666666-aaaa-4bbb-8ccc-000000000006", "Olga Operator", Role.OPERATOR)
        customer = customers.create_customer(
            platform, operator, entered(NewCustomer, name="Contoso"), "customer-key", mint()
        )
        return cls(table, platform, operator, outside, customer)

    @property
    def provider(self) -> str:
        return self.operator.provider.id

    @property
    def service(self) -> Service:
        return services.show_service(self.platform, self.operator, self.id)

    def order(self, platform: Platform, short_name: str, key: str) -> Service:
        """Steps 1 to 7."""
        body = entered(NewService, **BODY, shortName=short_name)
        return services.create_service(platform, self.operator, self.customer.id, body, key, mint()).service

    def tokens(self) -> list[str]:
        """The tokens of all mails that went out, in order."""
        found = (re.search(r"/invite#(\S{84})", message.text) for message in self.outside.sent.values())
        return [match[1] for match in found if match]

    def services(self) -> list[Service]:
        return [from_row(row) for row in self.rows("service:").values()]

    def rows(self, prefix: str = "") -> dict[str, Row]:
        """All rows of the partition whose keys begin so."""
        found = self.platform.store.scan(self.provider, prefix, f"{prefix}~")
        return {row.key: row for row in found}

    def owed(self, *kinds: Kind) -> list[Due]:
        """The owed work of these kinds, or of all."""
        work = [due.from_row(row) for row in self.rows("due:").values()]
        return [one for one in work if not kinds or one.kind in kinds]

    def message(self, kind: Kind) -> str:
        """The message that names the latest owed work of a kind."""
        return due.message(max(self.owed(kind), key=lambda one: one.owed_since))

    def worker(self, kind: Kind, minted: Minted | None = None) -> Action:
        """Whoever is woken for the latest owed work of a kind, as it stands now."""
        message = self.message(kind)
        return lambda platform: WORKERS[kind](platform, message, minted or mint())

    def broken(self, *, settled: bool) -> list[str]:
        """What does not hold over the rows of the partition; owed work may still be there until it is settled."""
        rows = {key: {"body": row.body, **row.columns} for key, row in self.rows().items()}
        return [fault for fault in broken(rows, mint().now) if settled or not fault.endswith("is still owed")]

    def told(self, since: Collection[str] = ()) -> str:
        """What has happened beside those events: to the customers, then to each service, the newest one first."""
        return " ".join(members(row)["what"] for key, row in self.rows("event:").items() if key not in since)

    def race(self, first: Contender, second: Contender, order: Order) -> None:
        """Both decide, the first one first; then they commit in that order. Whoever commits nothing just ends."""
        with ThreadPoolExecutor(2) as threads:
            running = []
            for one in (first, second):
                running.append((one, threads.submit(one.run, self.platform, self.table)))
                assert one.decided.wait(PATIENCE_SECONDS), "this contender never decided"
            for one, future in running if order is not Order.SECOND else reversed(running):
                one.go.set()
                if order is not Order.AT_ONCE:
                    future.result(PATIENCE_SECONDS)
        for _, future in running:
            future.result()

    def settle(self) -> None:
        """Everybody answers again: do what is owed now, until nothing but looks at times to come is left."""
        self.outside.busy = False
        for _ in range(5):
            for work in self.owed():
                WORKERS[work.kind](self.platform, due.message(work), mint())
            if not self.owed(Kind.MAIL, Kind.CHECK, Kind.RENAME):
                return
        raise AssertionError(f"this is still owed: {[work.key for work in self.owed()]}")


BODY = {
    "type": "DirectRouting",
    "fullName": "Contoso voice",
    "license": "HostedPro",
    "licensedUsers": 25,
    "adminEmail": "it@contoso.com",
}


def members(row: Row) -> dict[str, Any]:
    """What a row's JSON column holds."""
    return cast(dict[str, Any], json.loads(row.body))
