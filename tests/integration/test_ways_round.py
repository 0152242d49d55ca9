"""The ways round the straight procedure, from end to end: begin again, disconnect, decline, ask, extend, rename."""

import pytest

from local.callers import Caller
from local.waiting import wait_until
from tests.integration.asking import asking, in_days
from tests.integration.cloud import Directory, Faults, LocalCloud
from tests.integration.procedure import (
    ADATUM,
    CONTOSO,
    SECONDS,
    Json,
    Onboarding,
    good,
    in_a_tenant_of_its_own,
    listed,
    new_customer,
    order,
    refused,
    submit,
    submitted,
    unique,
    view_of,
)


@pytest.fixture
def new_secret(directory: Directory) -> str:
    """A second secret of Contoso's registration, as its administrator makes it before the first one runs out."""
    value = "Nw28Q~" + "another.secret-of-the-same-app"
    with directory.edit() as content:
        secrets = content["applications"][0]["secrets"]
        key = "d0000000-0000-4000-8000-0000000000bb"
        secrets.append({**secrets[0], "keyId": key, "value": value, "endDateTime": "+700d"})
    return value


# Re-initiate


def test_an_active_service_changes_its_secret_and_stays_active(cloud: LocalCloud, new_secret: str) -> None:
    way = Onboarding.begin(cloud).active()
    used = way.admins[-1]
    before = good(way.operator.get(f"{way.path}/m365"))
    way.reinitiated()
    second = cloud.inbox.wait_for_mail(way.email, count=2)
    refused(used.get("/api/invitation"), 410, "link-replaced")
    assert (way.read()["state"], way.row()["status"]) == ("active", "pending")
    assert way.validate()["check"]["outcome"] == "passed"  # on its old registration, meanwhile

    submitted(way.admin(second.link), CONTOSO, value=new_secret)
    waiting = way.read()
    assert (waiting["state"], waiting["proposal"]["secretHint"]) == ("active", new_secret[:3])
    assert good(way.operator.get(f"{way.path}/m365"))["secretHint"] == before["secretHint"]

    added = good(way.add(CONTOSO))
    assert (added["state"], added["invitation"]["status"]) == ("active", "accepted")
    after = way.validate()
    assert (after["check"]["outcome"], after["secretDaysUntilExpire"]) == ("passed", 700)
    assert way.pending() is None
    assert way.told()[-8:] == [
        "invitation-reinitiated",
        "validation-started",
        "validation-passed",
        "credentials-submitted",
        "authenticated",
        "registration-replaced",
        "validation-started",
        "validation-passed",
    ]


def test_another_tenant_does_not_take_a_service_over(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud).active().reinitiated()
    view = submitted(way.admin(), ADATUM)
    assert (view["status"], view["check"]["items"][-1]["name"]) == ("pending", "tenant")
    assert good(way.operator.get(f"{way.path}/m365"))["tenantId"] == CONTOSO.tenant


def test_a_disconnected_service_is_connected_again(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud).active()
    gone = good(asking("disconnect_service", way).send())
    assert (gone["state"], gone["proposal"]) == ("disconnected", None)
    refused(way.operator.get(f"{way.path}/m365"), 409, "registration-missing")
    assert good(asking("ask_short_name", way, query={"value": gone["shortName"]}).send())["available"] is False
    assert view_of(way.admins[-1])["status"] == "authenticated"  # what was accepted stays told

    way.reinitiated()
    assert (way.read()["state"], way.row()["status"]) == ("invited", "pending")
    way.active()


def test_a_disconnection_wins_over_a_check_under_way(cloud: LocalCloud, faults: Faults) -> None:
    own = in_a_tenant_of_its_own(cloud.directory, CONTOSO)
    way = Onboarding.begin(cloud).active(own)
    faults.entra(own.sign_in, delaySeconds=2)
    good(way.change(f"{way.path}/m365/validate"), 202)
    wait_until(lambda: faults.used() > 0, SECONDS, "the check's call of Entra")
    good(way.change(f"{way.path}/disconnect"))
    way.until(lambda _: "check-superseded" in way.told(), "the end of the check that nobody waits for")
    assert way.read()["state"] == "disconnected"
    assert CONTOSO.secret not in str(cloud.rows())
    assert not cloud.owes(way.id, "check")


# Decline, and ask for a new link


