"""Well-formed requests for every call of the API, made from its contract, to be spoilt in one respect by a test."""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from local.callers import Caller
from shared.web.calls import Call
from shared.web.contract import Contract, calls, contract, refusals
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import Onboarding, good, unique

for feature in ("onboarding", "invitations", "shared"):  # they register their calls
    importlib.import_module(f"{feature}.functions")

CALLS: dict[str, Call] = {call.name: call for call in calls()}
# Every call with each problem that it may answer.
PAIRS = [(name, problem) for name, call in CALLS.items() for problem in refusals(call)]
QUERIES: dict[str, dict[str, str]] = {"ask_short_name": {"value": "abc"}}


@dataclass
class Asking:
    """A request for a call, right in every respect until a test changes it."""

    call: Call
    caller: Caller
    ids: dict[str, str]
    etag: str = '"1"'
    key: str = field(default_factory=lambda: unique("key-"))
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str | None] = field(default_factory=dict)
    body: Mapping[str, Any] | bytes | None = None

    def send(self) -> requests.Response:
        terms: Contract = contract(self.call)
        content = self.body if self.body is not None else terms.sends
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers: dict[str, str | None] = {
            **({"If-Match": self.etag} if terms.if_match else {}),
            **({"Idempotency-Key": self.key} if terms.idempotent else {}),
            **({"Content-Type": "application/json"} if terms.body else {}),
            **self.headers,
        }
        return self.caller.request(
            self.call.methods[0],
            "/" + self.call.path.format(**self.ids),
            params={**QUERIES.get(self.call.name, {}), **self.query},
            headers=headers,
            data=raw if terms.body else None,
        )


def ids_of(call: Call, way: Onboarding) -> dict[str, str]:
    """What stands in the call's path, for that service."""
    if call.path.startswith("api/customers/"):
        return {"id": way.customer["id"]}
    if call.path.startswith("api/invitations/"):
        return {"id": way.read()["invitation"]["id"]}
    return {"id": way.id, "asset": "wizard.css"}


def etag_of(call: Call, way: Onboarding) -> str:
    """The newest ETag of what the call changes; no mail under way makes it an old one meanwhile."""
    if call.path.startswith("api/customers/"):
        etag: str = good(way.operator.get(f"/api/customers/{way.customer['id']}"))["etag"]
        return etag
    return str(way.mail_settled()["etag"])


def asking(name: str, way: Onboarding, caller: Caller | None = None, **changes: Any) -> Asking:
    """A good request for that call on that service or its customer, with the newest ETag."""
    call = CALLS[name]
    terms = contract(call)
    made = Asking(call, caller or way.operator, ids_of(call, way))
    if terms.if_match:
        made.etag = etag_of(call, way)
    if terms.body and terms.body.__name__ in ("Extension", "Reinitiation", "NewService", "NewCustomer"):
        made.body = fresh(terms, way)
    for change, value in changes.items():
        setattr(made, change, value)
    return made


def fresh(terms: Contract, way: Onboarding) -> dict[str, Any]:
    """The example of a body with what must be new or in the future."""
    body = dict(terms.sends)
    if "expiresAt" in body:
        body["expiresAt"] = in_days(10)
    if "shortName" in body:
        body["shortName"] = unique("s")
    if "name" in body:
        body |= {"name": unique("Customer "), "tenantId": None}
    return body


def in_days(days: int) -> str:
    """A time as a request may give it."""
    return in_minutes(days * 24 * 60)


def in_minutes(minutes: int) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def without_role(cloud: LocalCloud) -> Caller:
    """Somebody of the provider's who has no role in the product."""
    wanted = {"provider": "Northwind Voice", "role": "monitor", "claims": {"roles": ["Something.Else"]}}
    return cloud.bearer(cloud.entra().post("/control/operator-token", json=wanted).json()["access_token"])
