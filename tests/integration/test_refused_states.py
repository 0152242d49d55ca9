"""States and links that do not allow a call: each says so with the code that the call's contract names, and stays."""

from collections.abc import Callable
from typing import Any

import pytest

from invitations import problems as invitation_problems
from local.callers import Caller
from onboarding import problems
from shared.problems import Problem, WrongState
from tests.integration.asking import asking
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import (
    ADATUM,
    CONTOSO,
    Onboarding,
    good,
    new_customer,
    order,
    refused,
    submit,
    submitted,
    unique,
)

# A way to each state.


def begun(cloud: LocalCloud, _: Faults) -> Onboarding:
    return Onboarding.begin(cloud)


def authenticated(cloud: LocalCloud, _: Faults) -> Onboarding:
    return Onboarding.begin(cloud).authenticated()


def authenticated_elsewhere(cloud: LocalCloud, _: Faults) -> Onboarding:
    return Onboarding.begin(cloud).authenticated(ADATUM)


def added(cloud: LocalCloud, _: Faults) -> Onboarding:
    return Onboarding.begin(cloud).added()


def active(cloud: LocalCloud, _: Faults) -> Onboarding:
    return Onboarding.begin(cloud).active()


def cancelled(cloud: LocalCloud, _: Faults) -> Onboarding:
    way = Onboarding.begin(cloud)
    good(way.change(f"{way.path}/cancel"))
    return way


def disconnected(cloud: LocalCloud, _: Faults) -> Onboarding:
    way = Onboarding.begin(cloud).active()
    good(way.change(f"{way.path}/disconnect"))
    return way


def revoked(cloud: LocalCloud, _: Faults) -> Onboarding:
    way = Onboarding.begin(cloud)
    good(way.change(f"{way.invitation}/revoke"))
    return way


def being_validated(cloud: LocalCloud, faults: Faults) -> Onboarding:
    way = Onboarding.begin(cloud).added()
    faults.entra(CONTOSO.sign_in, delaySeconds=5)
    good(way.change(f"{way.path}/m365/validate"), 202)
    return way


def pinned_elsewhere(cloud: LocalCloud, _: Faults) -> Onboarding:
    way = Onboarding.begin(cloud).authenticated()
    change_customer(way, {"tenantId": ADATUM.tenant})
    return way


def created_meanwhile(cloud: LocalCloud, faults: Faults) -> Onboarding:
    way = Onboarding.begin(cloud).validated().reinitiated().authenticated()
    faults.entra(CONTOSO.sign_in, delaySeconds=5)
    good(way.change(f"{way.path}/complete"), 202)
    return way


def archived(cloud: LocalCloud, _: Faults) -> Onboarding:
    way = Onboarding.begin(cloud)
    change_customer(way, {"archived": True})
    return way


def change_customer(way: Onboarding, body: dict[str, object]) -> None:
    good(asking("change_customer", way, body=body).send())


def of(registered: Any, **other: object) -> dict[str, Any]:
    return {"body": {"tenantId": registered.tenant, "clientId": registered.client, **other}}


type Way = Callable[[LocalCloud, Faults], Onboarding]
STATES: dict[tuple[str, type[Problem]], tuple[Way, dict[str, Any]]] = {
    ("create_service", problems.CustomerArchived): (archived, {}),
    ("change_service", problems.ServiceEnded): (cancelled, {}),
    ("cancel_service", problems.AlreadyActive): (active, {}),
    ("disconnect_service", problems.NotActive): (begun, {}),
    ("erase_service", problems.StillInUse): (begun, {}),
    ("add_registration", problems.NotAuthenticated): (begun, of(CONTOSO)),
    ("add_registration", problems.ProposalDiffers): (authenticated, of(ADATUM)),
    ("add_registration", problems.AcknowledgementRequired): (authenticated_elsewhere, of(ADATUM)),
    ("add_registration", problems.TenantNotThisCustomers): (pinned_elsewhere, of(CONTOSO)),
    ("add_registration", WrongState): (created_meanwhile, of(CONTOSO)),
    ("show_m365", problems.RegistrationMissing): (begun, {}),
    ("validate_m365", problems.RegistrationMissing): (begun, {}),
    ("complete_service", problems.RegistrationMissing): (begun, {}),
    ("complete_service", problems.NotValidated): (added, {}),
    ("complete_service", WrongState): (being_validated, {}),
    ("resend_invitation", invitation_problems.InvitationClosed): (added, {}),
    ("reinitiate_invitation", invitation_problems.InvitationStillOpen): (begun, {}),
    ("reinitiate_invitation", WrongState): (cancelled, {}),
    ("cancel_service", problems.ServiceEnded): (disconnected, {}),
    ("extend_invitation", invitation_problems.InvitationClosed): (added, {}),
    ("copy_link", invitation_problems.InvitationClosed): (cancelled, {}),
    ("extend_invitation", invitation_problems.AlreadyAnswered): (authenticated, {}),
    ("extend_invitation", invitation_problems.InvitationNotOpen): (revoked, {}),
    ("revoke_invitation", invitation_problems.InvitationClosed): (added, {}),
    ("revoke_invitation", invitation_problems.InvitationNotOpen): (revoked, {}),
    ("copy_link", invitation_problems.AlreadyAnswered): (authenticated, {}),
    ("copy_link", invitation_problems.InvitationNotOpen): (revoked, {}),
}


