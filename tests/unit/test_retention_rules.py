"""Personal data: when they go, what goes with them, and what stays readable."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from invitations.records import InvitationStatus, Link
from invitations.rules.operators import ADDRESS_ERASED, resent
from onboarding.aggregate import stamped
from onboarding.problems import StillInUse
from onboarding.records import Event, Service, Transition, What
from onboarding.rules.retention import (
    PLAIN,
    PersonalData,
    erased,
    forgetting,
    forgotten,
    is_time,
    look_again,
    over_since,
    personal_data,
    told_without_people,
)
from shared.actors import SYSTEM, Actor, ActorKind, Reason
from shared.due import Due
from shared.kinds import Kind
from shared.minted import Minted
from shared.problems import InvalidInput
from shared.setting_values import SHORTEST_RETENTION
from shared.stored import to_json
from tests.unit.builders import ENDED, NOW, OPERATOR, PROVIDER, SERVICE_ID, STAGES, after, others, sending, service

DAYS = timedelta(days=90)
LONG_AGO = NOW - DAYS
IN_USE = ["pending", "validating", "authenticated"]
OVER = others(*IN_USE)
MINTED = Minted(NOW, "c0ffee" * 5 + "ab")
WHY = "I am Ada Adams, ring me at ada@contoso.com"


def over(stage: str, **changes: Any) -> Service:
    """A service that has been over for the whole retention."""
    told = Reason("declined", f"Declined through the link; the reason given: {WHY}")
    return service(stage, over_since=LONG_AGO, request="request:1", invitation__reason=told, **changes)


def look(one: Service, **note: str) -> Due:
    """The owed look at that service's personal data."""
    since = one.over_since or NOW
    return forgetting(PROVIDER, SERVICE_ID, since, "look", since, **note)


def test_a_look_that_is_owed_long_after_the_end_is_not_late_when_it_begins() -> None:
    assert look(service("cancelled", over_since=NOW - SHORTEST_RETENTION / 2)).time > NOW
    for since in (LONG_AGO, NOW - SHORTEST_RETENTION):
        assert forgetting(PROVIDER, SERVICE_ID, since, "look", NOW).time >= NOW


@pytest.mark.parametrize("stage", STAGES)
def test_personal_data_are_in_use_until_the_invitation_has_ended(stage: str) -> None:
    one = service(stage)
    expected = PersonalData.IN_USE if stage in IN_USE else PersonalData.KEPT
    assert personal_data(one) is expected
    assert (over_since(None, one, NOW) is None) == (stage in IN_USE)


@pytest.mark.parametrize("stage", OVER)
def test_an_end_owes_one_look_at_the_personal_data(stage: str) -> None:
    ending = Transition(service(stage), What.SERVICE_CHANGED, SYSTEM)
    done = stamped(service("pending"), ending, MINTED)
    (due,) = done.owes
    assert done.service.over_since == NOW
    assert (due.kind, due.subject, due.time) == (Kind.FORGET, SERVICE_ID, NOW + SHORTEST_RETENTION)
    assert due.note == {"stamp": NOW.isoformat()}
    again = stamped(done.service, replace(ending, service=done.service), replace(MINTED, now=NOW + DAYS))
    assert (again.service.over_since, again.owes) == (NOW, ())


@pytest.mark.parametrize(("before", "then"), [("revoked", "cancelled"), ("active", "disconnected")])
def test_the_end_of_the_service_counts_anew(before: str, then: str) -> None:
    ending = Transition(over(then), What.SERVICE_CHANGED, SYSTEM)
    done = stamped(over(before), ending, MINTED)
    assert done.service.over_since == NOW
    assert [due.kind for due in done.owes] == [Kind.FORGET]


@pytest.mark.parametrize("stage", IN_USE)
def test_what_is_taken_up_again_is_over_no_more(stage: str) -> None:
    done = stamped(over("disconnected"), Transition(over(stage), What.SERVICE_CHANGED, SYSTEM), MINTED)
    assert (done.service.over_since, done.owes) == (None, ())


@pytest.mark.parametrize("stage", OVER)
def test_personal_data_go_at_their_time_and_not_before(stage: str) -> None:
    one = over(stage)
    early = NOW - timedelta(microseconds=1)
    assert look_again(one.over_since, look(one), DAYS, early) == NOW
    assert forgotten(one, look(one), DAYS, early) is None
    assert look_again(one.over_since, look(one), DAYS, NOW) is None
    assert personal_data(after(forgotten(one, look(one), DAYS, NOW))) is PersonalData.ERASED


