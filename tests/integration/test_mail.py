"""The invitation's mail: sent once, with both parts and the right link, whatever the service and the queue do."""

import json
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import partial

import pytest

from local.waiting import wait_until
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import FABRIKAM, NORTHWIND, SECONDS, Json, Onboarding, good, unique, view_of

HELD_SECONDS = 40.0  # a mail that failed once waits for 10 to 15 seconds


@pytest.fixture(autouse=True)
def _empty_queues(cloud: LocalCloud) -> None:
    """What a killed host had in hand stays hidden in its queue for ten minutes; here messages are counted."""
    for name in ("mail", "check", "expire"):
        with cloud.queue(name) as queue:
            queue.clear_messages()


def accepted(way: Onboarding) -> list[int]:
    """How often the e-mail service took each mail to this service's address."""
    ids = {mail.headers["x-operation-id"] for mail in way.cloud.inbox.mails(way.email)}
    operations = good(way.cloud.mail().get("/control/operations"))["value"]
    return [operation["accepted"] for operation in operations if operation["id"] in ids]


def settled(way: Onboarding) -> None:
    """Wait until nothing is owed and no message waits, so that nothing can be sent any more."""
    wait_until(lambda: not way.cloud.owes(way.id, "mail"), HELD_SECONDS, "the end of the owed mail")
    with way.cloud.queue("mail") as queue:
        wait_until(lambda: queue.get_queue_properties().approximate_message_count == 0, SECONDS, "an empty queue")


def test_the_mail_arrives_once_with_two_parts_and_the_right_link(cloud: LocalCloud, way: Onboarding) -> None:
    mail = way.mail()
    assert mail.subject == "Connect your Microsoft 365 tenant to Northwind Voice"
    assert mail.sender == "DoNotReply@mail.tenantlink.example"
    assert mail.to == (way.email,)
    assert parseaddr(mail.headers["reply-to"])[1] == "onboarding@northwind-voice.example"
    address, _, token = mail.link.partition("#")
    assert address == f"{cloud.config.api_url}/invite"
    assert len(token) == 84
    assert "Click here to activate your tenant" in mail.html
    for part in (mail.text, mail.html):
        assert token in part
        assert "Contoso voice" in part
        assert "+49 30 5550 100" in part
    until = datetime.fromisoformat(way.read()["invitation"]["expiresAt"]).astimezone(UTC)
    assert f"{until:%-d %B %Y, %H:%M UTC}" in mail.text
    assert "<img" not in mail.html
    settled(way)
    assert accepted(way) == [1]
    invitation = way.row()
    assert (invitation["emailState"], invitation["emailReason"], invitation["emailSentCount"]) == ("sent", None, 1)
    assert datetime.fromisoformat(invitation["emailSentAt"]) >= datetime.fromisoformat(invitation["createdAt"])
    assert [event["what"] for event in way.events()] == ["service-created", "mail-sent"]


def test_each_provider_writes_in_its_own_name(cloud: LocalCloud) -> None:
    mail = Onboarding.begin(cloud, FABRIKAM).mail()
    assert mail.subject.endswith("Fabrikam Telecom")
    assert parseaddr(mail.headers["reply-to"])[1] == "service@fabrikam-telecom.example"
    assert "Northwind" not in mail.text + mail.html


OUTAGES: dict[str, Json] = {
    "is down": {"status": 503},
    "drops the connection": {"drop": True},
    "loses its answer": {"drop": True, "afterwards": True},
    "takes it and says that it failed": {"status": 500, "afterwards": True},
    "takes it and a proxy answers": {"status": 200, "body": "<html>Welcome</html>", "afterwards": True},
    "takes it and its answer breaks off": {"cut": True},
    "refuses our key": {"status": 401},
    "does not let us": {"status": 403},
    "knows no such domain": {"status": 404, "body": {"error": {"code": "DomainNotLinked", "message": "Not linked."}}},
    "speaks of a conflict": {"status": 409},
    "throttles": {"status": 429, "retryAfter": 1},  # the last one: it holds back whatever comes next
}


