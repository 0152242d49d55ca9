"""Steps 14 to 21: add the registration, validate it, complete the service, and validate it again later."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest

from tests.integration.cloud import Directory, Faults, LocalCloud
from tests.integration.procedure import (
    ADATUM,
    CONTOSO,
    Json,
    Onboarding,
    Registered,
    failed_item,
    good,
    in_a_tenant_of_its_own,
    pointers,
    refused,
    submitted,
)

ACKNOWLEDGED = {"acknowledged": True}


def revoke_secret(directory: Directory) -> None:
    """What the customer does in the Entra admin centre to take the access back."""
    with directory.edit() as content:
        content["applications"][0]["secrets"] = []


def test_add_wants_an_authentication_first(way: Onboarding) -> None:
    refused(way.add(), 409, "not-authenticated")
    submitted(way.admin(), CONTOSO, value="Wrong~but.long-enough")
    refused(way.add(), 409, "not-authenticated")
    assert way.read()["state"] == "invited"
    for path in ("m365", "m365/validate", "complete"):
        reply = way.operator.get(f"{way.path}/{path}") if path == "m365" else way.change(f"{way.path}/{path}")
        refused(reply, 409, "registration-missing")


@pytest.mark.parametrize(
    "seen",
    [Registered(CONTOSO.tenant, ADATUM.client, "", ""), Registered(ADATUM.tenant, CONTOSO.client, "", ""), ADATUM],
)
def test_add_wants_the_ids_that_were_proposed(way: Onboarding, seen: Registered) -> None:
    way.authenticated()
    before = way.read()
    refused(way.add(seen), 409, "proposal-differs")
    assert way.read() == before


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"tenantId": "contoso.example"}, "/tenantId", "guid"),
        ({"clientId": None}, "/clientId", "string-type"),
        ({"acknowledged": "true"}, "/acknowledged", "bool-type"),
        ({"acknowledged": 1}, "/acknowledged", "bool-type"),
        ({"secret": "x"}, "/secret", "extra-forbidden"),
    ],
)
def test_bad_input_is_refused_at_its_field(way: Onboarding, change: Json, pointer: str, code: str) -> None:
    way.authenticated()
    assert pointers(refused(way.add(**change), 422, "invalid-input")) == {pointer: code}
    assert way.read()["state"] == "authenticated"


def test_add_wants_the_state_that_was_seen(way: Onboarding) -> None:
    way.mail()
    stale = way.read()["etag"]
    way.authenticated()
    body = {"tenantId": CONTOSO.tenant, "clientId": CONTOSO.client}
    refused(way.operator.change(f"{way.path}/registration", stale, body), 412, "changed-meanwhile")
    assert way.read()["invitation"]["status"] == "authenticated"


def test_a_tenant_of_another_domain_wants_an_acknowledgement(directory: Directory, way: Onboarding) -> None:
    foreign = in_a_tenant_of_its_own(directory, ADATUM)
    way.authenticated(foreign)
    proposal = way.read()["proposal"]
    assert (proposal["domainMatch"], proposal["invitedAddress"]) == ("differs", way.email)
    problem = refused(way.add(foreign), 409, "acknowledgement-required")
    assert "domains" in problem["detail"]
    refused(way.add(foreign, acknowledged=False), 409, "acknowledgement-required")
    added = good(way.add(foreign, acknowledged=True))
    assert added["proposal"]["tenantName"] == "Adatum"
    assert way.events()[-1]["details"] == {
        "tenantId": foreign.tenant,
        "clientId": foreign.client,
        "domainMatch": "differs",
        "acknowledged": "true",
    }


def test_add_attaches_the_registration_and_pins_the_customer(way: Onboarding) -> None:
    assert way.customer["tenantId"] is None
    way.authenticated()
    added = good(way.add())
    assert (added["state"], added["invitation"]["status"]) == ("authenticated", "accepted")
    assert added["proposal"]["clientId"] == CONTOSO.client
    assert CONTOSO.secret not in str(added)
    customer = good(way.operator.get(f"/api/customers/{way.customer['id']}"))
    assert customer["tenantId"] == CONTOSO.tenant
    assert customer["etag"] != way.customer["etag"]
    named = good(way.operator.get("/api/customers", params={"name": customer["name"]}))["value"]
    assert named == [customer]
    refused(way.add(), 409, "not-authenticated")


def test_the_first_add_decides_for_its_customer(cloud: LocalCloud) -> None:
    first = Onboarding.begin(cloud)
    second, third = (Onboarding.begin(cloud, customer=first.customer) for _ in range(2))
    second.authenticated(ADATUM)
    first.authenticated()
    good(first.add())
    refused(second.add(ADATUM, acknowledged=True), 409, "tenant-not-this-customers")
    view = submitted(third.admin(), ADATUM)
    assert failed_item(view)["name"] == "tenant"
    assert third.authenticated().read()["proposal"]["tenantId"] == CONTOSO.tenant


def test_of_two_adds_for_one_customer_at_once_exactly_one_pins_it(cloud: LocalCloud) -> None:
    first = Onboarding.begin(cloud)
    pairs = [(first, CONTOSO), (Onboarding.begin(cloud, customer=first.customer), ADATUM)]
    for way, registered in pairs:
        way.authenticated(registered)
    start = Barrier(2)

    def add(pair: tuple[Onboarding, Registered]) -> Any:
        way, registered = pair
        way.operator = cloud.operator()
        etag = way.read()["etag"]
        start.wait()
        body = {"tenantId": registered.tenant, "clientId": registered.client, **ACKNOWLEDGED}
        return way.operator.change(f"{way.path}/registration", etag, body)

    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(add, pairs))
    assert sorted(reply.status_code for reply in replies) == [200, 409]
    (won,) = [registered for (_, registered), reply in zip(pairs, replies, strict=True) if reply.status_code == 200]
    customer = good(first.operator.get(f"/api/customers/{first.customer['id']}"))
    assert customer["tenantId"] == won.tenant


def test_the_whole_procedure_leads_to_an_active_service(way: Onboarding) -> None:
    way.mail()
    way.added()
    m365 = way.validate()
    assert (m365["state"], m365["check"]["outcome"], m365["check"]["purpose"]) == ("validated", "passed", "validation")
    reply = way.change(f"{way.path}/complete")
    assert good(reply, 202)["state"] in {"creating", "active"}
    assert (reply.headers["Location"], reply.headers["Retry-After"]) == (way.path, "1")
    service = way.until(lambda one: one["state"] == "active", "the creation")
    assert datetime.fromisoformat(service["activatedAt"]) >= datetime.fromisoformat(service["createdAt"])
    assert service["reason"] is None
    m365 = way.validate()
    assert (m365["state"], m365["check"]["outcome"]) == ("active", "passed")
    assert (m365["secretDaysUntilExpire"], m365["secretHint"]) == (400, CONTOSO.secret[:3])
    assert m365["permissions"] == ["Application.Read.All", "Organization.Read.All"]
    assert m365["directoryRoles"] == ["Teams Administrator"]


def test_the_events_tell_the_story_in_order_without_address_or_secret(way: Onboarding) -> None:
    way.mail()
    submitted(way.admin(), CONTOSO, value="Wrong~but.long-enough")
    way.active()
    way.validate()
    events = way.events()
    assert [(event["what"], event["by"]["kind"]) for event in events] == [
        ("service-created", "operator"),
        ("mail-sent", "system"),
        ("link-copied", "operator"),
        ("credentials-submitted", "admin"),
        ("credentials-refused", "system"),
        ("link-copied", "operator"),
        ("credentials-submitted", "admin"),
        ("authenticated", "system"),
        ("registration-added", "operator"),
        ("validation-started", "operator"),
        ("validation-passed", "system"),
        ("completion-started", "operator"),
        ("service-activated", "system"),
        ("validation-started", "operator"),
        ("validation-passed", "system"),
    ]
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    operators = {(event["by"]["id"], event["by"]["name"]) for event in events if event["by"]["kind"] == "operator"}
    assert operators == {(good(way.operator.get("/api/me"))["user"]["id"], "Olivia Berg")}
    for private in ("@", CONTOSO.secret, "Wrong~but", "#"):
        assert private not in str(events)


def test_a_secret_that_was_revoked_before_step_15_leaves_it_authenticated_and_says_why(
    directory: Directory, way: Onboarding
) -> None:
    way.added()
    revoke_secret(directory)
    m365 = way.validate()
    assert (m365["state"], m365["check"]["outcome"]) == ("authenticated", "refused")
    item = failed_item(m365)
    assert m365["reason"] == way.read()["reason"] == {"code": "sign-in", "detail": item["detail"]}
    assert "secret" in item["detail"]
    refused(way.change(f"{way.path}/complete"), 409, "not-validated")
    directory.restore()
    again = way.validate()
    assert (again["state"], again["reason"]) == ("validated", None)


def test_a_failure_after_step_15_leads_back_to_authenticated(directory: Directory, way: Onboarding) -> None:
    way.validated()
    revoke_secret(directory)
    assert way.validate()["state"] == "authenticated"
    assert way.events()[-1]["details"] == {"reason": "sign-in"}
    refused(way.change(f"{way.path}/complete"), 409, "not-validated")


def test_an_active_service_stays_active_when_its_secret_is_revoked(directory: Directory, way: Onboarding) -> None:
    way.active()
    revoke_secret(directory)
    m365 = way.validate()
    assert (m365["state"], m365["reason"]["code"], m365["check"]["outcome"]) == ("active", "sign-in", "refused")


def test_complete_wants_a_validation_first(way: Onboarding) -> None:
    way.added()
    refused(way.change(f"{way.path}/complete"), 409, "not-validated")
    assert way.read()["state"] == "authenticated"


def test_a_creation_that_fails_leads_back_to_validated_and_says_why(directory: Directory, way: Onboarding) -> None:
    way.validated()
    revoke_secret(directory)
    service = way.complete()
    assert (service["state"], service["reason"]["code"], service["activatedAt"]) == ("validated", "sign-in", None)
    assert "secret" in service["reason"]["detail"]
    assert way.events()[-1]["what"] == "creation-failed"
    directory.restore()
    assert way.complete()["state"] == "active"


def test_a_second_press_joins_the_validation_under_way(faults: Faults, way: Onboarding) -> None:
    way.added()
    faults.entra(CONTOSO.sign_in, delaySeconds=1)
    seen = way.read()["etag"]
    first = good(way.operator.change(f"{way.path}/m365/validate", seen), 202)
    second = way.operator.change(f"{way.path}/m365/validate", seen)
    assert good(second, 202)["check"]["id"] == first["check"]["id"]
    assert (second.headers["Location"], second.headers["Retry-After"]) == (f"{way.path}/m365", "1")
    refused(way.change(f"{way.path}/complete"), 409, "wrong-state")
    assert way.checked()["check"]["id"] == first["check"]["id"]
    assert way.told().count("validation-started") == way.told().count("validation-passed") == 1


def test_a_second_press_joins_the_creation_under_way(faults: Faults, way: Onboarding) -> None:
    way.validated()
    faults.entra(CONTOSO.sign_in, delaySeconds=1)
    seen = way.read()["etag"]
    replies = [way.operator.change(f"{way.path}/complete", seen) for _ in range(2)]
    assert {good(reply, 202)["state"] for reply in replies} == {"creating"}
    assert way.until(lambda one: one["state"] != "creating", "the creation")["state"] == "active"
    assert good(way.change(f"{way.path}/complete"), 202)["state"] == "active"
    assert way.told().count("completion-started") == way.told().count("service-activated") == 1


def test_a_validation_without_microsoft_says_what_it_waits_for_and_goes_on(faults: Faults, way: Onboarding) -> None:
    way.added()
    faults.entra(CONTOSO.sign_in, status=503)
    good(way.change(f"{way.path}/m365/validate"), 202)

    def words() -> Json:
        return good(way.operator.get(f"{way.path}/m365"))

    way.until(lambda _: words()["check"]["waitingFor"], "what the page says")
    assert words()["check"]["outcome"] is None
    faults.clear()
    assert way.checked()["state"] == "validated"
    assert way.read()["reason"] is None


@pytest.mark.parametrize("step", ["m365/validate", "complete"])
def test_a_step_wants_the_state_that_was_seen(way: Onboarding, step: str) -> None:
    way.added()
    stale = way.read()["etag"]
    way.validate()
    before = way.read()
    refused(way.operator.change(f"{way.path}/{step}", stale), 412, "changed-meanwhile")
    assert way.read() == before


def test_a_registration_that_lost_a_permission_fails_step_15(directory: Directory, way: Onboarding) -> None:
    way.added()
    with directory.edit() as content:
        content["applications"][0]["tenants"][CONTOSO.tenant]["roles"] = ["Application.Read.All"]
    m365 = way.validate()
    item = failed_item(m365)
    assert (m365["state"], item["name"], m365["reason"]["code"]) == ("authenticated", "permissions", "permissions")
    assert "Organization.Read.All" in item["detail"]
