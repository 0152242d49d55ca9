"""What is stuck is visible: its reason, since when, and a button; work about nothing comes to an end."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.waiting import wait_until
from shared import due
from shared.due import Due, insert
from shared.kinds import Kind
from shared.minted import new_id
from shared.rows import Row
from tests.integration.cloud import Directory, Faults, LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    FABRIKAM,
    NORTHWIND,
    SECONDS,
    Json,
    Onboarding,
    good,
    in_a_tenant_of_its_own,
    listed,
    refused,
    submit,
)
from tests.integration.test_mail import put_off

LONG = 600  # a Retry-After that keeps work waiting for longer than any test


def attention(way: Onboarding, code: str) -> Json:
    """What the service needs, once it is that."""
    found: Json = way.until(lambda one: one["attention"] and one["attention"]["code"] == code, code)["attention"]
    return found


def ids(way: Onboarding, path: str) -> set[str]:
    """The services that a list of services or invitations names."""
    return {one["serviceId" if "serviceId" in one else "id"] for one in listed(way.operator, path)}


def wake(way: Onboarding, work_id: str) -> Json:
    return good(way.operator.post(f"/api/owed/{work_id}/wake"))


def moved(way: Onboarding, attempts: int) -> bool:
    """Whether the mail was tried so often and waits again."""
    return put_off(way) and way.read()["invitation"]["emailAttempts"] == attempts


def test_a_mail_that_waits_says_why_since_when_and_until_when(cloud: LocalCloud, faults: Faults) -> None:
    faults.mail(status=503, retryAfter=LONG)
    way = Onboarding.begin(cloud)
    needed = attention(way, "mail-waits")
    row = way.row()
    assert row["emailState"] == "queued"
    assert row["emailWaitingFor"] == "The e-mail service answered 503."
    assert row["emailAttempts"] == 1
    since, until = (datetime.fromisoformat(row[name]) for name in ("emailStuckSince", "emailNextAt"))
    assert timedelta(seconds=LONG - 5) < until - since < timedelta(seconds=LONG * 1.5 + 30)
    assert needed["detail"] == "The e-mail service answered 503. We try again by ourselves."
    assert needed["since"] == row["emailStuckSince"]
    assert needed["calls"] == ["wake_owed", "resend_invitation", "copy_link"]
    assert cloud.owes(way.id, "mail")[0]["RowKey"].endswith(f":{needed['work']}")
    assert row["attention"] == needed == good(way.operator.get(way.invitation))["attention"]
    assert [event["what"] for event in way.events()] == ["service-created", "mail-waits"]


def test_a_mail_is_tried_again_by_the_button_quietly_until_it_is_sent(cloud: LocalCloud, faults: Faults) -> None:
    faults.mail(status=503, retryAfter=LONG)
    way = Onboarding.begin(cloud)
    before = attention(way, "mail-waits")
    etag = way.read()["etag"]
    woken = wake(way, before["work"])
    assert (woken["kind"], woken["detail"]) == ("mail", "It waits for its next attempt.")
    assert woken["waitingSince"] is None
    wait_until(lambda: moved(way, 2), SECONDS, "the second attempt")
    after = attention(way, "mail-waits")
    assert after["work"] == before["work"]
    assert after["since"] == before["since"]
    assert way.read()["etag"] == etag, "a wait that goes on takes no operator's ETag away"
    assert [event["what"] for event in way.events()] == ["service-created", "mail-waits"]
    faults.clear()
    wake(way, after["work"])
    assert way.mail().link
    sent = way.read()
    assert sent["attention"] is None
    assert (sent["invitation"]["emailWaitingFor"], sent["invitation"]["emailNextAt"]) == (None, None)
    refused(way.operator.post(f"/api/owed/{before['work']}/wake"), 404, "not-found")


def test_lists_can_be_asked_for_what_needs_a_person(cloud: LocalCloud, faults: Faults) -> None:
    faults.mail(status=400)
    stuck = Onboarding.begin(cloud)
    attention(stuck, "mail-failed")
    faults.clear()
    fine = Onboarding.begin(cloud, customer=stuck.customer)
    fine.mail()
    for path in ("/api/services", "/api/invitations"):
        of_both = f"{path}?customerId={stuck.customer['id']}&attention="
        assert ids(stuck, of_both + "true") == {stuck.id}
        assert ids(stuck, of_both + "false") == {fine.id}
    stuck.copy_link()
    assert stuck.read()["attention"] is None
    assert ids(stuck, f"/api/services?customerId={stuck.customer['id']}&attention=true") == set()


def test_a_check_that_waits_can_be_asked_to_look_now(cloud: LocalCloud, faults: Faults, directory: Directory) -> None:
    registered = in_a_tenant_of_its_own(directory, CONTOSO)
    way = Onboarding.begin(cloud)
    way.mail()
    admin = way.admin()
    faults.entra(registered.sign_in, status=503, retryAfter=LONG)
    good(submit(admin, registered), 202)
    needed = attention(way, "check-waits")
    assert needed["calls"] == ["wake_owed"]
    assert "again by ourselves" in needed["detail"]
    check = good(way.operator.get(way.invitation))["check"]
    assert check["nextAt"]
    assert check["waitingFor"] == needed["detail"]
    faults.clear()
    wake(way, needed["work"])
    way.until(lambda one: one["invitation"]["status"] == "authenticated", "the check after the wake-up")
    assert way.read()["attention"] is None


def test_a_failed_validation_needs_a_person_on_every_page(cloud: LocalCloud, directory: Directory) -> None:
    way = Onboarding.begin(cloud).added()
    with directory.edit() as content:
        for application in content["applications"]:
            if application["appId"] == CONTOSO.client:
                application["secrets"] = []
    way.validate()
    m365 = good(way.operator.get(f"{way.path}/m365"))
    assert m365["attention"]["code"] == "validation-failed"
    assert m365["attention"]["calls"] == ["validate_m365", "reinitiate_invitation"]
    assert m365["attention"] == way.read()["attention"]
    directory.restore()
    way.validate()
    assert way.read()["attention"] is None


# The work itself


def work(kind: Kind, at: timedelta, **changes: Any) -> Due:
    """Work about something that does not exist, due so long from now."""
    now = datetime.now(UTC)
    return replace(due.owed(NORTHWIND, kind, new_id(now), due.new_work_id(), now, at=now + at), **changes)


def never_claimed(kind: Kind) -> Due:
    """Such work as sweeps leave it while no worker takes it."""
    return work(kind, timedelta(hours=5), sweeps=4, waiting_since=datetime.now(UTC) - timedelta(hours=1))


@contextmanager
def lying(cloud: LocalCloud, row: Row) -> Iterator[None]:
    """The row in the first provider's partition, as a fault may have left it there."""
    with cloud._table() as table:
        table.upsert_entity({"PartitionKey": NORTHWIND, "RowKey": row.key, "body": row.body, **row.columns})
        try:
            yield
        finally:
            table.delete_entity(NORTHWIND, row.key)


