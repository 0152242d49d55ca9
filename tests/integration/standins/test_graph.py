"""The Graph calls of the product, with tokens that the stand-in issued."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.integration.standins.servers import StandIn

CONTOSO = "33333333-aaaa-4bbb-8ccc-000000000001"
ADATUM = "44444444-aaaa-4bbb-8ccc-000000000001"
TAILSPIN = "55555555-aaaa-4bbb-8ccc-000000000001"

type TokenFor = Callable[..., str]


def token_of(
    entra: StandIn, directory: dict[str, Any], number: int, tenant: str, resource: str = "https://graph.microsoft.com"
) -> str:
    """An Authorization header for a sample registration in a tenant."""
    application = directory["applications"][number - 1]
    form = {
        "grant_type": "client_credentials",
        "scope": f"{resource}/.default",
        "client_id": application["appId"],
        "client_secret": application["secrets"][0]["value"],
    }
    answer = entra.session.post(f"{entra.url}/{tenant}/oauth2/v2.0/token", form, timeout=10)
    return f"Bearer {answer.json()['access_token']}"


@pytest.fixture
def token_for(entra: StandIn, directory: dict[str, Any]) -> TokenFor:
    """Gives an Authorization header for a sample registration in a tenant."""
    return partial(token_of, entra, directory)


def numbered(directory: dict[str, Any], name: str) -> tuple[int, str]:
    """The number and the application id of the sample registration with that name."""
    for number, application in enumerate(directory["applications"], 1):
        if application["displayName"] == name:
            return number, application["appId"]
    raise LookupError(name)


def test_the_organization_names_the_tenant_and_its_domains(entra: StandIn, token_for: TokenFor) -> None:
    path = "/v1.0/organization?$select=id,displayName,verifiedDomains"
    answer = entra.get(path, Authorization=token_for(1, CONTOSO))
    (organization,) = answer.json()["value"]
    assert set(organization) == {"id", "displayName", "verifiedDomains"}
    assert (organization["id"], organization["displayName"]) == (CONTOSO, "Contoso")
    assert [domain["name"] for domain in organization["verifiedDomains"] if domain["isDefault"]] == ["contoso.example"]
    assert answer.headers["request-id"]


def test_the_stand_in_takes_tokens_for_its_own_host(entra: StandIn, token_for: TokenFor) -> None:
    answer = entra.get("/v1.0/organization", Authorization=token_for(1, CONTOSO, entra.url))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("number", "tenant", "path"),
    [
        (7, TAILSPIN, "/v1.0/organization"),
        (2, ADATUM, "/v1.0/applications(appId='b0000000-0000-4000-8000-000000000002')"),
    ],
)
def test_a_missing_permission_is_403(entra: StandIn, token_for: TokenFor, number: int, tenant: str, path: str) -> None:
    answer = entra.get(path, Authorization=token_for(number, tenant))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "Authorization_RequestDenied")
    assert error["innerError"]["request-id"] == answer.headers["request-id"]
    assert error["innerError"]["date"]


def test_an_application_shows_hint_and_end_of_its_secret_and_never_the_secret(
    entra: StandIn, token_for: TokenFor, directory: dict[str, Any]
) -> None:
    path = "/v1.0/applications(appId='b0000000-0000-4000-8000-000000000001')"
    answer = entra.get(f"{path}?$select=displayName,passwordCredentials", Authorization=token_for(1, CONTOSO))
    secret = directory["applications"][0]["secrets"][0]["value"]
    (credential,) = answer.json()["passwordCredentials"]
    assert credential["hint"] == secret[:3]
    assert credential["secretText"] is None
    days = datetime.fromisoformat(credential["endDateTime"]).date() - datetime.now(UTC).date()
    assert days == timedelta(days=400)
    assert secret not in answer.text


def test_an_application_object_lives_in_its_home_tenant_only(entra: StandIn, token_for: TokenFor) -> None:
    path = "/v1.0/applications(appId='b0000000-0000-4000-8000-000000000003')"
    answer = entra.get(path, Authorization=token_for(1, CONTOSO))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "Request_ResourceNotFound")


def test_a_service_principal_is_found_by_its_application_id(
    entra: StandIn, token_for: TokenFor, directory: dict[str, Any]
) -> None:
    path = "/v1.0/servicePrincipals(appId='b0000000-0000-4000-8000-000000000001')?$select=id,appId"
    answer = entra.get(path, Authorization=token_for(1, CONTOSO)).json()
    assert answer["id"] == directory["applications"][0]["tenants"][CONTOSO]["servicePrincipal"]


@pytest.mark.parametrize("authorization", ["", "Bearer nonsense", "Bearer a.b.c", "Basic abc"])
def test_no_sound_token_is_401(entra: StandIn, authorization: str) -> None:
    answer = entra.get("/v1.0/organization", Authorization=authorization)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize("claims", [{"oid": None}, {"tid": "99999999-aaaa-4bbb-8ccc-000000000001"}])
def test_a_token_without_a_service_principal_in_a_tenant_is_401(entra: StandIn, claims: dict[str, str | None]) -> None:
    graph: dict[str, str | None] = {"aud": "https://graph.microsoft.com", "tid": CONTOSO}
    wanted = {"provider": "Northwind Voice", "role": "operator", "claims": graph | claims}
    token = entra.post("/control/operator-token", wanted).json()["access_token"]
    answer = entra.get("/v1.0/organization", Authorization=f"Bearer {token}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "Authorization_IdentityNotFound")


def test_an_expired_token_is_401(entra: StandIn) -> None:
    claims = {"aud": "https://graph.microsoft.com", "tid": CONTOSO, "exp": 1}
    wanted = {"provider": "Northwind Voice", "role": "operator", "claims": claims}
    token = entra.post("/control/operator-token", wanted).json()["access_token"]
    answer = entra.get("/v1.0/organization", Authorization=f"Bearer {token}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert "expired" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("name", "path", "status", "code", "wait"),
    [
        ("Tailspin whose organisation is closed", "organization", 403, "Authorization_RequestDenied", None),
        ("Tailspin whose registration is closed", "applications(appId='{}')", 403, "Authorization_RequestDenied", None),
        ("Tailspin throttled by Graph", "organization", 429, "TooManyRequests", "1"),
        ("Adatum's application in Tailspin", "applications(appId='{}')", 404, "Request_ResourceNotFound", None),
    ],
)
def test_a_refusal_has_graphs_shape(
    entra: StandIn, directory: dict[str, Any], name: str, path: str, status: int, code: str, wait: str | None
) -> None:
    number, app_id = numbered(directory, name)
    mine = {"Authorization": token_of(entra, directory, number, TAILSPIN), "client_request_id": "mine"}
    answer = entra.get(f"/v1.0/{path.format(app_id)}", **mine)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], bool(error["message"])) == (status, code, True)
    assert answer.headers.get("Retry-After") == wait
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    assert answer.headers["client-request-id"] == error["innerError"]["client-request-id"] == "mine"
    assert answer.headers["request-id"] == error["innerError"]["request-id"] != "mine"


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_what_is_read_only_refuses_other_methods(entra: StandIn, token_for: TokenFor, method: str) -> None:
    headers = {"Authorization": token_for(1, CONTOSO)}
    answer = entra.session.request(method, f"{entra.url}/v1.0/organization", headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "Request_BadRequest")


def test_a_secret_without_an_end_is_listed_without_one(entra: StandIn, directory: dict[str, Any]) -> None:
    number, app_id = numbered(directory, "Tailspin with a secret without end")
    path = f"/v1.0/applications(appId='{app_id}')?$select=passwordCredentials"
    answer = entra.get(path, Authorization=token_of(entra, directory, number, TAILSPIN))
    assert [one["endDateTime"] for one in answer.json()["passwordCredentials"]] == [None]


def test_a_token_for_another_resource_is_401(entra: StandIn, token_for: TokenFor) -> None:
    teams = token_for(1, CONTOSO, "48ac35b8-9aa8-4d74-927d-1f4a14a0b239")
    assert entra.get("/v1.0/organization", Authorization=teams).status_code == 401


def test_a_forged_token_is_401(entra: StandIn, token_for: TokenFor) -> None:
    head, body, signature = token_for(1, CONTOSO).split(".")
    forged = f"{head}.{body}.{signature[:-4]}AAAA"
    assert entra.get("/v1.0/organization", Authorization=forged).status_code == 401


def test_selecting_an_unknown_property_is_400(entra: StandIn, token_for: TokenFor) -> None:
    answer = entra.get("/v1.0/organization?$select=id,secret", Authorization=token_for(1, CONTOSO))
    assert answer.status_code == 400
    assert "'secret'" in answer.json()["error"]["message"]


def test_an_edited_directory_counts_from_the_next_request(
    entra: StandIn, token_for: TokenFor, directory: dict[str, Any], directory_file: Path
) -> None:
    token = token_for(1, CONTOSO)
    edited = json.loads(json.dumps(directory))
    edited["tenants"][0]["displayName"] = "Contoso, renamed"
    edited["applications"][0]["secrets"][0]["endDateTime"] = "2030-01-31T12:00:00Z"
    application = "/v1.0/applications(appId='b0000000-0000-4000-8000-000000000001')"
    try:
        directory_file.write_text(json.dumps(edited))
        (organization,) = entra.get("/v1.0/organization", Authorization=token).json()["value"]
        (credential,) = entra.get(application, Authorization=token).json()["passwordCredentials"]
        directory_file.write_text("{ half a file")
        (still,) = entra.get("/v1.0/organization", Authorization=token).json()["value"]
    finally:
        directory_file.write_text(json.dumps(directory))
    assert organization["displayName"] == still["displayName"] == "Contoso, renamed"
    assert datetime.fromisoformat(credential["endDateTime"]).date() == date(2030, 1, 31)
