"""*Cancel*: the way out of every state before `active`; it frees the short name, and nothing else does."""

from collections.abc import Callable

import pytest

from local.waiting import wait_until
from tests.integration.cloud import Directory, Faults, LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    SECONDS,
    Desk,
    Onboarding,
    good,
    in_a_tenant_of_its_own,
    listed,
    order,
    refused,
    submit,
)

BEFORE_ACTIVE: dict[str, Callable[[Onboarding], Onboarding]] = {
    "invited": lambda way: way,
    "authenticated": Onboarding.authenticated,
    "added": Onboarding.added,
    "validated": Onboarding.validated,
}


def cancel(way: Onboarding) -> None:
    service = good(way.change(f"{way.path}/cancel"))
    assert (service["state"], service["proposal"], service["reason"]["code"]) == ("cancelled", None, "cancelled")


@pytest.mark.parametrize("state", BEFORE_ACTIVE)
def test_cancel_ends_a_service_and_wipes_its_secret(way: Onboarding, state: str) -> None:
    link = way.mail().link
    BEFORE_ACTIVE[state](way)
    cancel(way)
    assert way.pending() is None
    assert way.told()[-1] == "service-cancelled"
    refused(way.admin(link).get("/api/invitation"), 410, "link-cancelled")
    refused(submit(way.admin(link), CONTOSO), 410, "link-cancelled")
    (row,) = [row for row in way.cloud.rows() if row["RowKey"] == f"service:{way.id}"]
    assert '"sealed"' not in row["body"]
    assert [one["state"] for one in listed(way.operator, f"/api/services?customerId={way.customer['id']}")] == [
        "cancelled"
    ]


def test_cancel_frees_the_short_name(way: Onboarding, desk: Desk) -> None:
    name = way.read()["shortName"]
    refused(desk.create(order(shortName=name)), 409, "short-name-taken")
    cancel(way)
    assert desk.short_name(name)["available"] is True
    assert good(desk.create(order(shortName=name.upper())), 201)["id"] != way.id
    assert desk.short_name(name)["available"] is False


def test_cancelling_again_takes_the_name_from_nobody(way: Onboarding, desk: Desk) -> None:
    name = way.read()["shortName"]
    cancel(way)
    good(desk.create(order(shortName=name)), 201)
    cancel(way)
    assert desk.short_name(name)["available"] is False
    assert way.told().count("service-cancelled") == 1


def test_an_active_service_cannot_be_cancelled(way: Onboarding) -> None:
    way.active()
    before = way.read()
    refused(way.change(f"{way.path}/cancel"), 409, "already-active")
    assert way.read() == before


def test_nothing_can_be_done_to_a_cancelled_service(way: Onboarding) -> None:
    way.added()
    cancel(way)
    for path in (f"{way.path}/m365/validate", f"{way.path}/complete"):
        assert way.change(path).status_code == 409
    assert way.add().status_code == 409
    for change in ("resend", "revoke", "link"):
        assert way.change(f"{way.invitation}/{change}", {}).status_code == 409
    assert way.read()["state"] == "cancelled"


@pytest.mark.parametrize("purpose", ["submission", "validation", "completion"])
def test_a_check_under_way_does_not_bring_a_cancelled_service_back(
    directory: Directory, faults: Faults, way: Onboarding, purpose: str
) -> None:
    own = in_a_tenant_of_its_own(directory, CONTOSO)
    if purpose == "validation":
        way.added(own)
    if purpose == "completion":
        way.validated(own)
    admin = way.admin() if purpose == "submission" else None
    faults.entra(own.sign_in, delaySeconds=1)
    if admin:
        good(submit(admin, own), 202)
    else:
        good(way.change(f"{way.path}/{'m365/validate' if purpose == 'validation' else 'complete'}"), 202)
    wait_until(lambda: faults.used() > 0, SECONDS, "the check")
    cancel(way)
    wait_until(lambda: not way.cloud.owes(way.id, "check"), SECONDS, "the end of the check")
    service = way.read()
    assert (service["state"], service["proposal"], service["activatedAt"]) == ("cancelled", None, None)
    (row,) = [row for row in way.cloud.rows() if row["RowKey"] == f"service:{way.id}"]
    assert '"sealed"' not in row["body"]


def test_the_mail_of_a_cancelled_service_is_not_sent(cloud: LocalCloud, faults: Faults) -> None:
    faults.mail(status=503)
    way = Onboarding.begin(cloud)
    wait_until(lambda: faults.used("mail") > 0, SECONDS, "the first attempt")
    cancel(way)
    faults.clear()
    wait_until(lambda: not cloud.owes(way.id, "mail"), SECONDS, "the end of the owed mail")
    assert way.read()["invitation"]["emailState"] == "dropped"
    assert cloud.inbox.mails(way.email) == []