@pytest.mark.parametrize(
    ("body", "told"),
    [({}, "Declined through the link."), ({"reason": "  We use\nanother one. "}, "We use another one.")],
)
def test_a_declined_invitation_tells_the_operator_why_and_can_be_sent_again(
    way: Onboarding, body: Json, told: str
) -> None:
    way.mail()
    admin = way.admin()
    assert good(admin.post("/api/invitation/decline", json=body))["status"] == "declined"
    row = way.row()
    assert (row["status"], row["deviceAuthenticated"]) == ("declined", False)
    assert told in row["reason"]["detail"]
    assert refused(admin.get("/api/invitation"), 410, "link-declined")["canRequest"] is True
    good(way.change(f"{way.invitation}/resend", {}))
    assert view_of(way.admin(way.mail(2).link))["status"] == "pending"


def test_a_decline_ends_the_check_under_way(way: Onboarding, faults: Faults, cloud: LocalCloud) -> None:
    admin = way.admin()
    own = in_a_tenant_of_its_own(cloud.directory, CONTOSO)
    faults.entra(own.sign_in, delaySeconds=2)
    good(submit(admin, own), 202)
    wait_until(lambda: faults.used() > 0, SECONDS, "the check's call of Entra")
    assert good(admin.post("/api/invitation/decline", json={}))["status"] == "declined"
    way.until(lambda _: "check-superseded" in way.told(), "the end of the check that nobody waits for")
    assert way.read()["invitation"]["status"] == "declined"
    assert not cloud.owes(way.id, "check")


def test_whoever_holds_a_dead_link_can_ask_and_the_operator_sees_it_once_a_day(way: Onboarding) -> None:
    way.mail()
    admin = way.admin()
    good(way.change(f"{way.invitation}/revoke"))
    first = good(admin.post("/api/invitation/request-link"))
    assert first["provider"]["name"] == "Northwind Voice"
    assert good(admin.post("/api/invitation/request-link")) == first
    assert way.told().count("link-requested") == 1
    assert way.row()["linkRequestedAt"] == first["requestedAt"]
    asked = {row["serviceId"] for row in listed(way.operator, "/api/invitations?linkRequested=true")}
    assert way.id in asked
    assert refused(admin.get("/api/invitation"), 410, "link-revoked")["requestedAt"] == first["requestedAt"]
    good(way.change(f"{way.invitation}/resend", {}))
    assert way.row()["linkRequestedAt"] is None


# Extend


@pytest.mark.days_later
def test_an_extended_invitation_lives_on_and_ends_at_its_new_time(cloud: LocalCloud, way: Onboarding) -> None:
    way.mail()
    admin = way.admin()
    until = in_days(20)
    assert good(way.change(f"{way.invitation}/extend", {"expiresAt": until}))["expiresAt"] == until
    cloud.restart("+10d")
    way.operator = cloud.operator()
    assert view_of(admin)["expiresAt"] == until
    cloud.restart("+21d")
    way.operator = cloud.operator()
    way.until(lambda service: service["invitation"]["status"] == "expired", "its end")
    assert refused(admin.get("/api/invitation"), 410, "link-expired")["at"] == until
    refused(way.change(f"{way.invitation}/extend", {"expiresAt": in_days(30)}), 409, "invitation-not-open")
    assert not cloud.owes(way.id, "expire")


# Customers


def customer_path(way: Onboarding) -> str:
    return f"/api/customers/{way.customer['id']}"


def change_customer(way: Onboarding, **changes: object) -> Json:
    return good(asking("change_customer", way, body=changes).send())


def test_a_new_name_reaches_every_service_and_frees_the_old_one(cloud: LocalCloud, way: Onboarding) -> None:
    other = Onboarding.begin(cloud, customer=way.customer)
    old, new = way.customer["name"], unique("Ünïcode & Söhne ")
    assert change_customer(way, name=new)["name"] == new
    for one in (way, other):
        one.until(lambda service: service["customer"]["name"] == new, "the new name on its service")
        assert one.row()["customer"]["name"] == new
        assert "customer-renamed" in one.told()
    assert [one["id"] for one in listed(way.operator, "/api/customers?name=" + new[:9].upper())] == [way.customer["id"]]
    assert listed(way.operator, f"/api/customers?name={old}") == []
    good(asking("create_customer", way, body={"name": old}).send(), 201)


def test_a_customer_that_keeps_its_name_but_for_case_keeps_its_place(way: Onboarding) -> None:
    upper = way.customer["name"].upper()
    assert change_customer(way, name=upper)["name"] == upper
    assert [one["name"] for one in listed(way.operator, f"/api/customers?name={upper}")] == [upper]


