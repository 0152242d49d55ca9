"""Who is let in as an operator: tokens that are not for this API, or not of a provider, open nothing."""

import pytest

from local.callers import Caller
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import (
    FABRIKAM,
    NORTHWIND,
    Desk,
    Json,
    good,
    order,
    refused,
    unique,
)

TOKENS: list[tuple[Json, int, str]] = [
    ({"aud": "b0000000-0000-4000-8000-000000000001"}, 401, "not-signed-in"),
    ({"aud": ["a0000000-0000-4000-8000-000000000001"]}, 401, "not-signed-in"),
    ({"iss": "https://localhost/11111111-aaaa-4bbb-8ccc-000000000001/v2.0"}, 401, "not-signed-in"),
    ({"tid": FABRIKAM}, 401, "not-signed-in"),
    ({"tid": "33333333-aaaa-4bbb-8ccc-000000000001"}, 401, "not-signed-in"),
    ({"ver": "1.0"}, 401, "not-signed-in"),
    ({"exp": 1_700_000_000}, 401, "not-signed-in"),
    ({"nbf": 4_000_000_000}, 401, "not-signed-in"),
    ({"azp": "b0000000-0000-4000-8000-000000000001"}, 401, "not-signed-in"),
    ({"scp": "User.Read Onboarding.Access.All"}, 401, "not-signed-in"),
    *(({name: None}, 401, "not-signed-in") for name in ("aud", "iss", "tid", "ver", "exp", "nbf", "azp", "scp", "oid")),
    ({"roles": None}, 403, "not-allowed"),
    ({"roles": []}, 403, "not-allowed"),
    ({"roles": "Onboarding.Operator"}, 403, "not-allowed"),
    ({"roles": ["onboarding.operator"]}, 403, "not-allowed"),
]


@pytest.mark.parametrize(("claims", "status", "code"), TOKENS)
def test_a_token_that_is_not_for_us_opens_nothing(
    cloud: LocalCloud, desk: Desk, claims: Json, status: int, code: str
) -> None:
    wanted = {"provider": NORTHWIND, "role": "operator", "claims": claims}
    token = good(cloud.entra().post("/control/operator-token", json=wanted))["access_token"]
    body = order()
    reply = Caller(cloud.config.api_url, f"Bearer {token}").create(desk.path, unique("key-"), body)
    refused(reply, status, code)
    assert ("WWW-Authenticate" in reply.headers) == (status == 401)
    desk.assert_nothing_was_written(body["shortName"])


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer x", "Bearer a.b.c", "Basic eDp5", "Invitation x"]
)
def test_without_a_token_nothing_opens(cloud: LocalCloud, desk: Desk, authorization: str | None) -> None:
    body = order()
    reply = Caller(cloud.config.api_url, authorization).create(desk.path, unique("key-"), body)
    refused(reply, 401, "not-signed-in")
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    desk.assert_nothing_was_written(body["shortName"])


def test_an_unsigned_or_differently_signed_token_opens_nothing(cloud: LocalCloud, desk: Desk) -> None:
    head, claims, signature = cloud.token("operator").split(".")
    flipped = signature[:-8] + ("A" if signature[-8] != "A" else "B") + signature[-7:]
    none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"  # {"alg":"none","typ":"JWT"}
    for token in (
        f"{head}.{claims}.{flipped}",
        f"{head}.{claims}.",
        f"{none}.{claims}.",
        f"{none}.{claims}.{signature}",
    ):
        reply = Caller(cloud.config.api_url, f"Bearer {token}").create(desk.path, unique("key-"), order())
        refused(reply, 401, "not-signed-in")
    assert desk.made() == []
