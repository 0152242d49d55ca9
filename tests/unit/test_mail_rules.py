"""The invitation's mail: wanted or not, sent, failed or dropped."""

from typing import Any

import pytest

from invitations.records import LinkEnd, Mail, MailState
from invitations.rules.mails import MAIL_PATIENCE, MAIL_SENDS, mail_dropped, mail_failed, mail_sent, mail_wanted
from onboarding.records import Service
from shared.due import Due
from shared.kinds import Kind
from tests.unit.builders import (
    NOW,
    STAGES,
    after,
    dead,
    due,
    link,
    service,
    work_id,
)


def owing(name: str = "mail", of: str = "first") -> Due:
    return due(Kind.MAIL, work_id=work_id(name), note={"hash": link(of).hash, "token": "sealed"})


def queued(stage: str = "pending", **changes: Any) -> Service:
    return service(stage, invitation__mail=Mail(MailState.QUEUED, work_id("mail")), **changes)


@pytest.mark.parametrize("stage", STAGES)
def test_a_mail_is_wanted_while_its_link_can_be_answered(stage: str) -> None:
    assert mail_wanted(queued(stage), owing(), NOW) is (stage in ("pending", "validating"))


@pytest.mark.parametrize(
    "unwanted",
    [
        (queued(), owing("earlier mail")),
        (queued(), owing(of="unknown")),
        (queued(invitation__links=(dead(LinkEnd.REPLACED), link("second"))), owing()),
        (queued(invitation__expires_at=NOW), owing()),
    ],
    ids=["a newer mail", "no such link", "a dead link", "its time is over"],
)
def test_a_mail_whose_place_was_taken_is_not_wanted(unwanted: tuple[Service, Due]) -> None:
    assert not mail_wanted(*unwanted, NOW)


def test_a_mail_that_was_taken_is_sent_and_counted() -> None:
    failed = after(mail_failed(queued(), owing(), "It seemed lost."))
    mail = after(mail_sent(failed, owing(), "m2", NOW)).invitation.mail
    assert mail == Mail(MailState.SENT, work_id("mail"), sent_at=NOW, count=1, message_id="m2")


def test_an_earlier_mail_counts_but_does_not_answer_for_the_newer() -> None:
    mail = after(mail_sent(queued(), owing("earlier mail"), "m1", NOW)).invitation.mail
    assert (mail.state, mail.count, mail.sent_at, mail.message_id) == (MailState.QUEUED, 1, NOW, None)


def test_a_mail_that_failed_says_why() -> None:
    transition = mail_failed(queued(), owing(), "The service refused it.")
    mail = after(transition).invitation.mail
    assert (mail.state, mail.reason) == (MailState.FAILED, "The service refused it.")


def test_a_mail_that_is_not_wanted_is_dropped_with_words() -> None:
    mail = after(mail_dropped(queued("revoked"), owing())).invitation.mail
    assert mail.state is MailState.DROPPED
    assert mail.reason


def test_an_earlier_mail_s_failure_is_not_the_newer_one_s() -> None:
    assert mail_failed(queued(), owing("earlier mail"), "no") is None
    assert mail_dropped(queued(), owing("earlier mail")) is None


def test_a_mail_that_was_sent_is_not_dropped() -> None:
    assert mail_dropped(service("revoked"), owing()) is None


def test_sends_end_before_asking_for_their_fate_does() -> None:
    assert 1 <= MAIL_SENDS < MAIL_PATIENCE.attempts
