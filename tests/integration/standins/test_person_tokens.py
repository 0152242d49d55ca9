"""The tokens of people who signed in through a browser: codes, refresh tokens, and which scripts may have them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from local.entra.grants import Grant, Grants, SignedIn
from local.entra.refusals import RefusalError
from tests.integration.standins.browser import (
    API_CLIENT,
    CHALLENGE,
    ORIGIN,
    PORTAL_CLIENT,
    REDEEMED,
    SCOPE,
    Browser,
    claims,
    number,
)
from tests.integration.standins.servers import PORTAL, StandIn

NORTHWIND = "11111111-aaaa-4bbb-8ccc-000000000001"


@pytest.fixture
def browser(entra: StandIn) -> Browser:
    return Browser(entra)


def test_a_code_becomes_tokens_like_entras(entra: StandIn, browser: Browser) -> None:
    answer = browser.tokens()
    assert (answer["token_type"], answer["scope"], answer["expires_in"]) == ("Bearer", SCOPE, 75 * 60)
    access = claims(entra, answer["access_token"], API_CLIENT)
    assert (access["iss"], access["azp"]) == (f"{entra.url}/{NORTHWIND}/v2.0", PORTAL_CLIENT)
    assert (access["scp"], access["roles"]) == ("Onboarding.Access", ["Onboarding.Operator"])
    person = claims(entra, answer["id_token"], PORTAL_CLIENT)
    assert (person["iss"], person["ver"], person["tid"]) == (access["iss"], "2.0", NORTHWIND)
    assert (person["nonce"], person["name"]) == ("the nonce", "Olivia Berg")
    assert person["preferred_username"] == "olivia.berg@northwind-voice.example"
    assert (person["oid"], person["sub"]) == (access["oid"], access["sub"])
    assert not {"roles", "scp", "azp"} & set(person)


def test_each_person_gets_the_own_roles_and_nobody_others(entra: StandIn, browser: Browser) -> None:
    for name, roles in (("Max Stein", ["Onboarding.Monitor"]), ("Nora Quist", None)):
        token = browser.tokens(name, prompt="login")["access_token"]
        access = claims(entra, token, API_CLIENT)
        assert (access["name"], access.get("roles")) == (name, roles)


@pytest.mark.parametrize(
    ("scope", "present", "claimed"),
    [
        (SCOPE, set(), set()),
        (f"openid {SCOPE}", {"id_token"}, set()),
        (f"{SCOPE} offline_access", {"refresh_token"}, set()),
        (f"openid email profile {SCOPE}", {"id_token"}, {"email", "name"}),
    ],
)
def test_each_openid_scope_brings_its_own(
    entra: StandIn, browser: Browser, scope: str, present: set[str], claimed: set[str]
) -> None:
    answer = browser.tokens(scope=scope, nonce=None)
    assert {"id_token", "refresh_token"} & set(answer) == present
    if "id_token" in present:
        person = claims(entra, answer["id_token"], PORTAL_CLIENT)
        assert {"email", "name", "nonce"} & set(person) == claimed


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"code": "made up"}, "invalid_grant", 9002313),
        ({"code": None}, "invalid_request", 900144),
        ({"code_verifier": "another-verifier-of-at-least-43-characters"}, "invalid_grant", 501481),
        ({"code_verifier": None}, "invalid_grant", 50148),
        ({"redirect_uri": PORTAL + "other"}, "invalid_grant", 500112),
        ({"redirect_uri": None}, "invalid_request", 900144),
        ({"scope": "User.Read"}, "invalid_scope", 70011),
    ],
)
def test_a_code_is_refused_with_the_reason(
    browser: Browser, changes: dict[str, str | None], error: str, code: int
) -> None:
    reply = browser.redeem(**{"code": browser.code(), **changes})
    assert (reply.status_code, reply.json()["error"], number(reply.json())) == (400, error, code)
    assert reply.json()["error_codes"] == [code]
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize(("app_id", "code"), [("a0000000-0000-4000-8000-000000000009", 700016), (None, 900144)])
def test_another_client_cannot_redeem_a_code(browser: Browser, app_id: str | None, code: int) -> None:
    given = browser.code()
    reply = browser.redeem(code=given, client_id=app_id)
    assert (reply.status_code, number(reply.json())) == (400, code)
    assert browser.redeem(code=given).status_code == 200


def test_a_code_works_once(browser: Browser) -> None:
    code = browser.code()
    assert number(browser.redeem(code=code, code_verifier="wrong").json()) == 501481
    reply = browser.redeem(code=code)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-store")
    again = browser.redeem(code=code)
    assert (again.status_code, again.json()["error"], number(again.json())) == (400, "invalid_grant", 54005)


@pytest.mark.parametrize(
    ("origin", "code"),
    [("http://localhost:4075", 9002326), ("https://localhost:4074", 9002326), ("null", 9002326), (None, 9002327)],
)
def test_only_a_script_of_the_portal_gets_tokens(browser: Browser, origin: str | None, code: int) -> None:
    given = browser.code()
    refused = browser.redeem(origin, code=given)
    assert (refused.status_code, number(refused.json())) == (400, code)
    assert "Access-Control-Allow-Origin" not in refused.headers
    reply = browser.redeem(code=given)
    assert (reply.headers["Access-Control-Allow-Origin"], reply.headers["Vary"]) == (ORIGIN, "Origin")


def test_a_tenant_that_does_not_exist_redeems_nothing(entra: StandIn, browser: Browser) -> None:
    code = browser.code()
    reply = Browser(entra, "00000000-aaaa-4bbb-8ccc-000000000000").redeem(code=code)
    assert number(reply.json()) == 90002


def test_a_refresh_token_brings_new_tokens_and_the_next_one(entra: StandIn, browser: Browser) -> None:
    first = browser.tokens("Max Stein")
    second = browser.refresh(first["refresh_token"]).json()
    assert set(second) == set(first)
    assert len({first["refresh_token"], second["refresh_token"]}) == 2
    assert len({first["access_token"], second["access_token"]}) == 2
    assert claims(entra, second["access_token"], API_CLIENT)["name"] == "Max Stein"
    for token in (first["refresh_token"], second["refresh_token"]):  # Entra does not revoke the old one
        assert browser.refresh(token).status_code == 200


def test_a_refresh_answers_for_the_scopes_that_it_names(browser: Browser) -> None:
    token = browser.tokens()["refresh_token"]
    narrow = browser.refresh(token, scope=SCOPE).json()
    assert not {"id_token", "refresh_token"} & set(narrow)
    wide = browser.refresh(token, scope=f"{SCOPE} openid email")
    assert (wide.json()["error"], number(wide.json())) == ("invalid_scope", 70011)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"refresh_token": "made up"}, 9002313),
        ({"refresh_token": None}, 900144),
        ({"client_id": API_CLIENT}, 700016),
        ({"origin": "http://localhost:4075"}, 9002326),
    ],
)
def test_a_refresh_is_refused_with_the_reason(browser: Browser, changes: dict[str, str | None], code: int) -> None:
    asked = {"grant_type": "refresh_token", "refresh_token": browser.tokens()["refresh_token"]}
    reply = browser.redeem(**{**asked, **changes})
    assert (reply.status_code, number(reply.json())) == (400, code)


def test_a_refresh_sees_what_the_directory_says_now(entra: StandIn, browser: Browser, directory_file: Path) -> None:
    token, before = browser.tokens()["refresh_token"], directory_file.read_text()
    content = json.loads(before)
    users = content["providers"][0]["users"]
    try:
        users[0]["roles"] = []
        directory_file.write_text(json.dumps(content))
        access = claims(entra, browser.refresh(token).json()["access_token"], API_CLIENT)
        assert (access["name"], "roles" in access) == ("Olivia Berg", False)
        del users[0]
        directory_file.write_text(json.dumps(content))
        reply = browser.refresh(token)
        assert (reply.json()["error"], number(reply.json())) == ("invalid_grant", 50034)
    finally:
        directory_file.write_text(before)


def test_a_test_can_end_every_refresh_token_and_code(entra: StandIn, browser: Browser) -> None:
    token, code = browser.tokens()["refresh_token"], browser.code(prompt="login")
    entra.post("/control/end-sessions", {})
    reply = browser.refresh(token)
    assert (reply.json()["error"], number(reply.json())) == ("invalid_grant", 50173)
    assert browser.redeem(code=code).json()["error"] == "invalid_grant"


def test_a_test_can_shorten_the_life_of_access_tokens(entra: StandIn, browser: Browser) -> None:
    assert entra.post("/control/token-lifetime", {"seconds": 5}).json() == {"seconds": 5}
    short = browser.tokens()
    access = claims(entra, short["access_token"], API_CLIENT)
    assert (short["expires_in"], access["exp"] - access["iat"]) == (5, 305)
    assert entra.post("/control/token-lifetime", {"seconds": None}).json() == {"seconds": 75 * 60}
    assert browser.refresh(short["refresh_token"]).json()["expires_in"] == 75 * 60
    assert entra.post("/control/token-lifetime", {"seconds": 0}).status_code == 400


def new_grant() -> Grant:
    """What a code stands for that is issued now."""
    return Grant(SignedIn(NORTHWIND, "someone"), (SCOPE,), PORTAL, CHALLENGE, None, datetime.now(UTC))


def refused(redeem: Callable[[dict[str, str]], Grant], form: dict[str, str]) -> int:
    """The AADSTS number with which the form is refused."""
    with pytest.raises(RefusalError) as refusal:
        redeem(form)
    return refusal.value.code


def test_a_code_and_a_refresh_token_end_by_the_clock() -> None:
    grants, form = Grants(), dict(REDEEMED)
    with time_machine.travel("2026-11-25T08:00:00Z", tick=False) as clock:
        first, late = (grants.new_code(new_grant()) for _ in range(2))
        clock.shift(timedelta(minutes=9, seconds=59))
        redeemed = grants.redeem_code(form | {"code": first})
        clock.shift(timedelta(seconds=1))
        assert refused(grants.redeem_code, form | {"code": late}) == 70008

        token = grants.new_refresh_token(redeemed)
        clock.shift(timedelta(hours=23, minutes=59, seconds=58))
        renewed = grants.new_refresh_token(grants.redeem_refresh_token({"refresh_token": token}))
        clock.shift(timedelta(seconds=1))
        for over in (token, renewed):  # the next token carries the first one's end over
            assert refused(grants.redeem_refresh_token, {"refresh_token": over}) == 700084
