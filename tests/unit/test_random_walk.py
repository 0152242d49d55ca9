"""A random walk through everything that can happen to a service: whatever the order, its invariants hold."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from invitations import pending
from invitations.records import Channel, InvitationStatus
from invitations.rules import admins, checks, expiry, links, mails, operators, states
from onboarding.aggregate import Loaded, change, from_row, stamped
from onboarding.records import License, Order, Service, ServiceState, ServiceType, Transition
from onboarding.rules import registrations, services
from shared.due import Due, message
from shared.kinds import Kind
from shared.minted import Minted
from shared.problems import Problem
from shared.rows import Delete, Row
from shared.stored import to_json
from tests.unit.builders import (
    CLIENT,
    LACKING,
    NOW,
    OPERATOR,
    PASSED,
    PROVIDER,
    REFUSED,
    SERVICE_ID,
    TENANT,
    UNAVAILABLE,
    customer,
    link,
    registration,
    sending,
    work_id,
)
from validation.records import DomainMatch, Purpose, Verdict
from validation.rules import subject

ORDER = Order(ServiceType.DIRECT_ROUTING, "Contoso Bristol", "Contoso-1", License.HOSTED_PRO, 25, "it@contoso.com")
SEALED = "sealed-secret-number-"
VERDICTS = [PASSED, REFUSED, LACKING, UNAVAILABLE]
HOLDS_PROPOSAL = {InvitationStatus.VALIDATING, InvitationStatus.AUTHENTICATED}
ENDED = {ServiceState.CANCELLED, ServiceState.DISCONNECTED}
ANSWERABLE = {InvitationStatus.PENDING, InvitationStatus.VALIDATING}


@dataclass
class Walk:
    """A service on its way, the time, and all the work that it has ever owed."""

    service: Service
    now: datetime
    owed: list[Due] = field(default_factory=list)
    minted: int = 0

    def new(self) -> str:
        self.minted += 1
        return f"{self.minted}"

    def some(self, kind: Kind, index: int) -> Due | None:
        """One of the pieces of work ever owed: deliveries repeat, and come late."""
        owed = [due for due in self.owed if due.kind is kind]
        return owed[index % len(owed)] if owed else None


type Step = Callable[[Walk, int], Transition | None]


def resend(walk: Walk, _: int) -> Transition:
    return operators.resent(walk.service, sending(walk.new(), walk.now), None, OPERATOR, walk.now)


def revoke(walk: Walk, _: int) -> Transition:
    return operators.revoked(walk.service, OPERATOR, walk.now)


def copy(walk: Walk, _: int) -> Transition:
    return operators.copied(walk.service, link(walk.new(), Channel.COPY), OPERATOR, walk.now)


def submit(walk: Walk, index: int) -> Transition:
    links = walk.service.invitation.links
    used = links[-1 - index % len(links)]
    proposal = registration(channel=used.channel)
    proposal = replace(proposal, credential=replace(proposal.credential, sealed=f"{SEALED}{walk.new()}"))
    return admins.submitted(walk.service, used, proposal, work_id(walk.new()), walk.now)


def check(walk: Walk, index: int) -> Transition | None:
    """What `validation.operations.run_check` does with a delivery, and one of the verdicts."""
    due = walk.some(Kind.CHECK, -1 - index // 4 if index % 3 else -1)
    waiting = subject(walk.service, due) if due else None
    if due is None or waiting is None:
        return None
    verdict: Verdict = VERDICTS[index % 4]
    if waiting.check.purpose is Purpose.SUBMISSION:
        return checks.checked(walk.service, due.work_id, verdict, work_id(walk.new()), walk.now)
    return registrations.checked(walk.service, due.work_id, verdict, walk.now)


def wait_for_microsoft(walk: Walk, index: int) -> Transition | None:
    due = walk.some(Kind.CHECK, index)
    return registrations.waits_for(walk.service, due, "Microsoft is busy.") if due else None


def expire(walk: Walk, index: int) -> Transition | None:
    due = walk.some(Kind.EXPIRE, -1 if index % 2 else index)
    return expiry.expired(walk.service, due, walk.now) if due else None


def add(walk: Walk, index: int) -> Transition:
    proposal = walk.service.invitation.proposal or registration()
    seen = registrations.Seen(proposal.tenant, proposal.client_id, index % 3 > 0)
    return registrations.added(walk.service, seen, [customer()] * (index % 2), OPERATOR, walk.now)


def cancel(walk: Walk, index: int) -> Transition | None:
    """Rarely, or few walks would get far."""
    return services.cancelled(walk.service, OPERATOR, walk.now) if index % 4 == 3 else None


def disconnect(walk: Walk, _: int) -> Transition | None:
    return services.disconnected(walk.service, OPERATOR, walk.now)


def reinitiate(walk: Walk, _: int) -> Transition:
    return operators.reinitiated(
        walk.service, sending(walk.new(), walk.now), "it@contoso.com", "en", OPERATOR, walk.now
    )


def extend(walk: Walk, index: int) -> Transition | None:
    expires_at = walk.now + timedelta(hours=1 + index)
    return operators.extended(walk.service, expires_at, work_id(walk.new()), OPERATOR, walk.now)


def decline(walk: Walk, index: int) -> Transition:
    on_file = walk.service.invitation.links
    return admins.declined(walk.service, on_file[-1 - index % len(on_file)], None, walk.now)


def ask_for_a_link(walk: Walk, index: int) -> Transition | None:
    on_file = walk.service.invitation.links
    return admins.link_requested(walk.service, on_file[-1 - index % len(on_file)], walk.now)


def order_more(walk: Walk, index: int) -> Transition | None:
    return services.changed(walk.service, {"licensed_users": index + 1, "full_name": f"Contoso {index}"}, OPERATOR)


def validate(walk: Walk, _: int) -> Transition | None:
    return registrations.validation_started(walk.service, work_id(walk.new()), OPERATOR, walk.now)


def complete(walk: Walk, _: int) -> Transition | None:
    return registrations.completion_started(walk.service, work_id(walk.new()), OPERATOR, walk.now)


def mail(walk: Walk, index: int) -> Transition | None:
    due = walk.some(Kind.MAIL, -1 if index % 3 else index)
    if due is None or not mails.mail_wanted(walk.service, due, walk.now):
        return mails.mail_dropped(walk.service, due) if due else None
    if index % 5 == 0:
        return mails.mail_failed(walk.service, due, "The e-mail service refused it.", walk.now)
    return mails.mail_sent(walk.service, due, f"message-{index}", walk.now)


def go_on(walk: Walk, index: int) -> Transition | None:
    """What comes next in the procedure, so that a walk gets somewhere."""
    one, status = walk.service, walk.service.invitation.status
    if status is InvitationStatus.VALIDATING or (one.check is not None and one.check.running):
        return check(walk, 0 if index < 20 else index - index % 3)
    if status is InvitationStatus.PENDING:
        return submit(walk, 0)
    if status is InvitationStatus.AUTHENTICATED:
        return add(walk, 1)
    if one.state is ServiceState.DISCONNECTED or (one.state is ServiceState.ACTIVE and index > 15):
        return reinitiate(walk, 0)
    if status is InvitationStatus.ACCEPTED:
        return validate(walk, 0) if index % 2 or one.state is ServiceState.AUTHENTICATED else complete(walk, 0)
    return resend(walk, 0)


STEPS: list[Step] = [
    resend,
    revoke,
    copy,
    submit,
    check,
    wait_for_microsoft,
    expire,
    add,
    validate,
    complete,
    cancel,
    disconnect,
    reinitiate,
    extend,
    decline,
    ask_for_a_link,
    order_more,
    mail,
]
steps = st.one_of(st.just(go_on), st.sampled_from(STEPS))
seconds = st.one_of(st.integers(-90, 600), st.integers(-90, 600), st.integers(0, 40 * 24 * 3600))  # clocks differ


def begin() -> Walk:
    made = services.created(SERVICE_ID, PROVIDER, customer(), ORDER, sending("0"), OPERATOR, NOW)
    return Walk(stamped(made, NOW), NOW, list(made.owes))


def take(walk: Walk, step: Step, index: int) -> str:
    """One step, committed as the store would; a refusal or nothing to do changes nothing. Returns what happened."""
    try:
        transition = step(walk, index)
    except Problem as problem:
        return f"refused: {problem.code}"
    if transition is None:
        return f"nothing to {step.__name__}"
    before, after = walk.service, stamped(transition, walk.now)
    assert after.version == before.version + 1
    assert after.updated_at >= before.updated_at
    expect_clean_commit(before, after, transition)
    walk.service, walk.owed = after, [*walk.owed, *transition.owes]
    return transition.what


def expect_clean_commit(before: Service, after: Service, transition: Transition) -> None:
    """The transaction names no row twice, and no row but the service's holds a sealed secret."""
    made = change(Loaded(before, "etag"), after, transition, Minted(NOW, "c0ffee"))
    keys = Counter(write.key if isinstance(write, Delete) else write.row.key for write in made.writes)
    assert max(keys.values()) == 1
    assert SEALED not in repr(made.writes[1:])
    assert SEALED not in repr([message(due) for due in transition.owes])
    assert "contoso.com" not in repr(made.writes[1])  # the event
    assert from_row(Row("service", to_json(after))) == after


