"""Faults on demand: which requests they hit, how often, and what they do."""

import time

import pytest
import requests

from tests.integration.standins.servers import StandIn

KEYS = "/common/discovery/v2.0/keys"


def test_a_fault_acts_as_often_as_it_says(entra: StandIn) -> None:
    fault = {
        "match": r"GET /common/.*/keys$",
        "status": 503,
        "retryAfter": 3,
        "body": {"error": "busy"},
        "times": 2,
    }
    entra.post("/control/faults", fault)
    answers = [entra.get(KEYS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "3"
    assert answers[0].json() == {"error": "busy"}


def test_a_fault_spares_other_methods_and_paths(entra: StandIn) -> None:
    entra.post("/control/faults", {"match": "POST /common", "status": 500, "times": None})
    assert entra.get(KEYS).status_code == 200
    assert entra.session.post(entra.url + "/common/oauth2/v2.0/token", timeout=10).status_code == 500
    assert entra.get("/v1.0/organization").status_code == 401


def test_a_delay_alone_lets_the_real_answer_follow(entra: StandIn) -> None:
    entra.post("/control/faults", {"match": "* .", "delaySeconds": 0.3})
    before = time.monotonic()
    assert entra.get(KEYS).status_code == 200
    assert time.monotonic() - before >= 0.3


def test_a_dropped_connection_is_an_error_for_the_client(entra: StandIn) -> None:
    entra.post("/control/faults", {"match": "GET /common", "drop": True})
    with pytest.raises(requests.RequestException):
        entra.get(KEYS)
    assert entra.get(KEYS).status_code == 200


def test_deleted_faults_act_no_more(entra: StandIn) -> None:
    entra.post("/control/faults", {"match": "GET /common", "status": 500, "times": None})
    assert entra.session.delete(entra.url + "/control/faults", timeout=10).status_code == 204
    assert entra.get(KEYS).status_code == 200
    assert entra.get("/control/faults").json() == {"value": []}


@pytest.mark.parametrize(
    "fault",
    [{"match": "/no-method", "status": 500}, {"match": "GET ("}, {"match": "GET /", "status": 42}, {"x": 1}],
)
def test_a_fault_that_makes_no_sense_is_refused(entra: StandIn, fault: dict[str, object]) -> None:
    assert entra.post("/control/faults", fault).status_code == 400
