"""The ways round the straight procedure: extend, decline, ask for a new link, begin again, change, disconnect."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from invitations import problems
from invitations.pending import open_row
from invitations.records import InvitationStatus, LinkEnd, MailState
from invitations.rules.admins import declined, link_requested
from invitations.rules.links import ASK_WITHIN, opens_confirmation, why_dead
from invitations.rules.operators import copied, extended, reinitiated, resent, revoked
from onboarding import problems as onboarding_problems
from onboarding.records import License, ServiceState, Transition
from onboarding.rules.registrations import Seen, added
from onboarding.rules.services import changed, created, customer_renamed, disconnected
from shared.kinds import Kind
from shared.problems import InvalidInput, Problem, WrongState
from tests.unit.builders import (
    AFTER_ADD,
    CLIENT,
    ENDED,
    NOW,
    OPERATOR,
    ORDER,
    OTHER_TENANT,
    PROVIDER,
    REQUEST,
    SERVICE_ID,
    STAGES,
    TENANT,
    WAITING_FOR_ADD,
    after,
    customer,
    dead,
    ends,
    link,
    living,
    others,
    registration,
    sending,
    service,
    work_id,
)

SOON = NOW + timedelta(hours=2)

# Extend


@pytest.mark.parametrize("stage", ["pending", "validating"])
def test_an_extension_moves_the_end_and_owes_a_look_at_it(stage: str) -> None:
    transition = extended(service(stage), SOON, work_id("look"), OPERATOR, NOW)
    one = after(transition)
    assert (one.invitation.expires_at, one.invitation.status) == (SOON, service(stage).invitation.status)
    assert living(one) == living(service(stage))
    assert transition is not None
    (due,) = transition.owes
    assert (due.kind, due.time, due.note) == (Kind.EXPIRE, SOON, {"stamp": SOON.isoformat()})


def test_an_extension_to_the_present_end_changes_nothing() -> None:
    assert extended(service(), service().invitation.expires_at, work_id("look"), OPERATOR, NOW) is None


def test_what_is_answered_is_not_extended() -> None:
    with pytest.raises(problems.AlreadyAnswered):
        extended(service("authenticated"), SOON, work_id("look"), OPERATOR, NOW)


@pytest.mark.parametrize("stage", [*AFTER_ADD, *ENDED])
def test_nothing_is_extended_after_add_or_the_end(stage: str) -> None:
    with pytest.raises(problems.InvitationClosed):
        extended(service(stage), SOON, work_id("look"), OPERATOR, NOW)


@pytest.mark.parametrize("stage", ["expired", "revoked", "declined", "locked"])
def test_what_has_ended_is_not_extended(stage: str) -> None:
    with pytest.raises(problems.InvitationNotOpen):
        extended(service(stage), SOON, work_id("look"), OPERATOR, NOW)


@pytest.mark.parametrize("stage", ["pending", "validating"])
def test_nothing_is_extended_after_its_time(stage: str) -> None:
    with pytest.raises(problems.InvitationNotOpen):
        extended(service(stage, invitation__expires_at=NOW), SOON, work_id("look"), OPERATOR, NOW)


HOUR, MONTH, TICK = timedelta(hours=1), timedelta(days=30), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("from_now", "lives"),
    [(HOUR, True), (HOUR - TICK, False), (MONTH, True), (MONTH + TICK, False), (-HOUR, False)],
    ids=["an hour", "just less", "30 days", "just more", "past"],
)
def test_an_invitation_lives_for_an_hour_to_30_days(from_now: timedelta, lives: bool) -> None:
    mail = replace(sending(), expires_at=NOW + from_now)
    ways: tuple[Callable[[], Transition | None], ...] = (
        lambda: created(SERVICE_ID, PROVIDER, customer(), ORDER, mail, OPERATOR, NOW, REQUEST),
        lambda: reinitiated(service("active"), mail, "new@contoso.com", "en", OPERATOR, NOW),
        lambda: extended(service(), mail.expires_at, work_id("look"), OPERATOR, NOW),
    )
    for way in ways:
        if lives:
            assert after(way()).invitation.expires_at == NOW + from_now
        else:
            with pytest.raises(InvalidInput) as refused:
                way()
            assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/expiresAt", "expires-at")]


# Decline


@pytest.mark.parametrize("stage", ["pending", "validating"])
@pytest.mark.parametrize(("why", "told"), [(None, "Declined through the link."), ("Not us", "Not us")])
def test_a_decline_kills_the_links_and_wipes_what_is_checked(stage: str, why: str | None, told: str) -> None:
    transition = declined(service(stage), link(), why, NOW)
    one = after(transition)
    assert (one.state, one.invitation.status) == (ServiceState.INVITED, InvitationStatus.DECLINED)
    assert (living(one), ends(one)) == ([], [LinkEnd.DECLINED])
    assert one.invitation.proposal is None
    assert one.invitation.check is None or not one.invitation.check.running
    assert one.invitation.reason is not None
    assert told in one.invitation.reason.detail
    assert "Not us" not in repr((transition.details, transition.by))  # an event holds no free text
    assert open_row(one) is not None


@pytest.mark.parametrize("stage", ["authenticated", *AFTER_ADD])
def test_what_is_accepted_cannot_be_declined(stage: str) -> None:
    with pytest.raises(problems.LinkUsed):
        declined(service(stage), service(stage).invitation.links[0], None, NOW)


@pytest.mark.parametrize("stage", ["expired", "revoked", "declined", "locked", "cancelled"])
def test_a_dead_link_declines_nothing(stage: str) -> None:
    with pytest.raises(problems.DeadLink):
        declined(service(stage), service(stage).invitation.links[0], None, NOW)


# Ask for a new link

ASKABLE = [LinkEnd.EXPIRED, LinkEnd.REPLACED, LinkEnd.REVOKED, LinkEnd.DECLINED, LinkEnd.LOCKED]


@pytest.mark.parametrize("why", ASKABLE)
@pytest.mark.parametrize("stage", ["pending", "expired", "revoked", "declined", "locked"])
def test_a_dead_link_may_ask_for_a_new_one_and_says_so(stage: str, why: LinkEnd) -> None:
    one, link_ = service(stage), dead(why, "other")
    end = why_dead(one, link_, NOW)
    assert end is not None
    assert end.members["canRequest"] is True
    flagged = after(link_requested(one, link_, NOW))
    assert flagged.invitation.link_requested_at == NOW
    row = open_row(flagged)
    assert row is not None
    assert row.columns["linkRequested"] is True
    assert why_dead(flagged, link_, NOW).members["requestedAt"] == "2026-11-24T09:30:00Z"  # type: ignore[union-attr]


def test_a_link_whose_time_is_over_may_ask_before_the_timer_has_looked() -> None:
    one = service(invitation__expires_at=NOW)
    assert after(link_requested(one, link(), NOW)).invitation.link_requested_at == NOW


@pytest.mark.parametrize(("pause", "again"), [(timedelta(hours=23, minutes=59), False), (timedelta(days=1), True)])
def test_one_asks_at_most_once_a_day(pause: timedelta, again: bool) -> None:
    flagged = service("expired", invitation__link_requested_at=NOW - pause)
    transition = link_requested(flagged, dead(LinkEnd.EXPIRED), NOW)
    assert (transition is not None) is again


@pytest.mark.parametrize(
    ("stage", "link_", "problem"),
    [
        ("pending", link(), problems.LinkWorks),
        ("validating", link(), problems.LinkWorks),
        ("authenticated", dead(LinkEnd.USED), problems.LinkUsed),
        ("active", dead(LinkEnd.USED), problems.LinkUsed),
        ("active", dead(LinkEnd.REPLACED), problems.LinkUsed),
        ("cancelled", dead(LinkEnd.CANCELLED), problems.LinkCancelled),
        ("cancelled", dead(LinkEnd.REPLACED), problems.LinkCancelled),
        ("expired", replace(dead(LinkEnd.EXPIRED), died_at=NOW - ASK_WITHIN), problems.LinkTooOld),
    ],
    ids=["living", "checked", "used", "active", "newer was used", "cancelled", "ended", "too old"],
)
def test_there_is_nothing_to_ask_for(stage: str, link_: Any, problem: type[Problem]) -> None:
    one = service(stage)
    with pytest.raises(problem):
        link_requested(one, link_, NOW)
    end = why_dead(one, link_, NOW)
    assert end is None or "canRequest" not in end.members


def test_an_answer_takes_the_flag_away() -> None:
    flagged = service(invitation__link_requested_at=NOW)
    for transition in (
        resent(flagged, sending(), None, OPERATOR, NOW),
        copied(flagged, link("copy"), OPERATOR, NOW),
        revoked(flagged, OPERATOR, NOW),
    ):
        assert after(transition).invitation.link_requested_at is None


# Re-initiate


@pytest.mark.parametrize("stage", ["added", "being-validated", "validated", "active", "disconnected"])
def test_a_new_invitation_leaves_the_service_on_its_old_registration(stage: str) -> None:
    before = service(stage)
    transition = reinitiated(before, sending(), "new@contoso.com", "en", OPERATOR, NOW)
    one = after(transition)
    assert one.registration == before.registration
    assert one.state is (ServiceState.INVITED if stage == "disconnected" else before.state)
    assert (one.invitation.number, one.invitation.status) == (2, InvitationStatus.PENDING)
    assert (one.invitation.mail.state, one.invitation.mail.count) == (MailState.QUEUED, 0)
    assert (one.invitation.admin_email, one.invitation.tries) == ("new@contoso.com", 0)
    assert [due.kind for due in transition.owes] == [Kind.MAIL, Kind.EXPIRE]
    assert living(one) == [sending().link]
    with pytest.raises(problems.LinkReplaced):
        opens_confirmation(one, one.invitation.links[0], NOW)
    row = open_row(one)
    assert row is not None
    assert f'"id":"{SERVICE_ID}-2"' in row.body


@pytest.mark.parametrize("stage", WAITING_FOR_ADD)
def test_an_open_invitation_is_resent_and_not_made_anew(stage: str) -> None:
    with pytest.raises(problems.InvitationStillOpen):
        reinitiated(service(stage), sending(), "new@contoso.com", "en", OPERATOR, NOW)


@pytest.mark.parametrize("stage", ["creating", "cancelled"])
def test_what_is_being_made_or_was_cancelled_gets_no_invitation(stage: str) -> None:
    with pytest.raises(WrongState):
        reinitiated(service(stage), sending(), "new@contoso.com", "en", OPERATOR, NOW)


@pytest.mark.parametrize("stage", ["added", "validated", "active"])
def test_a_new_invitation_can_be_taken_back_and_begun_again(stage: str) -> None:
    waiting = after(reinitiated(service(stage), sending(), "new@contoso.com", "en", OPERATOR, NOW))
    back = after(revoked(waiting, OPERATOR, NOW))
    assert open_row(back) is None
    assert (back.state, back.registration) == (service(stage).state, service(stage).registration)
    with pytest.raises(problems.LinkRevoked):
        link_requested(back, replace(sending().link, died_at=NOW, why=LinkEnd.REVOKED), NOW)
    again = after(reinitiated(back, sending("third"), "new@contoso.com", "en", OPERATOR, NOW))
    assert (again.invitation.number, len(living(again))) == (3, 1)


def test_a_revocation_keeps_what_the_administrator_wrote() -> None:
    told = after(declined(service(), link(), "We use another one", NOW))
    reason = after(revoked(told, OPERATOR, NOW)).invitation.reason
    assert reason is not None
    assert "We use another one" in reason.detail


def reinvited(stage: str, tenant: str = TENANT, **changes: Any) -> Any:
    """A service at that stage whose second invitation has been answered."""
    answered = service("authenticated", invitation__proposal=registration(tenant)).invitation
    return service(stage, invitation=answered, **changes)


@pytest.mark.parametrize(
    ("stage", "state"),
    [("added", ServiceState.AUTHENTICATED), ("validated", ServiceState.AUTHENTICATED), ("active", ServiceState.ACTIVE)],
)
def test_add_swaps_the_registration(stage: str, state: ServiceState) -> None:
    before = reinvited(stage, registration=registration(client_id="old"))
    transition = added(before, Seen(TENANT, CLIENT), (), OPERATOR, NOW)
    one = after(transition)
    assert (one.state, transition.what) == (state, "registration-replaced")
    assert (one.registration, one.check) == (registration(), None)


@pytest.mark.parametrize("stage", ["added", "validated", "active"])
def test_add_swaps_for_the_same_tenant_only(stage: str) -> None:
    with pytest.raises(onboarding_problems.TenantNotThisCustomers) as refused:
        added(reinvited(stage, OTHER_TENANT), Seen(OTHER_TENANT, CLIENT, True), (), OPERATOR, NOW)
    assert TENANT not in refused.value.detail


def test_add_waits_for_a_creation_under_way() -> None:
    with pytest.raises(WrongState):
        added(reinvited("creating"), Seen(TENANT, CLIENT), (), OPERATOR, NOW)


# The same tenant under another customer


def test_a_tenant_of_another_customer_is_told_in_the_audit_trail() -> None:
    before = service("authenticated", invitation__proposal=registration())
    assert added(before, Seen(TENANT, CLIENT), [customer(TENANT)], OPERATOR, NOW).details == {
        "tenantId": TENANT,
        "clientId": CLIENT,
        "domainMatch": "match",
        "otherCustomers": "customer-1",
    }


# Change and disconnect


@pytest.mark.parametrize(
    ("given", "details"),
    [
        ({"full_name": "New name"}, {"fullName": "changed"}),
        ({"license": License.HOSTED_ESSENTIALS_PLUS}, {"license": "HostedEssentialsPlus"}),
        ({"licensed_users": 30}, {"licensedUsers": "30"}),
        ({"licensed_users": 30, "license": License.HOSTED_PRO}, {"licensedUsers": "30"}),
    ],
)
@pytest.mark.parametrize("stage", [*WAITING_FOR_ADD, *AFTER_ADD])
def test_a_service_changes_in_what_is_given(stage: str, given: dict[str, Any], details: dict[str, str]) -> None:
    transition = changed(service(stage), given, OPERATOR)
    assert transition is not None
    assert transition.details == details
    assert all(getattr(transition.service, name) == value for name, value in given.items())
    assert transition.service.state is service(stage).state


@pytest.mark.parametrize("given", [{}, {"licensed_users": 25}, {"full_name": "Contoso Bristol", "licensed_users": 25}])
def test_a_change_of_nothing_is_none(given: dict[str, Any]) -> None:
    assert changed(service(), given, OPERATOR) is None


@pytest.mark.parametrize("stage", ENDED)
def test_what_has_ended_is_not_changed(stage: str) -> None:
    with pytest.raises(onboarding_problems.ServiceEnded):
        changed(service(stage), {"licensed_users": 30}, OPERATOR)


@pytest.mark.parametrize("stage", STAGES)
def test_a_customer_s_new_name_reaches_every_service_once(stage: str) -> None:
    renamed = after(customer_renamed(service(stage), "Contoso Ltd"))
    assert renamed.customer_name == "Contoso Ltd"
    assert customer_renamed(renamed, "Contoso Ltd") is None


def test_a_disconnection_wipes_the_secret_and_keeps_the_name() -> None:
    transition = disconnected(service("active"), OPERATOR, NOW)
    one = after(transition)
    assert transition is not None
    assert (one.state, one.registration, one.check) == (ServiceState.DISCONNECTED, None, None)
    assert not transition.frees_name
    assert opens_confirmation(one, one.invitation.links[0], NOW) is True  # it was accepted, whatever came later


def test_a_disconnection_ends_an_open_invitation() -> None:
    waiting = after(reinitiated(service("active"), sending(), "new@contoso.com", "en", OPERATOR, NOW))
    one = after(disconnected(waiting, OPERATOR, NOW))
    assert (living(one), one.invitation.status, open_row(one)) == ([], InvitationStatus.REVOKED, None)


@pytest.mark.parametrize("stage", others("active", "disconnected"))
def test_only_what_is_active_is_disconnected(stage: str) -> None:
    with pytest.raises(onboarding_problems.NotActive):
        disconnected(service(stage), OPERATOR, NOW)
    assert disconnected(service("disconnected"), OPERATOR, NOW) is None
