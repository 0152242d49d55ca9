"""The rules of customers and services: names and pins, *Add*, validation, completion, and what a commit writes."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from invitations.records import InvitationStatus, MailState
from onboarding import problems
from onboarding.aggregate import Committed, Loaded, change, from_row, stamped
from onboarding.models import NewCustomer
from onboarding.records import License, Order, Service, ServiceState, ServiceType, Transition
from onboarding.rules import (
    added,
    cancelled,
    checked,
    completion_started,
    created,
    customer_key,
    customer_name_key,
    fingerprint,
    name_taken,
    new_customer,
    pinned,
    rewritten,
    unchanged,
    validation_started,
    waits_for,
)
from onboarding.short_names import short_name_key
from shared.actors import SYSTEM, Reason
from shared.due import message
from shared.kinds import Kind
from shared.minted import Minted, new_id
from shared.problems import ChangedMeanwhile, WrongState
from shared.rows import Delete, Insert, Put, Replace, Row
from shared.stored import from_json, to_json
from tests.unit.builders import (
    AFTER_ADD,
    CLIENT,
    ENDED,
    LACKING,
    NOW,
    OPERATOR,
    OTHER_TENANT,
    PASSED,
    PROVIDER,
    REFUSED,
    SEALED,
    SERVICE_ID,
    STAGES,
    TENANT,
    UNAVAILABLE,
    WAITING_FOR_ADD,
    check,
    customer,
    due,
    finished,
    others,
    registration,
    sending,
    service,
    work_id,
)
from validation.records import DomainMatch, Purpose, Verdict

MINTED = Minted(NOW, "c0ffee")
CHECK_WORK = work_id("check")
ORDER = Order(ServiceType.DIRECT_ROUTING, "Contoso Bristol", "Contoso-1", License.HOSTED_PRO, 25, "it@contoso.com")


def after(transition: Transition | None) -> Service:
    assert transition is not None
    return transition.service


@pytest.mark.parametrize(("seen", "passes"), [(6, False), (7, True), (8, False)])
def test_a_change_holds_only_for_the_version_that_was_seen(seen: int, passes: bool) -> None:
    if passes:
        unchanged(service(), seen)
    else:
        with pytest.raises(ChangedMeanwhile):
            unchanged(service(), seen)


# Customers


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Contoso", "CONTOSO", True),
        ("Stra\u00dfe", "STRASSE", True),
        ("\uff23ontoso", "Contoso", True),
        ("Caf\u00e9", "Cafe\u0301", True),
        ("Contoso", "Contoso 2", False),
        ("M\u00fcller", "Muller", False),
    ],
)
def test_customers_names_are_compared_without_case_and_form(one: str, other: str, same: bool) -> None:
    assert (customer_name_key(one) == customer_name_key(other)) is same


def test_customers_sort_by_name() -> None:
    names = ["adatum", "Contoso", "contoso 2", "Fabrikam", "\u00c9clair", "\u0416\u0443\u043a"]
    assert sorted(names, key=customer_name_key) == names


def test_the_beginning_of_a_name_is_the_beginning_of_its_key() -> None:
    assert customer_name_key("Contoso Bristol").startswith(customer_name_key("CONT"))


@pytest.mark.parametrize("letter", ["x", "\u00df", "\u0416", "\u65e5", "\U0001f600", "\ufdfa"], ids=unicodedata.name)
def test_the_longest_name_that_is_accepted_fits_into_a_key(letter: str) -> None:
    longest = next(name for length in range(100, 0, -1) if (name := accepted(letter * length)))
    assert len(longest) > 1
    assert len(customer_name_key(longest)) <= 512  # 1 KiB of UTF-16, the bound of a row's key


def accepted(name: str) -> str | None:
    try:
        return NewCustomer.model_validate({"name": name}).name
    except ValidationError:
        return None


def test_a_new_customer_takes_its_name_in_the_same_transaction() -> None:
    one, name = new_customer(customer(), "k", "b", "c0ffee")
    assert isinstance(one, Insert)
    assert isinstance(name, Insert)
    assert (one.row.key, one.row.commit) == (customer_key("customer-1"), "c0ffee")
    assert (name.row.key, name.row.columns) == (customer_name_key("Contoso"), {"key": "k", "request": "b"})
    assert one.row.body == name.row.body == to_json(customer())


@pytest.mark.parametrize("before", [None, TENANT], ids=["first", "again"])
def test_the_first_add_pins_the_customer_to_its_tenant(before: str | None) -> None:
    pin = pinned(customer(before), TENANT)
    assert (pin.tenant_id, pin.version) == (TENANT, 2)


def test_another_tenant_than_the_pinned_one_is_refused_without_naming_it() -> None:
    with pytest.raises(problems.TenantNotThisCustomers) as refused:
        pinned(customer(TENANT), OTHER_TENANT)
    assert TENANT not in repr((refused.value.detail, refused.value.args, refused.value.members))


def test_a_customer_is_rewritten_under_its_etag_and_its_name_s_row_keeps_its_columns() -> None:
    name = Row(customer_name_key("Contoso"), "old", {"key": "k", "request": "b"}, "etag of the name")
    one, other = rewritten(pinned(customer(), TENANT), "etag", name, "c0ffee")
    assert one == Replace(
        Row(customer_key("customer-1"), to_json(pinned(customer(), TENANT)), {"commit": "c0ffee"}, "etag")
    )
    assert other == Put(Row(name.key, to_json(pinned(customer(), TENANT)), name.columns))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("o", "k"), ("o", "k"), True),
        (("o", {"a": 1, "b": 2}), ("o", {"b": 2, "a": 1}), True),
        (("o", "k"), ("p", "k"), False),
        (("ok",), ("o", "k"), False),
        (("o", {"a": 1}), ("o", {"a": "1"}), False),
    ],
    ids=["same", "order of fields", "caller", "split", "type"],
)
def test_a_request_s_fingerprint_tells_it_from_every_other(one: Any, other: Any, same: bool) -> None:
    assert (fingerprint(*one) == fingerprint(*other)) is same


# A new service


def creation() -> Transition:
    return created(SERVICE_ID, PROVIDER, customer(), ORDER, sending("first"), OPERATOR, NOW)


def test_a_new_service_is_invited_with_one_living_link_and_its_mail_queued() -> None:
    one = stamped(creation(), NOW)
    assert (one.version, one.state, one.created_at, one.updated_at) == (1, ServiceState.INVITED, NOW, NOW)
    assert (one.customer_id, one.customer_name) == ("customer-1", "Contoso")
    assert (one.full_name, one.short_name, one.licensed_users) == ("Contoso Bristol", "Contoso-1", 25)
    invitation = one.invitation
    assert (invitation.number, invitation.status) == (1, InvitationStatus.PENDING)
    assert (invitation.mail.state, invitation.mail.count) == (MailState.QUEUED, 0)
    assert invitation.links == (sending("first").link,)
    assert invitation.expires_at == NOW + timedelta(days=7)


def test_a_new_service_owes_its_mail_and_its_expiry() -> None:
    mail, expire = creation().owes
    assert (mail.kind, mail.subject, mail.work_id) == (Kind.MAIL, SERVICE_ID, sending("first").mail_work)
    assert (expire.kind, expire.time) == (Kind.EXPIRE, NOW + timedelta(days=7))
    assert expire.note == {"stamp": (NOW + timedelta(days=7)).isoformat()}


def test_the_short_name_is_taken_by_an_insert_that_remembers_the_request() -> None:
    taken = name_taken(SERVICE_ID, "Contoso-1", "k", "b")
    assert taken == Insert(Row(short_name_key("Contoso-1"), "{}", {"service": SERVICE_ID, "key": "k", "request": "b"}))


# Add


@pytest.mark.parametrize("acknowledged", [False, True])
def test_add_attaches_the_proposal_unopened(acknowledged: bool) -> None:
    before = service("authenticated", reason=Reason("x", "x"))
    transition = added(before, TENANT, CLIENT, acknowledged, OPERATOR, NOW)
    one = transition.service
    assert (one.state, one.invitation.status) == (ServiceState.AUTHENTICATED, InvitationStatus.ACCEPTED)
    assert one.registration == before.invitation.proposal
    assert one.invitation.proposal is None
    assert (one.check, one.reason) == (None, None)
    assert transition.details == {"tenantId": TENANT, "clientId": CLIENT, "domainMatch": "match"}


@pytest.mark.parametrize("match", [DomainMatch.DIFFERS, DomainMatch.UNKNOWN])
def test_a_doubtful_tenant_wants_an_acknowledgement_that_is_kept(match: DomainMatch) -> None:
    doubtful = service("authenticated", invitation__proposal=registration(match=match))
    with pytest.raises(problems.AcknowledgementRequired):
        added(doubtful, TENANT, CLIENT, False, OPERATOR, NOW)
    transition = added(doubtful, TENANT, CLIENT, True, OPERATOR, NOW)
    assert (transition.details["domainMatch"], transition.details["acknowledged"]) == (match.value, "true")


@pytest.mark.parametrize(
    "seen", [(OTHER_TENANT, CLIENT), (TENANT, OTHER_TENANT), (CLIENT, TENANT)], ids=["tenant", "client", "swapped"]
)
def test_add_takes_only_the_registration_that_was_seen(seen: tuple[str, str]) -> None:
    with pytest.raises(problems.ProposalDiffers):
        added(service("authenticated"), *seen, True, OPERATOR, NOW)


@pytest.mark.parametrize("stage", others("authenticated"))
def test_there_is_nothing_to_add_at_any_other_stage(stage: str) -> None:
    with pytest.raises(problems.NotAuthenticated):
        added(service(stage), TENANT, CLIENT, True, OPERATOR, NOW)


def test_without_a_proposal_there_is_nothing_to_add() -> None:
    with pytest.raises(problems.NotAuthenticated):
        added(service("authenticated", invitation__proposal=None), TENANT, CLIENT, True, OPERATOR, NOW)


@pytest.mark.parametrize(("left", "adds"), [(timedelta(microseconds=1), True), (timedelta(0), False)])
def test_a_proposal_is_added_in_its_time_or_not_at_all(left: timedelta, adds: bool) -> None:
    one = service("authenticated", invitation__expires_at=NOW + left)
    if adds:
        assert added(one, TENANT, CLIENT, False, OPERATOR, NOW).service.registration is not None
    else:
        with pytest.raises(problems.NotAuthenticated):
            added(one, TENANT, CLIENT, False, OPERATOR, NOW)


# Validation and completion


def validation(one: Service) -> Transition | None:
    return validation_started(one, CHECK_WORK, OPERATOR, NOW)


def completion(one: Service) -> Transition | None:
    return completion_started(one, CHECK_WORK, OPERATOR, NOW)


@pytest.mark.parametrize("stage", ["added", "validated", "active"])
def test_stored_credentials_can_be_checked_again(stage: str) -> None:
    before = service(stage, reason=Reason("x", "x"))
    transition = validation(before)
    one = after(transition)
    assert one.check == check(Purpose.VALIDATION, started_at=NOW)
    assert (one.state, one.reason) == (before.state, None)
    assert transition is not None
    (owed,) = transition.owes
    assert (owed.kind, owed.work_id, owed.note) == (Kind.CHECK, CHECK_WORK, {})


@pytest.mark.parametrize("stage", ["being-validated", "creating"])
def test_a_second_press_joins_the_check_under_way(stage: str) -> None:
    assert validation(service(stage)) is None


@pytest.mark.parametrize("start", [validation, completion])
@pytest.mark.parametrize("stage", [*WAITING_FOR_ADD, *ENDED])
def test_without_a_registration_there_is_nothing_to_check(
    stage: str, start: Callable[[Service], Transition | None]
) -> None:
    with pytest.raises(problems.RegistrationMissing):
        start(service(stage))


def test_completion_makes_a_validated_service_after_a_last_check() -> None:
    transition = completion(service("validated"))
    one = after(transition)
    assert (one.state, one.check) == (ServiceState.CREATING, check(Purpose.COMPLETION, started_at=NOW))
    assert transition is not None
    (owed,) = transition.owes
    assert (owed.kind, owed.work_id, owed.note) == (Kind.CHECK, CHECK_WORK, {})


@pytest.mark.parametrize("stage", ["creating", "active"])
def test_completing_twice_is_completing_once(stage: str) -> None:
    assert completion(service(stage)) is None


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (service("added"), problems.NotValidated),
        (service("being-validated"), WrongState),
        (service("validated", check=check(Purpose.VALIDATION)), WrongState),
    ],
    ids=["not validated", "first validation", "another validation"],
)
def test_what_is_not_validated_is_not_completed(one: Service, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        completion(one)


def outcome(one: Service, verdict: Verdict) -> Transition | None:
    return checked(one, CHECK_WORK, verdict, NOW)


TOLD = {
    (Purpose.VALIDATION, True): "validation-passed",
    (Purpose.VALIDATION, False): "validation-failed",
    (Purpose.COMPLETION, True): "service-activated",
    (Purpose.COMPLETION, False): "creation-failed",
}
OUTCOMES = {
    "step 15 passes": ("added", Purpose.VALIDATION, PASSED, "validated"),
    "step 15 is refused": ("added", Purpose.VALIDATION, REFUSED, "authenticated"),
    "step 15 is given up": ("added", Purpose.VALIDATION, UNAVAILABLE, "authenticated"),
    "it passes again": ("validated", Purpose.VALIDATION, PASSED, "validated"),
    "a failure leads back": ("validated", Purpose.VALIDATION, REFUSED, "authenticated"),
    "a lack leads back": ("validated", Purpose.VALIDATION, LACKING, "authenticated"),
    "no answer proves nothing": ("validated", Purpose.VALIDATION, UNAVAILABLE, "validated"),
    "an active one passes": ("active", Purpose.VALIDATION, PASSED, "active"),
    "an active one stays active": ("active", Purpose.VALIDATION, REFUSED, "active"),
    "creation passes": ("creating", Purpose.COMPLETION, PASSED, "active"),
    "creation is refused": ("creating", Purpose.COMPLETION, REFUSED, "validated"),
    "creation is given up": ("creating", Purpose.COMPLETION, UNAVAILABLE, "validated"),
}


@pytest.mark.parametrize(("stage", "purpose", "verdict", "state"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_a_check_s_outcome_leads_on_or_back(stage: str, purpose: Purpose, verdict: Verdict, state: str) -> None:
    before = service(stage, check=check(purpose), reason=None)
    transition = outcome(before, verdict)
    one = after(transition)
    assert transition is not None
    assert transition.what == TOLD[purpose, verdict is PASSED]
    assert one.state == state
    assert one.check == replace(check(purpose), finished_at=NOW, outcome=verdict.outcome, items=verdict.items)
    assert one.registration is not None
    if verdict is PASSED:
        assert one.reason is None
        assert one.registration == replace(registration(), findings=PASSED.findings)
    else:
        assert one.reason is not None
        assert one.registration == registration()
    assert one.activated_at == (NOW if stage == "creating" and verdict is PASSED else None)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("verdict", [PASSED, REFUSED, UNAVAILABLE])
def test_the_outcome_of_a_check_that_nobody_waits_for_changes_nothing(stage: str, verdict: Verdict) -> None:
    assert checked(service(stage), work_id("superseded"), verdict, NOW) is None
    over = finished(check(Purpose.VALIDATION))
    assert outcome(service(stage, check=over), verdict) is None


@pytest.mark.parametrize("stage", ["being-validated", "creating"])
def test_a_running_check_says_what_it_waits_for(stage: str) -> None:
    one = after(waits_for(service(stage), due(attempts=2), "Microsoft is busy."))
    assert one.check is not None
    assert (one.check.waiting_for, one.check.attempts, one.check.running) == ("Microsoft is busy.", 2, True)


def test_a_submission_s_check_says_it_too() -> None:
    one = after(waits_for(service("validating"), due(attempts=2), "Microsoft is busy."))
    assert one.invitation.check is not None
    assert one.invitation.check.waiting_for == "Microsoft is busy."


@pytest.mark.parametrize("stage", others("validating", "being-validated", "creating"))
def test_nobody_waits_for_a_check_that_is_over(stage: str) -> None:
    assert waits_for(service(stage), due(attempts=2), "Microsoft is busy.") is None


# What a commit writes


def transition_to(stage: str, **changes: Any) -> Transition:
    return Transition(service(stage, **changes), "something-happened", SYSTEM)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=2)], ids=["on time", "clock behind"])
def test_versions_count_on_and_time_never_runs_backwards(late: timedelta) -> None:
    before = service()
    one = stamped(transition_to("pending"), before.updated_at - late)
    assert (one.version, one.updated_at) == (before.version + 1, before.updated_at)
    assert stamped(transition_to("pending"), NOW).updated_at == NOW


def test_a_service_is_replaced_under_its_etag_with_its_event_as_proof() -> None:
    one = service("pending", version=8)
    made = change(Loaded(service(), "etag"), one, transition_to("pending"), MINTED)
    own, event, open_ = made.writes
    assert own == Replace(
        Row(f"service:{SERVICE_ID}", to_json(one), {"state": "invited", "customer": "customer-1"}, "etag")
    )
    assert isinstance(event, Insert)
    assert (event.row.key, event.row.commit) == (f"event:{SERVICE_ID}:00000008", "c0ffee")
    assert isinstance(open_, Put)
    assert (made.partition, made.proof, made.commit_id) == (PROVIDER, event.row.key, "c0ffee")


def test_a_new_service_is_inserted_with_all_that_it_owes() -> None:
    transition = creation()
    taken = name_taken(SERVICE_ID, "Contoso-1", "k", "b")
    made = change(None, stamped(transition, NOW), transition, MINTED, (taken,))
    assert [type(write) for write in made.writes] == [Insert, Insert, Put, Insert, Insert, Insert]
    keys = [write.key if isinstance(write, Delete) else write.row.key for write in made.writes]
    assert keys[3:] == [transition.owes[0].key, transition.owes[1].key, taken.row.key]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("before", "stage", "write"),
    [
        ("pending", "revoked", Put),
        ("authenticated", "added", Delete),
        ("added", "validated", None),
        ("pending", "cancelled", Delete),
    ],
)
def test_the_open_row_stands_while_the_invitation_waits(before: str, stage: str, write: type | None) -> None:
    made = change(Loaded(service(before), "etag"), service(stage), transition_to(stage), MINTED)
    keys = {f"open:{SERVICE_ID}"}
    found = [type(each) for each in made.writes if (each.key if isinstance(each, Delete) else each.row.key) in keys]
    assert found == ([write] if write else [])


@pytest.mark.parametrize(
    "one",
    [service("pending", invitation__proposal=registration()), service("disconnected", registration=registration())],
    ids=["proposal", "registration"],
)
def test_no_secret_is_committed_where_none_may_stand(one: Service) -> None:
    with pytest.raises(AssertionError) as refused:
        change(None, one, Transition(one, "something-happened", SYSTEM), MINTED)
    assert SEALED not in str(refused.value)


@pytest.mark.parametrize("stage", STAGES)
def test_a_service_comes_back_from_its_row(stage: str) -> None:
    one = service(stage)
    assert from_row(Row("service:x", to_json(one))) == one
    assert from_json(Service, to_json(one)) == one


@pytest.mark.parametrize("stage", AFTER_ADD + WAITING_FOR_ADD)
def test_a_sealed_secret_stands_in_the_service_s_row_alone(stage: str) -> None:
    made = change(Loaded(service(), "etag"), service(stage), transition_to(stage), MINTED)
    rest = [repr(write) for write in made.writes[1:]]
    assert not [text for text in rest if SEALED in text]


def test_only_the_work_of_a_queue_s_own_kind_wakes_it() -> None:
    mail, _ = creation().owes
    committed = Committed(service(), creation().owes)
    assert committed.wake_up(Kind.MAIL) == message(mail)
    assert committed.wake_up(Kind.CHECK) is None


def test_ids_sort_newest_first_and_fit_a_link() -> None:
    ids = [new_id(NOW + timedelta(milliseconds=step)) for step in range(20)]
    assert ids == sorted(ids, reverse=True)
    assert {len(bytes.fromhex(each)) for each in ids} == {12}


# Cancel


BEFORE_ACTIVE = [stage for stage in STAGES if stage not in ("active", "cancelled", "disconnected")]


@pytest.mark.parametrize("stage", BEFORE_ACTIVE)
def test_whatever_is_not_active_can_be_cancelled_and_keeps_no_secret_and_no_living_link(stage: str) -> None:
    transition = cancelled(service(stage), OPERATOR, NOW)
    assert transition is not None
    after = transition.service
    assert after.state is ServiceState.CANCELLED
    assert transition.frees_name
    assert SEALED not in to_json(after)
    assert all(link.died_at is not None for link in after.invitation.links)
    assert after.check is None
    assert after.invitation.check is None or not after.invitation.check.running


def test_a_cancelled_service_gives_its_name_and_its_open_row_back() -> None:
    before = service("pending")
    transition = cancelled(before, OPERATOR, NOW)
    assert transition is not None
    made = change(Loaded(before, "etag"), stamped(transition, NOW), transition, Minted(NOW, "commit"))
    deleted = {write.key for write in made.writes if isinstance(write, Delete)}
    assert deleted == {f"open:{SERVICE_ID}", short_name_key(before.short_name)}


def test_cancelling_twice_changes_nothing() -> None:
    assert cancelled(service("cancelled"), OPERATOR, NOW) is None


@pytest.mark.parametrize("stage", ["active", "disconnected"])
def test_what_has_been_active_cannot_be_cancelled(stage: str) -> None:
    with pytest.raises(problems.AlreadyActive):
        cancelled(service(stage), OPERATOR, NOW)
