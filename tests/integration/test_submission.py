"""Steps 9 and 10: what a check says about a registration, and what costs a try."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from local.callers import Caller
from local.waiting import wait_until
from tests.integration.cloud import Directory, Faults, LocalCloud
from tests.integration.procedure import (
    ADATUM,
    CONTOSO,
    SECONDS,
    Json,
    Onboarding,
    check_ended,
    failed_item,
    good,
    in_a_tenant_of_its_own,
    new_customer,
    refused,
    registered,
    submit,
    submitted,
    view_of,
)

WRONG = "Wrong~secret.of-the-right_length-0123456"


def test_a_good_registration_is_confirmed_without_ids_or_addresses(way: Onboarding, admin: Caller) -> None:
    reply = submit(admin, CONTOSO)
    view = good(reply, 202)
    assert reply.headers["Location"] == "/api/invitation"
    assert int(reply.headers["Retry-After"]) >= 1
    assert view["status"] in {"validating", "authenticated"}
    done = check_ended(admin)
    assert (done["status"], done["check"]["outcome"]) == ("authenticated", "passed")
    assert {item["state"] for item in done["check"]["items"]} == {"passed"}
    assert [item["name"] for item in done["check"]["items"]][:2] == ["tenant", "sign-in"]
    for private in (CONTOSO.tenant, CONTOSO.client, CONTOSO.secret, way.email, way.id, way.customer["id"], "contoso."):
        assert private not in str(done)
    service = way.read()
    assert (service["state"], service["invitation"]["deviceAuthenticated"]) == ("authenticated", True)
    proposal = service["proposal"]
    assert (proposal["tenantId"], proposal["clientId"]) == (CONTOSO.tenant, CONTOSO.client)
    assert (proposal["tenantName"], proposal["applicationName"]) == ("Contoso", "Contoso voice onboarding")
    assert (proposal["domainMatch"], proposal["secretHint"]) == ("match", CONTOSO.secret[:3])
    assert set(proposal["verifiedDomains"]) == {"contoso.example", "contoso.onmicrosoft.example"}


def test_a_used_link_shows_the_confirmation_to_whoever_opens_it(way: Onboarding) -> None:
    link = way.mail().link
    done = submitted(way.admin(link), CONTOSO)
    assert view_of(way.admin(link)) == done
    refused(submit(way.admin(link), ADATUM), 409, "link-used")
    good(way.add())
    later = view_of(way.admin(link))
    assert later["status"] == "authenticated"
    for private in (CONTOSO.tenant, CONTOSO.client, way.email, way.id):
        assert private not in str(later)


def test_a_domain_of_the_tenant_does_as_well_as_its_id(way: Onboarding, admin: Caller) -> None:
    body = {**CONTOSO.typed(), "tenantId": "Contoso.OnMicrosoft.example"}
    good(admin.post("/api/invitation/submission", json=body), 202)
    assert check_ended(admin)["status"] == "authenticated"
    assert way.read()["proposal"]["tenantId"] == CONTOSO.tenant


def test_a_wrong_secret_costs_one_try_and_says_what_to_do(way: Onboarding, admin: Caller) -> None:
    view = submitted(admin, CONTOSO, value=WRONG)
    assert (view["status"], view["triesLeft"], view["check"]["outcome"]) == ("pending", 9, "refused")
    item = failed_item(view)
    assert (item["name"], item["title"]) == ("sign-in", "Sign-in of the application")
    assert "secret" in item["detail"]
    assert any("Value, not its Secret ID" in step for step in item["steps"])
    assert item["traceId"]
    row = way.row()
    assert (row["status"], row["deviceAuthenticated"], row["triesLeft"]) == ("pending", False, 9)
    assert row["reason"] == {"code": "sign-in", "detail": item["detail"]}
    assert submitted(admin, CONTOSO)["status"] == "authenticated", "the link is still good"


REFUSALS: dict[str, tuple[int, str, str]] = {
    "an expired secret": (2, "sign-in", "expired"),
    "a disabled application": (3, "sign-in", "switched off"),
    "no service principal": (4, "sign-in", "not installed"),
    "conditional access": (5, "sign-in", "Conditional Access"),
    "no permission": (6, "permissions", "Organization.Read.All"),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_each_refusal_names_its_item_and_the_way_out(admin: Caller, why: str) -> None:
    number, name, word = REFUSALS[why]
    view = submitted(admin, registered(number))
    item = failed_item(view)
    assert (view["status"], view["check"]["outcome"]) == ("pending", "refused")
    assert item["name"] == name
    assert word in item["detail"]
    assert item["steps"]
    # Only what Entra itself refuses is a guess at credentials.
    assert view["triesLeft"] == (9 if name == "sign-in" else 10)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"tenantId": "99999999-aaaa-4bbb-8ccc-000000000001"}, "tenant"),
        ({"tenantId": "no-such-tenant.example"}, "tenant"),
        ({"tenantId": ADATUM.tenant}, "sign-in"),
        ({"clientId": "b0000000-0000-4000-8000-0000000000ff"}, "sign-in"),
    ],
)
def test_ids_that_microsoft_does_not_know_cost_a_try(admin: Caller, change: Json, name: str) -> None:
    good(admin.post("/api/invitation/submission", json={**CONTOSO.typed(), **change}), 202)
    view = check_ended(admin)
    assert (view["status"], view["triesLeft"], failed_item(view)["name"]) == ("pending", 9, name)


def test_an_application_without_a_principal_in_the_tenant_is_refused_though_it_gets_a_token(
    directory: Directory, admin: Caller
) -> None:
    with directory.edit() as content:
        (installation,) = content["applications"][4]["tenants"].values()
        installation["tokensWithoutServicePrincipal"] = True
    assert failed_item(submitted(admin, registered(4)))["name"] == "service-principal"


def test_a_missing_directory_role_is_a_warning(directory: Directory, way: Onboarding, admin: Caller) -> None:
    with directory.edit() as content:
        content["applications"][0]["tenants"][CONTOSO.tenant]["directoryRoles"] = []
    view = submitted(admin, CONTOSO)
    (item,) = [item for item in view["check"]["items"] if item["state"] == "warning"]
    assert (view["status"], item["name"]) == ("authenticated", "directory-roles")
    assert item["steps"]


def test_ten_refused_tries_lock_the_invitation_until_a_resend(way: Onboarding) -> None:
    link = way.mail().link
    admin = way.admin(link)
    for left in range(9, 0, -1):
        assert submitted(admin, CONTOSO, value=WRONG)["triesLeft"] == left
    good(submit(admin, CONTOSO, value=WRONG), 202)
    row = wait_until(lambda: (row := way.row())["status"] == "locked" and row, SECONDS, "the lock")
    assert row["triesLeft"] == 0
    assert way.read()["state"] == "invited"
    refused(admin.get("/api/invitation"), 410, "link-locked")
    refused(submit(admin, CONTOSO), 410, "link-locked")
    refused(way.change(f"{way.invitation}/link"), 409, "invitation-not-open")
    good(way.change(f"{way.invitation}/resend", {}))
    again = way.admin(way.mail(count=2).link)
    assert view_of(again)["triesLeft"] == 10
    assert submitted(again, CONTOSO)["status"] == "authenticated"
    assert way.told()[-4:] == ["invitation-locked", "invitation-resent", "credentials-submitted", "authenticated"]


def test_the_same_submission_twice_at_once_is_checked_once(faults: Faults, way: Onboarding) -> None:
    faults.entra(CONTOSO.sign_in, delaySeconds=1)
    link, start = way.mail().link, Barrier(4)
    admins = [way.admin(link) for _ in range(4)]

    def send(admin: Caller) -> Any:
        start.wait()
        return submit(admin, CONTOSO)

    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(send, admins))
    assert sorted(reply.status_code for reply in replies) == [202, 409, 409, 409]
    late = next(reply for reply in replies if reply.status_code == 409)
    refused(late, 409, "check-in-progress")
    assert late.headers["Retry-After"] == "1"
    assert check_ended(admins[0])["status"] == "authenticated"
    assert way.told().count("credentials-submitted") == 1
    assert way.told().count("authenticated") == 1


def test_a_running_check_lists_what_it_will_look_at(faults: Faults, way: Onboarding, admin: Caller) -> None:
    faults.entra(CONTOSO.sign_in, delaySeconds=3)
    view = good(submit(admin, CONTOSO), 202)
    assert view["status"] == "validating"
    assert {item["state"] for item in view["check"]["items"]} == {"waiting"}
    assert [item["name"] for item in view["check"]["items"]] == [
        "tenant", "sign-in", "service-principal", "resources", "permissions", "organization", "domain",
        "directory-roles", "secret-expiry",
    ]  # fmt: skip
    assert view["check"]["startedAt"]
    assert "id" not in view["check"]
    assert (way.read()["state"], way.row()["status"]) == ("invited", "validating")
    assert way.read()["proposal"] is None
    assert view_of(admin)["check"]["startedAt"] == view["check"]["startedAt"], "a reload comes back to the same place"


def test_resend_during_a_check_makes_its_result_nobodys(
    directory: Directory, faults: Faults, way: Onboarding, admin: Caller
) -> None:
    own = in_a_tenant_of_its_own(directory, CONTOSO)
    faults.entra(own.sign_in, delaySeconds=1.5)
    good(submit(admin, own), 202)
    wait_until(lambda: faults.used() > 0, SECONDS, "the question to Microsoft")
    good(way.change(f"{way.invitation}/resend", {}))
    wait_until(lambda: not way.cloud.owes(way.id, "check"), SECONDS, "the end of the check")
    service = way.read()
    assert (service["state"], service["proposal"]) == ("invited", None)
    assert (service["invitation"]["status"], service["invitation"]["triesLeft"]) == ("pending", 10)
    assert way.told()[-2:] == ["invitation-resent", "check-superseded"]


def test_a_pinned_customer_refuses_another_tenant_without_naming_its_own(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud, customer=new_customer(cloud.operator(), tenantId=ADATUM.tenant))
    admin = way.admin()
    view = submitted(admin, CONTOSO)
    item = failed_item(view)
    assert (view["status"], item["name"], view["triesLeft"]) == ("pending", "tenant", 10)
    assert item["steps"]
    for reply in admin.replies:
        assert ADATUM.tenant not in reply
        assert "Adatum" not in reply
    assert submitted(admin, ADATUM)["status"] == "authenticated"


def test_a_pinned_customer_is_not_asked_about_another_tenants_secret(
    cloud: LocalCloud, directory: Directory, faults: Faults
) -> None:
    admin = Onboarding.begin(cloud, customer=new_customer(cloud.operator(), tenantId=ADATUM.tenant)).admin()
    foreign = in_a_tenant_of_its_own(directory, CONTOSO)
    faults.entra(foreign.sign_in, status=500)
    assert failed_item(submitted(admin, foreign))["name"] == "tenant"
    assert faults.used() == 0
