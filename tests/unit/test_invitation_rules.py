"""The invitation's rules: what may happen at which stage, and what follows for links, secrets and the mail."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from invitations import problems
from invitations.pending import invitation_id, open_row, pending_row
from invitations.records import Channel, InvitationStatus, Link, LinkEnd, Mail, MailState
from invitations.rules import (
    ADD_WITHIN,
    LOOK_AGAIN,
    MAIL_PATIENCE,
    MAIL_SENDS,
    check_waits,
    checked,
    copied,
    device_authenticated,
    expired,
    is_used,
    links_ended,
    look_again,
    mail_dropped,
    mail_failed,
    mail_sent,
    mail_wanted,
    resent,
    revoked,
    secrets_stand_where_they_may,
    submitted,
    tries_left,
    with_invitation,
)
from onboarding.records import Service, ServiceState, Transition
from shared.actors import ActorKind, Reason
from shared.due import Due
from shared.kinds import Kind
from tests.unit.builders import (
    AFTER_ADD,
    ENDED,
    LACKING,
    NOW,
    OPERATOR,
    PASSED,
    REFUSED,
    SEALED,
    SERVICE_ID,
    STAGES,
    UNAVAILABLE,
    WAITING_FOR_ADD,
    check,
    dead,
    due,
    link,
    others,
    registration,
    sending,
    service,
    work_id,
)
from validation.records import Outcome, Purpose, Verdict

CHECK_WORK = work_id("check")
LONG_AGO = NOW - timedelta(days=8)


def living(one: Service) -> list[Link]:
    return [each for each in one.invitation.links if each.died_at is None]


def ends(one: Service) -> list[LinkEnd | None]:
    return [each.why for each in one.invitation.links]


def after(transition: Transition | None) -> Service:
    assert isinstance(transition, Transition)
    return transition.service


# Where it stands


@pytest.mark.parametrize("stage", STAGES)
def test_the_pending_page_lists_what_waits_for_somebody(stage: str) -> None:
    row = open_row(service(stage))
    assert (row is not None) == (stage in WAITING_FOR_ADD)


@pytest.mark.parametrize("stage", STAGES)
def test_device_authenticated_is_true_from_the_passed_check_on(stage: str) -> None:
    expected = stage not in ("pending", "validating", "expired", "revoked", "declined", "locked", "cancelled")
    assert device_authenticated(service(stage)) is expected


def test_a_row_of_the_pending_page_is_json_and_has_every_column() -> None:
    row = open_row(service("authenticated", invitation__tries=3))
    assert row is not None
    assert (row.key, row.columns["status"], row.columns["deviceAuthenticated"]) == (
        f"open:{SERVICE_ID}",
        "authenticated",
        True,
    )
    assert json.loads(row.body) == {
        "id": f"{SERVICE_ID}-1",
        "serviceId": SERVICE_ID,
        "customer": {"id": "customer-1", "name": "Contoso"},
        "shortName": "Contoso-1",
        "fullName": "Contoso Bristol",
        "adminEmail": "it@contoso.com",
        "invitedBy": "Olga Operator",
        "status": "authenticated",
        "deviceAuthenticated": True,
        "emailState": "sent",
        "emailReason": None,
        "emailSentAt": "2026-11-23T10:30:00Z",
        "emailSentCount": 1,
        "createdAt": "2026-11-23T09:30:00Z",
        "expiresAt": "2026-11-30T09:30:00Z",
        "triesLeft": 7,
        "channel": "mail",
        "reason": None,
        "etag": '"7"',
    }


def test_an_invitation_s_id_is_its_service_s_id_and_a_number() -> None:
    assert invitation_id(service(invitation__number=3)) == f"{SERVICE_ID}-3"


@pytest.mark.parametrize(("tries", "left"), [(0, 10), (9, 1), (10, 0), (11, 0)])
def test_ten_tries_are_all(tries: int, left: int) -> None:
    assert tries_left(service(invitation__tries=tries).invitation) == left


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_has_its_secrets_where_they_may_stand(stage: str) -> None:
    assert secrets_stand_where_they_may(service(stage))


@pytest.mark.parametrize("stage", others("validating", "authenticated"))
def test_a_proposal_outside_a_check_and_its_result_is_found(stage: str) -> None:
    assert not secrets_stand_where_they_may(service(stage, invitation__proposal=registration()))


@pytest.mark.parametrize("stage", ["pending", "validating", "expired", *ENDED])
def test_a_registration_in_a_service_that_does_not_use_it_is_found(stage: str) -> None:
    assert not secrets_stand_where_they_may(service(stage, registration=registration()))


# Links


@pytest.mark.parametrize("stage", ["pending", "validating"])
def test_a_living_link_opens(stage: str) -> None:
    one = service(stage)
    assert is_used(one, one.invitation.links[0], NOW) is False


@pytest.mark.parametrize(
    ("stage", "expires", "opens"),
    [
        ("pending", timedelta(microseconds=1), True),
        ("pending", timedelta(0), False),
        ("pending", -timedelta(days=1), False),
        ("validating", -timedelta(days=1), True),
    ],
    ids=["just in time", "at its time", "long after", "while it is checked"],
)
def test_a_link_is_refused_from_its_time_on_even_if_the_timer_is_late(
    stage: str, expires: timedelta, opens: bool
) -> None:
    one = service(stage, invitation__expires_at=NOW + expires)
    if opens:
        assert is_used(one, one.invitation.links[0], NOW) is False
    else:
        with pytest.raises(problems.LinkExpired) as refused:
            is_used(one, one.invitation.links[0], NOW)
        assert refused.value.members["at"] == (NOW + expires).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("stage", ["authenticated", *AFTER_ADD, "disconnected"])
def test_a_used_link_shows_the_confirmation(stage: str) -> None:
    one = service(stage)
    assert is_used(one, one.invitation.links[0], NOW) is True


@pytest.mark.parametrize(
    ("why", "problem"),
    [
        (LinkEnd.EXPIRED, problems.LinkExpired),
        (LinkEnd.REPLACED, problems.LinkReplaced),
        (LinkEnd.REVOKED, problems.LinkRevoked),
        (LinkEnd.DECLINED, problems.LinkDeclined),
        (LinkEnd.LOCKED, problems.LinkLocked),
        (LinkEnd.CANCELLED, problems.LinkCancelled),
    ],
)
@pytest.mark.parametrize("stage", ["pending", "authenticated", "active"])
def test_a_dead_link_says_why_and_since_when(stage: str, why: LinkEnd, problem: type[problems.DeadLink]) -> None:
    with pytest.raises(problem) as refused:
        is_used(service(stage), dead(why, "other"), NOW)
    assert refused.value.status == 410
    assert refused.value.members == {"at": "2026-11-24T08:30:00Z"}


def test_a_used_link_confirms_nothing_that_was_undone() -> None:
    with pytest.raises(problems.LinkReplaced):
        is_used(service("pending"), dead(LinkEnd.USED), NOW)


def test_links_die_all_together_or_those_of_one_channel() -> None:
    on_file = (dead(LinkEnd.REPLACED, "old"), link("mail"), link("copy", Channel.COPY))
    assert [each.why for each in links_ended(on_file, LinkEnd.REVOKED, NOW)] == [
        LinkEnd.REPLACED,
        LinkEnd.REVOKED,
        LinkEnd.REVOKED,
    ]
    assert [(each.channel, each.why) for each in links_ended(on_file, LinkEnd.REPLACED, NOW, channel=Channel.COPY)] == [
        (Channel.MAIL, LinkEnd.REPLACED),
        (Channel.COPY, LinkEnd.REPLACED),
        (Channel.MAIL, None),
    ]


def test_a_dead_link_keeps_its_own_end() -> None:
    old = dead(LinkEnd.REPLACED)
    assert links_ended((old,), LinkEnd.REVOKED, NOW) == (old,)


def test_the_last_twenty_dead_links_stay_on_file() -> None:
    on_file: tuple[Link, ...] = ()
    for number in range(30):
        on_file = links_ended((*on_file, link(str(number))), LinkEnd.REPLACED, NOW)
    assert [each.hash for each in on_file] == [link(str(number)).hash for number in range(10, 30)]


# Resend, revoke, copy


@pytest.mark.parametrize("stage", WAITING_FOR_ADD)
def test_a_resend_revives_whatever_waits(stage: str) -> None:
    before = service(stage, invitation__tries=9, invitation__expires_at=LONG_AGO)
    one = after(resent(before, sending(), None, OPERATOR, NOW))
    invitation = one.invitation
    assert (one.state, invitation.status) == (ServiceState.INVITED, InvitationStatus.PENDING)
    assert (invitation.tries, invitation.expires_at) == (0, NOW + timedelta(days=7))
    assert (invitation.proposal, invitation.check, invitation.channel, invitation.reason) == (None,) * 4
    assert living(one) == [sending().link]
    assert is_used(one, living(one)[0], NOW) is False
    with pytest.raises(problems.DeadLink):
        is_used(one, invitation.links[0], NOW)


@pytest.mark.parametrize("stage", [*AFTER_ADD, *ENDED])
def test_nothing_is_resent_or_revoked_after_add_or_the_end(stage: str) -> None:
    with pytest.raises(problems.InvitationClosed):
        resent(service(stage), sending(), None, OPERATOR, NOW)
    with pytest.raises(problems.InvitationClosed):
        revoked(service(stage), OPERATOR, NOW)


def test_a_resend_owes_its_mail_and_its_expiry() -> None:
    mail, expire = resent(service(), sending(), None, OPERATOR, NOW).owes
    assert (mail.kind, mail.work_id, mail.time) == (Kind.MAIL, sending().mail_work, NOW + timedelta(minutes=1))
    assert mail.note == {"token": sending().sealed_token, "hash": sending().link.hash}
    assert (expire.kind, expire.work_id, expire.time) == (Kind.EXPIRE, sending().expire_work, sending().expires_at)
    assert expire.note == {"stamp": sending().expires_at.isoformat()}


@pytest.mark.parametrize(("address", "kept"), [(None, "it@contoso.com"), ("new@contoso.com", "new@contoso.com")])
def test_a_resend_may_go_to_another_address(address: str | None, kept: str) -> None:
    assert after(resent(service(), sending(), address, OPERATOR, NOW)).invitation.admin_email == kept


def test_a_resend_counts_on_from_the_mails_before() -> None:
    mail = after(resent(service(), sending(), None, OPERATOR, NOW)).invitation.mail
    assert (mail.state, mail.count, mail.sent_at) == (MailState.QUEUED, 1, NOW - timedelta(hours=23))


@pytest.mark.parametrize("stage", [stage for stage in WAITING_FOR_ADD if stage != "revoked"])
def test_a_revocation_kills_the_links_and_undoes_a_proposal(stage: str) -> None:
    one = after(revoked(service(stage), OPERATOR, NOW))
    assert (one.state, one.invitation.status) == (ServiceState.INVITED, InvitationStatus.REVOKED)
    assert living(one) == []
    assert one.invitation.proposal is None
    assert one.invitation.channel is None
    assert one.invitation.check is None or not one.invitation.check.running
    assert not device_authenticated(one)
    assert one.invitation.reason is not None


@pytest.mark.parametrize("stage", ["pending", "validating", "authenticated"])
def test_whoever_opens_a_link_of_a_revoked_invitation_reads_that_it_was_withdrawn(stage: str) -> None:
    one = after(revoked(service(stage), OPERATOR, NOW))
    with pytest.raises(problems.LinkRevoked):
        is_used(one, one.invitation.links[0], NOW)


def test_a_second_revocation_says_that_it_is_done() -> None:
    with pytest.raises(problems.InvitationNotOpen):
        revoked(service("revoked"), OPERATOR, NOW)


@pytest.mark.parametrize("stage", ["pending", "validating"])
def test_a_copied_link_lives_beside_the_mailed_one(stage: str) -> None:
    copy = link("copy", Channel.COPY)
    assert living(after(copied(service(stage), copy, OPERATOR, NOW))) == [link(), copy]


def test_a_second_copied_link_replaces_the_first() -> None:
    first, second = link("copy 1", Channel.COPY), link("copy 2", Channel.COPY)
    one = after(copied(service(invitation__links=(link(), first)), second, OPERATOR, NOW))
    assert living(one) == [link(), second]
    assert one.invitation.links[0] == replace(first, died_at=NOW, why=LinkEnd.REPLACED)


ANSWERED = ("authenticated", "added", "being-validated", "validated", "creating", "active", "disconnected")


@pytest.mark.parametrize("stage", ANSWERED)
def test_no_link_is_copied_of_what_is_answered(stage: str) -> None:
    with pytest.raises(problems.AlreadyAnswered):
        copied(service(stage), link("copy", Channel.COPY), OPERATOR, NOW)


@pytest.mark.parametrize("stage", others("pending", "validating", *ANSWERED))
def test_no_link_is_copied_of_what_cannot_be_answered(stage: str) -> None:
    with pytest.raises(problems.InvitationNotOpen):
        copied(service(stage), link("copy", Channel.COPY), OPERATOR, NOW)


def test_no_link_is_copied_once_the_time_is_over() -> None:
    with pytest.raises(problems.InvitationNotOpen):
        copied(service(invitation__expires_at=NOW), link("copy", Channel.COPY), OPERATOR, NOW)


@pytest.mark.parametrize("stage", ["invited", "authenticated"])
@pytest.mark.parametrize("status", list(InvitationStatus))
def test_before_add_the_service_follows_its_invitation(stage: str, status: InvitationStatus) -> None:
    one = replace(service(), state=ServiceState(stage))
    followed = with_invitation(one, replace(one.invitation, status=status)).state
    assert (followed is ServiceState.AUTHENTICATED) == (status is InvitationStatus.AUTHENTICATED)
    assert followed in (ServiceState.AUTHENTICATED, ServiceState.INVITED)


@pytest.mark.parametrize("stage", AFTER_ADD + ENDED)
def test_after_add_the_service_goes_its_own_way(stage: str) -> None:
    one = service(stage)
    assert with_invitation(one, service("pending").invitation).state is one.state


# The submission and its check


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
    one = after(check_waits(service("validating"), due(attempts=2), "Microsoft is busy."))
    assert one.invitation.check == replace(check(), waiting_for="Microsoft is busy.", attempts=2)
    assert one.invitation.status is InvitationStatus.VALIDATING


@pytest.mark.parametrize(
    ("stage", "work"), [("validating", "superseded"), ("authenticated", "submission"), ("pending", "check")]
)
def test_a_check_that_nobody_waits_for_says_nothing(stage: str, work: str) -> None:
    assert check_waits(service(stage), due(work_id=work_id(work)), "Microsoft is busy.") is None


# Expiry


def look_at(one: Service, **changes: Any) -> Due:
    """The owed look at that invitation's end."""
    return due(Kind.EXPIRE, note={"stamp": one.invitation.expires_at.isoformat()}, **changes)