@pytest.mark.parametrize("stage", OVER)
def test_a_look_for_another_end_changes_nothing_and_is_not_repeated(stage: str) -> None:
    one = over(stage)
    due = replace(look(one), note={"stamp": (LONG_AGO - timedelta(days=1)).isoformat()})
    assert look_again(one.over_since, due, DAYS, NOW) is None
    assert not is_time(one.over_since, due, DAYS, NOW)
    assert forgotten(one, due, DAYS, NOW) is None


def test_what_is_not_over_is_left_alone() -> None:
    one = service("pending")
    due = replace(look(one), note={"stamp": NOW.isoformat()})
    assert (look_again(None, due, DAYS, NOW), forgotten(one, due, DAYS, NOW + DAYS)) == (None, None)


@pytest.mark.parametrize("stage", OVER)
def test_nobody_is_left_in_what_was_forgotten(stage: str) -> None:
    one = after(forgotten(over(stage), look(over(stage)), DAYS, NOW))
    text = to_json(one)
    for gone in ("it@contoso.com", OPERATOR.name, "Ada Adams"):
        assert gone not in text, gone
    assert "Contoso Bristol" in text
    assert str(OPERATOR.oid) in text
    assert one.invitation.admin_email is None
    assert one.registration is None or one.registration.invited_domain == "contoso.com"
    assert (one.request is None) == (stage in ENDED)
    assert forgotten(replace(one, over_since=LONG_AGO), look(one), DAYS, NOW) is None


@pytest.mark.parametrize("stage", OVER)
def test_an_operator_may_erase_what_is_over(stage: str) -> None:
    one = over(stage)
    transition = erased(one, "work", OPERATOR, NOW)
    assert personal_data(after(transition)) is PersonalData.ERASED
    assert transition is not None
    assert (transition.what, transition.by) == (What.PERSONAL_DATA_ERASED, OPERATOR)
    assert [due.note for due in transition.owes] == (
        [{"stamp": LONG_AGO.isoformat(), "early": "yes"}] if stage in ENDED else []
    )
    assert erased(after(transition), "work", OPERATOR, NOW) is None


def test_the_names_in_the_events_need_not_wait_when_an_operator_erases() -> None:
    one = replace(over("cancelled"), over_since=NOW)
    transition = erased(one, "work", OPERATOR, NOW)
    assert transition is not None
    (due,) = transition.owes
    assert is_time(one.over_since, due, DAYS, NOW)


@pytest.mark.parametrize("stage", IN_USE)
def test_what_is_in_use_cannot_be_erased(stage: str) -> None:
    with pytest.raises(StillInUse):
        erased(service(stage), "work", OPERATOR, NOW)


@pytest.mark.parametrize(("code", "plain"), PLAIN.items())
def test_reasons_that_name_or_quote_somebody_are_said_without_them(code: str, plain: str) -> None:
    one = over("revoked", reason=Reason(code, f"By {OPERATOR.name}. {WHY}"))
    told = after(forgotten(one, look(one), DAYS, NOW)).reason
    assert told == Reason(code, plain)


def test_another_reason_stays() -> None:
    one = over("locked", reason=Reason("sign-in", "The secret is wrong."))
    assert after(forgotten(one, look(one), DAYS, NOW)).reason == Reason("sign-in", "The secret is wrong.")


@pytest.mark.parametrize(
    ("by", "name"),
    [
        (OPERATOR, "An operator"),
        (SYSTEM, "TenantLink"),
        (Actor(ActorKind.ADMIN, "link: mail"), "link: mail"),
    ],
)
def test_an_event_stays_readable_without_the_operators_name(by: Actor, name: str) -> None:
    event = Event(NOW, What.SERVICE_CREATED, by, {"shortName": "Contoso-1"})
    assert told_without_people(event) == replace(event, by=replace(by, name=name))


def test_links_keep_what_they_were() -> None:
    one = over("expired")
    links = after(forgotten(one, look(one), DAYS, NOW)).invitation.links
    assert links == tuple(replace(link, by="An operator") for link in one.invitation.links)
    assert isinstance(links[0], Link)


def test_a_resend_after_that_wants_the_address_again() -> None:
    one = after(forgotten(over("expired"), look(over("expired")), DAYS, NOW))
    with pytest.raises(InvalidInput) as refused:
        resent(one, sending(), None, OPERATOR, NOW)
    assert [(fault.pointer, fault.detail) for fault in refused.value.faults] == [("/adminEmail", ADDRESS_ERASED)]
    again = after(resent(one, sending(), "new@contoso.com", OPERATOR, NOW))
    assert (again.invitation.admin_email, again.invitation.status) == ("new@contoso.com", InvitationStatus.PENDING)
