"""Customers (step 2): make one, find it by name; names are unique within a provider."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.integration.cloud import LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    FABRIKAM,
    good,
    listed,
    new_customer,
    pointers,
    refused,
    unique,
)


def test_a_new_customer_is_found_by_its_id_and_by_the_beginning_of_its_name(cloud: LocalCloud) -> None:
    operator, name = cloud.operator(), unique("Customer ")
    reply = operator.create(
        "/api/customers", unique("key-"), {"name": f"  {name} ", "tenantId": CONTOSO.tenant.upper()}
    )
    made = good(reply, 201)
    assert made["name"] == name
    assert made["tenantId"] == CONTOSO.tenant
    assert reply.headers["ETag"] == made["etag"]
    assert reply.headers["Location"] == f"/api/customers/{made['id']}"
    assert good(operator.get(reply.headers["Location"])) == made
    for prefix in (name, name[:14], name.upper()):
        assert made in listed(operator, f"/api/customers?name={prefix}")
    assert made in listed(operator, "/api/customers")
    assert listed(operator, f"/api/customers?name={name}x") == []


@pytest.mark.parametrize(
    "name", ["Zürich & Söhne {}", "O'Brien {}", "50% #1 {}", "日本通信 {}", "a/b\\c?d {}", "+~@_- {}"]
)
def test_special_names_survive(cloud: LocalCloud, name: str) -> None:
    operator = cloud.operator()
    full = name.format(unique())
    made = new_customer(operator, name=full)
    assert made["name"] == full
    assert [one["id"] for one in good(operator.get("/api/customers", params={"name": full}))["value"]] == [made["id"]]


def test_many_customers_come_in_pages_in_the_order_of_their_names(cloud: LocalCloud) -> None:
    operator, prefix = cloud.operator(), unique("Paged ")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: new_customer(operator, name=f"{prefix} {number:02}"), range(52)))
    first = good(operator.get("/api/customers", params={"name": prefix}))
    assert len(first["value"]) == 50
    assert first["nextLink"].startswith("/api/customers?")
    names = [one["name"] for one in listed(operator, f"/api/customers?name={prefix}")]
    assert names == [f"{prefix} {number:02}" for number in range(52)]


@pytest.mark.parametrize("change", [str.upper, lambda name: name.replace("Customer", "Ｃｕｓｔｏｍｅｒ")])
def test_a_name_is_taken_whatever_the_case_or_width(cloud: LocalCloud, change: type[str]) -> None:
    operator, name = cloud.operator(), unique("Customer ")
    new_customer(operator, name=name)
    refused(operator.create("/api/customers", unique("key-"), {"name": change(name)}), 409, "customer-name-taken")
    assert len(listed(operator, f"/api/customers?name={name}")) == 1


def test_the_same_name_at_another_provider_is_another_customer(cloud: LocalCloud) -> None:
    name = unique("Customer ")
    ours, theirs = new_customer(cloud.operator(), name=name), new_customer(cloud.operator(FABRIKAM), name=name)
    assert ours["id"] != theirs["id"]
    assert listed(cloud.operator(FABRIKAM), f"/api/customers?name={name}") == [theirs]


def test_a_repeated_request_finds_the_customer_that_it_made(cloud: LocalCloud) -> None:
    operator, key, body = cloud.operator(), unique("key-"), {"name": unique("Customer ")}
    made = good(operator.create("/api/customers", key, body), 201)
    assert good(operator.create("/api/customers", key, body), 201) == made
    other = {**body, "tenantId": CONTOSO.tenant}
    refused(operator.create("/api/customers", key, other), 422, "idempotency-key-reused")
    refused(operator.create("/api/customers", unique("key-"), body), 409, "customer-name-taken")


def test_of_many_who_make_one_customer_at_once_exactly_one_does(cloud: LocalCloud) -> None:
    name, callers, start = unique("Customer "), [cloud.operator() for _ in range(6)], Barrier(6)

    def make(number: int) -> int:
        start.wait()
        return callers[number].create("/api/customers", unique("key-"), {"name": name}).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(make, range(6))) == [201, 409, 409, 409, 409, 409]
    assert len(listed(callers[0], f"/api/customers?name={name}")) == 1


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"name": "   "}, "/name", "blank"),
        ({"name": ""}, "/name", "string-too-short"),
        ({"name": "x" * 101}, "/name", "string-too-long"),
        ({"name": "a\u200bb"}, "/name", "invisible-character"),
        ({"name": "a\nb"}, "/name", "invisible-character"),
        ({"name": 5}, "/name", "string-type"),
        ({"name": None}, "/name", "string-type"),
        ({"tenantId": "contoso.example"}, "/tenantId", "guid"),
        ({"tenantId": "{33333333-aaaa-4bbb-8ccc-00000000000}"}, "/tenantId", "string-too-long"),
        ({"tenantId": "٣3333333-aaaa-4bbb-8ccc-000000000001"}, "/tenantId", "guid"),
        ({"color": "red"}, "/color", "extra-forbidden"),
    ],
)
def test_bad_input_is_refused_at_its_field(
    cloud: LocalCloud, change: dict[str, object], pointer: str, code: str
) -> None:
    operator, name = cloud.operator(), unique("Customer ")
    reply = operator.create("/api/customers", unique("key-"), {"name": name, **change})
    assert pointers(refused(reply, 422, "invalid-input")) == {pointer: code}
    assert listed(operator, f"/api/customers?name={name}") == []


@pytest.mark.parametrize("key", [None, "", "short", "with blank", "k" * 129, "schlüssel".encode()])
def test_a_creation_wants_an_idempotency_key(cloud: LocalCloud, key: str | bytes | None) -> None:
    operator, name = cloud.operator(), unique("Customer ")
    headers = {} if key is None else {"Idempotency-Key": key}
    refused(operator.post("/api/customers", json={"name": name}, headers=headers), 400, "idempotency-key-required")
    assert listed(operator, f"/api/customers?name={name}") == []


@pytest.mark.parametrize(
    "customer", ["0" * 24, "x", "%23", "a%3Fb", "a%5Cb", "a%25b", "'", "%01", "%C3%BC", "..", "x" * 1500]
)
def test_an_unknown_customer_is_not_found(cloud: LocalCloud, customer: str) -> None:
    refused(cloud.operator().get(f"/api/customers/{customer}"), 404, "not-found")


@pytest.mark.parametrize("query", ["nmae=x", f"name={'x' * 101}"])
def test_a_query_that_makes_no_sense_is_refused(cloud: LocalCloud, query: str) -> None:
    refused(cloud.operator().get(f"/api/customers?{query}"), 422, "invalid-input")


@pytest.mark.parametrize("cursor", ["x", "W10", "%00", "eyJhIjoxfQ", "WyJhIiwiYiJd"])
def test_a_cursor_of_somebody_elses_making_opens_nothing(cloud: LocalCloud, cursor: str) -> None:
    reply = cloud.operator().get(f"/api/customers?cursor={cursor}")
    if reply.status_code == 200:  # a well-formed one may point anywhere; it never leaves its own provider
        ours = {one["id"] for one in listed(cloud.operator(), "/api/customers")}
        assert {one["id"] for one in reply.json()["value"]} <= ours
    else:
        refused(reply, 400, "invalid-cursor")
