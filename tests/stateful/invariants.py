"""What must hold over all rows, whatever has happened: the invariants of design and decisions, row by row."""

from collections import Counter

from invitations.pending import open_row
from onboarding.records import Customer, Service
from onboarding.rules.customers import place_key, tenant_key
from onboarding.rules.retention import PersonalData, personal_data
from onboarding.short_names import short_name_key
from shared.due import Due
from shared.kinds import Kind
from shared.rows import COMMIT_COLUMN
from tests.stateful.outside import SECRET
from tests.stateful.seen import DEAD_LINKS_KEPT, Seen
from tests.stateful.world import World

LOOKS = {Kind.EXPIRE, Kind.FORGET}
ENDED = {"cancelled", "disconnected"}
HOLDS_PROPOSAL = {"validating", "authenticated"}
HOLDS_REGISTRATION = {"validated", "creating", "active"}
ANSWERABLE = {"pending", "validating"}
AFTER_ACTIVATION = {"active", "disconnected"}
MAILS_TOLD = "mail-sent"


def expect_invariants(world: World, seen: Seen) -> None:
    owed = Counter(due.work_id for due in seen.dues)
    assert max(owed.values(), default=0) <= 1, f"one piece of work stands in two rows: {owed.most_common(1)}"
    _expect_no_secrets(world, seen)
    _expect_names(seen)
    _expect_customers(seen)
    for service in seen.services.values():
        _expect_events(seen, service)
        _expect_secrets_where_they_may(service)
        _expect_links(service)
        _expect_state(service)
        _expect_open_row(seen, service)
        _expect_owed(service, [due for due in seen.dues if due.subject == service.id])
    for work_id, count in world.post.accepted.items():
        assert count == 1 or work_id in world.post.forgotten, "a mail was sent twice"


def _expect_no_secrets(world: World, seen: Seen) -> None:
    """Plaintext nowhere; sealed tokens in the due rows of mails alone; sealed secrets in services; no address told."""
    starts = tuple({token[:22] for token in world.held()})
    for (_, key), row in seen.rows.items():
        text = row.body + repr(row.columns)
        assert SECRET not in text, f"a client secret stands in {key}"
        assert not any(start in text for start in starts), f"a link's token stands in {key}"
        assert '"token":' not in text or ":mail:" in key
        assert '"sealed":' not in text or key.startswith("service:")
        assert "@" not in text or not key.startswith("event:"), f"an address stands in {key}"
    for kind, message in world.messages:
        assert "@" not in message
        assert set(message.split('"')[1::2]) & {"provider", "due"} == {"provider", "due"}, f"{kind}: {message}"


def _expect_names(seen: Seen) -> None:
    live = {
        (service.provider, short_name_key(service.short_name)): service.id
        for service in seen.services.values()
        if service.state != "cancelled"
    }
    assert {place: row.columns["service"] for place, row in seen.of_kind("short-name").items()} == live


def _expect_customers(seen: Seen) -> None:
    """A customer, its place in the list and its place among those of its tenant say the same."""
    rows = seen.of_kind("customer")
    places = [*seen.of_kind("customer-name").items(), *seen.of_kind("customer-archived").items()]
    assert len(places) == len(rows)
    bodies = dict([*places, *seen.of_kind("tenant").items()])
    with_tenant = 0
    for (provider, key), row in rows.items():
        customer: Customer = seen.customers[key.removeprefix("customer:")]
        assert bodies[provider, place_key(customer)].body == row.body
        tenant = tenant_key(customer)
        if tenant is not None:
            assert bodies[provider, tenant].body == row.body
            with_tenant += 1
        assert len(seen.events(f"customer-{customer.id}")) == customer.version
    assert len(seen.of_kind("tenant")) == with_tenant


def _expect_events(seen: Seen, service: Service) -> None:
    rows = seen.of_kind(f"event:{service.id}")
    versions = sorted(int(key.rpartition(":")[2]) for _, key in rows)
    assert versions == list(range(1, service.version + 1)), f"events of {service.full_name}: {versions}"
    assert all(row.columns.get(COMMIT_COLUMN) for row in rows.values())
    times = [event.at for event in seen.events(service.id)]
    assert times == sorted(times)
    assert times[-1] <= service.updated_at  # a mail that waits on says so without an event


