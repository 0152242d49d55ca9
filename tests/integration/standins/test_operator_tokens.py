"""Portal users' tokens for the product's API, as the command line gets them."""

from typing import Any

import jwt
import pytest

from tests.integration.standins.servers import StandIn

NORTHWIND = "11111111-aaaa-4bbb-8ccc-000000000001"


def claims_of(entra: StandIn, token: str) -> dict[str, Any]:
    """The claims of a token whose signature the published keys verify."""
    keys = jwt.PyJWKSet.from_dict(entra.get("/common/discovery/v2.0/keys").json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(token, key, ["RS256"], audience="a0000000-0000-4000-8000-000000000001")
    return claims


@pytest.mark.parametrize(("role", "name"), [("operator", "Olivia Berg"), ("monitor", "Max Stein")])
def test_a_portal_user_gets_a_token_like_entras(entra: StandIn, role: str, name: str) -> None:
    answer = entra.post("/control/operator-token", {"provider": "Northwind Voice", "role": role}).json()
    claims = claims_of(entra, answer["access_token"])
    assert claims["iss"] == f"{entra.url}/{NORTHWIND}/v2.0"
    assert (claims["tid"], claims["name"], claims["ver"]) == (NORTHWIND, name, "2.0")
    assert claims["roles"] == [f"Onboarding.{role.capitalize()}"]
    assert (claims["scp"], claims["azpacr"]) == ("Onboarding.Access", "0")
    assert claims["azp"] == "a0000000-0000-4000-8000-000000000002"
    assert claims["nbf"] == claims["iat"] < claims["exp"]
    assert answer["expires_in"] == 75 * 60
    assert set(jwt.get_unverified_header(answer["access_token"])) == {"typ", "alg", "kid"}


def test_a_test_can_get_a_well_signed_token_with_wrong_claims(entra: StandIn) -> None:
    wanted = {"provider": NORTHWIND, "role": "operator", "claims": {"tid": "other", "scp": None}}
    claims = claims_of(entra, entra.post("/control/operator-token", wanted).json()["access_token"])
    assert claims["tid"] == "other"
    assert "scp" not in claims


@pytest.mark.parametrize(
    ("wanted", "status", "text"),
    [
        ({"provider": "Nobody", "role": "operator"}, 404, "Northwind Voice"),
        ({"provider": NORTHWIND, "role": "operator", "user": "Max Stein"}, 404, "Onboarding.Operator"),
        ({"provider": NORTHWIND, "role": "king"}, 400, "role"),
    ],
)
def test_a_token_for_nobody_is_refused_in_words(entra: StandIn, wanted: dict[str, str], status: int, text: str) -> None:
    answer = entra.post("/control/operator-token", wanted)
    assert answer.status_code == status
    assert text in answer.json()["error"]["message"]


def test_after_a_key_change_old_and_new_tokens_verify(entra: StandIn) -> None:
    wanted = {"provider": NORTHWIND, "role": "operator"}
    before = entra.post("/control/operator-token", wanted).json()["access_token"]
    entra.post("/control/rotate-keys", {})
    after = entra.post("/control/operator-token", wanted).json()["access_token"]
    assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]
    assert claims_of(entra, before)["oid"] == claims_of(entra, after)["oid"]


def test_a_web_page_of_another_origin_cannot_get_a_token(entra: StandIn) -> None:
    body = '{"provider": "Northwind Voice", "role": "operator"}'
    answer = entra.session.post(entra.url + "/control/operator-token", body, timeout=10)
    assert answer.status_code == 415


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example"])
def test_another_host_name_is_refused(entra: StandIn, host: str) -> None:
    assert entra.get("/common/discovery/v2.0/keys", Host=host).status_code == 421
