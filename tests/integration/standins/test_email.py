"""The real EmailClient against the e-mail stand-in, and what arrives at the other end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from azure.communication.email import EmailClient
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ServiceResponseError,
)
from azure.core.rest import HttpRequest

from local.tls import Certificates
from tests.integration.standins.servers import (
    ACCESS_KEY,
    Inbox,
    StandIn,
    connection_string,
    free_port,
    running,
    wait_until,
)

LINK = "http://localhost:7071/invite#" + "t0k3n-" * 40
SEND = "/emails:send?api-version=2025-09-01"
SENDER = "DoNotReply@mail.tenantlink.example"


def message(to: str = "it@contoso.example") -> dict[str, Any]:
    """A complete message."""
    return {
        "senderAddress": SENDER,
        "recipients": {"to": [{"address": to, "displayName": "Jörg Weiß"}]},
        "content": {
            "subject": "Connect: äöü",
            "plainText": f"Open {LINK}",
            "html": f'<a href="{LINK}">Go</a>',
        },
        "replyTo": [{"address": "desk@northwind-voice.example"}],
        "headers": {"X-Invitation": "yes"},
        "userEngagementTrackingDisabled": True,
    }


def client_of(mail: StandIn, key: str = ACCESS_KEY) -> EmailClient:
    """The SDK's client without its own retries, as the product uses it."""
    port = int(mail.url.rpartition(":")[2])
    return EmailClient.from_connection_string(connection_string(port, key), retry_total=0)


@pytest.fixture
def client(mail: StandIn) -> EmailClient:
    """A client with the right key."""
    return client_of(mail)


def status_of(client: EmailClient, operation_id: str) -> dict[str, Any]:
    """What the service says about an operation."""
    request = HttpRequest("GET", f"/emails/operations/{operation_id}", params={"api-version": "2025-09-01"})
    answer = client.send_request(request)
    return {"http": answer.status_code, **answer.json()}


def settled(client: EmailClient, operation_id: str) -> dict[str, Any]:
    """The status once it is no longer Running."""

    def look() -> dict[str, Any] | None:
        status = status_of(client, operation_id)
        return None if status["status"] == "Running" else status

    return wait_until(look, "settled operation")


def test_a_mail_arrives_as_it_was_sent(client: EmailClient, inbox: Inbox) -> None:
    operation_id = str(uuid4())
    answer = client.begin_send(message(), operation_id=operation_id, polling=False).result()
    assert (answer["id"], answer["status"]) == (operation_id, "Running")
    (mail,) = wait_until(lambda: inbox.of_operation(operation_id), "mail")
    assert (mail.sender, mail.recipients) == (SENDER, ["it@contoso.example"])
    assert mail.message.get_content_type() == "multipart/alternative"
    assert (mail.message["From"], mail.message["Subject"]) == (SENDER, "Connect: äöü")
    assert mail.message["To"].addresses[0].display_name == "Jörg Weiß"
    assert mail.message["Reply-To"] == "desk@northwind-voice.example"
    assert mail.message["X-Invitation"] == "yes"
    assert mail.message["Message-ID"].endswith("@mail.tenantlink.example>")
    text, html = mail.message.iter_parts()
    assert text.get_content().strip() == f"Open {LINK}"
    assert html.get_content().strip() == f'<a href="{LINK}">Go</a>'
    assert settled(client, operation_id)["status"] == "Succeeded"


def test_the_poller_of_the_sdk_sees_the_end(client: EmailClient) -> None:
    assert client.begin_send(message()).result()["status"] == "Succeeded"


def test_an_unknown_operation_is_404(client: EmailClient) -> None:
    assert status_of(client, str(uuid4()))["http"] == 404


