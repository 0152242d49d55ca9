"""Validation and completion: what starts them, and where each outcome leads."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from onboarding import problems
from onboarding.records import Service, ServiceState, Transition
from onboarding.rules.registrations import checked, completion_started, validation_started, waits_for
from shared.actors import Reason
from shared.kinds import Kind
from shared.problems import WrongState
from tests.unit.builders import (
    ENDED,
    LACKING,
    NOW,
    OPERATOR,
    PASSED,
    REFUSED,
    STAGES,
    UNAVAILABLE,
    WAITING_FOR_ADD,
    after,
    check,
    due,
    finished,
    others,
    registration,
    service,
    work_id,
)
from validation.records import Findings, Purpose, Verdict

CHECK_WORK = work_id("check")


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
    ended = replace(check(purpose), finished_at=NOW, outcome=verdict.outcome, attempts=1, items=verdict.items)
    assert one.check == ended
    assert one.registration is not None
    if verdict is PASSED:
        assert one.reason is None
        assert one.registration == replace(registration(), findings=PASSED.findings)
    else:
        assert one.reason is not None
        assert one.registration == registration()
    assert one.activated_at == (NOW if stage == "creating" and verdict is PASSED else None)


@pytest.mark.parametrize(
    ("verdict", "granted"),
    [(REFUSED, ("A.Read",)), (UNAVAILABLE, ("A.Read",)), (LACKING, ("B.Read",))],
    ids=["no token, so as before", "no answer, so as before", "a token tells anew"],
)
def test_a_check_that_fails_tells_what_the_token_held_where_there_was_one(
    verdict: Verdict, granted: tuple[str, ...]
) -> None:
    known = replace(PASSED.findings, permissions=("A.Read",))
    before = service("active", registration=replace(registration(), findings=known), check=check(Purpose.VALIDATION))
    seen = replace(verdict, findings=Findings(permissions=("B.Read",), directory_roles=("Teams Administrator",)))
    one = after(outcome(before, seen))
    assert one.registration is not None
    assert one.registration.findings.permissions == granted
    assert one.registration.findings.tenant_name == "Contoso"


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
    assert one.check.next_at == due().time


def test_a_submission_s_check_says_it_too() -> None:
    one = after(waits_for(service("validating"), due(attempts=2), "Microsoft is busy."))
    assert one.invitation.check is not None
    assert one.invitation.check.waiting_for == "Microsoft is busy."


@pytest.mark.parametrize("stage", others("validating", "being-validated", "creating"))
def test_nobody_waits_for_a_check_that_is_over(stage: str) -> None:
    assert waits_for(service(stage), due(attempts=2), "Microsoft is busy.") is None
