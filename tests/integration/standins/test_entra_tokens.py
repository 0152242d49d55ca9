"""The real MSAL against the Entra stand-in: tokens, and every refusal that the product explains."""

import base64
from typing import Any
from urllib.parse import quote_plus

import jwt
import msal
import pytest
import requests

from tests.integration.standins.servers import StandIn

CONTOSO = "33333333-aaaa-4bbb-8ccc-000000000001"
ADATUM = "44444444-aaaa-4bbb-8ccc-000000000001"
TAILSPIN = "55555555-aaaa-4bbb-8ccc-000000000001"
TEAMS_ADMINISTRATOR = "69091246-20e8-4a56-aa4d-066075b2a7a8"
GRAPH_SCOPE = "https://graph.microsoft.com/.default"


def registration(directory: dict[str, Any], number: int) -> tuple[str, str]:
    """Application id and secret of the sample registration with that number."""
    application = directory["applications"][number - 1]
    return application["appId"], application["secrets"][0]["value"]


def named(directory: dict[str, Any], name: str) -> tuple[str, str]:
    """Application id and secret of the sample registration with that name."""
    application = next(one for one in directory["applications"] if one["displayName"] == name)
    return application["appId"], application["secrets"][0]["value"]


def post_form(entra: StandIn, tenant: str, client_id: str, secret: str) -> requests.Response:
    """What the token endpoint answers to a request for a Graph token."""
    form = {"grant_type": "client_credentials", "scope": GRAPH_SCOPE, "client_id": client_id, "client_secret": secret}
    return entra.session.post(f"{entra.url}/{tenant}/oauth2/v2.0/token", form, timeout=10)


def ask(entra: StandIn, tenant: str, client: tuple[str, str], scope: str = GRAPH_SCOPE) -> dict[str, Any]:
    """What MSAL answers to a request for an app-only token."""
    application = msal.ConfidentialClientApplication(
        client[0],
        authority=f"{entra.url}/{tenant}",
        client_credential=client[1],
        instance_discovery=False,
    )
    answer: dict[str, Any] = application.acquire_token_for_client([scope])
    return answer


def test_a_good_secret_gets_a_graph_token(entra: StandIn, directory: dict[str, Any]) -> None:
    client = registration(directory, 1)
    answer = ask(entra, CONTOSO, client)
    assert answer["token_type"] == "Bearer"
    assert 3500 < answer["expires_in"] <= 3600
    keys = jwt.PyJWKSet.from_dict(entra.get(f"/{CONTOSO}/discovery/v2.0/keys").json())
    header = jwt.get_unverified_header(answer["access_token"])
    assert header["x5t"] == header["kid"], "as in each version 1.0 token"
    key = keys[header["kid"]]
    claims = jwt.decode(answer["access_token"], key, ["RS256"], audience="https://graph.microsoft.com")
    assert claims["iss"] == f"https://sts.windows.net/{CONTOSO}/"
    assert (claims["tid"], claims["appid"], claims["idtyp"], claims["ver"]) == (
        CONTOSO,
        client[0],
        "app",
        "1.0",
    )
    assert claims["oid"] == directory["applications"][0]["tenants"][CONTOSO]["servicePrincipal"]
    assert claims["roles"] == ["Application.Read.All", "Organization.Read.All"]
    assert claims["wids"] == [TEAMS_ADMINISTRATOR]


def test_the_teams_resource_carries_directory_roles_and_no_graph_permissions(
    entra: StandIn, directory: dict[str, Any]
) -> None:
    scope = "48ac35b8-9aa8-4d74-927d-1f4a14a0b239/.default"
    answer = ask(entra, CONTOSO, registration(directory, 1), scope)
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["aud"] == "48ac35b8-9aa8-4d74-927d-1f4a14a0b239"
    assert claims["wids"] == [TEAMS_ADMINISTRATOR]
    assert "roles" not in claims


def test_a_tenant_is_known_by_its_verified_domain(entra: StandIn, directory: dict[str, Any]) -> None:
    answer = ask(entra, "CONTOSO.example", registration(directory, 1))
    assert jwt.decode(answer["access_token"], options={"verify_signature": False})["tid"] == CONTOSO