def _expect_secrets_where_they_may(service: Service) -> None:
    status, state = service.invitation.status.value, service.state.value
    assert (service.invitation.proposal is not None) == (status in HOLDS_PROPOSAL)
    if state in HOLDS_REGISTRATION:
        assert service.registration is not None
    elif state == "authenticated":
        assert service.registration is not None or status == "authenticated"
    else:
        assert service.registration is None


def _expect_links(service: Service) -> None:
    links, status = service.invitation.links, service.invitation.status.value
    living = [link for link in links if link.died_at is None]
    assert max(Counter(link.channel for link in living).values(), default=0) <= 1
    assert bool(living) == (status in ANSWERABLE)
    assert len(links) - len(living) <= DEAD_LINKS_KEPT
    assert len({link.hash for link in links}) == len(links)


def _expect_state(service: Service) -> None:
    status, state = service.invitation.status.value, service.state.value
    if service.registration is None and state not in ENDED:
        assert state == ("authenticated" if status == "authenticated" else "invited")
    assert service.invitation.tries < 10 or status in ("locked", "revoked")
    assert (service.activated_at is not None) == (state in AFTER_ACTIVATION)
    running = service.invitation.check is not None and service.invitation.check.running
    assert running == (status == "validating")
    assert state != "creating" or (service.check is not None and service.check.running)


def _expect_open_row(seen: Seen, service: Service) -> None:
    row, due = seen.rows.get((service.provider, f"open:{service.id}")), open_row(service)
    status, revoked = service.invitation.status.value, service.registration and service.invitation.status == "revoked"
    assert (row is not None) == (service.state.value not in ENDED and status != "accepted" and not revoked)
    if row is not None and due is not None:
        assert (row.body, row.columns) == (due.body, due.columns)
        assert row.columns["deviceAuthenticated"] == (status == "authenticated")


def _expect_owed(service: Service, dues: list[Due]) -> None:
    """Nothing waits for what nobody will do."""
    by_kind = {kind: [due for due in dues if due.kind is kind] for kind in Kind}
    invitation = service.invitation
    for check in (invitation.check, service.check):
        if check is not None and check.running:
            assert check.id in {due.work_id for due in by_kind[Kind.CHECK]}, f"nobody works on {check}"
    if invitation.mail.state == "queued":
        assert invitation.mail.work_id in {due.work_id for due in by_kind[Kind.MAIL]}, "nobody sends the mail"
    if invitation.status.value in ("pending", "validating", "authenticated"):
        stamps = {due.note["stamp"] for due in by_kind[Kind.EXPIRE]}
        assert invitation.expires_at.isoformat() in stamps or service.state.value in ENDED, "nobody looks at its end"


def expect_quiet(world: World, seen: Seen) -> None:
    """All work is done but the looks at times to come; nobody waits, and every mail that went out is told of once."""
    left = [due for due in seen.dues if due.kind not in LOOKS or due.time <= world.now]
    assert left == []
    for service in seen.services.values():
        one = service.full_name
        assert service.invitation.mail.state != "queued", f"{one}: its mail waits for ever"
        assert service.invitation.status != "validating", f"{one}: its submission is checked for ever"
        assert service.state != "creating", f"{one}: it is made for ever"
        assert service.check is None or not service.check.running
        assert service.customer_name == seen.customers[service.customer_id].name
    told = sum(event.what == MAILS_TOLD for one in seen.services.values() for event in seen.events(one.id))
    accepted = len(world.post.accepted)
    assert told <= accepted <= told + len((world.post.untold | world.post.forgotten) & set(world.post.accepted))


def expect_nothing_open(seen: Seen) -> None:
    """After the longest time that anything may take, nothing is owed, no invitation waits for an answer, nobody's
    address and no operator's name stands in what is over, and no row counts any more.
    """
    assert seen.dues == []
    for service in seen.services.values():
        assert service.state.value in ENDED or service.invitation.status.value not in (*ANSWERABLE, "authenticated")
        assert personal_data(service) is PersonalData.ERASED
        told = [event.by.name for event in seen.events(service.id) if service.state.value in ENDED]
        assert not {"Olga", "Otto"} & set(told)
    assert seen.of_kind("quota") == {}