def expect_invariants(walk: Walk) -> None:
    one, invitation = walk.service, walk.service.invitation
    status, living = invitation.status, [each for each in invitation.links if each.died_at is None]

    # secrets
    assert states.secrets_stand_where_they_may(one)
    assert (invitation.proposal is not None) == (status in HOLDS_PROPOSAL)
    if one.state in ENDED or one.state is ServiceState.INVITED:
        assert one.registration is None
    elif one.state is ServiceState.AUTHENTICATED:
        assert one.registration is not None or status is InvitationStatus.AUTHENTICATED
    else:
        assert one.registration is not None
    assert to_json(one).count(SEALED) == (status in HOLDS_PROPOSAL) + (one.registration is not None)

    # links
    assert max(Counter(each.channel for each in living).values(), default=0) <= 1
    assert bool(living) == (status in ANSWERABLE)
    assert len(invitation.links) - len(living) <= links.DEAD_LINKS_KEPT
    assert len({each.hash for each in invitation.links}) == len(invitation.links)

    # states
    if one.registration is None and one.state not in ENDED:
        expected = ServiceState.AUTHENTICATED if status is InvitationStatus.AUTHENTICATED else ServiceState.INVITED
        assert one.state is expected
    taken_back = status is InvitationStatus.REVOKED and one.registration is not None
    accepted = status is InvitationStatus.ACCEPTED
    assert (pending.open_row(one) is None) == (one.state in ENDED or accepted or taken_back)
    assert states.device_authenticated(one) == (status in (InvitationStatus.AUTHENTICATED, InvitationStatus.ACCEPTED))
    assert invitation.tries < states.MAX_TRIES or status in (InvitationStatus.LOCKED, InvitationStatus.REVOKED)
    assert (one.activated_at is not None) == (one.state in (ServiceState.ACTIVE, ServiceState.DISCONNECTED))

    # owed work: nothing waits for what nobody will do
    running = invitation.check is not None and invitation.check.running
    assert running == (status is InvitationStatus.VALIDATING)
    for check_ in (invitation.check, one.check):
        if check_ is not None and check_.running:
            assert [due for due in walk.owed if due.work_id == check_.id and subject(one, due)]
    assert one.state is not ServiceState.CREATING or (one.check is not None and one.check.running)
    stamps = {due.note["stamp"] for due in walk.owed if due.kind is Kind.EXPIRE}
    assert invitation.expires_at.isoformat() in stamps


