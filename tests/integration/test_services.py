"""Services (steps 1 to 7): what makes one, whose short name it is, and that a repetition makes no second."""

import html
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from shared.names import APART
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import (
    FABRIKAM,
    NORTHWIND,
    Desk,
    Onboarding,
    good,
    listed,
    order,
    refused,
    unique,
    view_of,
)


def test_a_new_service_is_invited_and_shown_everywhere(desk: Desk) -> None:
    body = order(license="HostedEssentialsPlus", licensedUsers=500)
    reply = desk.create(body)
    made = good(reply, 201)
    assert reply.headers["Location"] == f"/api/services/{made['id']}"
    assert reply.headers["ETag"] == made["etag"]
    assert reply.headers["Cache-Control"] == "no-store"
    assert {name: made[name] for name in body if name in made} == {
        name: value for name, value in body.items() if name in made
    }
    assert made["customer"] == {"id": desk.customer["id"], "name": desk.customer["name"]}
    assert made["state"] == "invited"
    assert made["proposal"] is None
    invitation = made["invitation"]
    assert (invitation["status"], invitation["emailState"]) == ("pending", "queued")
    assert (invitation["deviceAuthenticated"], invitation["triesLeft"]) == (False, 10)
    assert (invitation["adminEmail"], invitation["invitedBy"]) == (body["adminEmail"], "Olivia Berg")
    lives = datetime.fromisoformat(invitation["expiresAt"]) - datetime.fromisoformat(invitation["createdAt"])
    assert lives == timedelta(days=7)
    assert [service["id"] for service in desk.made()] == [made["id"]]
    by = {"kind": "operator", "name": "Olivia Berg", "id": "f0000000-0000-4000-8000-000000000001"}
    first = good(desk.operator.get(f"/api/services/{made['id']}/events"))["value"][0]
    assert (first["what"], first["by"]) == ("service-created", by)


def test_the_newest_service_is_listed_first_and_by_its_state(desk: Desk) -> None:
    ids = [good(desk.create(order()), 201)["id"] for _ in range(3)]
    assert [service["id"] for service in desk.made()] == ids[::-1]
    path = f"/api/services?customerId={desk.customer['id']}"
    assert [service["id"] for service in listed(desk.operator, f"{path}&state=invited")] == ids[::-1]
    assert listed(desk.operator, f"{path}&state=active") == []
    refused(desk.operator.get(f"{path}&state=unheard-of"), 422, "invalid-input")


def test_many_services_come_in_pages(desk: Desk) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: good(desk.create(order()), 201)["id"], range(52)))
    first = good(desk.operator.get("/api/services", params={"customerId": desk.customer["id"]}))
    assert len(first["value"]) == 50
    assert [service["id"] for service in desk.made()] == sorted(made)


SPECIAL = "#%'&+~@_-"


NAMES = [*(f"{character}a{character}{{}}" for character in SPECIAL), "Köln-{}", "日本{}", "ÅÉß{}", "{}$&=;,()[]"]


@pytest.mark.parametrize("pattern", NAMES)
def test_special_short_names_survive_every_layer(cloud: LocalCloud, pattern: str) -> None:
    name = pattern.format(unique()[:4])
    full = f"Voice {name} <b>&amp;"
    way = Onboarding.begin(cloud, shortName=name, fullName=full)
    assert good(way.operator.get("/api/short-names", params={"value": name})) == {
        "value": name,
        "available": False,
        "code": "short-name-taken",
        "detail": way.operator.get("/api/short-names", params={"value": name}).json()["detail"],
    }
    assert way.read()["shortName"] == name
    (listed_one,) = listed(way.operator, f"/api/services?customerId={way.customer['id']}")
    assert (listed_one["shortName"], way.row()["shortName"], way.row()["fullName"]) == (name, name, full)
    assert way.events()[0]["details"] == {"shortName": name}
    mail = way.mail()
    assert f'"{full}"' in mail.text.replace(APART, "")
    assert full in html.unescape(mail.html).replace(APART, "")
    assert full not in mail.html
    assert view_of(way.admin(mail.link))["service"] == {"fullName": full}


@pytest.mark.parametrize(
    "change", [str.upper, str.title, lambda name: name.replace("s", "ｓ"), lambda name: name.replace("s", "ſ")]
)
def test_a_short_name_is_taken_whatever_the_case_or_form(desk: Desk, change: Callable[[str], str]) -> None:
    name = unique("s")
    good(desk.create(order(shortName=name)), 201)
    refused(desk.create(order(shortName=change(name))), 409, "short-name-taken")
    assert desk.short_name(change(name))["code"] == "short-name-taken"
    assert len(desk.made()) == 1


def test_another_provider_may_use_the_same_short_name(cloud: LocalCloud) -> None:
    name = unique("s")
    ours, theirs = (Onboarding.begin(cloud, provider, shortName=name) for provider in (NORTHWIND, FABRIKAM))
    assert ours.read()["shortName"] == theirs.read()["shortName"] == name


def test_of_many_who_take_one_short_name_at_once_exactly_one_gets_it(cloud: LocalCloud) -> None:
    name, start = unique("s"), Barrier(8)
    desks = [Desk(cloud.operator()) for _ in range(8)]
    orders = [order(shortName=name if number % 2 else name.upper()) for number in range(8)]

    def create(number: int) -> Any:
        start.wait()
        return desks[number].create(orders[number])

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(create, range(8)))
    assert sorted(reply.status_code for reply in replies) == [201] + [409] * 7
    for number, reply in enumerate(replies):
        if reply.status_code == 409:
            refused(reply, 409, "short-name-taken")
        assert len(desks[number].made()) == (reply.status_code == 201)
        pending = listed(desks[number].operator, f"/api/invitations?customerId={desks[number].customer['id']}")
        assert len(pending) == (reply.status_code == 201)


def test_a_repeated_request_gives_the_same_service_and_one_mail(cloud: LocalCloud, desk: Desk) -> None:
    body, key = order(), unique("key-")
    made = good(desk.create(body, key), 201)
    way = Onboarding(cloud, desk.operator, desk.customer, made["id"], body["adminEmail"])
    again = good(desk.create(body, key), 201)
    way.mail()
    late = good(desk.create(body, key), 201)
    assert made["id"] == again["id"] == late["id"]
    assert len(desk.made()) == 1
    assert cloud.owes(made["id"], "mail") == []
    assert len(cloud.inbox.mails(body["adminEmail"])) == late["invitation"]["emailSentCount"] == 1


def test_a_request_repeated_at_the_same_instant_gives_one_service(desk: Desk) -> None:
    body, key, start = order(), unique("key-"), Barrier(4)

    def create(_: int) -> str:
        start.wait()
        made: str = good(desk.create(body, key), 201)["id"]
        return made

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(create, range(4)))) == 1
    assert len(desk.made()) == 1


def test_an_idempotency_key_with_another_body_is_refused(desk: Desk) -> None:
    body, key = order(), unique("key-")
    good(desk.create(body, key), 201)
    refused(desk.create({**body, "licensedUsers": 26}, key), 422, "idempotency-key-reused")
    refused(desk.create(body, unique("key-")), 409, "short-name-taken")
    assert [service["licensedUsers"] for service in desk.made()] == [25]


def test_a_lifetime_that_the_operator_chose_is_kept(cloud: LocalCloud) -> None:
    until = (datetime.now(UTC) + timedelta(days=29)).replace(microsecond=0)
    way = Onboarding.begin(cloud, expiresAt=until.isoformat())
    assert datetime.fromisoformat(way.read()["invitation"]["expiresAt"]) == until
