"""The invitation's mail: wanted or not, sent, failed or dropped."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from invitations.mail import MailRefused
from invitations.operations import mails as operations
from invitations.records import LinkEnd, Mail, MailState
from invitations.rules.mails import (
    MAIL_PATIENCE,
    MAIL_SENDS,
    MAIL_SENT_WITHIN,
    given_up,
    mail_dropped,
    mail_failed,
    mail_sent,
    mail_waits,
    mail_wanted,
    may_send,
)
from onboarding.records import Service, Transition
from shared.due import Due
from shared.kinds import Kind
from shared.minted import Minted
from shared.platform import Platform
from shared.waiting import Later, next_look
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

PAUSE = timedelta(seconds=20)


def owing(name: str = "mail", of: str = "first") -> Due:
    return due(Kind.MAIL, work_id=work_id(name), note={"hash": link(of).hash, "token": "sealed"})


def queued(stage: str = "pending", **changes: Any) -> Service:
    return service(stage, **{"invitation__mail": Mail(MailState.QUEUED, work_id("mail")), **changes})


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
    failed = after(mail_failed(queued(), owing(), "It seemed lost.", NOW))
    mail = after(mail_sent(failed, owing(), "m2", NOW)).invitation.mail
    assert mail == Mail(MailState.SENT, work_id("mail"), sent_at=NOW, count=1, message_id="m2")


def test_an_earlier_mail_counts_but_does_not_answer_for_the_newer() -> None:
    mail = after(mail_sent(queued(), owing("earlier mail"), "m1", NOW)).invitation.mail
    assert (mail.state, mail.count, mail.sent_at, mail.message_id) == (MailState.QUEUED, 1, NOW, None)


def test_a_mail_that_failed_says_why() -> None:
    transition = mail_failed(queued(), owing(), "The service refused it.", NOW)
    mail = after(transition).invitation.mail
    assert (mail.state, mail.reason) == (MailState.FAILED, "The service refused it.")


def waiting(one: Service, minutes: int, words: str = "Busy.", attempts: int = 1) -> Transition | None:
    now = NOW + timedelta(minutes=minutes)
    return mail_waits(one, replace(owing(), attempts=attempts, time=now + PAUSE), words, now)


def test_a_mail_that_waits_says_for_what_since_when_how_often_and_until_when() -> None:
    once = after(waiting(queued(), 0))
    mail = after(waiting(once, 3, "Still busy.", attempts=2)).invitation.mail
    assert (mail.state, mail.waiting_for, mail.attempts) == (MailState.QUEUED, "Still busy.", 2)
    assert (mail.stuck_since, mail.next_at) == (NOW, NOW + timedelta(minutes=3) + PAUSE)


def test_only_new_words_are_an_event() -> None:
    first = waiting(queued(), 0)
    again, other = waiting(after(first), 1), waiting(after(first), 1, "Away.")
    told = [(one.what, one.quiet) for one in (first, again, other) if one]
    assert told == [("mail-waits", False), ("mail-waits", True), ("mail-waits", False)]


@pytest.mark.parametrize(
    "one",
    [service("revoked"), service(), queued(invitation__mail=Mail(MailState.QUEUED, work_id("a newer mail")))],
    ids=["settled and revoked", "sent", "a newer mail"],
)
def test_a_mail_that_is_not_queued_any_more_waits_for_nothing(one: Service) -> None:
    assert waiting(one, 0) is None


def test_the_end_of_a_mail_ends_its_wait() -> None:
    stuck = after(waiting(queued(), 0, attempts=4))
    failed = after(mail_failed(stuck, owing(), "Refused.", NOW + PAUSE)).invitation.mail
    assert (failed.waiting_for, failed.next_at, failed.stuck_since) == (None, None, NOW)
    dropped = after(mail_dropped(stuck, owing())).invitation.mail
    assert (dropped.waiting_for, dropped.next_at) == (None, None)
    sent = after(mail_sent(stuck, owing(), "m2", NOW)).invitation.mail
    assert sent == Mail(MailState.SENT, work_id("mail"), sent_at=NOW, count=1, message_id="m2")


def test_a_mail_that_is_not_wanted_is_dropped_with_words() -> None:
    mail = after(mail_dropped(queued("revoked"), owing())).invitation.mail
    assert mail.state is MailState.DROPPED
    assert mail.reason


def test_an_earlier_mail_s_failure_is_not_the_newer_one_s() -> None:
    assert mail_failed(queued(), owing("earlier mail"), "no", NOW) is None
    assert mail_dropped(queued(), owing("earlier mail")) is None


def test_a_mail_that_was_sent_is_not_dropped() -> None:
    assert mail_dropped(service("revoked"), owing()) is None


@pytest.mark.parametrize(
    ("attempts", "begun", "may"),
    [
        (1, None, True),
        (MAIL_SENDS, NOW, True),
        (MAIL_SENDS + 1, NOW, False),
        (2, NOW - MAIL_SENT_WITHIN, True),
        (2, NOW - MAIL_SENT_WITHIN - PAUSE, False),
    ],
)
def test_a_mail_is_sent_so_often_and_so_long(attempts: int, begun: datetime | None, may: bool) -> None:
    assert may_send(replace(owing(), attempts=attempts, begun=begun), NOW) is may


def test_sends_end_before_asking_for_their_fate_does() -> None:
    last_send = replace(owing(), attempts=MAIL_SENDS, begun=NOW - MAIL_SENT_WITHIN)
    assert next_look(last_send, NOW + PAUSE, Later("Lost."), MAIL_PATIENCE, 1.0) is not None
    assert not may_send(replace(last_send, attempts=MAIL_SENDS + 1), NOW)


def test_giving_up_says_what_was_waited_for() -> None:
    assert given_up("The service answered 503.").startswith("The service answered 503. We tried")
    assert given_up(None).startswith("The e-mail could not be sent. We tried")


class Broken(Exception):
    """Something that nobody has thought of."""


@pytest.mark.parametrize(
    ("error", "comes_out"),
    [(Broken("secret"), Later), (MailRefused("No."), MailRefused), (Later("Busy."), Later)],
    ids=["a fault of ours", "a refusal", "a wait"],
)
def test_whatever_goes_wrong_with_a_mail_the_work_goes_on_to_an_end(
    monkeypatch: pytest.MonkeyPatch, error: Exception, comes_out: type[Exception]
) -> None:
    def broken(*_: object) -> str:
        raise error

    monkeypatch.setattr(operations, "_hand_over", broken)
    with pytest.raises(comes_out) as caught:
        operations._outcome(Platform(*[None] * 3), owing(), queued(), Minted(NOW, "c0ffee"))  # type: ignore[arg-type]
    assert "secret" not in str(caught.value)
