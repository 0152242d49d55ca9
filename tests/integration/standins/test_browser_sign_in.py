"""Signing in with a browser: the user picker, codes with PKCE, refresh tokens, the end of a session."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests

from local.tls import Certificates
from tests.integration.standins.servers import StandIn, free_port, running

HOME = "http://localhost:7074/"
ORIGIN = HOME.rstrip("/")
CLIENT, API = "a0000000-0000-4000-8000-000000000002", "a0000000-0000-4000-8000-000000000001"
NORTHWIND, OLIVIA = "11111111-aaaa-4bbb-8ccc-000000000001", "f0000000-0000-4000-8000-000000000001"
NORA, FARID = "f0000000-0000-4000-8000-000000000005", "f0000000-0000-4000-8000-000000000003"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "client_id": CLIENT,
    "redirect_uri": HOME,
    "response_type": "code",
    "scope": f"openid profile offline_access api://{API}/Onboarding.Access",
    "state": "s1",
    "nonce": "n1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture(scope="module")
def serving(data: Path, certificates: Certificates, directory_file: Path) -> Iterator[StandIn]:
    options = ("--cert", certificates.cert, "--key", certificates.key, "--data", data, "--directory", directory_file)
    with running("entra", free_port(), *options, "--redirect-uri", HOME) as standin:
        yield standin


@pytest.fixture
def entra(serving: StandIn) -> Iterator[StandIn]:
    """The stand-in before a browser that has no session yet."""
    serving.session.cookies.clear()
    yield serving
    serving.post("/control/token-lifetime", {"seconds": None})


def authorize(entra: StandIn, tenant: str = "organizations", **other: str) -> requests.Response:
    asked = {name: value for name, value in (ASKED | other).items() if value}
    address = f"{entra.url}/{tenant}/oauth2/v2.0/authorize"
    return entra.session.get(address, params=asked, allow_redirects=False, timeout=10)


def pick(entra: StandIn, user: str = f"{NORTHWIND}/{OLIVIA}", **other: str) -> requests.Response:
    address = f"{entra.url}/organizations/oauth2/v2.0/authorize"
    return entra.session.post(address, params=ASKED | other, data={"user": user}, allow_redirects=False, timeout=10)


def answered(reply: requests.Response) -> dict[str, str]:
    """What stands in the address that the browser is sent back to."""
    assert reply.status_code == 303
    assert reply.headers["Location"].startswith(HOME)
    parts = urlsplit(reply.headers["Location"])
    return {name: values[0] for name, values in parse_qs(parts.query or parts.fragment).items()}


def redeem(entra: StandIn, origin: str = ORIGIN, **form: str) -> requests.Response:
    sent = {"client_id": CLIENT, "redirect_uri": HOME, "grant_type": "authorization_code", "code_verifier": VERIFIER}
    return entra.session.post(
        f"{entra.url}/organizations/oauth2/v2.0/token", data=sent | form, headers={"Origin": origin}, timeout=10
    )


def tokens(entra: StandIn, user: str = f"{NORTHWIND}/{OLIVIA}") -> dict[str, Any]:
    reply = redeem(entra, code=answered(pick(entra, user))["code"])
    assert reply.status_code == 200
    content: dict[str, Any] = reply.json()
    return content


def claims(token: str) -> dict[str, Any]:
    content: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return content


def test_the_picker_shows_who_may_sign_in_to_that_tenant(entra: StandIn) -> None:
    anybody, own = authorize(entra), authorize(entra, NORTHWIND)
    assert "Olivia Berg" in anybody.text
    assert "Farid Noor" in anybody.text
    assert "Olivia Berg" in own.text
    assert "Farid Noor" not in own.text


def test_a_code_becomes_tokens_for_the_api_and_about_the_person(entra: StandIn) -> None:
    answer = answered(pick(entra))
    assert answer["state"] == "s1"
    reply = redeem(entra, code=answer["code"])
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    access, about = claims(reply.json()["access_token"]), claims(reply.json()["id_token"])
    assert (access["aud"], access["azp"], access["roles"], access["oid"]) == (
        API,
        CLIENT,
        ["Onboarding.Operator"],
        OLIVIA,
    )
    assert (about["aud"], about["nonce"], about["tid"], about["ver"]) == (CLIENT, "n1", NORTHWIND, "2.0")
    assert access["iss"] == about["iss"] == f"{entra.url}/{NORTHWIND}/v2.0"


def test_somebody_without_a_role_gets_a_token_without_roles(entra: StandIn) -> None:
    assert "roles" not in claims(tokens(entra, f"{NORTHWIND}/{NORA}")["access_token"])


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"code_verifier": "w" * 43}, 50148),
        ({"redirect_uri": "http://localhost:1/"}, 500112),
        ({"code": "another"}, 54005),
    ],
)
def test_a_code_is_refused_to_whoever_cannot_prove_to_have_asked_for_it(
    entra: StandIn, changed: dict[str, str], number: int
) -> None:
    reply = redeem(entra, **{"code": answered(pick(entra))["code"], **changed})
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_grant")
    assert reply.json()["error_codes"] == [number]
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_code_works_once(entra: StandIn) -> None:
    code = answered(pick(entra))["code"]
    assert redeem(entra, code=code).status_code == 200
    assert redeem(entra, code=code).json()["error_codes"] == [54005]


def test_other_origins_get_no_tokens(entra: StandIn) -> None:
    reply = redeem(entra, "http://localhost:9", code=answered(pick(entra))["code"])
    assert reply.json()["error_codes"] == [9002326]
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_a_refresh_token_gives_new_tokens_once_and_its_successor(entra: StandIn) -> None:
    first = tokens(entra)["refresh_token"]
    again = redeem(entra, grant_type="refresh_token", refresh_token=first)
    assert claims(again.json()["access_token"])["oid"] == OLIVIA
    assert again.json()["refresh_token"] != first
    assert redeem(entra, grant_type="refresh_token", refresh_token=first).json()["error"] == "invalid_grant"


def test_ended_sessions_end_refresh_tokens_and_cookies(entra: StandIn) -> None:
    token = tokens(entra)["refresh_token"]
    entra.post("/control/end-sessions", {})
    assert redeem(entra, grant_type="refresh_token", refresh_token=token).json()["error_codes"] == [50173]
    assert answered(authorize(entra, prompt="none"))["error"] == "login_required"


def test_a_session_signs_in_without_asking_unless_it_shall(entra: StandIn) -> None:
    pick(entra)
    assert "code" in answered(authorize(entra, prompt="none"))
    assert "code" in answered(authorize(entra))
    assert "Pick an account" in authorize(entra, prompt="select_account").text
    assert "Pick an account" in authorize(entra, "22222222-aaaa-4bbb-8ccc-000000000002").text


def test_signing_out_ends_the_session_and_leads_back(entra: StandIn) -> None:
    pick(entra)
    address = f"{entra.url}/organizations/oauth2/v2.0/logout"
    back = entra.session.get(
        address, params={"post_logout_redirect_uri": HOME, "state": "s2"}, allow_redirects=False, timeout=10
    )
    assert answered(back) == {"state": "s2"}
    assert answered(authorize(entra, prompt="none"))["error"] == "login_required"
    elsewhere = entra.session.get(address, params={"post_logout_redirect_uri": "http://evil.example/"}, timeout=10)
    assert "You are signed out" in elsewhere.text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"client_id": API}, "AADSTS700016"),
        ({"redirect_uri": "http://localhost:9/"}, "AADSTS50011"),
    ],
)
def test_nothing_is_sent_back_where_the_client_is_unknown(entra: StandIn, changed: dict[str, str], words: str) -> None:
    reply = authorize(entra, **changed)
    assert reply.status_code == 400
    assert words in reply.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "openid api://another/Scope"}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
    ],
)
def test_what_else_is_wrong_goes_back_to_the_client(entra: StandIn, changed: dict[str, str], error: str) -> None:
    told = answered(authorize(entra, **changed))
    assert (told["error"], told["state"]) == (error, "s1")


def test_a_lifetime_can_be_shortened_for_those_who_sign_in_from_then_on(entra: StandIn) -> None:
    entra.post("/control/token-lifetime", {"seconds": 5})
    assert tokens(entra)["expires_in"] == 5
    assert entra.post("/control/token-lifetime", {"seconds": 0}).status_code == 400


def test_what_scripts_need_to_begin_is_open_to_every_origin(entra: StandIn) -> None:
    document = entra.get("/organizations/v2.0/.well-known/openid-configuration")
    assert document.headers["Access-Control-Allow-Origin"] == "*"
    assert document.json()["authorization_endpoint"].startswith(entra.url)
    assert entra.get("/common/discovery/v2.0/keys").headers["Access-Control-Allow-Origin"] == "*"
