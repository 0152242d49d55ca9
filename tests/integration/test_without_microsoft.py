"""What happens to a submission while Entra or Graph is away or answers nonsense: it waits, and costs no try."""

import re
import socket
from datetime import UTC, datetime, timedelta

import pytest

from local.callers import Caller
from local.waiting import wait_until
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    SECONDS,
    Json,
    Onboarding,
    check_ended,
    failed_item,
    good,
    submit,
    submitted,
    view_of,
)

TOKEN = r"POST /{}/oauth2/v2.0/token"


DISCOVERY = r"GET /{}/v2.0/.well-known/openid-configuration"


HTML = "<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>"


FOREIGN = {"token_endpoint": "https://localhost:1/x", "authorization_endpoint": "https://localhost:1/y", "issuer": "x"}


WAITS = re.compile(r"Microsoft.* We ask again by ourselves\.")


OUTAGES: dict[str, tuple[str, Json]] = {
    "discovery is down": (DISCOVERY, {"status": 503, "retryAfter": 1}),
    "the token endpoint is down": (TOKEN, {"status": 503, "retryAfter": 1}),
    "the token endpoint drops the connection": (TOKEN, {"drop": True}),
    "discovery drops the connection": (DISCOVERY, {"drop": True}),
    "the token endpoint throttles": (TOKEN, {"status": 429, "retryAfter": 1, "body": {"error": "throttled"}}),
    "the token endpoint is busy": (TOKEN, {"status": 400, "body": {"error": "temporarily_unavailable"}}),
    "the token endpoint answers in HTML": (TOKEN, {"status": 200, "body": HTML}),
    "the token endpoint refuses in HTML": (TOKEN, {"status": 403, "body": HTML}),
    "the token endpoint answers a list": (TOKEN, {"status": 200, "body": []}),
    "the token endpoint answers a number": (TOKEN, {"status": 400, "body": 7}),
    "the token endpoint answers emptily": (TOKEN, {"status": 200, "body": {}}),
    "discovery answers in HTML": (DISCOVERY, {"status": 200, "body": HTML}),
    "discovery refuses in HTML": (DISCOVERY, {"status": 403, "body": HTML}),
    "discovery answers emptily": (DISCOVERY, {"status": 200, "body": {}}),
    "discovery answers a list": (DISCOVERY, {"status": 200, "body": []}),
    "discovery names a foreign token endpoint": (DISCOVERY, {"status": 200, "body": FOREIGN}),
    "Graph is down": ("GET /v1.0/organization", {"status": 503}),
    "Graph answers in HTML": ("GET /v1.0/organization", {"status": 200, "body": HTML}),
    "Graph answers no organisation": ("GET /v1.0/organization", {"status": 200, "body": {"value": []}}),
    "Graph answers nonsense": ("GET /v1.0/organization", {"status": 200, "body": {"value": [{"verifiedDomains": 5}]}}),
}


def test_without_microsoft_the_page_says_what_it_waits_for_and_goes_on_by_itself(
    cloud: LocalCloud, faults: Faults
) -> None:
    """All outages, each for a service of its own, and then one wait for them all."""
    asked: dict[str, tuple[Onboarding, Caller]] = {}
    said: dict[str, str] = {}
    for what, (match, fault) in OUTAGES.items():
        faults.clear()
        faults.entra(match.format(CONTOSO.tenant), **fault)
        way = Onboarding.begin(cloud)
        asked[what] = way, way.admin()
        said[what] = _said(asked[what][1])
    faults.clear()
    assert {what: words for what, words in said.items() if not WAITS.fullmatch(words)} == {}
    for what, (way, admin) in asked.items():
        view = check_ended(admin)
        assert (view["status"], view["triesLeft"]) == ("authenticated", 10), what
        # The first ones may have met a later outage, too.
        told = list(dict.fromkeys(way.told()))
        assert told == ["service-created", "link-copied", "credentials-submitted", "check-waits", "authenticated"], what


def _said(admin: Caller) -> str:
    """What the page says first about a submission that cannot be checked now."""

    def look() -> str | None:
        view = view_of(admin)
        if view["status"] == "validating":
            words: str | None = view["check"]["waitingFor"]
            return words
        return f"{view['status']}, {view['triesLeft']} tries left"

    good(submit(admin, CONTOSO), 202)
    try:
        return wait_until(look, 8, "a word")
    except TimeoutError:
        return "nothing"


def test_retry_after_is_kept(faults: Faults, way: Onboarding, admin: Caller) -> None:
    faults.entra(TOKEN.format(CONTOSO.tenant), status=503, retryAfter=600)
    good(submit(admin, CONTOSO), 202)
    wait_until(lambda: view_of(admin)["check"]["waitingFor"], SECONDS, "what the page says")
    (owed,) = way.cloud.owes(way.id, "check")
    wait = datetime.strptime(owed["RowKey"].split(":")[1], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(seconds=580) < wait <= timedelta(seconds=600)


def test_an_hour_without_microsoft_is_given_up_and_can_be_tried_again(
    cloud: LocalCloud, faults: Faults, way: Onboarding, admin: Caller
) -> None:
    faults.entra(TOKEN.format(CONTOSO.tenant), status=503)
    good(submit(admin, CONTOSO), 202)
    wait_until(lambda: view_of(admin)["check"]["waitingFor"], SECONDS, "what the page says")
    cloud.host.restart("+61m")
    view = check_ended(admin)
    assert (view["status"], view["triesLeft"], view["check"]["outcome"]) == ("pending", 10, "unavailable")
    assert "try again" in failed_item(view)["detail"]
    assert way.told()[-1] == "check-given-up"
    faults.clear()
    assert submitted(admin, CONTOSO)["status"] == "authenticated"


def test_a_redirect_from_the_token_endpoint_is_not_followed(
    cloud: LocalCloud, faults: Faults, way: Onboarding, admin: Caller
) -> None:
    # The stand-in sends whoever adds a slash to the address without it: followed, the check would pass.
    base = cloud.config.entra_url
    endpoint = f"{base}/{CONTOSO.tenant}/oauth2/v2.0/token"
    redirected = cloud.entra().post(f"{endpoint}/")
    assert (redirected.status_code, redirected.headers["Location"]) == (307, endpoint)
    real = good(cloud.entra().get(f"/{CONTOSO.tenant}/v2.0/.well-known/openid-configuration"))
    body = {**real, "token_endpoint": f"{endpoint}/"}
    faults.entra(DISCOVERY.format(CONTOSO.tenant), status=200, body=body)
    good(submit(admin, CONTOSO), 202)
    words = wait_until(lambda: view_of(admin)["check"]["waitingFor"], SECONDS, "what the page says")
    assert "redirect" in words
    faults.clear()
    assert check_ended(admin)["status"] == "authenticated"


def test_the_secret_goes_to_no_foreign_host(cloud: LocalCloud, faults: Faults, admin: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        foreign.setblocking(False)
        real = good(cloud.entra().get(f"/{CONTOSO.tenant}/v2.0/.well-known/openid-configuration"))
        body = {**real, "token_endpoint": f"https://localhost:{foreign.getsockname()[1]}/token"}
        faults.entra(DISCOVERY.format(CONTOSO.tenant), status=200, body=body)
        good(submit(admin, CONTOSO), 202)
        words = wait_until(lambda: view_of(admin)["check"]["waitingFor"], SECONDS, "what the page says")
        assert "foreign address" in words
        with pytest.raises(BlockingIOError):
            foreign.accept()