@settings(max_examples=300, deadline=None, database=None)
@given(st.lists(st.tuples(steps, st.integers(0, 30), seconds), min_size=5, max_size=60))
def test_whatever_happens_in_whatever_order_the_invariants_hold(taken: list[tuple[Step, int, int]]) -> None:
    walk = begin()
    expect_invariants(walk)
    for step, index, pause in taken:
        walk.now += timedelta(seconds=pause)
        event(take(walk, step, index))
        expect_invariants(walk)


def test_the_walk_can_reach_the_end_and_every_way_round() -> None:
    walk = begin()
    before_locked = [step for _ in range(10) for step in ((submit, 0), (check, 1))]
    there = [(resend, 0), (submit, 0), (check, 0), (add, 1), (validate, 0), (check, 0), (complete, 0), (check, 0)]
    again = [(reinitiate, 0), (submit, 0), (check, 0), (add, 1), (disconnect, 0), (reinitiate, 0), (decline, 0)]
    seen = set()
    for step, index in [*before_locked, *there, *again, *there]:
        take(walk, step, index)
        expect_invariants(walk)
        seen.add((walk.service.state.value, walk.service.invitation.status.value))
    assert seen == {
        ("invited", "validating"),
        ("invited", "pending"),
        ("invited", "locked"),
        ("authenticated", "authenticated"),
        ("authenticated", "accepted"),
        ("validated", "accepted"),
        ("creating", "accepted"),
        ("active", "accepted"),
        ("active", "pending"),
        ("active", "validating"),
        ("active", "authenticated"),
        ("disconnected", "accepted"),
        ("invited", "declined"),
    }
    assert walk.service.registration is not None
    assert walk.service.registration.findings.domain_match is DomainMatch.MATCH
    assert (walk.service.registration.tenant, walk.service.registration.client_id) == (TENANT, CLIENT)
