"""What needs a person: each case has its code, its words, and calls that are allowed and that mend it."""

import importlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from invitations.pending import open_row
from invitations.records import Channel, LinkEnd, Mail, MailState
from invitations.rules import operators
from onboarding.aggregate import columns
from onboarding.records import Service, ServiceState, Transition
from onboarding.rules import registrations
from onboarding.rules.attention import LONG, Attention, AttentionCode, Mend, attention
from shared.actors import Reason
from shared.web.calls import CALLS
from shared.web.contract import Who, contract
from tests.unit.builders import (
    AFTER_ADD,
    NOW,
    OPERATOR,
    STAGES,
    check,
    dead,
    finished,
    link,
    sending,
    service,
    work_id,
)
from validation.records import Outcome, Purpose

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
EARLIER = NOW - HOUR
QUEUED = Mail(MailState.QUEUED, work_id("mail"))
WAITS = replace(QUEUED, waiting_for="Busy.", attempts=6, stuck_since=EARLIER, next_at=EARLIER + LONG)
FAILED = Mail(MailState.FAILED, work_id("mail"), reason="It was refused.", stuck_since=EARLIER)
GIVEN_UP = finished(check(), Outcome.UNAVAILABLE)
SLOW: dict[str, Any] = {"waiting_for": "Busy.", "next_at": NOW + HOUR}
WHY = Reason("sign-in", "The secret is wrong.")


def failed(stage: str, purpose: Purpose = Purpose.VALIDATION, **changes: Any) -> Service:
    """A service whose last check did not pass."""
    return service(stage, check=finished(check(purpose), Outcome.REFUSED), reason=WHY, **changes)


def ended(stage: str, end: LinkEnd) -> Service:
    return service(stage, invitation__links=(dead(end),), invitation__reason=Reason(stage, "It ended."))


def reinvited(one: Service, **changes: Any) -> Service:
    """The service with a new invitation that waits for its administrator."""
    pending = service("pending", **changes).invitation
    return replace(one, invitation=replace(pending, number=2))


BY_LINK = (Mend.RESEND, Mend.COPY_LINK)
NEEDS: dict[str, tuple[Service, AttentionCode, tuple[Mend, ...]]] = {
    "the mail failed": (service(invitation__mail=FAILED), AttentionCode.MAIL_FAILED, BY_LINK),
    "the mail waits long": (service(invitation__mail=WAITS), AttentionCode.MAIL_WAITS, (Mend.WAKE, *BY_LINK)),
    "a submission's check waits long": (
        service("validating", invitation__check=check(**SLOW)),
        AttentionCode.CHECK_WAITS,
        (Mend.WAKE,),
    ),
    "a validation waits long": (
        service("being-validated", check=check(Purpose.VALIDATION, **SLOW)),
        AttentionCode.CHECK_WAITS,
        (Mend.WAKE,),
    ),
    "a creation waits long": (
        service("creating", check=check(Purpose.COMPLETION, **SLOW)),
        AttentionCode.CHECK_WAITS,
        (Mend.WAKE,),
    ),
    "a submission's check was given up": (
        service(invitation__check=GIVEN_UP, invitation__reason=WHY),
        AttentionCode.CHECK_GIVEN_UP,
        BY_LINK,
    ),
    "somebody asks for a link": (
        service(invitation__link_requested_at=EARLIER),
        AttentionCode.LINK_REQUESTED,
        BY_LINK,
    ),
    "somebody asks for a link after the end": (
        service("expired", invitation__link_requested_at=EARLIER),
        AttentionCode.LINK_REQUESTED,
        (Mend.RESEND,),
    ),
    "it expired": (ended("expired", LinkEnd.EXPIRED), AttentionCode.EXPIRED, (Mend.RESEND, Mend.REVOKE)),
    "it was declined": (ended("declined", LinkEnd.DECLINED), AttentionCode.DECLINED, (Mend.RESEND, Mend.REVOKE)),
    "it is locked": (ended("locked", LinkEnd.LOCKED), AttentionCode.LOCKED, (Mend.RESEND, Mend.REVOKE)),
    "a validation failed": (failed("added"), AttentionCode.VALIDATION_FAILED, (Mend.VALIDATE, Mend.REINITIATE)),
    "an active service's validation failed": (
        failed("active"),
        AttentionCode.VALIDATION_FAILED,
        (Mend.VALIDATE, Mend.REINITIATE),
    ),
    "the creation failed": (
        failed("validated", Purpose.COMPLETION),
        AttentionCode.CREATION_FAILED,
        (Mend.VALIDATE, Mend.COMPLETE, Mend.REINITIATE),
    ),
    "a validation failed after a new invitation went out": (
        reinvited(failed("active"), invitation__links=(link(at=NOW - timedelta(days=1)),)),
        AttentionCode.VALIDATION_FAILED,
        (Mend.VALIDATE, Mend.RESEND),
    ),
}
ALL = pytest.mark.parametrize("case", NEEDS)


def found(one: Service) -> Attention:
    needed = attention(one)
    assert needed is not None
    return needed


@ALL
def test_what_needs_a_person_says_what_since_when_and_how_to_mend_it(case: str) -> None:
    one, code, calls = NEEDS[case]
    needed = found(one)
    assert (needed.code, needed.calls) == (code, calls)
    assert needed.since is not None
    assert needed.since < NOW
    assert needed.detail.endswith(".")
    assert (needed.work is not None) == (Mend.WAKE in calls)


