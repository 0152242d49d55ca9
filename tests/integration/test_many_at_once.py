"""Many callers at the same moment, and two hosts on one storage: one of each thing comes of it, whoever is asked."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Barrier
from typing import Any, override

import pytest
import requests

from local import servers
from local.callers import Caller
from local.child import Child
from local.config import free_ports
from local.waiting import wait_until
from tests.integration.cloud import SETTINGS, START_SECONDS, Faults, LocalCloud, own_range
from tests.integration.procedure import CONTOSO, Desk, Onboarding, good, listed, order, submitted, unique

MANY, ROUNDS, WAYS = 50, 3, 6
STORY = [
    "service-created", "credentials-submitted", "authenticated", "registration-added",
    "validation-started", "validation-passed", "completion-started", "service-activated",
]  # fmt: skip


def at_once(cloud: LocalCloud, ask: Callable[[Caller, int], requests.Response]) -> list[requests.Response]:
    """What many operators are answered who all ask at the same moment."""
    callers, start = [cloud.operator() for _ in range(MANY)], Barrier(MANY)

    def asked(number: int) -> requests.Response:
        start.wait()
        return ask(callers[number], number)

    with ThreadPoolExecutor(MANY) as threads:
        return list(threads.map(asked, range(MANY)))


def answers(replies: Sequence[requests.Response]) -> Counter[str]:
    """How often each status came, with its problem's code."""
    return Counter(f"{reply.status_code} {reply.json().get('code', '')}".strip() for reply in replies)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_many_orders_with_one_short_name_exactly_one_is_made(cloud: LocalCloud, desk: Desk, number: int) -> None:
    name = unique("s")
    replies = at_once(cloud, lambda one, _: one.create(desk.path, unique("key-"), order(shortName=name)))
    assert answers(replies) == {"201": 1, "409 short-name-taken": MANY - 1}
    (made,) = desk.made()
    assert [reply.json()["id"] for reply in replies if reply.status_code == 201] == [made["id"]]


def test_one_order_that_is_sent_many_times_at_once_is_made_once(cloud: LocalCloud, desk: Desk) -> None:
    key, body = unique("key-"), order()
    replies = at_once(cloud, lambda one, _: one.create(desk.path, key, body))
    assert answers(replies) == {"201": MANY}
    (made,) = desk.made()
    assert {reply.json()["id"] for reply in replies} == {made["id"]}
    way = Onboarding(cloud, desk.operator, desk.customer, made["id"], body["adminEmail"])
    way.mail()
    assert_mailed_once(way)


def test_of_many_customers_of_one_name_exactly_one_is_made(cloud: LocalCloud) -> None:
    name = unique("Customer ")
    replies = at_once(cloud, lambda one, _: one.create("/api/customers", unique("key-"), {"name": name}))
    assert answers(replies) == {"201": 1, "409 customer-name-taken": MANY - 1}
    assert [one["name"] for one in listed(cloud.operator(), f"/api/customers?name={name}")] == [name]


def assert_mailed_once(way: Onboarding) -> None:
    """Its mail went out, no other one has, and none will."""
    assert way.mail_settled()["invitation"]["emailSentCount"] == 1
    assert len(way.cloud.inbox.mails(way.email)) == 1
    assert way.cloud.owes(way.id, "mail") == []


# Two hosts


class Balanced(Caller):
    """A caller whose requests go to one host and to the other in turn, as a load balancer would send them."""

    def __init__(self, caller: Caller, ends: Sequence[str]) -> None:
        super().__init__(ends[0], str(caller.headers["Authorization"]))
        self.hooks = caller.hooks
        self._ends = itertools.cycle(ends)

    @override
    def request(self, *args: Any, **options: Any) -> requests.Response:
        self.base_url = next(self._ends)
        return super().request(*args, **options)


@dataclass(frozen=True)
class Ends:
    """Two hosts of one app on one storage: each serves, listens to the same queues, and sweeps."""

    urls: tuple[str, str]
    second: Child

    def way(self, cloud: LocalCloud, number: int) -> Onboarding:
        """A service whose callers meet both hosts in turn; every other one begins with the second."""
        way = Onboarding.begin(cloud)
        way.operator = Balanced(way.operator, self.urls[:: 1 if number % 2 else -1])
        return way


@pytest.fixture
def ends(cloud: LocalCloud) -> Iterator[Ends]:
    ours = cloud.config
    config = replace(ours, ports=replace(ours.ports, api=free_ports(own_range()).api))
    second = servers.host(config)
    second.log = second.log.with_name("second-host.log")
    second.start({**servers.app_environment(config), **SETTINGS, "PUBLIC_BASE_URL": ours.api_url}, config.root)
    try:
        wait_until(second.is_ready, START_SECONDS, "the start of a second host")
        yield Ends((ours.api_url, config.api_url), second)
    finally:
        second.stop()


def whole_way(cloud: LocalCloud, ends: Ends, number: int) -> Onboarding:
    """The procedure from the order to a service that is active."""
    way = ends.way(cloud, number)
    admin = Balanced(way.admin(way.mail().link), ends.urls)
    assert submitted(admin, CONTOSO)["status"] == "authenticated"
    good(way.add(acknowledged=True))
    assert way.validate()["check"]["outcome"] == "passed"
    assert way.complete()["state"] == "active"
    return way


def test_two_hosts_on_one_storage_do_everything_once(cloud: LocalCloud, faults: Faults, ends: Ends) -> None:
    """Some mails meet an e-mail service that is away for a moment: both hosts' sweeps find what waits for it."""
    faults.mail(status=503, times=WAYS // 2)
    with ThreadPoolExecutor(WAYS) as threads:
        ways = list(threads.map(lambda number: whole_way(cloud, ends, number), range(WAYS)))
    hosts = [cloud.host.log(), "\n".join(ends.second.last_lines(10_000))]
    assert ["queue check  ok" in log for log in hosts] == [True, True], "one of the hosts did nothing"
    for way in ways:
        assert way.told() == STORY
        assert_mailed_once(way)
        assert cloud.owes(way.id, "check") == []
    numbers = Counter(row["RowKey"].rpartition(":")[0] for row in cloud.rows() if row["RowKey"].startswith("event:"))
    assert [f'"{numbers[f"event:{way.id}"]}"' for way in ways] == [way.read()["etag"] for way in ways]
