"""What depends on the e-mail account: its senders, its quotas, and what becomes of a mail that was taken."""

from typing import Any

import pytest
from azure.communication.email import EmailClient
from azure.core.exceptions import HttpResponseError

from local.mail.settings import Quota
from local.mail.throttle import Throttle
from tests.integration.standins.servers import Inbox, StandIn, wait_until
from tests.integration.standins.test_email import SENDER, client_of, message, settled, status_of


@pytest.fixture
def client(mail: StandIn) -> EmailClient:
    """A client with the right key."""
    return client_of(mail)


def send(client: EmailClient, to: str = "it@contoso.example", sender: str = SENDER) -> str:
    """Sends a mail without waiting; its operation id."""
    answer = client.begin_send(message(to) | {"senderAddress": sender}, polling=False).result()
    return str(answer["id"])


def refusal(client: EmailClient, sender: str = SENDER) -> tuple[int | None, str | None, str | None]:
    """How the service refuses a mail: status, code and Retry-After."""
    with pytest.raises(HttpResponseError) as caught:
        send(client, sender=sender)
    answer: Any = caught.value.response
    assert caught.value.error is not None
    return caught.value.status_code, caught.value.error.code, answer.headers.get("Retry-After")


@pytest.mark.parametrize(
    ("sender", "status", "code"),
    [
        ("noreply@elsewhere.example", 404, "DomainNotLinked"),
        ("info@mail.tenantlink.example", 400, "InvalidSenderUserName"),
    ],
)
def test_a_sender_that_the_account_does_not_have_is_refused(
    client: EmailClient, mail: StandIn, sender: str, status: int, code: str
) -> None:
    mail.post("/control/settings", {"senders": [SENDER]})
    assert refusal(client, sender) == (status, code, None)
    assert send(client)


@pytest.mark.parametrize("status", ["Failed", "Canceled"])
def test_a_mail_can_fail_after_it_was_taken(client: EmailClient, mail: StandIn, inbox: Inbox, status: str) -> None:
    outcome = {"status": status, "code": "EmailDroppedAllRecipientsSuppressed", "message": "All are suppressed."}
    mail.post("/control/settings", {"outcomes": {"Suppressed@contoso.example": outcome}})
    failed, fine = send(client, "suppressed@contoso.example"), send(client)
    told = status_of(client, failed)
    assert (told["http"], told["status"], told["error"]["code"]) == (200, status, outcome["code"])
    assert told["error"]["message"] == outcome["message"]
    assert settled(client, fine)["error"] is None
    wait_until(lambda: inbox.of_operation(fine), "mail")
    assert inbox.of_operation(failed) == []


@pytest.mark.parametrize("status", ["Running", "NotStarted"])
def test_a_mail_can_stay_on_its_way(client: EmailClient, mail: StandIn, inbox: Inbox, status: str) -> None:
    mail.post("/control/settings", {"outcomes": {"slow@contoso.example": {"status": status}}})
    slow, fine = send(client, "slow@contoso.example"), send(client)
    wait_until(lambda: inbox.of_operation(fine), "mail")
    told = status_of(client, slow)
    assert (told["status"], told["error"]) == (status, None)
    assert inbox.of_operation(slow) == []


def test_more_sends_than_the_quota_allows_are_429_until_retry_after(client: EmailClient, mail: StandIn) -> None:
    quotas = {"send": [{"limit": 2, "seconds": 1.5}, {"limit": 100, "seconds": 3600}]}
    mail.post("/control/settings", {"quotas": quotas})
    operation = [send(client), send(client)][0]
    assert refusal(client) == (429, "TooManyRequests", "2")
    assert status_of(client, operation)["http"] == 200, "status reads have a quota of their own"


def test_retry_after_is_right_and_a_repetition_before_it_only_prolongs_the_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    throttle, quotas = Throttle(), [Quota(limit=2, seconds=60)]
    assert [throttle.count(quotas), throttle.count(quotas)] == [None, None]
    now = 30.0
    assert throttle.count(quotas) == 30  # the second one of the beginning has left the minute by then
    now = 60.0
    assert throttle.count(quotas) is None
    assert throttle.count(quotas) == 60
    assert throttle.count([]) is None


def test_the_documented_quotas_can_be_chosen_by_name(client: EmailClient, mail: StandIn) -> None:
    operation = send(client)
    mail.post("/control/settings", {"quotas": "azureManagedDomain"})
    assert [status_of(client, operation)["http"] for _ in range(11)] == [200] * 10 + [429]
    for _ in range(5):
        send(client)
    status, _, wait = refusal(client)
    assert (status, wait) == (429, "60")


@pytest.mark.parametrize(
    "settings",
    [
        {"deduplicate": True},
        {"repeated": "twice"},
        {"senders": ["nobody"]},
        {"quotas": "none"},
        {"quotas": {"send": [{"limit": 0, "seconds": 1}]}},
        {"outcomes": {"a@b.example": {"status": "Lost"}}},
    ],
)
def test_settings_that_make_no_sense_are_refused(mail: StandIn, settings: dict[str, object]) -> None:
    assert mail.post("/control/settings", settings).status_code == 400