def test_a_repeated_operation_id_sends_again_or_once_as_switched(
    client: EmailClient, mail: StandIn, inbox: Inbox
) -> None:
    again, once = str(uuid4()), str(uuid4())
    for _ in range(2):
        client.begin_send(message(), operation_id=again, polling=False)
    wait_until(lambda: len(inbox.of_operation(again)) == 2, "second mail")
    assert mail.post("/control/settings", {"repeated": "once"}).json()["repeated"] == "once"
    for _ in range(2):
        client.begin_send(message(), operation_id=once, polling=False)
    # Mails leave in order: when this later one has arrived, a second one of `once` would have, too.
    last = str(uuid4())
    client.begin_send(message(), operation_id=last, polling=False)
    wait_until(lambda: inbox.of_operation(last), "last mail")
    assert len(inbox.of_operation(once)) == 1
    accepted = {one["id"]: one["accepted"] for one in mail.get("/control/operations").json()["value"]}
    assert (accepted[again], accepted[once]) == (2, 1)


def test_a_repeated_operation_id_can_be_a_conflict(client: EmailClient, mail: StandIn) -> None:
    mail.post("/control/settings", {"repeated": "conflict"})
    operation_id = str(uuid4())
    client.begin_send(message(), operation_id=operation_id, polling=False)
    with pytest.raises(ResourceExistsError):
        client.begin_send(message(), operation_id=operation_id, polling=False)


def test_a_refused_recipient_fails_the_operation(client: EmailClient, inbox: Inbox) -> None:
    inbox.refuse.add("gone@contoso.example")
    operation_id = str(uuid4())
    client.begin_send(message("gone@contoso.example"), operation_id=operation_id, polling=False)
    status = settled(client, operation_id)
    assert (status["http"], status["status"], status["error"]["code"]) == (200, "Failed", "EmailDropped")
    assert "(550 no such mailbox)" in status["error"]["message"]
    assert inbox.of_operation(operation_id) == []


@pytest.mark.parametrize(
    ("changes", "code", "target"),
    [
        ({"senderAddress": "nobody"}, "InvalidEmailAddress", "senderAddress"),
        ({"senderAddress": None}, "BadRequest", "senderAddress"),
        ({"recipients": {}}, "BadRequest", "recipients"),
        ({"recipients": {"to": []}}, "BadRequest", "recipients"),
        ({"recipients": {"to": [{"address": "not an address"}]}}, "InvalidEmailAddress", "recipients.to.0.address"),
        (
            {"recipients": {"to": [{"address": "a..b@contoso.example"}]}},
            "InvalidEmailAddress",
            "recipients.to.0.address",
        ),
        ({"recipients": {"to": [{"address": f"a{n}@contoso.example"} for n in range(51)]}}, "BadRequest", "recipients"),
        ({"content": {"subject": "", "plainText": "x"}}, "BadRequest", "content.subject"),
        ({"content": {"subject": "x"}}, "BadRequest", "content"),
        ({"content": {"subject": "a\r\nBcc: x@evil.example", "plainText": "x"}}, "BadRequest", "content.subject"),
        ({"headers": {"X-A": "b\r\nBcc: x@evil.example"}}, "BadRequest", "headers.X-A"),
        ({"headers": {"Bcc": "x@evil.example"}}, "BadRequest", ""),
        (
            {"attachments": [{"name": "a", "contentType": "text/plain", "contentInBase64": "?"}]},
            "BadRequest",
            "attachments.0",
        ),
    ],
)
def test_a_faulty_message_is_refused_with_the_field(
    client: EmailClient, changes: dict[str, object], code: str, target: str
) -> None:
    with pytest.raises(HttpResponseError) as caught:
        client.begin_send(message() | changes, polling=False)
    assert caught.value.status_code == 400
    assert caught.value.error is not None
    assert caught.value.error.code == code
    answer: Any = caught.value.response
    assert answer.headers["x-ms-error-code"] == code
    assert [detail.target or "" for detail in caught.value.error.details] == [target]


def test_an_operation_id_that_is_no_guid_is_refused(client: EmailClient) -> None:
    with pytest.raises(HttpResponseError, match="GUID"):
        client.begin_send(message(), operation_id="first", polling=False)