def test_there_is_a_case_of_each_code() -> None:
    assert {code for _, code, _ in NEEDS.values()} == set(AttentionCode)


@ALL
def test_lists_are_filtered_by_what_needs_a_person(case: str) -> None:
    one = NEEDS[case][0]
    assert columns(one)["attention"] is True
    row = open_row(one)
    assert row is None or row.columns["attention"] is True


MENDS: dict[Mend, Callable[[Service], Transition | None]] = {
    Mend.RESEND: lambda one: operators.resent(one, sending(), None, OPERATOR, NOW),
    Mend.COPY_LINK: lambda one: operators.copied(one, link("copied", Channel.COPY), OPERATOR, NOW),
    Mend.REVOKE: lambda one: operators.revoked(one, OPERATOR, NOW),
    Mend.REINITIATE: lambda one: operators.reinitiated(one, sending(), "it@contoso.com", "en", OPERATOR, NOW),
    Mend.VALIDATE: lambda one: registrations.validation_started(one, work_id("new"), OPERATOR, NOW),
    Mend.COMPLETE: lambda one: registrations.completion_started(one, work_id("new"), OPERATOR, NOW),
}
PAIRS = [(case, call) for case, (_, _, calls) in NEEDS.items() for call in calls if call in MENDS]


@pytest.mark.parametrize(("case", "call"), PAIRS)
def test_each_call_is_allowed_and_mends_it(case: str, call: Mend) -> None:
    one, code, _ = NEEDS[case]
    transition = MENDS[call](one)
    assert transition is not None
    after = attention(transition.service)
    assert after is None or after.code is not code


def test_the_calls_are_the_api_s_and_an_operator_s() -> None:
    for feature in ("onboarding", "invitations"):
        importlib.import_module(f"{feature}.functions")
    assert {contract(CALLS[mend]).who for mend in Mend} == {Who.OPERATOR}
    assert {*MENDS, Mend.WAKE} == set(Mend)


QUIET = {
    **{
        f"a service that is {stage}": service(stage)
        for stage in STAGES
        if stage not in ("expired", "declined", "locked")
    },
    "a mail on its way": service(invitation__mail=QUEUED),
    "a mail that waits a little": service(invitation__mail=replace(WAITS, next_at=EARLIER + LONG - SECOND)),
    "a mail that was dropped": service(invitation__mail=replace(QUEUED, state=MailState.DROPPED)),
    "a failed mail, and a link copied since": service(
        invitation__mail=FAILED, invitation__links=(link(), link("copied", Channel.COPY))
    ),
    "a failed mail of an invitation that is being answered": service("validating", invitation__mail=FAILED),
    "a failed mail of an invitation that was revoked": service("revoked", invitation__mail=FAILED),
    "a failed mail of a cancelled service": service("cancelled", invitation__mail=FAILED, reason=WHY),
    "a check that waits a little": service("validating", invitation__check=check(next_at=NOW, waiting_for="Busy.")),
    "refused credentials": service(invitation__check=finished(check(), Outcome.REFUSED), invitation__reason=WHY),
    "a check that was given up, and a link copied since": service(
        invitation__check=GIVEN_UP, invitation__links=(link(), link("copied", Channel.COPY))
    ),
    "a request for a link that is being answered": service("validating", invitation__link_requested_at=EARLIER),
    "a failed validation, and a new invitation since": reinvited(failed("active")),
}


@pytest.mark.parametrize("case", QUIET)
def test_nobody_is_called_while_somebody_else_acts_or_nobody_has_to(case: str) -> None:
    assert attention(QUIET[case]) is None
    assert columns(QUIET[case])["attention"] is False


@pytest.mark.parametrize("mail", [FAILED, WAITS], ids=["failed", "waits"])
def test_a_link_that_was_copied_before_the_trouble_does_not_hide_it(mail: Mail) -> None:
    copied = link("copied", Channel.COPY, at=EARLIER - SECOND)
    assert attention(service(invitation__mail=mail, invitation__links=(link(), copied))) is not None


def every_service() -> Iterator[Service]:
    """All stages in all the trouble that they can be in at once."""
    mails = (Mail(MailState.SENT, work_id("mail")), QUEUED, WAITS, FAILED)
    asked, checks = (None, EARLIER), (None, GIVEN_UP, finished(check(), Outcome.REFUSED))
    for stage, mail, asked_at, submission in itertools.product(STAGES, mails, asked, checks):
        inner: dict[str, Any] = {"invitation__mail": mail, "invitation__link_requested_at": asked_at}
        if stage in ("pending", "expired", "revoked", "declined", "locked"):
            inner |= {"invitation__check": submission, "invitation__reason": WHY}
        yield service(stage, **inner)
        if stage in AFTER_ADD and stage not in ("being-validated", "creating"):
            yield from (failed(stage, purpose, **inner) for purpose in (Purpose.VALIDATION, Purpose.COMPLETION))
            yield reinvited(failed(stage), **inner, invitation__created_at=EARLIER)


def test_whatever_needs_a_person_has_a_call_and_none_is_refused() -> None:
    needed = [(one, attention(one)) for one in every_service()]
    assert sum(1 for _, needs in needed if needs) > 100
    for one, needs in needed:
        if needs is not None:
            assert needs.calls, needs
            for call in needs.calls:
                assert call is Mend.WAKE or MENDS[call](one) is not None, needs


def test_a_cancelled_service_s_open_trouble_is_over() -> None:
    for one in every_service():
        assert attention(replace(one, state=ServiceState.CANCELLED, registration=None)) is None
