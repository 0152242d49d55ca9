"""A provider wants to see another's customers: in lists, through cursors, names and keys of creations."""

import base64
import json

import pytest
from azure.data.tables import TableClient

from shared.store import Store
from shared.web.contract import Who, contract
from tests.integration.asking import CALLS, asking
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import FABRIKAM, NORTHWIND, Onboarding, good, listed, refused, unique

OPERATORS = {name: call for name, call in CALLS.items() if contract(call).who in (Who.MONITOR, Who.OPERATOR)}
READS = [name for name, call in OPERATORS.items() if contract(call).who is Who.MONITOR]


@pytest.fixture(scope="module")
def ours(running_cloud: LocalCloud) -> Onboarding:
    """A service of the first provider with everything to read: active, and another one's invitation open."""
    running_cloud.mend()
    return Onboarding.begin(running_cloud, NORTHWIND).active()


@pytest.fixture(scope="module")
def waiting(running_cloud: LocalCloud) -> Onboarding:
    """A service of the first provider whose registration waits for *Add*."""
    running_cloud.mend()
    way = Onboarding.begin(running_cloud, NORTHWIND)
    way.mail()
    return way.authenticated()


def test_lists_hold_nothing_of_another_provider(cloud: LocalCloud, ours: Onboarding, waiting: Onboarding) -> None:
    theirs = Onboarding.begin(cloud, FABRIKAM)
    strangers = {way.id for way in (ours, waiting)} | {way.customer["id"] for way in (ours, waiting)}
    for path in (
        "/api/customers",
        f"/api/customers?name={ours.customer['name']}",
        "/api/services",
        f"/api/services?customerId={ours.customer['id']}",
        "/api/invitations",
        f"/api/invitations?customerId={waiting.customer['id']}",
    ):
        for caller in (cloud.operator(FABRIKAM), cloud.monitor(FABRIKAM)):
            assert not strangers & {one.get("serviceId", one["id"]) for one in listed(caller, path)}, path
    assert theirs.id in {one["id"] for one in listed(theirs.operator, "/api/services")}


def test_a_cursor_that_was_led_into_another_partition_finds_nothing_there(cloud: LocalCloud, ours: Onboarding) -> None:
    """The forger knows how a cursor is made: theirs goes on with their own query, from a place in our partition."""
    everything = ("customer:", "customer;")
    with TableClient.from_connection_string(cloud.connection_string, "tenantlink") as table:
        store = Store(table)
        theirs, of_ours = (
            parts(store.query(provider, *everything, limit=1).cursor) for provider in (FABRIKAM, NORTHWIND)
        )
        found = store.query(FABRIKAM, *everything, limit=500, cursor=cursor(theirs[0], *of_ours[1:]))
        assert {row.key for row in found.rows} <= {row.key for row in store.scan(FABRIKAM, *everything)}
        assert f"customer:{ours.customer['id']}" in {row.key for row in store.scan(NORTHWIND, *everything)}


def cursor(*parts: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def parts(cursor: str | None) -> list[str]:
    assert cursor, "there is no second page to go on with"
    found: list[str] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return found


def test_a_short_name_of_another_provider_is_not_given_away(cloud: LocalCloud, ours: Onboarding) -> None:
    asked = {"value": ours.read()["shortName"]}
    assert good(cloud.operator(NORTHWIND).get("/api/short-names", params=asked))["available"] is False
    assert good(cloud.operator(FABRIKAM).get("/api/short-names", params=asked))["available"] is True


def test_an_idempotency_key_of_another_provider_finds_nothing(cloud: LocalCloud) -> None:
    key, name = unique("key-"), unique("Customer ")
    ours, theirs = (
        good(cloud.operator(provider).create("/api/customers", key, {"name": name}), 201)
        for provider in (NORTHWIND, FABRIKAM)
    )
    assert ours["id"] != theirs["id"]


@pytest.mark.parametrize("name", READS)
def test_a_monitor_reads_what_an_operator_reads(cloud: LocalCloud, ours: Onboarding, name: str) -> None:
    read = good(asking(name, ours, cloud.monitor(NORTHWIND)).send())
    if name == "show_me":
        assert read["role"] == "monitor"
    else:
        assert read == good(asking(name, ours).send())


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/nothing"), ("PUT", "/api/nothing/at/all"), ("DELETE", "/api/services/x/y/z")]
)
def test_what_is_no_route_is_a_problem_document(cloud: LocalCloud, method: str, path: str) -> None:
    refused(cloud.operator().request(method, path), 404, "not-found")