@pytest.mark.parametrize(("stage", "words"), [("pending", "Nobody answered"), ("authenticated", "secret was deleted")])
def test_what_waits_ends_at_its_time_and_not_before(stage: str, words: str) -> None:
    one = service(stage)
    ends_at = one.invitation.expires_at
    early = ends_at - timedelta(microseconds=1)
    assert (look_again(one, look_at(one), early), expired(one, look_at(one), early)) == (ends_at, None)
    assert look_again(one, look_at(one), ends_at) is None
    over = after(expired(one, look_at(one), ends_at))
    assert (over.state, over.invitation.status) == (ServiceState.INVITED, InvitationStatus.EXPIRED)
    assert ends(over) == [LinkEnd.EXPIRED]
    assert over.invitation.proposal is None
    assert over.invitation.reason is not None
    assert words in over.invitation.reason.detail
    assert not device_authenticated(over)


@pytest.mark.parametrize("expires", [-timedelta(days=8), timedelta(days=1)], ids=["its time is over", "not yet"])
def test_nothing_expires_while_it_is_checked(expires: timedelta) -> None:
    one = service("validating", invitation__expires_at=NOW + expires)
    assert look_again(one, look_at(one), NOW) == max(NOW, NOW + expires) + LOOK_AGAIN
    assert expired(one, look_at(one), NOW) is None