def test_an_archived_customer_is_hidden_gets_nothing_new_and_comes_back(cloud: LocalCloud, way: Onboarding) -> None:
    name = way.customer["name"]
    gone = good(asking("archive_customer", way).send())
    assert gone["archivedAt"]
    assert listed(way.operator, f"/api/customers?name={name}") == []
    archived = listed(way.operator, f"/api/customers?archived=true&name={name}")
    assert [one["id"] for one in archived] == [gone["id"]]
    refused(asking("create_service", way).send(), 409, "customer-archived")
    way.authenticated()  # what it has goes on
    namesake = new_customer(way.operator, name=name)
    refused(asking("change_customer", way, body={"archived": False}).send(), 409, "customer-name-taken")
    back = change_customer(way, archived=False, name=unique("Customer "))
    assert back["archivedAt"] is None
    assert namesake["id"] != back["id"]
    good(way.operator.create(f"{customer_path(way)}/services", unique("key-"), order()), 201)


def test_the_pin_of_a_customer_can_be_corrected(way: Onboarding) -> None:
    change_customer(way, tenantId=ADATUM.tenant)
    view = submitted(way.admin(), CONTOSO)
    assert view["check"]["items"][0]["state"] == "failed"
    change_customer(way, tenantId=None)
    way.added(CONTOSO)
    assert good(way.operator.get(customer_path(way)))["tenantId"] == CONTOSO.tenant


def test_what_happened_to_a_customer_can_be_read(way: Onboarding) -> None:
    change_customer(way, name=unique("Customer "))
    way.added()
    good(asking("archive_customer", way).send())
    change_customer(way, archived=False, tenantId=None)
    events = listed(way.operator, f"{customer_path(way)}/events")
    assert [(event["what"], event["details"]) for event in events] == [
        ("customer-created", {}),
        ("customer-changed", {"name": "changed"}),
        ("customer-pinned", {"tenantId": CONTOSO.tenant}),
        ("customer-archived", {}),
        ("customer-restored", {"tenantId": "none"}),
    ]
    assert {event["by"]["name"] for event in events} == {"Olivia Berg"}


def test_a_repeated_creation_finds_its_own_answer_whatever_became_of_it(way: Onboarding) -> None:
    customer_key, service_key = unique("key-"), unique("key-")
    wanted, ordered = {"name": unique("Customer ")}, order()
    made = good(way.operator.create("/api/customers", customer_key, wanted), 201)
    services = f"/api/customers/{made['id']}/services"
    service = good(way.operator.create(services, service_key, ordered), 201)
    good(way.operator.change(f"/api/services/{service['id']}/cancel", service["etag"]))
    again = good(way.operator.create(services, service_key, ordered), 201)
    assert (again["id"], again["state"]) == (service["id"], "cancelled")
    good(way.operator.delete(f"/api/customers/{made['id']}", headers={"If-Match": made["etag"]}))
    assert good(way.operator.create(services, service_key, ordered), 201)["id"] == service["id"]
    repeated = good(way.operator.create("/api/customers", customer_key, wanted), 201)
    assert (repeated["id"], bool(repeated["archivedAt"])) == (made["id"], True)


def test_a_tenant_that_serves_another_customer_is_a_warning(cloud: LocalCloud) -> None:
    first, second = Onboarding.begin(cloud).added(), Onboarding.begin(cloud).authenticated()
    others = second.read()["proposal"]["otherCustomers"]
    assert {"id": first.customer["id"], "name": first.customer["name"]} in others
    assert second.customer["id"] not in {one["id"] for one in others}
    good(second.add(CONTOSO))
    assert first.customer["id"] in second.events()[-1]["details"]["otherCustomers"]
    assert second.read()["proposal"]["otherCustomers"] == []  # nothing waits for a decision any more


# Services


def test_a_service_s_order_can_be_changed(way: Onboarding) -> None:
    way.mail()
    wanted = {"fullName": "Contoso voice, Bristol", "license": "HostedEssentialsPlus", "licensedUsers": 500}
    changed = good(asking("change_service", way, body=wanted).send())
    assert {name: changed[name] for name in wanted} == wanted
    assert way.row()["fullName"] == wanted["fullName"]
    assert way.events()[-1]["details"] == {
        "fullName": "changed",
        "license": "HostedEssentialsPlus",
        "licensedUsers": "500",
    }
    again = asking("change_service", way, body=wanted).send()
    assert good(again)["etag"] == changed["etag"]  # the same again is no change


def test_the_wizard_of_two_holders_ends_where_the_first_one_led(way: Onboarding) -> None:
    link = way.mail().link
    one, other = (Caller(way.operator.base_url, f"Invitation {link.partition('#')[2]}") for _ in range(2))
    submitted(one, CONTOSO)
    assert view_of(other)["status"] == "authenticated"
    refused(other.post("/api/invitation/decline", json={}), 409, "link-used")
    assert way.until(lambda service: service["state"] == "authenticated", "the state", SECONDS)
