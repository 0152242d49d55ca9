"""Somebody writes to the queues, or to the owed work: no message is trusted, and no row harms another."""

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.waiting import wait_until
from shared import due
from shared.due import Due
from shared.kinds import Kind
from shared.rows import Row
from shared.stored import to_json
from tests.attacks.stored import about, nothing_changes, rows
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import FABRIKAM, NORTHWIND, SECONDS, Json, Onboarding, good, listed, refused
from tests.integration.test_mail import held, wake
from tests.integration.test_owed import lying

LARGEST = 47_000  # in base64 as much as a queue takes ("Scalability and performance targets for Queue Storage")


@pytest.fixture(autouse=True)
def _empty_queues(cloud: LocalCloud) -> None:
    """What a killed host had in hand stays hidden for ten minutes; here messages are counted."""
    for name in Kind:
        with cloud.queue(name) as queue:
            queue.clear_messages()


@pytest.fixture(scope="module")
def theirs(running_cloud: LocalCloud) -> Onboarding:
    """A service of another provider, from whose work nothing may be done."""
    running_cloud.mend()
    way = Onboarding.begin(running_cloud, FABRIKAM)
    way.mail()
    return way


def owed(way: Onboarding, kind: str = "expire") -> str:
    """The key of that piece of the service's work."""
    (row,) = way.cloud.owes(way.id, kind)
    return str(row["RowKey"])


def named(key: object, provider: object = NORTHWIND) -> str:
    return json.dumps({"provider": provider, "due": key})


NO_MESSAGES = [
    *("", "{", "[]", "null", "7", '"text"', "\u0000", "{}", "NaN", '{"provider": 1, "due": 2}', "\ufffd\ufffe"),
    *("[" * 5000, '{"due":' * 5000, "9" * 5000, "x" * LARGEST, named("x" * (LARGEST - 100))),
]
NO_PROVIDERS: list[object] = [
    *("", "x", "system", NORTHWIND.upper(), FABRIKAM, "3" * 36, "-" * 36, f"{NORTHWIND}\n", f" {NORTHWIND}"),
    *(f"{NORTHWIND}' or 'a' eq 'a", f"{NORTHWIND}/../{FABRIKAM}", "%", [NORTHWIND], {"id": NORTHWIND}, None),
]
# With `<key>` for the key of work that waits, and `<work>` for its id.
NO_KEYS: list[object] = [
    *("", "due:", "due;", "sweep", "<key>x", "<key>\n", " <key>", "due:.*:mail:.*", "due:/\\#?:mail:x", "x" * 10_000),
    *("<key>' or RowKey ge '", "due:20260101T000000.000000Z:[a-z]+:<work>", "due:20260101T000000.000000Z::<work>"),
    *("due:99999999T999999.999999Z:mail:<work>", "due:20260101T000000.000000Z:<kind>:<work>", "<work>"),
    *("due:20260101T000000.000000Z:mail:<work>/../x", f"due:20260101T000000.000000Z:<kind>:{'0' * 32}"),
    *(["<key>"], {"key": "<key>"}, None, 5, True),
]


def hostile(kind: Kind, ours: Onboarding, mail: str, theirs: Onboarding) -> Iterator[str]:
    """What a worker of that kind must not act on. `mail` is the key of work that waits, and that `mail` may do."""
    yield from NO_MESSAGES
    yield from (named(mail, provider) for provider in NO_PROVIDERS)
    for key in NO_KEYS:
        text = named(key).replace("<key>", mail).replace("<work>", mail.rpartition(":")[2]).replace("<kind>", kind)
        yield text
    yield named(mail.upper())
    yield named(mail.translate({ord(digit): 0x660 + int(digit) for digit in "0123456789"}))
    yield named(mail.replace("0", "\uff10"))
    yield from map(named, (f"service:{ours.id}", f"open:{ours.id}", f"event:{ours.id}:00000001"))
    yield f'{{"provider": "{NORTHWIND}", "due": "{mail}", "provider": "{FABRIKAM}"}}'
    if kind is not Kind.MAIL:
        yield named(mail)  # the right key on the wrong queue
    if kind is not Kind.EXPIRE:
        yield named(owed(ours))
        yield named(owed(theirs), FABRIKAM)
    yield named(owed(theirs))  # another provider's work under our name