def test_a_token_without_a_service_principal_carries_no_oid(entra: StandIn, directory: dict[str, Any]) -> None:
    answer = ask(entra, TAILSPIN, named(directory, "Tailspin with a token and no service principal"))
    assert "oid" not in jwt.decode(answer["access_token"], options={"verify_signature": False})


@pytest.mark.parametrize(
    ("name", "status", "error", "code", "wait"),
    [
        ("Tailspin throttled", 429, "temporarily_unavailable", 90055, "1"),
        ("Tailspin while the directory is away", 503, "temporarily_unavailable", 90033, None),
        ("Tailspin in a request loop", 400, "invalid_grant", 50196, None),
        ("Tailspin refused for another reason", 400, "invalid_request", 1000031, None),
    ],
)
def test_a_refusal_that_the_directory_lists_is_given(
    entra: StandIn, directory: dict[str, Any], name: str, status: int, error: str, code: int, wait: str | None
) -> None:
    answer = post_form(entra, TAILSPIN, *named(directory, name))
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [code])
    assert answer.headers.get("Retry-After") == wait
    assert set(body) == {
        *("error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri"),
    }
    wrong = post_form(entra, TAILSPIN, named(directory, name)[0], "wrong").json()
    assert wrong["error_codes"] == [7000215], "the secret is looked at first"


def test_a_refusal_can_be_for_one_resource(entra: StandIn, directory: dict[str, Any]) -> None:
    client = named(directory, "Tailspin without the Teams service")
    assert "access_token" in ask(entra, TAILSPIN, client)
    answer = ask(entra, TAILSPIN, client, "48ac35b8-9aa8-4d74-927d-1f4a14a0b239/.default")
    assert (answer["error"], answer["error_codes"]) == ("invalid_resource", [500011])


@pytest.mark.parametrize("name", ["66666666-aaaa-4bbb-8ccc-000000000001", "wingtip.example"])
def test_a_tenant_that_exists_no_more_is_unknown(entra: StandIn, directory: dict[str, Any], name: str) -> None:
    answers = [
        entra.get(f"/{name}/v2.0/.well-known/openid-configuration"),
        entra.get(f"/{name}/discovery/v2.0/keys"),
        post_form(entra, name, *registration(directory, 1)),
    ]
    assert [(answer.status_code, answer.json()["error_codes"]) for answer in answers] == [(400, [90002])] * 3


