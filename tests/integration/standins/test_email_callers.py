"""Who may call the e-mail stand-in: signed requests, tokens of a managed identity, and nobody else."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from azure.communication.email import EmailClient
from azure.communication.email._shared.policy import HMACCredentialsPolicy
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.rest import HttpRequest

from tests.integration.standins.servers import ACCESS_KEY, StandIn
from tests.integration.standins.test_email import SEND, client_of, message


def test_another_key_is_401(mail: StandIn) -> None:
    with pytest.raises(ClientAuthenticationError, match="Denied"):
        client_of(mail, "b3RoZXI=").begin_send(message(), polling=False)


type Headers = dict[str, str]


def signed(url: str, body: bytes) -> tuple[Headers, str]:
    """The headers that the SDK puts on a send (its _shared/policy.py), for a test to spoil."""
    request = HttpRequest("POST", url, content=body.decode())
    context = PipelineContext(None)
    HMACCredentialsPolicy(url.removesuffix(SEND), ACCESS_KEY).on_request(PipelineRequest(request, context))
    headers = {name: value for name, value in request.headers.items() if name != "Content-Length"}
    return headers | {"Content-Type": "application/json"}, url


def without(name: str) -> Callable[[Headers], Headers]:
    """Takes a header away."""
    return lambda headers: {key: value for key, value in headers.items() if key.lower() != name}


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (without("authorization"), "Denied"),
        (without("x-ms-date"), "Denied"),
        (without("x-ms-content-sha256"), "content hash"),
        (lambda headers: headers | {"x-ms-date": "yesterday"}, "Denied"),
        (lambda headers: headers | {"x-ms-date": "Tue, 24 Nov 2020 10:00:00 GMT"}, "Denied"),
        (lambda headers: headers | {"x-ms-content-sha256": "AAAA"}, "content hash"),
        (lambda headers: headers | {"Authorization": headers["Authorization"][:-8] + "AAAAAAA="}, "Denied"),
        (lambda headers: headers | {"Authorization": headers["Authorization"].replace("host;", "")}, "Denied"),
        (lambda headers: headers | {"Authorization": "Basic abc"}, "Denied"),
    ],
)
def test_a_request_that_is_not_signed_as_it_should_be_is_401(
    mail: StandIn, spoil: Callable[[Headers], Headers], text: str
) -> None:
    body = json.dumps(message()).encode()
    headers, url = signed(mail.url + SEND, body)
    assert mail.session.post(url, body, headers=headers, timeout=10).status_code == 202, "unspoilt it is taken"
    answer = mail.session.post(url, body, headers=spoil(headers), timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "Denied")
    assert text in answer.json()["error"]["message"]
    assert answer.headers["WWW-Authenticate"]


def test_a_signature_of_any_date_is_taken_where_a_test_moves_clocks(mail: StandIn) -> None:
    body = json.dumps(message()).encode()
    with time_machine.travel(datetime(2020, 11, 24, tzinfo=UTC)):
        headers, url = signed(mail.url + SEND, body)
    assert mail.session.post(url, body, headers=headers, timeout=10).status_code == 401
    mail.post("/control/settings", {"anyDate": True})
    assert mail.session.post(url, body, headers=headers, timeout=10).status_code == 202
    unsigned = headers | {"Authorization": headers["Authorization"][:-8] + "AAAAAAA="}
    assert mail.session.post(url, body, headers=unsigned, timeout=10).status_code == 401


class Identity:
    """A managed identity, whose token comes from the Entra stand-in."""

    def __init__(self, entra: StandIn, directory: dict[str, Any]) -> None:
        self._entra = entra
        self._directory = directory

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        """The form of azure.core.credentials.TokenCredential."""
        application = self._directory["applications"][0]
        form = {"grant_type": "client_credentials", "scope": scopes[0], "client_id": application["appId"]}
        form["client_secret"] = application["secrets"][0]["value"]
        url = f"{self._entra.url}/{application['homeTenant']}/oauth2/v2.0/token"
        answer = self._entra.session.post(url, form, timeout=10).json()
        return AccessToken(answer["access_token"], int(time.time()) + answer["expires_in"])


def test_a_managed_identity_sends_without_a_key(entra: StandIn, mail: StandIn, directory: dict[str, Any]) -> None:
    client = EmailClient(mail.url, Identity(entra, directory), retry_total=0)
    assert client.begin_send(message(), polling=False).result()["status"] == "Running"


@pytest.mark.parametrize("scope", ["https://graph.microsoft.com/.default", None])
def test_a_token_for_something_else_is_401(
    entra: StandIn, mail: StandIn, directory: dict[str, Any], scope: str | None
) -> None:
    token = Identity(entra, directory).get_token(scope).token if scope else "a.b.c"
    headers = {"Authorization": f"Bearer {token}"}
    answer = mail.session.post(mail.url + SEND, json=message(), headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "Denied")


def test_another_body_than_the_signed_one_is_401(mail: StandIn) -> None:
    headers, url = signed(mail.url + SEND, json.dumps(message()).encode())
    other = json.dumps(message("evil@contoso.example"))
    assert mail.session.post(url, other, headers=headers, timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 422),
        (b"[]", "application/json", 400),
        (b"", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b" " * (10 * 1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_a_body_that_is_no_message_is_refused(mail: StandIn, body: bytes, media_type: str, status: int) -> None:
    headers, url = signed(mail.url + SEND, body)
    answer = mail.session.post(url, body, headers=headers | {"Content-Type": media_type}, timeout=30)
    assert answer.status_code == status
    assert answer.headers["x-ms-error-code"] == answer.json()["error"]["code"]
