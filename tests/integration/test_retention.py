"""Personal data leave some time after the end of what they served, or when an operator says so; what happened stays."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from local.waiting import wait_until
from shared.due import at
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    SECONDS,
    Json,
    Onboarding,
    good,
    listed,
    new_customer,
    pointers,
    refused,
    unique,
)

WHY = "Ask Ada Adams, she is back on Monday"


def ended(way: Onboarding, state: str = "cancel") -> Json:
    """The service after its end."""
    way.mail()
    way.admin()
    return good(way.change(f"{way.path}/{state}"))


def erase(way: Onboarding) -> Json:
    return good(way.change(f"{way.path}/erase"))


def rows_about(cloud: LocalCloud, *ids: str) -> str:
    """Every row that belongs to one of these services or customers, as text."""
    rows = (json.dumps(row, default=str, ensure_ascii=False) for row in cloud.rows())
    return "\n".join(row for row in rows if any(each in row for each in ids))


def next_look(cloud: LocalCloud, way: Onboarding) -> datetime:
    """When the service's personal data are looked at."""
    (key,) = (row["RowKey"] for row in cloud.owes(way.id, "forget") if '"stamp"' in row["body"])
    return at(key.split(":")[1])


def names(events: list[Json]) -> set[str]:
    return {event["by"]["name"] for event in events}


def forgotten(way: Onboarding) -> None:
    way.until(lambda service: service["personalData"] == "erased", "the end of its personal data")


def test_an_operator_deletes_the_personal_data_of_what_has_ended(cloud: LocalCloud, way: Onboarding) -> None:
    assert way.read()["personalData"] == "in-use"
    assert ended(way)["personalData"] == "kept"
    before = [event["what"] for event in way.events()]
    (name,) = names(way.events()) - {"TenantLink"}
    assert way.email in rows_about(cloud, way.id)

    erased = erase(way)
    assert (erased["personalData"], erased["invitation"]["adminEmail"]) == ("erased", None)
    wait_until(lambda: names(way.events()) == {"An operator", "TenantLink"}, SECONDS, "the names in the events")
    left = rows_about(cloud, way.id)
    assert name not in left
    assert way.email not in left
    assert '"RowKey": "request:' not in left
    assert [event["what"] for event in way.events()] == [*before, "personal-data-erased"]
    assert erase(way)["etag"] == erased["etag"]


def test_what_is_in_use_is_not_deleted_and_a_resend_then_wants_the_address_again(way: Onboarding) -> None:
    refused(way.change(f"{way.path}/erase"), 409, "still-in-use")
    good(way.change(f"{way.invitation}/revoke"))
    erase(way)
    row = way.row()
    assert (row["adminEmail"], row["invitedBy"], row["reason"]["detail"]) == (
        None,
        "An operator",
        "Revoked by an operator.",
    )
    assert pointers(refused(way.change(f"{way.invitation}/resend", {}), 422, "invalid-input")) == {
        "/adminEmail": "missing"
    }
    good(way.change(f"{way.invitation}/resend", {"adminEmail": way.email}))
    assert way.read()["personalData"] == "in-use"
    assert way.mail(count=1).link


def test_a_monitor_deletes_nothing(cloud: LocalCloud, way: Onboarding) -> None:
    etag = ended(way)["etag"]
    refused(cloud.monitor().change(f"{way.path}/erase", etag, None), 403, "not-allowed")
    assert way.read()["personalData"] == "kept"


def archived_customer(cloud: LocalCloud) -> Json:
    operator = cloud.operator()
    customer = new_customer(operator)
    path = f"/api/customers/{customer['id']}"
    return good(operator.delete(path, headers={"If-Match": customer["etag"]}))


def nameless(way: Onboarding, customer: Json, events: int) -> None:
    """Wait until none of the customer's events names anybody."""
    wait_until(
        lambda: [one["by"]["name"] for one in customer_events(way, customer)] == ["An operator"] * events,
        SECONDS,
        "the end of the names in the archived customer's events",
    )


def customer_events(way: Onboarding, customer: Json) -> list[Json]:
    return listed(way.operator, f"/api/customers/{customer['id']}/events")


@pytest.mark.days_later
def test_personal_data_leave_by_themselves_after_90_days(cloud: LocalCloud) -> None:
    archived = archived_customer(cloud)
    active, cancelled, declined = (Onboarding.begin(cloud) for _ in range(3))
    active.active()
    ended(cancelled)
    declined.mail()
    good(declined.admin().post("/api/invitation/decline", json={"reason": WHY}))
    ways, about = (active, cancelled, declined), [active.id, cancelled.id, declined.id, archived["id"]]
    assert WHY in rows_about(cloud, *about)

    cloud.restart("+2d")

    late = datetime.now(UTC) + timedelta(days=80)
    wait_until(lambda: all(next_look(cloud, way) > late for way in ways), SECONDS, "the first looks")
    again = [Onboarding(cloud, cloud.operator(), way.customer, way.id, way.email) for way in ways]
    assert [way.read()["personalData"] for way in again] == ["kept"] * 3

    cloud.restart("+91d")
    again = [Onboarding(cloud, cloud.operator(), way.customer, way.id, way.email) for way in ways]
    for way in again:
        forgotten(way)
    left = rows_about(cloud, *about)
    for gone in (WHY, *(way.email for way in ways)):
        assert gone not in left, gone
    assert "An operator" in names(again[1].events())
    assert len(names(again[0].events())) > len(names(again[1].events()))
    assert again[2].row()["reason"]["detail"] == "Declined through the link."
    nameless(again[0], archived, 2)
    path = f"/api/customers/{archived['id']}"
    etag = good(again[0].operator.get(path))["etag"]
    good(again[0].operator.patch(path, json={"name": unique("Renamed ")}, headers={"If-Match": etag}))
    nameless(again[0], archived, 3)  # whoever acts on what has long been archived is forgotten, too
    over = (cancelled.id, archived["id"])
    wait_until(lambda: '"RowKey": "request:' not in rows_about(cloud, *over), SECONDS, "the requests' end")

    # An active service goes on, and its tenant is still held against the invited domain.
    m365 = again[0].validate()
    items = {item["name"]: item["state"] for item in m365["check"]["items"]}
    assert items["domain"] == "passed"
    assert good(again[0].operator.get(again[0].path))["proposal"]["invitedAddress"] is None
    assert m365["tenantId"] == CONTOSO.tenant
