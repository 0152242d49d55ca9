"""What each use case asks of the outside, counted: one call more and a test fails."""

from collections.abc import Callable

import pytest

from local.callers import Caller
from tests.faults.cases import CASES, opened
from tests.faults.gate import Spoil
from tests.faults.lane import Lane
from tests.faults.points import Point, run
from tests.faults.scene import Scene, UseCase

type Ask = tuple[Callable[[Scene], Caller], str]


def by_operator(path: str) -> Ask:
    return (lambda scene: scene.operator), path


def by_holder(path: str) -> Ask:
    return (lambda scene: scene.holder), path


READS: dict[str, tuple[Ask, tuple[str, ...]]] = {
    "open the wizard": (by_holder("/api/invitation"), ("read service",)),
    "load the wizard's page": (by_holder("/invite"), ()),
    "a page of services": (by_operator("/api/services"), ("query service",)),
    "a page of some services": (by_operator("/api/services?state=invited&customerId={customer}"), ("query service",)),
    "a page of invitations": (by_operator("/api/invitations"), ("query open",)),
    "a page of some invitations": (by_operator("/api/invitations?status=pending"), ("query open",)),
    "a page of customers": (by_operator("/api/customers?name=cu"), ("query customer-name",)),
    "a page of events": (by_operator("/api/services/{service}/events"), ("query event",)),
    "a service": (by_operator("/api/services/{service}"), ("read service",)),
    "an invitation": (by_operator("/api/invitations/{service}-1"), ("read service",)),
    "a customer": (by_operator("/api/customers/{customer}"), ("read customer",)),
    "a short name": (by_operator("/api/short-names?value=Free-1"), ("read short-name",)),
    "late work": (by_operator("/api/owed"), ("query due",)),
    "who am I": (by_operator("/api/me"), ()),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_use_case_makes_these_calls_and_no_more(lane: Lane, case: UseCase) -> None:
    assert run(lane, Point(case)).faults == ()


def test_a_read_is_one_call_at_most(lane: Lane) -> None:
    scene = opened(lane)
    names = {"service": scene.service.id, "customer": scene.service.customer["id"]}
    made = {}
    for name, ((caller, path), _) in READS.items():
        with lane.gate.armed(0, Spoil.CUT) as armed:
            assert caller(scene).get(path.format(**names)).status_code == 200
        made[name] = tuple(call.what for call in armed.calls)
    lane.wipe()
    assert made == {name: calls for name, (_, calls) in READS.items()}