@pytest.mark.parametrize("query", ["", "?api-version=2001-01-01"])
def test_a_missing_or_unknown_api_version_is_400(client: EmailClient, query: str) -> None:
    for request in (
        HttpRequest("GET", f"/emails/operations/{uuid4()}{query}"),
        HttpRequest("POST", f"/emails:send{query}", json=message()),
    ):
        answer = client.send_request(request)
        assert answer.status_code == 400
        assert "ApiVersion" in answer.json()["error"]["code"]


def test_a_fault_throttles_and_the_client_sees_retry_after(client: EmailClient, mail: StandIn) -> None:
    fault = {"match": "POST /emails:send", "status": 429, "retryAfter": 7, "times": 1}
    assert mail.post("/control/faults", fault).status_code == 201
    with pytest.raises(HttpResponseError) as caught:
        client.begin_send(message(), polling=False)
    answer: Any = caught.value.response
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert client.begin_send(message(), polling=False).result()["status"] == "Running"


def test_an_answer_can_be_lost_after_the_work_was_done(client: EmailClient, mail: StandIn, inbox: Inbox) -> None:
    mail.post("/control/faults", {"match": "POST /emails:send", "drop": True, "afterwards": True})
    operation_id = str(uuid4())
    with pytest.raises((ServiceResponseError, HttpResponseError)):
        client.begin_send(message(), operation_id=operation_id, polling=False).result()
    wait_until(lambda: inbox.of_operation(operation_id), "mail")
    assert status_of(client, operation_id)["http"] == 200


@pytest.fixture
def start(tmp_path: Path, certificates: Certificates) -> Callable[..., Any]:
    """Starts an e-mail stand-in of this test's own, again and again on the same data."""

    def run(smtp_port: int, *options: object) -> Any:
        port = free_port()
        files = ("--cert", certificates.cert, "--key", certificates.key, "--data", tmp_path)
        return running(
            "mail",
            port,
            *files,
            "--smtp-port",
            smtp_port,
            *options,
            MAIL=connection_string(port),
        )

    return run


def test_without_a_mail_server_the_operation_fails_and_a_restart_remembers(start: Callable[..., Any]) -> None:
    operation_id = str(uuid4())
    with start(free_port()) as mail:
        client = client_of(mail)
        client.begin_send(message(), operation_id=operation_id, polling=False)
        assert "cannot be reached" in settled(client, operation_id)["error"]["message"]
    with start(free_port()) as mail:
        assert status_of(client_of(mail), operation_id)["status"] == "Failed"


@pytest.mark.parametrize(
    ("cc", "status", "told"),
    [
        ([], "Failed", "failed: The recipient's mail server refused the message (550 no such mailbox)."),
        ([{"address": "it@contoso.example"}], "Succeeded", "some recipients were refused (550 no such mailbox)"),
    ],
)
def test_what_the_mail_server_refuses_is_one_line_in_the_log(
    start: Callable[..., Any], inbox: Inbox, cc: list[object], status: str, told: str
) -> None:
    inbox.refuse.add("gone@contoso.example")
    operation_id, mail = str(uuid4()), message("gone@contoso.example")
    mail["recipients"]["cc"] = cc
    with start(inbox.port) as server:
        client = client_of(server)
        client.begin_send(mail, operation_id=operation_id, polling=False)
        assert settled(client, operation_id)["status"] == status
        server.stop()
    assert server.output[1:] == [f"mail: {operation_id}: {told}"]


def test_a_request_more_than_fifteen_minutes_off_is_401(start: Callable[..., Any], inbox: Inbox) -> None:
    with start(inbox.port, "--clock", "+16m") as mail, pytest.raises(ClientAuthenticationError):
        client_of(mail).begin_send(message(), polling=False)
    with start(inbox.port, "--clock=-14m") as mail:
        assert client_of(mail).begin_send(message(), polling=False).result()