@pytest.mark.parametrize("stage", others("pending", "validating", "authenticated"))
def test_what_waits_for_nobody_does_not_expire(stage: str) -> None:
    one = service(stage, invitation__expires_at=LONG_AGO)
    assert look_again(one, look_at(one), NOW) is None
    assert expired(one, look_at(one), NOW) is None


@pytest.mark.parametrize("stage", AFTER_ADD + ENDED)
def test_what_waits_for_nobody_is_not_looked_at_again(stage: str) -> None:
    one = service(stage)
    assert look_again(one, look_at(one), NOW) is None


@pytest.mark.parametrize("stage", ["pending", "validating", "authenticated"])
@pytest.mark.parametrize("note", [{}, {"stamp": ""}, {"stamp": NOW.isoformat()}], ids=["none", "empty", "another"])
def test_a_look_at_another_time_is_not_for_this_end(stage: str, note: dict[str, str]) -> None:
    one = service(stage, invitation__expires_at=LONG_AGO)
    assert look_again(one, due(Kind.EXPIRE, note=note), NOW) is None
    assert expired(one, due(Kind.EXPIRE, note=note), NOW) is None


# The mail


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


def test_a_check_s_purpose_is_a_submission_s() -> None:
    one = after(submission(service()))
    assert one.invitation.check is not None
    assert one.invitation.check.purpose is Purpose.SUBMISSION
    assert pending_row(one)["status"] == "validating"