@pytest.mark.parametrize(("name", "problem"), STATES)
def test_a_state_that_does_not_allow_a_call_says_so_and_stays(
    cloud: LocalCloud, faults: Faults, name: str, problem: type[Problem]
) -> None:
    prepare, changes = STATES[name, problem]
    way = prepare(cloud, faults)
    before = way.mail_settled()
    refused(asking(name, way, **changes).send(), problem.status, problem.code)
    assert way.read() == before


# Names and keys that were used before


def test_a_name_that_is_taken_stays_with_its_owner(cloud: LocalCloud, waiting: Onboarding) -> None:
    other = new_customer(waiting.operator)
    for name, body in (
        ("create_customer", {"name": other["name"].upper()}),
        ("change_customer", {"name": other["name"].upper()}),
    ):
        refused(asking(name, waiting, body=body).send(), 409, "customer-name-taken")
    taken = {**order(), "shortName": waiting.read()["shortName"].upper()}
    refused(asking("create_service", waiting, body=taken).send(), 409, "short-name-taken")


@pytest.mark.parametrize(
    ("name", "first", "other"),
    [
        ("create_customer", {"name": unique("Customer ")}, {"tenantId": CONTOSO.tenant}),
        ("create_service", order(), {"licensedUsers": 26}),
    ],
)
def test_a_key_is_for_one_request(waiting: Onboarding, name: str, first: dict[str, Any], other: dict[str, Any]) -> None:
    key = unique("key-")
    made = good(asking(name, waiting, key=key, body=first).send(), 201)
    assert good(asking(name, waiting, key=key, body=first).send(), 201)["id"] == made["id"]
    refused(asking(name, waiting, key=key, body={**first, **other}).send(), 422, "idempotency-key-reused")


# Links


def replaced_link(way: Onboarding) -> Caller:
    link = way.admin()
    way.admin()
    return link


def revoked_link(way: Onboarding) -> Caller:
    link = way.admin()
    good(way.change(f"{way.invitation}/revoke"))
    return link


def declined_link(way: Onboarding) -> Caller:
    link = way.admin()
    good(link.post("/api/invitation/decline", json={}))
    return link


def locked_link(way: Onboarding) -> Caller:
    link = way.admin()
    for _ in range(10):
        good(submit(link, CONTOSO, value="Wrong~secret.that-nobody-made"), 202)
        way.until(lambda service: service["invitation"]["status"] != "validating", "the end of the check")
    return link


def taken_back_link(way: Onboarding) -> Caller:
    way.added().reinitiated()
    link = way.admin()
    good(way.change(f"{way.invitation}/revoke"))
    return link


def cancelled_link(way: Onboarding) -> Caller:
    link = way.admin()
    good(way.change(f"{way.path}/cancel"))
    return link


def used_link(way: Onboarding) -> Caller:
    link = way.admin()
    submitted(link, CONTOSO)
    return link


def living_link(way: Onboarding) -> Caller:
    return way.admin()


OPENING = ("open_invitation", "submit_registration", "decline_invitation")
LINKS: dict[type[Problem], tuple[Callable[[Onboarding], Caller], tuple[str, ...]]] = {
    invitation_problems.LinkReplaced: (replaced_link, OPENING),
    invitation_problems.LinkRevoked: (revoked_link, OPENING),
    invitation_problems.LinkDeclined: (declined_link, OPENING),
    invitation_problems.LinkLocked: (locked_link, OPENING),
    invitation_problems.LinkCancelled: (cancelled_link, (*OPENING, "request_link")),
    invitation_problems.LinkUsed: (used_link, ("submit_registration", "decline_invitation", "request_link")),
    invitation_problems.LinkWorks: (living_link, ("request_link",)),
}


def test_a_link_of_an_invitation_that_was_taken_back_has_nothing_to_ask_for(way: Onboarding) -> None:
    holder = taken_back_link(way)
    refused(asking("request_link", way, holder).send(), 410, "link-revoked")
    assert "canRequest" not in refused(holder.get("/api/invitation"), 410, "link-revoked")
    assert way.pending() is None


@pytest.mark.parametrize("problem", LINKS)
def test_each_end_of_a_link_has_its_own_answer(cloud: LocalCloud, way: Onboarding, problem: type[Problem]) -> None:
    prepare, names = LINKS[problem]
    holder = prepare(way)
    for name in names:
        told = refused(asking(name, way, holder).send(), problem.status, problem.code)
        if problem.status == 410:
            assert told["provider"]["name"] == "Northwind Voice"
            assert told["at"]


def test_while_a_check_runs_another_submission_waits(cloud: LocalCloud, faults: Faults, way: Onboarding) -> None:
    holder = way.admin()
    faults.entra(CONTOSO.sign_in, delaySeconds=5)
    good(submit(holder, CONTOSO), 202)
    refused(asking("submit_registration", way, holder).send(), 409, "check-in-progress")
