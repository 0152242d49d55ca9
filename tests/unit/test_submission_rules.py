"""The submission and its check: what follows for the invitation, its tries and its secret."""

from dataclasses import replace
from datetime import timedelta

import pytest

from invitations import problems
from invitations.pending import pending_row
from invitations.records import Channel, InvitationStatus, Link, LinkEnd
from invitations.rules.admins import submitted
from invitations.rules.checks import ADD_WITHIN, check_waits, checked
from onboarding.records import Service, ServiceState, Transition
from shared.actors import ActorKind, Reason
from shared.kinds import Kind
from tests.unit.builders import (
    AFTER_ADD,
    LACKING,
    NOW,
    PASSED,
    REFUSED,
    SEALED,
    STAGES,
    UNAVAILABLE,
    after,
    check,
    due,
    ends,
    link,
    living,
    registration,
    service,
    work_id,
)
from validation.records import Outcome, Purpose, Verdict

CHECK_WORK = work_id("check")
LONG_AGO = NOW - timedelta(days=8)


def submission(one: Service, used: Link | None = None) -> Transition:
    return submitted(one, used or one.invitation.links[0], registration(), CHECK_WORK, NOW)


def test_a_submission_waits_for_its_check() -> None:
    transition = submission(service(invitation__reason=Reason("sign-in", "The secret was wrong.")))
    one = transition.service
    assert one.invitation.reason is None
    assert (one.state, one.invitation.status) == (ServiceState.INVITED, InvitationStatus.VALIDATING)
    assert one.invitation.proposal == registration()
    assert one.invitation.check is not None
    assert one.invitation.check.running
    (owed,) = transition.owes
    assert (owed.kind, owed.work_id, owed.note) == (Kind.CHECK, CHECK_WORK, {})
    assert SEALED not in repr((transition.what, transition.details, transition.by, transition.owes))


def test_the_actor_of_a_submission_is_the_link_s_channel_never_the_invitee() -> None:
    copy = link("copy", Channel.COPY)
    transition = submission(service(invitation__links=(link(), copy)), copy)
    assert (transition.by.kind, transition.by.name) == (ActorKind.ADMIN, "link: copy")
    assert "contoso.com" not in repr((transition.by, transition.details))


def test_a_second_submission_waits_for_the_first() -> None:
    with pytest.raises(problems.CheckInProgress):
        submission(service("validating"))


@pytest.mark.parametrize("stage", ["authenticated", *AFTER_ADD])
def test_nothing_is_submitted_through_a_used_link(stage: str) -> None:
    with pytest.raises(problems.LinkUsed):
        submission(service(stage))


@pytest.mark.parametrize("stage", ["expired", "revoked", "declined", "locked", "cancelled"])
def test_nothing_is_submitted_through_a_dead_link(stage: str) -> None:
    with pytest.raises(problems.DeadLink):
        submission(service(stage))


def test_nothing_is_submitted_once_the_time_is_over() -> None:
    with pytest.raises(problems.LinkExpired):
        submission(service(invitation__expires_at=NOW))


def outcome(one: Service, verdict: Verdict, work: str = CHECK_WORK) -> Transition | None:
    return checked(one, work, verdict, work_id("expire 2"), NOW)


def test_a_passed_check_authenticates() -> None:
    transition = outcome(service("validating", invitation__reason=None), PASSED)
    assert transition is not None
    one, invitation = transition.service, transition.service.invitation
    assert (one.state, invitation.status) == (ServiceState.AUTHENTICATED, InvitationStatus.AUTHENTICATED)
    assert invitation.proposal == replace(registration(), findings=PASSED.findings)
    assert invitation.channel is Channel.MAIL
    assert ends(one) == [LinkEnd.USED]
    assert invitation.check is not None
    assert (invitation.check.outcome, invitation.check.finished_at) == (Outcome.PASSED, NOW)
    assert invitation.expires_at == NOW + ADD_WITHIN
    (owed,) = transition.owes
    assert (owed.kind, owed.time, owed.note) == (
        Kind.EXPIRE,
        NOW + ADD_WITHIN,
        {"stamp": (NOW + ADD_WITHIN).isoformat()},
    )
    assert one.registration is None


def test_a_domain_becomes_the_tenant_id_that_the_check_resolved() -> None:
    one = after(outcome(service("validating", invitation__proposal=registration("contoso.com")), PASSED))
    assert one.invitation.proposal is not None
    assert one.invitation.proposal.tenant == PASSED.tenant_id


