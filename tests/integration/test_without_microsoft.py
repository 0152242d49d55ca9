"""What happens to a submission while Entra or Graph is away or answers nonsense: it waits, and costs no try."""

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from local.callers import Caller
from local.waiting import wait_until
from shared.languages.translations import ENGLISH
from shared.waiting import Later
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.microsoft import DISCOVERY, ORGANIZATION, TOKEN, Place
from tests.integration.procedure import (
    CONTOSO,
    SECONDS,
    Json,
    Onboarding,
    Registered,
    check_ended,
    failed_item,
    good,
    submit,
    submitted,
    unique,
    view_of,
)
from validation import outside

WAITS = re.compile(r"Microsoft.* We ask again by ourselves\.")
# The parts of a signed token in a text.
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{20,}")

HTML = "<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>"

# What a service, or whatever stands before it, can answer to any question: the fault, and a word that tells it.
BAD_ANSWERS: dict[str, tuple[Json, str]] = {
    "HTML": ({"status": 200, "body": HTML}, "read"),
    "nothing": ({"status": 200}, "read"),
    "half its answer": ({"cut": True}, "reached"),
    "half a document": (
        {"status": 200, "body": '{"token_type": "Bearer", "access_token": "eyJ0eXAiOiJKV1QiLCJh'},
        "read",
    ),
    "no content": ({"status": 204}, "204"),
    "half its page": ({"status": 503, "body": HTML, "cut": True}, "reached"),
    "a list": ({"status": 200, "body": []}, "read"),
    "a text": ({"status": 200, "body": '"token"'}, "read"),
    "a redirect to nowhere": ({"status": 302}, "redirect"),
    "408": ({"status": 408}, "408"),
    "429": ({"status": 429, "retryAfter": 1}, "429"),
    "429 in HTML": ({"status": 429, "body": HTML}, "429"),
    "500": ({"status": 500, "body": {"error": "server_error"}}, "500"),
    "502 in HTML": ({"status": 502, "body": HTML}, "502"),
    "503": ({"status": 503, "retryAfter": 1}, "503"),
    "nothing, and hangs up": ({"drop": True}, "reached"),
}

# What is nonsense for one endpoint only.
SPECIAL: dict[str, tuple[str, Json, str]] = {
    "discovery answers an empty object": (DISCOVERY, {"status": 200, "body": {}}, "description"),
    "discovery answers other members": (DISCOVERY, {"status": 200, "body": {"issuer": 7}}, "description"),
    "discovery refuses without a reason": (DISCOVERY, {"status": 400, "body": {}}, "description"),
    "discovery refuses in HTML": (DISCOVERY, {"status": 403, "body": HTML}, "403"),
    "the token endpoint answers an empty object": (TOKEN, {"status": 200, "body": {}}, "busy"),
    "the token endpoint answers a number": (TOKEN, {"status": 400, "body": 7}, "read"),
    "the token endpoint gives no text as a token": (
        TOKEN,
        {"status": 200, "body": {"access_token": ["a"]}},
        "Microsoft",
    ),
    "the token endpoint gives an error that is a list": (TOKEN, {"status": 400, "body": {"error": ["a"]}}, "busy"),
    "the token endpoint is busy": (TOKEN, {"status": 400, "body": {"error": "temporarily_unavailable"}}, "busy"),
    "the token endpoint says what OAuth does not": (TOKEN, {"status": 400, "body": {"error": "gone_fishing"}}, "know"),
    "the token endpoint refuses in HTML": (TOKEN, {"status": 403, "body": HTML}, "403"),
    "Graph answers no organisation": (ORGANIZATION, {"status": 200, "body": {"value": []}}, "organisation"),
    "Graph answers an empty object": (ORGANIZATION, {"status": 200, "body": {}}, "organisation"),
    "Graph answers nonsense": (
        ORGANIZATION,
        {"status": 200, "body": {"value": [{"verifiedDomains": 5}]}},
        "organisation",
    ),
    "Graph answers HTML about the application": ("GET /v1.0/applications", {"status": 200, "body": HTML}, "read"),
    "Graph is away for the application": ("GET /v1.0/applications", {"status": 503}, "503"),
    "Graph refuses in HTML": (ORGANIZATION, {"status": 403, "body": HTML}, "read"),
}

PLACES = {"discovery": DISCOVERY, "the token endpoint": TOKEN, "Graph": ORGANIZATION}
CASES = {
    **{
        f"{where} answers {what}": (match, *bad) for where, match in PLACES.items() for what, bad in BAD_ANSWERS.items()
    },
    **SPECIAL,
}


@pytest.mark.parametrize("case", CASES)
def test_whatever_is_no_answer_is_waited_out_and_told_apart(
    cloud: LocalCloud,
    faults: Faults,
    foreign: socket.socket,
    examined: Any,
    caplog: pytest.LogCaptureFixture,
    case: str,
) -> None:
    match, fault, word = CASES[case]
    place = Place(cloud, foreign)
    faults.entra(place.filled(match), **place.filled(fault))
    with pytest.raises(Later) as caught:
        examined()
    words = ENGLISH.say(caught.value.words)
    assert words.startswith("Microsoft")
    assert word in words
    assert faults.used() == 1, "nothing repeats the question at once"
    throttled = fault.get("status") == 429
    wait = timedelta(seconds=1) if "retryAfter" in fault else None
    assert (caught.value.throttled, caught.value.retry_after) == (throttled, wait)
    assert CONTOSO.secret not in caplog.text
    assert JWT.search(caplog.text) is None
    faults.clear()
    assert examined().organization