@pytest.mark.parametrize("kind", list(Kind))
def test_a_message_that_names_no_work_of_this_kind_does_nothing(
    faults: Faults, cloud: LocalCloud, theirs: Onboarding, kind: Kind
) -> None:
    """A kind that is new stands in `Kind`, and so here."""
    ours, mail = held(cloud, faults)
    surprises = cloud.host.log().count("unexpected")
    with nothing_changes(ours, theirs):
        for text in hostile(kind, ours, mail, theirs):
            send(cloud, kind, text)
        emptied(cloud, kind)
    assert cloud.host.log().count("unexpected") == surprises
    assert f"a message on the queue {kind} is not ours; it is dropped" in cloud.host.log()
    assert poison(cloud, kind) == []
    good(cloud.anybody().get("/api/health"))
    wake(cloud, mail)
    assert ours.mail().link, "the work itself is still done"


def send(cloud: LocalCloud, kind: Kind, text: str) -> None:
    with cloud.queue(kind) as queue:
        queue.send_message(text)


def emptied(cloud: LocalCloud, kind: Kind) -> None:
    with cloud.queue(kind) as queue:
        wait_until(lambda: queue.get_queue_properties().approximate_message_count == 0, SECONDS, "an empty queue")


def poison(cloud: LocalCloud, kind: Kind) -> list[str]:
    """What the host gave up."""
    with cloud.queue(f"{kind}-poison", encode=False) as queue:
        return [str(message.content) for message in queue.peek_messages(32)]


# As they stand in the queue, where a message of ours is base64.
RAW = ["not base64!", "{}", '{"provider": "x"}', "=", "%%%", "\u00fc" * 10]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_message_that_is_no_base64_is_the_host_s_to_give_up(cloud: LocalCloud, way: Onboarding, kind: Kind) -> None:
    before = set(poison(cloud, kind))
    with cloud.queue(kind, encode=False) as queue:
        for text in RAW:
            queue.send_message(text)
    wait_until(lambda: set(poison(cloud, kind)) - before == set(RAW) - before, SECONDS, "the host's poison")
    with cloud.queue(f"{kind}-poison", encode=False) as given_up:
        given_up.clear_messages()
    assert way.mail().link, "the others' work is done"


def test_bytes_that_are_no_text_are_no_message(cloud: LocalCloud, way: Onboarding) -> None:
    with cloud.queue("mail", encode=False) as queue:
        for content in (b"\xff\xfe\x00", b"\xed\xa0\x80", secrets.token_bytes(500)):
            queue.send_message(base64.b64encode(content).decode())
    emptied(cloud, Kind.MAIL)
    assert poison(cloud, Kind.MAIL) == []
    assert way.mail().link


def test_a_message_of_work_that_is_done_does_nothing_however_often_it_comes(faults: Faults, cloud: LocalCloud) -> None:
    way, key = held(cloud, faults)
    wake(cloud, key)
    mail = way.mail()
    with nothing_changes(way):
        wake(cloud, key, times=10)
        emptied(cloud, Kind.MAIL)
    assert len(cloud.inbox.mails(way.email)) == 1
    assert mail.link


# Hostile rows: whoever can write to the table, or a fault of ours, left them there.