@pytest.mark.parametrize(
    ("verdict", "tries", "what"),
    [(REFUSED, 4, "credentials-refused"), (LACKING, 3, "credentials-refused"), (UNAVAILABLE, 3, "check-given-up")],
    ids=["credentials refused", "something lacking", "Microsoft unavailable"],
)
def test_only_refused_credentials_cost_a_try(verdict: Verdict, tries: int, what: str) -> None:
    transition = outcome(service("validating", invitation__tries=3), verdict)
    assert transition is not None
    one, invitation = transition.service, transition.service.invitation
    assert (one.state, invitation.status) == (ServiceState.INVITED, InvitationStatus.PENDING)
    assert (invitation.tries, transition.what) == (tries, what)
    assert invitation.proposal is None
    assert invitation.reason is not None
    assert invitation.check is not None
    assert (invitation.check.outcome, invitation.check.items) == (verdict.outcome, verdict.items)
    assert transition.details == {"reason": invitation.reason.code}
    assert living(one) == [link()]
    assert transition.owes == ()


def test_the_reason_of_a_refusal_is_the_first_failed_item() -> None:
    reason = after(outcome(service("validating"), REFUSED)).invitation.reason
    assert reason is not None
    assert (reason.code, reason.detail) == ("sign-in", "The secret is wrong.")


@pytest.mark.parametrize(("before", "status"), [(8, InvitationStatus.PENDING), (9, InvitationStatus.LOCKED)])
def test_the_tenth_refusal_locks(before: int, status: InvitationStatus) -> None:
    one = after(outcome(service("validating", invitation__tries=before), REFUSED))
    assert one.invitation.status is status
    assert one.state is ServiceState.INVITED
    assert (ends(one) == [LinkEnd.LOCKED]) is (status is InvitationStatus.LOCKED)
    assert one.invitation.proposal is None


@pytest.mark.parametrize("verdict", [REFUSED, LACKING, UNAVAILABLE])
@pytest.mark.parametrize(
    ("expires", "status"),
    [(timedelta(microseconds=1), InvitationStatus.PENDING), (timedelta(0), InvitationStatus.EXPIRED)],
    ids=["in time", "too late"],
)
def test_a_failed_check_ends_what_has_expired_meanwhile(
    verdict: Verdict, expires: timedelta, status: InvitationStatus
) -> None:
    one = after(outcome(service("validating", invitation__expires_at=NOW + expires), verdict))
    assert one.invitation.status is status
    assert ends(one) == [LinkEnd.EXPIRED if status is InvitationStatus.EXPIRED else None]
    assert one.invitation.proposal is None


def test_a_check_that_passes_late_authenticates_all_the_same() -> None:
    one = after(outcome(service("validating", invitation__expires_at=LONG_AGO), PASSED))
    assert one.invitation.status is InvitationStatus.AUTHENTICATED


@pytest.mark.parametrize("verdict", [PASSED, REFUSED, UNAVAILABLE])
@pytest.mark.parametrize("stage", STAGES)
def test_the_outcome_of_a_check_that_nobody_waits_for_changes_nothing(stage: str, verdict: Verdict) -> None:
    assert outcome(service(stage), verdict, work=work_id("superseded")) is None


@pytest.mark.parametrize("verdict", [PASSED, REFUSED, UNAVAILABLE])
def test_a_check_s_second_outcome_changes_nothing(verdict: Verdict) -> None:
    once = after(outcome(service("validating"), PASSED))
    assert outcome(once, verdict) is None


def test_a_running_check_says_what_it_waits_for() -> None:
    one = after(check_waits(service("validating"), due(attempts=2, time=NOW), "Microsoft is busy."))
    assert one.invitation.check == replace(check(), waiting_for="Microsoft is busy.", attempts=2, next_at=NOW)
    assert one.invitation.status is InvitationStatus.VALIDATING


def test_a_check_that_has_ended_waits_for_nothing() -> None:
    waited = after(check_waits(service("validating"), due(), "Microsoft is busy."))
    ended = after(outcome(waited, PASSED)).invitation.check
    assert ended is not None
    assert (ended.waiting_for, ended.next_at) == (None, None)


@pytest.mark.parametrize(
    ("stage", "work"), [("validating", "superseded"), ("authenticated", "submission"), ("pending", "check")]
)
def test_a_check_that_nobody_waits_for_says_nothing(stage: str, work: str) -> None:
    assert check_waits(service(stage), due(work_id=work_id(work)), "Microsoft is busy.") is None


def test_a_check_s_purpose_is_a_submission_s() -> None:
    one = after(submission(service()))
    assert one.invitation.check is not None
    assert one.invitation.check.purpose is Purpose.SUBMISSION
    assert pending_row(one).status is InvitationStatus.VALIDATING