def test_a_secret_without_an_end_works(entra: StandIn, directory: dict[str, Any]) -> None:
    assert "access_token" in ask(entra, TAILSPIN, named(directory, "Tailspin with a secret without end"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_the_token_endpoint_accepts_posts_only(entra: StandIn, method: str) -> None:
    answer = entra.session.request(method, f"{entra.url}/{CONTOSO}/oauth2/v2.0/token", timeout=10)
    assert answer.status_code == 400
    if method != "HEAD":
        assert answer.json()["error_codes"] == [900561]


def test_discovery_and_keys_answer_head_and_no_other_method(entra: StandIn) -> None:
    for path in (f"/{CONTOSO}/v2.0/.well-known/openid-configuration", f"/{CONTOSO}/discovery/v2.0/keys"):
        head = entra.session.head(entra.url + path, timeout=10)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["Content-Length"] == str(len(entra.get(path).content))
        assert entra.session.delete(entra.url + path, timeout=10).status_code == 405


@pytest.mark.parametrize(
    ("tenant", "number", "error", "code"),
    [
        (TAILSPIN, 3, "invalid_client", 7000222),
        (TAILSPIN, 4, "unauthorized_client", 7000112),
        (TAILSPIN, 5, "invalid_client", 7000229),
        (TAILSPIN, 6, "invalid_grant", 53003),
        (ADATUM, 1, "unauthorized_client", 700016),
    ],
)
def test_a_registration_that_cannot_sign_in_is_refused_as_entra_does(
    entra: StandIn,
    directory: dict[str, Any],
    tenant: str,
    number: int,
    error: str,
    code: int,
) -> None:
    answer = ask(entra, tenant, registration(directory, number))
    assert (answer["error"], answer["error_codes"]) == (error, [code])
    assert answer["error_description"].startswith(f"AADSTS{code}: ")
    assert f"Trace ID: {answer['trace_id']}" in answer["error_description"]
    assert f"Correlation ID: {answer['correlation_id']}" in answer["error_description"]
    assert answer["timestamp"] in answer["error_description"]
    assert answer["error_uri"] == f"{entra.url}/error?code={code}"


@pytest.mark.parametrize("secret", ["wrong", "d0000000-0000-4000-8000-000000000001"])
def test_a_wrong_secret_or_its_id_is_refused(entra: StandIn, directory: dict[str, Any], secret: str) -> None:
    answer = ask(entra, CONTOSO, (registration(directory, 1)[0], secret))
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [7000215])


@pytest.mark.parametrize(
    ("scope", "error", "code"),
    [
        ("https://graph.microsoft.com/User.Read", "invalid_scope", 1002012),
        ("/.default", "invalid_scope", 70011),
        ("https://nobody.example/.default", "invalid_resource", 500011),
    ],
)
def test_a_wrong_scope_is_refused(entra: StandIn, directory: dict[str, Any], scope: str, error: str, code: int) -> None:
    answer = ask(entra, CONTOSO, registration(directory, 1), scope)
    assert (answer["error"], answer["error_codes"]) == (error, [code])


def test_msal_cannot_build_an_application_for_an_unknown_tenant(entra: StandIn, directory: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Unable to get authority configuration"):
        ask(entra, "99999999-aaaa-4bbb-8ccc-000000000001", registration(directory, 1))
    answer = entra.get("/99999999-aaaa-4bbb-8ccc-000000000001/v2.0/.well-known/openid-configuration")
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


def test_a_wrong_secret_is_401_and_an_unknown_application_400(entra: StandIn, directory: dict[str, Any]) -> None:
    known = post_form(entra, CONTOSO, registration(directory, 1)[0], "wrong")
    unknown = post_form(entra, CONTOSO, "99999999-0000-4000-8000-000000000001", "wrong")
    assert (known.status_code, unknown.status_code) == (401, 400)


def test_basic_authentication_is_taken_form_encoded(entra: StandIn, directory: dict[str, Any]) -> None:
    client_id, secret = registration(directory, 1)
    encoded = base64.b64encode(f"{client_id}:{quote_plus(secret)}".encode()).decode()
    answer = entra.session.post(
        f"{entra.url}/{CONTOSO}/oauth2/v2.0/token",
        {"grant_type": "client_credentials", "scope": GRAPH_SCOPE},
        headers={"Authorization": f"Basic {encoded}"},
        timeout=10,
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"grant_type": None}, 900144),
        ({"grant_type": "password"}, 70003),
        ({"scope": None}, 900144),
        ({"scope": f"{GRAPH_SCOPE} openid"}, 70011),
        ({"client_id": None}, 900144),
        ({"client_secret": None}, 7000216),
    ],
)
def test_an_incomplete_token_request_says_what_is_missing(
    entra: StandIn, directory: dict[str, Any], change: dict[str, str | None], code: int
) -> None:
    client_id, secret = registration(directory, 1)
    form: dict[str, str | None] = {"grant_type": "client_credentials", "scope": GRAPH_SCOPE}
    form |= {"client_id": client_id, "client_secret": secret} | change
    answer = entra.session.post(f"{entra.url}/{CONTOSO}/oauth2/v2.0/token", form, timeout=10)
    assert answer.json()["error_codes"] == [code]


@pytest.mark.parametrize(
    ("tenant", "code"),
    [
        ("common", 50059),
        ("organizations", 50059),
        ("consumers", 50059),
        ("bad_name", 900023),
        ("contoso", 900023),
        ("no.example", 90002),
    ],
)
def test_client_credentials_want_one_real_tenant(
    entra: StandIn, directory: dict[str, Any], tenant: str, code: int
) -> None:
    answer = post_form(entra, tenant, *registration(directory, 1))
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [code])


def test_discovery_names_the_tenant_by_its_id(entra: StandIn) -> None:
    document = entra.get("/contoso.example/v2.0/.well-known/openid-configuration").json()
    assert document["issuer"] == f"{entra.url}/{CONTOSO}/v2.0"
    assert document["token_endpoint"] == f"{entra.url}/{CONTOSO}/oauth2/v2.0/token"
    shared = entra.get("/common/v2.0/.well-known/openid-configuration").json()
    assert shared["issuer"] == f"{entra.url}/{{tenantid}}/v2.0"
    assert shared["jwks_uri"] == f"{entra.url}/common/discovery/v2.0/keys"
