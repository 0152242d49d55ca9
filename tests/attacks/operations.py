"""Every operation that the served OpenAPI document lists, and a good request for each, made from the document alone.

A new operation is attacked without anybody remembering it. Where the document does not say enough to ask for it, the
attack fails and says what to add here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.integration.cloud import LocalCloud
from tests.integration.procedure import Onboarding, good, unique

type Json = dict[str, Any]

HERE = "tests/attacks/operations.py"
# What stands in a path behind that segment, for a service on its way.
EXAMPLES: dict[str, Callable[[Onboarding], str]] = {
    "customers": lambda way: str(way.customer["id"]),
    "services": lambda way: way.id,
    "invitations": lambda way: f"{way.id}-{way.number}",
    "owed": lambda way: str(way.cloud.owes(way.id, "expire")[0]["work"]),
    "invite": lambda _: "wizard.css",
}
# What a query must have.
QUERIES = {"value": "abc"}
IDENTITIES = ("entra", "invitation")
# What is read for nothing but an order.
OPERATORS_READ = {"ask_short_name"}


@dataclass(frozen=True)
class Operation:
    """One operation of the document. ``identity`` names the security scheme, or nobody."""

    name: str
    method: str
    path: str
    identity: str
    parameters: tuple[Json, ...]
    example: Json | None

    @property
    def signs_in(self) -> bool:
        return self.identity == "entra"

    @property
    def by_link(self) -> bool:
        return self.identity == "invitation"

    @property
    def writes(self) -> bool:
        return self.method not in ("GET", "HEAD")

    @property
    def is_for_operators_alone(self) -> bool:
        """Whoever may only read reads by GET, and by nothing else."""
        return self.writes or self.name in OPERATORS_READ

    @property
    def is_about_one(self) -> bool:
        """Whether its path names one thing of a provider's."""
        return "{id}" in self.path

    def takes(self, header: str) -> bool:
        return any(one["in"] == "header" and one["name"] == header for one in self.parameters)


def operations(cloud: LocalCloud) -> list[Operation]:
    """All operations, in the document's order."""
    return listed(good(cloud.anybody().get("/api/openapi.json")))


def listed(document: Json) -> list[Operation]:
    """All operations of that document. Fails for one whose identity is none that we know."""
    return [
        _operation(method.upper(), path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def _operation(method: str, path: str, described: Json) -> Operation:
    name = described["operationId"]
    schemes = [scheme for one in described["security"] for scheme in one]
    if len(schemes) > 1 or not set(schemes) <= set(IDENTITIES):
        pytest.fail(f"{name}: say in {HERE} what the security {described['security']} means, and who must be refused")
    content = described.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None and "example" not in content:
        pytest.fail(f"{name}: give its contract an example of its body (`sends`)")
    return Operation(
        name,
        method,
        path,
        schemes[0] if schemes else "nobody",
        tuple(described.get("parameters", ())),
        content and content["example"],
    )


def request(
    operation: Operation,
    way: Onboarding,
    authorization: str | None,
    *,
    query: Mapping[str, str] | None = None,
    etag: str | None = None,
    key: str | None = "",
) -> requests.Response:
    """The answer to a good request about that service with this identity; of an ETag or a key of its own if given.

    A key of None leaves the Idempotency-Key out.
    """
    caller = way.cloud.anybody()
    headers: dict[str, str] = {"Authorization": authorization} if authorization is not None else {}
    if operation.takes("If-Match"):
        headers["If-Match"] = etag or newest_etag(operation, way)
    if operation.takes("Idempotency-Key") and key is not None:
        headers["Idempotency-Key"] = key or unique("key-")
    return caller.request(
        operation.method,
        path_of(operation, way),
        params={**_needed(operation), **(query or {})},
        headers=headers,
        json=operation.example,
    )


def path_of(operation: Operation, way: Onboarding) -> str:
    """The operation's path with what stands for that service in each of its gaps."""
    return re.sub(
        r"(\w+)/\{(\w+)\}", lambda gap: f"{gap[1]}/{_example(operation, gap[1], gap[2])(way)}", operation.path
    )


def newest_etag(operation: Operation, way: Onboarding) -> str:
    """The ETag of what the operation changes."""
    what = f"/api/customers/{way.customer['id']}" if operation.path.startswith("/api/customers/") else way.path
    etag: str = good(way.operator.get(what))["etag"]
    return etag


def _example(operation: Operation, segment: str, gap: str) -> Callable[[Onboarding], str]:
    if segment not in EXAMPLES:
        pytest.fail(f"{operation.name}: add to EXAMPLES in {HERE} what stands for {{{gap}}} behind “{segment}/”")
    return EXAMPLES[segment]


def _needed(operation: Operation) -> dict[str, str]:
    needed = [one["name"] for one in operation.parameters if one["in"] == "query" and one["required"]]
    missing = [name for name in needed if name not in QUERIES]
    if missing:
        pytest.fail(f"{operation.name}: add to QUERIES in {HERE} a value for {', '.join(missing)}")
    return {name: QUERIES[name] for name in needed}