def late(cloud: LocalCloud, provider: str = NORTHWIND) -> dict[str, Json]:
    return {one["key"]: one for one in listed(cloud.monitor(provider), "/api/owed")}


def test_work_that_waits_for_its_time_is_not_late(cloud: LocalCloud, faults: Faults) -> None:
    faults.mail(status=503, retryAfter=LONG)
    way = Onboarding.begin(cloud)
    attention(way, "mail-waits")
    assert way.id not in {one["serviceId"] for one in late(cloud).values()}


def test_a_row_that_cannot_be_read_is_named_to_the_provider_s_people_alone(cloud: LocalCloud) -> None:
    key = f"due:{due.stamp(datetime.now(UTC) - timedelta(hours=1))}:mail:{secrets.token_hex(16)}"
    with lying(cloud, Row(key, "not json", {"work": key[-32:]})):
        assert late(cloud)[key]["detail"].startswith("This row cannot be read")
        assert key not in late(cloud, FABRIKAM)
        refused(cloud.operator().post(f"/api/owed/{key[-32:]}/wake"), 404, "not-found")
        told = wait_until(lambda: unhealthy(cloud), SECONDS, "the alarm")
        assert told["unreadable"] == 1
    wait_until(lambda: not unhealthy(cloud), SECONDS, "a healthy cloud")


def unhealthy(cloud: LocalCloud) -> Json | None:
    reply = cloud.anybody().get("/api/health")
    content: Json = reply.json()
    return content if reply.status_code == 503 else None


def test_work_that_no_worker_takes_is_listed_and_another_provider_s_is_not(cloud: LocalCloud) -> None:
    woken = never_claimed(Kind.MAIL)
    with lying(cloud, insert(woken).row):
        shown = late(cloud)[woken.key]
        assert (shown["kind"], shown["serviceId"], shown["attempts"]) == ("mail", woken.subject, 0)
        assert datetime.fromisoformat(shown["waitingSince"]) < datetime.now(UTC) - timedelta(minutes=59)
        assert woken.key not in late(cloud, FABRIKAM)
        refused(cloud.operator(FABRIKAM).post(f"/api/owed/{woken.work_id}/wake"), 404, "not-found")
        refused(cloud.monitor().post(f"/api/owed/{woken.work_id}/wake"), 403, "not-allowed")


@pytest.mark.parametrize("kind", list(Kind))
def test_work_about_nothing_ends_once_it_is_woken(cloud: LocalCloud, kind: Kind) -> None:
    orphan = never_claimed(kind)
    with lying(cloud, insert(orphan).row):
        assert good(cloud.operator().post(f"/api/owed/{orphan.work_id}/wake"))["kind"] == kind
        wait_until(lambda: not cloud.owes(orphan.subject, kind), SECONDS, "the end of the work")
    assert f":{kind}:{orphan.work_id} is about nothing that exists" in cloud.host.log()


def test_a_worker_s_work_is_never_woken(cloud: LocalCloud) -> None:
    leased = work(Kind.EXPIRE, due.LEASE, attempts=1)
    with lying(cloud, insert(leased).row):
        refused(cloud.operator().post(f"/api/owed/{leased.work_id}/wake"), 404, "not-found")
