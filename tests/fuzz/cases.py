"""The requests: schemathesis makes them from the description, and here they are brought to what there is.

A generated id meets 404 and a generated version 412, whatever else is in the request. So most cases are about
something of the stock's, and some are exact: the contract's own example, about something that allows the call.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok

from shared.web.contract import contract
from tests.fuzz.senders import call_name
from tests.fuzz.stock import HOMES, Stock
from tests.integration.asking import CALLS, in_days
from tests.integration.procedure import CONTOSO, Json, unique

type Operation = APIOperation[Any, Any, Any, Any]
type AnyCase = Case[Any]
type Spoiled = tuple[bytes, Mapping[str, str]]

JSON = {"Content-Type": "application/json"}
SPOILED: tuple[Spoiled, ...] = (
    (b"", JSON),
    (b'{"name": ', JSON),
    (b"[]", JSON),
    (b'{"name": "a", "name": "b"}', JSON),
    (b'{"licensedUsers": NaN}', JSON),
    (b'{"name": "\\ud800"}', JSON),
    (b'{"name": "\xff"}', JSON),
    (b'{"a": ' * 30 + b"1" + b"}" * 30, JSON),
    (b'{"name": "' + b"a" * 65536 + b'"}', JSON),
    (b"\xef\xbb\xbf{}", JSON),
    (b"{}", {"Content-Type": "text/plain"}),
    (b"{}", {"Content-Type": "application/json", "Content-Encoding": "gzip"}),
)


@dataclass
class Try:
    """One request: a case, and what is beside it. ``must_fail``: its body is none that the call may take."""

    case: AnyCase
    headers: dict[str, str] = field(default_factory=dict)
    must_fail: bool = False


def operations(schema: BaseSchema) -> dict[str, Operation]:
    """The description's calls by their ids. Raises AssertionError for one that schemathesis cannot read."""
    found: dict[str, Operation] = {}
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result.err()
        found[operation_id(result.ok())] = result.ok()
    return found


def operation_id(operation: Operation) -> str:
    return str(operation.definition.raw["operationId"])


def generated(operation: Operation, mode: GenerationMode, count: int, number: int) -> list[AnyCase]:
    """At most so many cases, always the same for a seed's ``number``; none where nothing can be wrong."""
    cases: list[AnyCase] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def collect(case: AnyCase) -> None:
        cases.append(case)

    try:
        collect()
    except Unsatisfiable:
        return []
    return cases


class Filler:
    """Puts what there is into cases: ids, versions, cursors, and values that only the present makes right."""

    def __init__(self, stock: Stock, random: Random) -> None:
        self._stock = stock
        self._random = random

    def exact(self, operation: Operation) -> Try:
        """A request that the call allows now, if it comes from whom the call is for."""
        name = call_name(operation_id(operation))
        terms = contract(CALLS[name])
        target = self._allowing(name)
        case = operation.Case(path_parameters=self._path(name, target))
        if terms.if_match:
            case.headers["If-Match"] = target["etag"]
        if terms.idempotent:
            case.headers["Idempotency-Key"] = unique("key-")
        if name == "ask_short_name":
            case.query = {"value": unique("s")}
        if terms.body is not None:
            case.body, case.media_type = self._body(name, dict(terms.sends), target, lambda: True), "application/json"
        return Try(case)

    def filled(self, case: AnyCase) -> Try:
        """The generated case, brought to something of the stock's where its parts allow it."""
        name = call_name(operation_id(case.operation))
        wrong = _wrong_parts(case)
        target = self._any(name)
        if case.path_parameters and self._often(0.4 if ParameterLocation.PATH in wrong else 0.85):
            case.path_parameters = self._path(name, target)
        if ParameterLocation.HEADER not in wrong:
            if "If-Match" in case.headers and self._often(0.75):
                case.headers["If-Match"] = target["etag"]
            if "Idempotency-Key" in case.headers and self._often(0.6):
                case.headers["Idempotency-Key"] = unique("key-")
        if ParameterLocation.QUERY not in wrong:
            self._ask(name, case)
        if isinstance(case.body, dict) and ParameterLocation.BODY not in wrong:
            case.body = self._body(name, case.body, target, lambda: self._often(0.6))
        return Try(case)

    def spoiled(self, operation: Operation) -> Try:
        """An exact request whose body cannot be read."""
        made = self.exact(operation)
        made.case.body, headers = self._random.choice(SPOILED)
        return Try(made.case, dict(headers), must_fail=True)

    def _often(self, share: float) -> bool:
        return self._random.random() < share

    def _path(self, name: str, target: Json) -> dict[str, Any]:
        path = CALLS[name].path
        if "{asset}" in path:
            return {"asset": self._random.choice(["wizard.css", "wizard.js"])}
        if "{id}" not in path:
            return {}
        return {"id": target["invitation"]["id"] if path.startswith("api/invitations") else target["id"]}

    def _allowing(self, name: str) -> Json:
        """What the path names, in a state that allows the call."""
        path, stock = CALLS[name].path, self._stock
        if path.startswith("api/customers/"):
            return stock.customer()
        if path.startswith("api/owed/"):
            return {"id": self._random.choice(stock.owed)} if stock.owed else self._any(name)
        return stock.fitting(name) if "{id}" in path else {}

    def _any(self, name: str) -> Json:
        """Something of the kind that the path names, in whatever state, at the version that was seen last."""
        path, stock = CALLS[name].path, self._stock
        if path.startswith("api/customers/"):
            return self._random.choice([*stock.customers, *stock.archived])
        if path.startswith("api/owed/"):
            return {"id": self._random.choice([*stock.owed, "0" * 32])}
        fits = [one for one in stock.services if HOMES[name][0](one)] if name in HOMES and self._often(0.5) else []
        return self._random.choice(fits or stock.services)

    def _ask(self, name: str, case: AnyCase) -> None:
        """Cursors that a list has given, of this one and of others; customers that there are."""
        known = self._stock.cursors
        if "cursor" in case.query and self._often(0.7):
            own = known.get(name) if self._often(0.7) else None
            cursors = own or {cursor for each in known.values() for cursor in each}
            if cursors:
                case.query["cursor"] = self._random.choice(sorted(cursors))
        if "customerId" in case.query and self._often(0.6):
            case.query["customerId"] = self._random.choice(self._stock.services)["customer"]["id"]

    def _body(self, name: str, body: Json, target: Json, often: Callable[[], bool]) -> Json:
        """The body with what is new, or still to come, or really there."""
        if name == "add_registration" and target.get("proposal") and often():
            proposal = target["proposal"]
            return {"tenantId": proposal["tenantId"], "clientId": proposal["clientId"], "acknowledged": True}
        if name == "submit_registration" and often():
            return self._stock.tenants.next().typed()
        fresh = {
            "expiresAt": in_days(self._random.randint(1, 29)),
            "shortName": unique("s"),
            "name": unique("Customer "),
            "adminEmail": f"{unique('it-')}@{CONTOSO.domain}",
        }
        body |= {key: value for key, value in fresh.items() if body.get(key) is not None and often()}
        credential = body.get("credential")
        if isinstance(credential, dict) and "expiresOn" in credential and often():
            credential["expiresOn"] = f"{datetime.now(UTC) + timedelta(days=400):%Y-%m-%d}"
        return body


def _wrong_parts(case: AnyCase) -> set[ParameterLocation]:
    components = case.meta.components if case.meta else {}
    return {location for location, info in components.items() if info.mode.is_negative}
