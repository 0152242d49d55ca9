"""The invitation's rules for the operator: where it stands, its links, and what may happen to them."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from invitations import problems
from invitations.pending import invitation_id, open_row
from invitations.records import Channel, InvitationStatus, Link, LinkEnd, MailState
from invitations.rules.links import links_ended, opens_confirmation
from invitations.rules.operators import copied, resent, revoked
from invitations.rules.states import device_authenticated, secrets_stand_where_they_may, tries_left, with_invitation
from onboarding.records import ServiceState
from shared.kinds import Kind
from tests.unit.builders import (
    AFTER_ADD,
    ENDED,
    NOW,
    OPERATOR,
    SERVICE_ID,
    STAGES,
    WAITING_FOR_ADD,
    after,
    dead,
    link,
    living,
    others,
    registration,
    sending,
    service,
)

LONG_AGO = NOW - timedelta(days=8)


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
        "language": "en",
        "invitedBy": "Olga Operator",
        "status": "authenticated",
        "deviceAuthenticated": True,
        "emailState": "sent",
        "emailReason": None,
        "emailWaitingFor": None,
        "emailAttempts": 0,
        "emailStuckSince": None,
        "emailNextAt": None,
        "emailSentAt": "2026-11-23T10:30:00Z",
        "emailSentCount": 1,
        "createdAt": "2026-11-23T09:30:00Z",
        "expiresAt": "2026-11-30T09:30:00Z",
        "triesLeft": 7,
        "channel": "mail",
        "linkRequestedAt": None,
        "reason": None,
        "attention": None,
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
    assert opens_confirmation(one, one.invitation.links[0], NOW) is False


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
        assert opens_confirmation(one, one.invitation.links[0], NOW) is False
    else:
        with pytest.raises(problems.LinkExpired) as refused:
            opens_confirmation(one, one.invitation.links[0], NOW)
        assert refused.value.members["at"] == (NOW + expires).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("stage", ["authenticated", *AFTER_ADD, "disconnected"])
def test_a_used_link_shows_the_confirmation(stage: str) -> None:
    one = service(stage)
    assert opens_confirmation(one, one.invitation.links[0], NOW) is True


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
        opens_confirmation(service(stage), dead(why, "other"), NOW)
    assert refused.value.status == 410
    assert refused.value.members["at"] == "2026-11-24T08:30:00Z"


def test_a_used_link_confirms_nothing_that_was_undone() -> None:
    with pytest.raises(problems.LinkReplaced):
        opens_confirmation(service("pending"), dead(LinkEnd.USED), NOW)


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
    assert opens_confirmation(one, living(one)[0], NOW) is False
    with pytest.raises(problems.DeadLink):
        opens_confirmation(one, invitation.links[0], NOW)


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


@pytest.mark.parametrize(("language", "kept"), [(None, "fr"), ("de", "de")])
def test_a_resend_may_be_in_another_language(language: str | None, kept: str) -> None:
    before = service(invitation__language="fr")
    assert after(resent(before, sending(), None, OPERATOR, NOW, language)).invitation.language == kept


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
        opens_confirmation(one, one.invitation.links[0], NOW)


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


def test_no_link_is_copied_of_what_is_answered() -> None:
    with pytest.raises(problems.AlreadyAnswered):
        copied(service("authenticated"), link("copy", Channel.COPY), OPERATOR, NOW)


@pytest.mark.parametrize("stage", [*AFTER_ADD, *ENDED])
def test_no_link_is_copied_after_add_or_the_end(stage: str) -> None:
    with pytest.raises(problems.InvitationClosed):
        copied(service(stage), link("copy", Channel.COPY), OPERATOR, NOW)


@pytest.mark.parametrize("stage", ["expired", "revoked", "declined", "locked"])
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