def work(kind: Kind, subject: str, **changes: Any) -> Due:
    """Work about that subject, due a minute ago."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    return replace(due.owed(NORTHWIND, kind, subject, due.new_work_id(), now, at=now), **changes)


def row(made: Due, **columns: object) -> Row:
    return Row(made.key, to_json(made), {"work": made.work_id, "woken": False, **columns})  # type: ignore[dict-item]


def spoilt(body: str) -> Callable[[Kind, Onboarding, Onboarding], Row]:
    """A row under a good key whose content cannot be read."""
    return lambda kind, ours, _: replace(row(work(kind, ours.id)), body=body)


NOTES: dict[str, dict[str, str]] = {
    "an empty note": {},
    "a note of other things": {"token": "x", "hash": "y", "stamp": "z", "expires": "never", "name": "\U0001f600" * 500},
}
# They cannot be read: each stays where it is, and is told.
UNREADABLE: dict[str, Callable[[Kind, Onboarding, Onboarding], Row]] = {
    "no JSON": spoilt("not json"),
    "nothing": spoilt(""),
    "a list": spoilt("[]"),
    "an object without members": spoilt("{}"),
    "a text": spoilt('"due"'),
    "deep JSON": spoilt("[" * 20_000),
    "another row's content": lambda kind, ours, _: replace(
        row(work(kind, ours.id)), body=row(work(kind, ours.id)).body
    ),
    "a time that is none": spoilt('{"time": "yesterday"}'),
    "another provider's work": lambda kind, _, theirs: row(work(kind, theirs.id, provider=FABRIKAM)),
    "a copy of another provider's own row": lambda _, __, theirs: copied(theirs),
}
# They can be read, and are about nothing that this partition owes.
ABOUT_NOTHING: dict[str, Callable[[Kind, Onboarding, Onboarding], Row]] = {
    "another provider's service": lambda kind, _, theirs: row(work(kind, theirs.id)),
    "a path": lambda kind, ours, _: row(work(kind, f"../{ours.id}")),
    "a condition": lambda kind, ours, _: row(work(kind, f"{ours.id}' or RowKey ge '")),
    "nobody": lambda kind, *_: row(work(kind, "")),
    **{
        f"our service, with {what}": lambda kind, ours, _, note=note: row(work(kind, ours.id, note=note))  # type: ignore[misc]
        for what, note in NOTES.items()
    },
}


def copied(way: Onboarding) -> Row:
    """The row of its expiry as it stands in its provider's partition."""
    (found,) = way.cloud.owes(way.id, "expire")
    return Row(found["RowKey"], found["body"], {"work": found["work"], "woken": found["woken"]})


@pytest.fixture(scope="module")
def ours(running_cloud: LocalCloud) -> Onboarding:
    running_cloud.mend()
    way = Onboarding.begin(running_cloud, NORTHWIND)
    way.mail()
    return way


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("what", ABOUT_NOTHING)
def test_work_that_nobody_owes_changes_nothing_and_ends(
    cloud: LocalCloud, ours: Onboarding, theirs: Onboarding, kind: Kind, what: str
) -> None:
    hostile_row = ABOUT_NOTHING[what](kind, ours, theirs)
    with nothing_changes(ours, theirs), lying(cloud, hostile_row):
        send(cloud, kind, named(hostile_row.key))
        wait_until(lambda: not standing(cloud, hostile_row), SECONDS, "the end of the work")


def standing(cloud: LocalCloud, hostile_row: Row) -> list[str]:
    """The keys under which that piece of work stands now, in any partition."""
    name = hostile_row.key.rpartition(":")[2]
    return [key for _, key in rows(cloud) if key.startswith("due:") and key.endswith(name)]


@pytest.mark.parametrize("kind", list(Kind))
def test_rows_that_cannot_be_read_stay_are_told_and_keep_nobody_from_work(
    cloud: LocalCloud, ours: Onboarding, theirs: Onboarding, kind: Kind
) -> None:
    planted = {what: make(kind, ours, theirs) for what, make in UNREADABLE.items()}
    late = {what for what in planted if what != "a copy of another provider's own row"}  # its time is to come
    before = about(theirs)
    with ExitStack() as stack:
        for hostile_row in planted.values():
            stack.enter_context(lying(cloud, hostile_row))
            send(cloud, kind, named(hostile_row.key))
        emptied(cloud, kind)
        told = wait_until(lambda: health_of(cloud, unreadable=len(late)), SECONDS, "a sweep that tells of them")
        assert told["status"] == "late"
        assert Onboarding.begin(cloud, NORTHWIND).mail().link, "the others' work is done meanwhile"
        shown = {one["key"]: one for one in listed(cloud.monitor(NORTHWIND), "/api/owed")}
        for what in late:
            assert shown[planted[what].key]["detail"].startswith("This row cannot be read"), what
            refused(cloud.operator(NORTHWIND).post(f"/api/owed/{planted[what].key[-32:]}/wake"), 404, "not-found")
        for what, hostile_row in planted.items():
            assert standing(cloud, hostile_row).count(hostile_row.key) == (1 if what in late else 2), what
    wait_until(lambda: health_of(cloud, unreadable=0), SECONDS, "a healthy cloud")
    assert about(theirs) == before


def health_of(cloud: LocalCloud, *, unreadable: int) -> Json | None:
    """What health tells, once the last sweep has found so many."""
    told: Json = cloud.anybody().get("/api/health").json()
    return told if told["unreadable"] == unreadable else None
