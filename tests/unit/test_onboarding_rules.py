"""The rules of services: a new one, If-Match, *Add* and *Cancel*."""

from datetime import timedelta

import pytest

from invitations.records import InvitationStatus, MailState
from onboarding import problems
from onboarding.aggregate import Loaded, change, stamped
from onboarding.records import ServiceState
from onboarding.rules.registrations import Seen, added
from onboarding.rules.requests import made_before, remembered, request_key
from onboarding.rules.services import cancelled, name_taken, unchanged
from onboarding.short_names import short_name_key
from shared.actors import Reason
from shared.kinds import Kind
from shared.minted import Minted
from shared.problems import ChangedMeanwhile, Problem
from shared.rows import Delete, Insert, Row
from shared.stored import to_json
from tests.unit.builders import (
    CLIENT,
    NOW,
    OPERATOR,
    OTHER_TENANT,
    SEALED,
    SERVICE_ID,
    STAGES,
    TENANT,
    creation,
    others,
    registration,
    sending,
    service,
)
from validation.records import DomainMatch

# A new service


def test_a_new_service_is_invited_with_one_living_link_and_its_mail_queued() -> None:
    one = stamped(None, creation(), Minted(NOW, "commit")).service
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


def test_the_short_name_is_taken_by_an_insert() -> None:
    taken = name_taken(SERVICE_ID, "Contoso-1")
    assert taken == Insert(Row(short_name_key("Contoso-1"), "{}", {"service": SERVICE_ID}))


def test_a_creation_is_remembered_and_finds_its_own_answer() -> None:
    made = remembered(request_key("caller", "key"), "body", SERVICE_ID)
    assert made_before(made.row, "body") == SERVICE_ID
    with pytest.raises(problems.IdempotencyKeyReused):
        made_before(made.row, "another body")
    assert request_key("caller", "other") != made.row.key != request_key("another caller", "key")


# If-Match


@pytest.mark.parametrize(("seen", "passes"), [(6, False), (7, True), (8, False)])
def test_a_change_holds_only_for_the_version_that_was_seen(seen: int, passes: bool) -> None:
    if passes:
        unchanged(service(), seen)
    else:
        with pytest.raises(ChangedMeanwhile):
            unchanged(service(), seen)


# Add


@pytest.mark.parametrize("acknowledged", [False, True])
def test_add_attaches_the_proposal_unopened(acknowledged: bool) -> None:
    before = service("authenticated", reason=Reason("x", "x"))
    transition = added(before, Seen(TENANT, CLIENT, acknowledged), (), OPERATOR, NOW)
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
        added(doubtful, Seen(TENANT, CLIENT), (), OPERATOR, NOW)
    transition = added(doubtful, Seen(TENANT, CLIENT, True), (), OPERATOR, NOW)
    assert (transition.details["domainMatch"], transition.details["acknowledged"]) == (match.value, "true")


@pytest.mark.parametrize(
    "seen", [(OTHER_TENANT, CLIENT), (TENANT, OTHER_TENANT), (CLIENT, TENANT)], ids=["tenant", "client", "swapped"]
)
def test_add_takes_only_the_registration_that_was_seen(seen: tuple[str, str]) -> None:
    with pytest.raises(problems.ProposalDiffers):
        added(service("authenticated"), Seen(*seen, True), (), OPERATOR, NOW)


@pytest.mark.parametrize("stage", others("authenticated"))
def test_there_is_nothing_to_add_at_any_other_stage(stage: str) -> None:
    with pytest.raises(problems.NotAuthenticated):
        added(service(stage), Seen(TENANT, CLIENT, True), (), OPERATOR, NOW)


def test_without_a_proposal_there_is_nothing_to_add() -> None:
    with pytest.raises(problems.NotAuthenticated):
        added(service("authenticated", invitation__proposal=None), Seen(TENANT, CLIENT, True), (), OPERATOR, NOW)


@pytest.mark.parametrize(("left", "adds"), [(timedelta(microseconds=1), True), (timedelta(0), False)])
def test_a_proposal_is_added_in_its_time_or_not_at_all(left: timedelta, adds: bool) -> None:
    one = service("authenticated", invitation__expires_at=NOW + left)
    if adds:
        assert added(one, Seen(TENANT, CLIENT), (), OPERATOR, NOW).service.registration is not None
    else:
        with pytest.raises(problems.NotAuthenticated):
            added(one, Seen(TENANT, CLIENT), (), OPERATOR, NOW)


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
    minted = Minted(NOW, "commit")
    made = change(Loaded(before, "etag"), stamped(before, transition, minted), minted)
    deleted = {write.key for write in made.writes if isinstance(write, Delete)}
    assert deleted == {f"open:{SERVICE_ID}", short_name_key(before.short_name)}


def test_cancelling_twice_changes_nothing() -> None:
    assert cancelled(service("cancelled"), OPERATOR, NOW) is None


@pytest.mark.parametrize(
    ("stage", "problem"), [("active", problems.AlreadyActive), ("disconnected", problems.ServiceEnded)]
)
def test_what_has_been_active_cannot_be_cancelled(stage: str, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        cancelled(service(stage), OPERATOR, NOW)
