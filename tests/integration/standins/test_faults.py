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


def test_the_real_answer_can_be_cut_in_half(entra: StandIn) -> None:
    entra.post("/control/faults", {"match": "GET /common", "cut": True})
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        entra.get(KEYS)
    assert entra.get(KEYS).json()["keys"]


@pytest.mark.parametrize(("body", "half"), [("<html>outage</html>", b"<html>out"), ({"a": "bcd"}, b'{"a": ')])
def test_half_an_answer_is_sent_as_if_more_would_follow(entra: StandIn, body: object, half: bytes) -> None:
    entra.post("/control/faults", {"match": "GET /common", "status": 200, "body": body, "cut": True})
    answer = entra.session.get(entra.url + KEYS, stream=True, timeout=10)
    assert answer.raw.read(len(half), decode_content=False) == half
    with pytest.raises(Exception, match="IncompleteRead"):
        answer.raw.read(1)


def test_an_answer_can_come_byte_by_byte(entra: StandIn) -> None:
    fault = {"match": "GET /common", "status": 200, "body": "slow", "dripSeconds": 0.1}
    entra.post("/control/faults", fault)
    before = time.monotonic()
    answer = entra.session.get(entra.url + KEYS, stream=True, timeout=10)
    assert time.monotonic() - before < 0.3, "the head comes at once"
    assert answer.text == "slow"
    assert time.monotonic() - before >= 0.4


def test_a_fault_can_redirect(entra: StandIn) -> None:
    place = "https://localhost:1/elsewhere"
    entra.post("/control/faults", {"match": "GET /common", "status": 307, "headers": {"Location": place}})
    answer = entra.session.get(entra.url + KEYS, allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"], answer.content) == (307, place, b"")


def test_the_list_says_how_often_each_fault_was_used(entra: StandIn) -> None:
    for match in ("GET /common", "GET /v1.0"):
        entra.post("/control/faults", {"match": match, "status": 500, "times": 2})
    for _ in range(3):
        entra.get(KEYS)
    listed = entra.get("/control/faults").json()["value"]
    assert [(fault["match"], fault["used"]) for fault in listed] == [("GET /common", 2), ("GET /v1.0", 0)]


def test_deleted_faults_act_no_more(entra: StandIn) -> None:
    entra.post("/control/faults", {"match": "GET /common", "status": 500, "times": None})
    assert entra.session.delete(entra.url + "/control/faults", timeout=10).status_code == 204
    assert entra.get(KEYS).status_code == 200
    assert entra.get("/control/faults").json() == {"value": []}


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"match": "/no-method", "status": 500},
        {"match": "GET ("},
        {"match": "GET /", "status": 42},
        {"match": "GET /", "status": 500, "x": 1},
        {"match": "GET /", "status": 500, "times": 0},
        {"match": "GET /", "status": 500, "retryAfter": -1},
        {"match": "GET /", "delaySeconds": -1},
        {"match": "GET /", "dripSeconds": -1},
        {"match": "GET /", "body": "without a status"},
        {"match": "GET /", "retryAfter": 1},
        {"match": "GET /", "drop": True, "status": 500},
        {"match": "GET /", "drop": True, "cut": True},
        {"match": "GET /", "afterwards": True},
        {"match": "GET /", "status": 302, "headers": {"Location": "/a\r\nSet-Cookie: b"}},
        {"match": "GET /", "status": 302, "headers": {"Loc ation": "/"}},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(entra: StandIn, fault: dict[str, object]) -> None:
    assert entra.post("/control/faults", fault).status_code == 400