def test_mails_that_the_service_could_not_take_are_sent_once_later(cloud: LocalCloud, faults: Faults) -> None:
    """All outages, each for a service of its own, and then one wait for them all."""
    ways: dict[str, Onboarding] = {}
    for what, fault in OUTAGES.items():
        faults.clear()
        faults.mail(**fault)
        way = ways[what] = Onboarding.begin(cloud)
        wait_until(lambda: faults.used("mail") > 0, SECONDS, f"the mail while the service {what}")
        wait_until(partial(put_off, way), SECONDS, f"its next time, when the service {what}")
        assert way.row()["emailState"] == "queued", what
    faults.clear()
    for what, way in ways.items():
        way.until(lambda one: one["invitation"]["emailState"] == "sent", f"the mail after it {what}", HELD_SECONDS)
        assert view_of(way.admin(way.mail().link))["status"] == "pending", what
    for what, way in ways.items():
        settled(way)
        assert accepted(way) == [1], what
        assert way.row()["emailSentCount"] == 1, what


def put_off(way: Onboarding) -> bool:
    """Whether the owed mail has been put off after an attempt: its row is neither new nor at the end of a lease."""
    rows = way.cloud.owes(way.id, "mail")
    if len(rows) != 1:
        return False
    row = rows[0]
    at = datetime.strptime(row["RowKey"].split(":")[1], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    left = (at - datetime.now(UTC)).total_seconds()
    return bool(json.loads(row["body"]).get("begun")) and not 50 < left < 91


def held(cloud: LocalCloud, faults: Faults) -> tuple[Onboarding, str]:
    """A service whose mail was tried once and waits for ten minutes, and the key of its owed work."""
    faults.mail(status=503, retryAfter=600)
    way = Onboarding.begin(cloud)
    wait_until(lambda: faults.used("mail") > 0 and put_off(way), SECONDS, "the first attempt")
    faults.clear()
    (row,) = cloud.owes(way.id, "mail")
    return way, row["RowKey"]


def wake(cloud: LocalCloud, key: str, times: int = 1) -> None:
    """Put the wake-up for a piece of owed mail on the queue, as the sweep does."""
    with cloud.queue("mail") as queue:
        for _ in range(times):
            queue.send_message(json.dumps({"provider": NORTHWIND, "due": key}))


def test_a_refused_address_is_told_and_a_resend_works(faults: Faults, cloud: LocalCloud) -> None:
    faults.mail(status=400, body={"error": {"code": "BadRequest", "message": "Invalid recipient"}})
    way = Onboarding.begin(cloud)
    row = way.until(lambda one: one["invitation"]["emailState"] == "failed", "the failure")["invitation"]
    assert "400" in row["emailReason"]
    assert "resend" in row["emailReason"].lower()
    assert way.email not in row["emailReason"]
    assert (row["status"], row["emailSentCount"], row["emailSentAt"]) == ("pending", 0, None)
    assert way.events()[-1]["what"] == "mail-failed"
    assert view_of(way.admin())["status"] == "pending", "a copied link helps on the day when mail fails"
    faults.clear()
    address = f"{unique('right-')}@contoso.example"
    assert good(way.change(f"{way.invitation}/resend", {"adminEmail": address}))["emailState"] == "queued"
    way.email = address
    assert view_of(way.admin(way.mail().link))["status"] == "pending"
    assert (way.row()["emailState"], way.row()["emailReason"]) == ("sent", None)


def test_a_mail_that_nobody_wants_any_more_is_dropped_and_says_so(faults: Faults, cloud: LocalCloud) -> None:
    way, key = held(cloud, faults)
    good(way.change(f"{way.invitation}/revoke"))
    wake(cloud, key)
    way.until(lambda one: one["invitation"]["emailState"] == "dropped", "the drop")
    settled(way)
    assert cloud.inbox.mails(way.email) == []


def test_a_resend_overtakes_the_mail_that_is_still_owed(faults: Faults, cloud: LocalCloud) -> None:
    way, key = held(cloud, faults)
    good(way.change(f"{way.invitation}/resend", {}))
    wake(cloud, key)
    assert view_of(way.admin(way.mail().link))["status"] == "pending"
    settled(way)
    assert len(cloud.inbox.mails(way.email)) == 1
    assert way.row()["emailSentCount"] == 1


def test_a_message_that_is_delivered_many_times_sends_one_mail(faults: Faults, cloud: LocalCloud) -> None:
    way, key = held(cloud, faults)
    faults.mail(delaySeconds=0.3)
    wake(cloud, key, times=8)
    way.mail()
    wake(cloud, key)
    settled(way)
    assert accepted(way) == [1]
    assert way.row()["emailSentCount"] == 1
    assert [event["what"] for event in way.events()] == ["service-created", "mail-waits", "mail-sent"]