def test_a_domain_is_resolved_as_carefully(cloud: LocalCloud, faults: Faults, examined: Any) -> None:
    for issuer in ("https://evil.example/x/v2.0", f"{cloud.config.entra_url}/{{tenantid}}/v2.0", None):
        faults.clear()
        faults.entra(f"GET /{CONTOSO.domain}/", status=200, body={"issuer": issuer})
        with pytest.raises(Later, match="description"):
            examined(CONTOSO.domain)


@pytest.mark.parametrize("where", PLACES)
def test_whoever_does_not_answer_is_not_waited_for_long(
    cloud: LocalCloud,
    faults: Faults,
    foreign: socket.socket,
    examined: Any,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    monkeypatch.setattr("shared.outbound.READ_SECONDS", 0.3)
    faults.entra(Place(cloud, foreign).filled(PLACES[where]), delaySeconds=20)
    with pytest.raises(Later, match="in time"):
        examined()


def test_an_answer_in_drops_ends_with_the_checks_time(
    cloud: LocalCloud, faults: Faults, foreign: socket.socket, examined: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "SECONDS_A_CHECK", 1.2)
    body = " " * 30 + "{}"
    faults.entra(Place(cloud, foreign).filled(TOKEN), status=200, body=body, dripSeconds=0.1)
    before = time.monotonic()
    with pytest.raises(Later):
        examined()
    assert time.monotonic() - before < 2.2


JOURNEYS = (
    "discovery answers HTML",
    "discovery answers 503",
    "discovery answers nothing, and hangs up",
    "the token endpoint answers half its answer",
    "the token endpoint answers nothing",
    "the token endpoint answers no content",
    "the token endpoint answers 429",
    "the token endpoint answers 500",
    "the token endpoint is busy",
    "the token endpoint refuses in HTML",
)


def test_without_microsoft_the_page_says_what_it_waits_for_and_goes_on_by_itself(
    cloud: LocalCloud, faults: Faults, foreign: socket.socket
) -> None:
    """All at once, each in a tenant of its own."""
    cases = {name: CASES[name] for name in JOURNEYS}
    registrations = _tenants_of_their_own(cloud, cases)
    for name, (match, fault, _) in cases.items():
        place = Place(cloud, foreign, registrations[name].tenant)
        faults.entra(place.filled(match), **place.filled(fault) | {"times": 1})

    def journey(name: str) -> tuple[str, Json, list[str]]:
        way = Onboarding.begin(cloud)
        admin = way.admin()
        good(submit(admin, registrations[name]), 202)
        words: str = wait_until(lambda: view_of(admin)["check"]["waitingFor"], SECONDS, f"words while {name}")
        return words, check_ended(admin), way.told()

    with ThreadPoolExecutor(len(cases)) as pool:
        journeys = dict(zip(cases, pool.map(journey, cases), strict=True))
    for name, (words, view, told) in journeys.items():
        assert WAITS.fullmatch(words), name
        assert cases[name][2] in words, name
        assert (view["status"], view["triesLeft"]) == ("authenticated", 10), name
        assert told == ["service-created", "link-copied", "credentials-submitted", "check-waits", "authenticated"], name
    for log in cloud.config.data.parent.rglob("*.log"):
        text = log.read_text(encoding="utf-8", errors="replace")
        assert JWT.search(text) is None, log
        assert [name for name, one in registrations.items() if one.secret in text] == [], log


def _tenants_of_their_own(cloud: LocalCloud, names: Any) -> dict[str, Registered]:
    """For each name a tenant like Contoso's, with a registration of its own."""
    registrations = {}
    with cloud.directory.edit() as content:
        (installation,) = content["applications"][0]["tenants"].values()
        for name in names:
            tenant, client, secret = str(uuid4()), str(uuid4()), f"{unique('own')}~secret.{unique()}{unique()}"
            entry = {"keyId": str(uuid4()), "value": secret, "endDateTime": "+400d"}
            content["tenants"].append({"id": tenant, "displayName": name})
            content["applications"].append(
                {
                    "appId": client,
                    "displayName": name,
                    "homeTenant": tenant,
                    "secrets": [entry],
                    "tenants": {tenant: installation},
                }
            )
            registrations[name] = replace(CONTOSO, tenant=tenant, client=client, secret=secret)
    return registrations


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [({"status": 503, "retryAfter": 600}, 580, 600), ({"status": 429}, 20, 30)],
    ids=["as the answer says", "half a minute where a 429 does not say"],
)
def test_retry_after_is_kept(
    faults: Faults, way: Onboarding, admin: Caller, fault: Json, least: float, most: float
) -> None:
    faults.entra(CONTOSO.sign_in, **fault)
    good(submit(admin, CONTOSO), 202)
    wait_until(lambda: view_of(admin)["check"]["waitingFor"], SECONDS, "what the page says")
    (owed,) = way.cloud.owes(way.id, "check")
    wait = datetime.strptime(owed["RowKey"].split(":")[1], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(seconds=least) < wait <= timedelta(seconds=most)


def test_an_hour_without_microsoft_is_given_up_and_can_be_tried_again(
    cloud: LocalCloud, faults: Faults, way: Onboarding, admin: Caller
) -> None:
    faults.entra(CONTOSO.sign_in, status=503)
    good(submit(admin, CONTOSO), 202)
    wait_until(lambda: view_of(admin)["check"]["waitingFor"], SECONDS, "what the page says")
    cloud.host.restart("+61m")
    view = check_ended(admin)
    assert (view["status"], view["triesLeft"], view["check"]["outcome"]) == ("pending", 10, "unavailable")
    assert "try again" in failed_item(view)["detail"]
    assert way.told()[-1] == "check-given-up"
    faults.clear()
    assert submitted(admin, CONTOSO)["status"] == "authenticated"
