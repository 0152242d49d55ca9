"""Providers are apart: what is another's is not there, and who may only read changes nothing."""

import base64
import json
import re
import subprocess
import sys

import pytest

from local import servers
from local.callers import Caller
from local.config import ROOT
from local.settings import read_values
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    FABRIKAM,
    NORTHWIND,
    Json,
    Onboarding,
    good,
    listed,
    order,
    refused,
    unique,
)

# Every operator's route with what it takes; {customer}, {service} and {invitation} are ids.
READS = (
    "/api/me",
    "/api/customers",
    "/api/customers/{customer}",
    "/api/services",
    "/api/services/{service}",
    "/api/services/{service}/events",
    "/api/services/{service}/m365",
    "/api/invitations",
    "/api/invitations/{invitation}",
)
WRITES: dict[str, Json] = {
    "/api/customers": {"name": "Never made"},
    "/api/customers/{customer}/services": order(),
    "/api/services/{service}/registration": {"tenantId": CONTOSO.tenant, "clientId": CONTOSO.client},
    "/api/services/{service}/m365/validate": {},
    "/api/services/{service}/complete": {},
    "/api/services/{service}/cancel": {},
    "/api/invitations/{invitation}/resend": {},
    "/api/invitations/{invitation}/revoke": {},
    "/api/invitations/{invitation}/link": {},
}
WRITERS_READS = ("/api/short-names?value=abc",)
NOT_THE_OPERATORS = {
    "api/health": {"GET"},
    "api/invitation": {"GET"},
    "api/invitation/submission": {"POST"},
    "invite": {"GET", "HEAD"},
    "invite/{asset}": {"GET", "HEAD"},
}


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


def filled(path: str, way: Onboarding) -> str:
    return path.format(customer=way.customer["id"], service=way.id, invitation=f"{way.id}-1")


def write(caller: Caller, path: str, way: Onboarding, etag: str) -> tuple[int, str]:
    """Status and code of the answer to a change that is right in every other respect."""
    headers = {"If-Match": etag, "Idempotency-Key": unique("key-")}
    reply = caller.post(filled(path, way), json=WRITES[path], headers=headers)
    return reply.status_code, reply.json().get("code", "")


PRINT_ROUTES = """
import json
from function_app import app
for function in app.get_functions():
    trigger = function.get_trigger().get_dict_repr()
    if trigger["type"] == "httpTrigger":
        print(json.dumps([trigger["route"], [getattr(method, "value", method) for method in trigger["methods"]]]))
"""


def test_every_route_of_the_app_is_tried_here(cloud: LocalCloud) -> None:
    def plain(path: str) -> str:
        return re.sub(r"\{[a-z]+\}", "{}", path.partition("?")[0].strip("/"))

    tried = {("GET", plain(path)) for path in (*READS, *WRITERS_READS)} | {("POST", plain(path)) for path in WRITES}
    others = {(method, plain(path)) for path, methods in NOT_THE_OPERATORS.items() for method in methods}
    environment = read_values(ROOT) | servers.app_environment(cloud.config)
    command = [sys.executable, "-c", PRINT_ROUTES]
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    routes = [json.loads(line) for line in printed.splitlines()]
    assert {(method, plain(route)) for route, methods in routes for method in methods if "*" not in route} == (
        tried | others
    )


@pytest.mark.parametrize("path", [path for path in READS if "{" in path])
def test_what_is_another_providers_is_not_there(cloud: LocalCloud, ours: Onboarding, path: str) -> None:
    good(cloud.operator(NORTHWIND).get(filled(path, ours)))
    for caller in (cloud.operator(FABRIKAM), cloud.monitor(FABRIKAM)):
        refused(caller.get(filled(path, ours)), 404, "not-found")


@pytest.mark.parametrize("path", [path for path in WRITES if "{" in path])
def test_what_is_another_providers_cannot_be_changed(cloud: LocalCloud, waiting: Onboarding, path: str) -> None:
    before = waiting.read()
    assert write(cloud.operator(FABRIKAM), path, waiting, before["etag"]) == (404, "not-found")
    assert waiting.read() == before


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


def test_a_cursor_into_another_partition_opens_nothing(
    cloud: LocalCloud, ours: Onboarding, waiting: Onboarding
) -> None:
    for first, path in (("customer-name:", "customers"), ("service:", "services"), ("open:", "invitations")):
        cursor = base64.urlsafe_b64encode(json.dumps([NORTHWIND, first]).encode()).decode().rstrip("=")
        reply = cloud.operator(FABRIKAM).get(f"/api/{path}?cursor={cursor}")
        if reply.status_code == 200:
            found = {one.get("serviceId", one["id"]) for one in reply.json()["value"]}
            assert not found & {ours.id, waiting.id, ours.customer["id"], waiting.customer["id"]}
        else:
            refused(reply, 400, "invalid-cursor")


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


@pytest.mark.parametrize("path", READS)
def test_a_monitor_reads_what_an_operator_reads(cloud: LocalCloud, ours: Onboarding, path: str) -> None:
    read = good(cloud.monitor(NORTHWIND).get(filled(path, ours)))
    if path == "/api/me":
        assert read["role"] == "monitor"
    else:
        assert read == good(cloud.operator(NORTHWIND).get(filled(path, ours)))


@pytest.mark.parametrize("path", WRITES)
def test_a_monitor_changes_nothing(cloud: LocalCloud, waiting: Onboarding, path: str) -> None:
    before = waiting.read()
    assert write(cloud.monitor(NORTHWIND), path, waiting, before["etag"]) == (403, "not-allowed")
    assert waiting.read() == before
    assert listed(cloud.operator(NORTHWIND), "/api/customers?name=Never made") == []


@pytest.mark.parametrize("path", WRITERS_READS)
def test_what_only_who_writes_needs_is_not_a_monitors(cloud: LocalCloud, path: str) -> None:
    refused(cloud.monitor(NORTHWIND).get(path), 403, "not-allowed")


@pytest.mark.parametrize("path", [*READS, *WRITERS_READS])
def test_nothing_is_read_without_a_token(cloud: LocalCloud, ours: Onboarding, path: str) -> None:
    refused(cloud.anybody().get(filled(path, ours)), 401, "not-signed-in")


@pytest.mark.parametrize("path", WRITES)
def test_nothing_is_changed_without_a_token(cloud: LocalCloud, waiting: Onboarding, path: str) -> None:
    before = waiting.read()
    assert write(cloud.anybody(), path, waiting, before["etag"]) == (401, "not-signed-in")
    assert waiting.read() == before


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/nothing"), ("PUT", "/api/nothing/at/all"), ("DELETE", "/api/services/x/y/z")]
)
def test_what_is_no_route_is_a_problem_document(cloud: LocalCloud, method: str, path: str) -> None:
    refused(cloud.operator().request(method, path), 404, "not-found")
