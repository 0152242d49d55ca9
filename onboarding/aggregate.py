"""The aggregate's way in and out of the table: every feature loads and commits a service here, and nowhere else."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from invitations.pending import open_row
from invitations.rules.states import secrets_stand_where_they_may
from onboarding.records import Customer, Event, Service, Transition, What
from onboarding.rules.attention import attention
from onboarding.rules.retention import forgetting, over_since
from onboarding.short_names import short_name_key
from shared.actors import Actor
from shared.due import Due, insert, message, settle
from shared.kinds import Kind
from shared.minted import Minted, is_id
from shared.problems import NotFound
from shared.rows import COMMIT_COLUMN, Change, Column, Delete, Insert, Put, Replace, Row, Write
from shared.store import Store
from shared.stored import from_json, to_json
from shared.work import abandon

type Decide = Callable[[Service], Transition | None]
type NextLook = Callable[[Service], Due | None]


@dataclass(frozen=True)
class Loaded:
    """A service as it was read. ``settled`` says that the owed work at hand is gone: whoever sees it stops."""

    service: Service
    etag: str | None
    settled: bool = False


@dataclass(frozen=True)
class Committed:
    """A service as it stands after a use case, and the work that it owes since: its workers want to be woken."""

    service: Service
    owes: tuple[Due, ...] = ()

    def wake_up(self, kind: Kind) -> str | None:
        """The queue message for the owed work of that kind, if there is any."""
        return next((message(due) for due in self.owes if due.kind is kind), None)


def service_key(service_id: str) -> str:
    return f"service:{service_id}"


def event_key(subject: str, version: int) -> str:
    """``subject`` is a service's id, or ``customer-`` and a customer's."""
    return f"event:{subject}:{version:08}"


def of_customer(customer_id: str) -> str:
    """A customer as the subject of events."""
    return f"customer-{customer_id}"


def load(store: Store, provider: str, service_id: str) -> Loaded:
    """Raises NotFound, StoreUnavailable."""
    row = store.read(provider, service_key(service_id)) if is_id(service_id) else None
    if row is None:
        raise NotFound
    service = from_row(row)
    if (service.provider, service.id) != (provider, service_id):
        raise ValueError("the row stands elsewhere than its own place")
    return Loaded(service, row.etag)


def load_owed(store: Store, due: Due) -> Loaded | None:
    """The service that a claimed piece of work is about; None when there is none any more, and the work ends.

    Raises StoreUnavailable.
    """
    try:
        return load(store, due.provider, due.subject)
    except NotFound:
        abandon(store, due)
        return None


def from_row(row: Row) -> Service:
    return from_json(Service, row.body)


def commit(
    store: Store, provider: str, service_id: str, minted: Minted, decide: Decide, first: Loaded | None = None
) -> Committed:
    """Load the service (unless ``first`` is at hand), let a rule decide, commit.

    Raises NotFound, StoreUnavailable, and what the rule refuses with.
    """
    known = iter([first] if first else [])

    def decided(loaded: Loaded) -> tuple[Change | None, Committed]:
        transition = decide(loaded.service)
        if transition is None:
            return None, Committed(loaded.service)
        done = stamped(loaded.service, transition, minted)
        return change(loaded, done, minted), Committed(done.service, done.owes)

    return store.transact(lambda: next(known, None) or load(store, provider, service_id), decided)


def settle_work(
    store: Store,
    due: Due,
    first: Loaded,
    minted: Minted,
    decide: Decide,
    *,
    next_look: NextLook = lambda _: None,
) -> Service | None:
    """Commit what a claimed piece of work came to, and its row's end (or its next time) in the same transaction.

    ``next_look`` gives the row at its next time, from the same service that ``decide`` sees; None ends the row. A rule
    that decides nothing still settles it. None as the answer means that the work was settled or taken by another.
    """
    known = iter([first])

    def reloaded() -> Loaded:
        at_hand = next(known, None)
        if at_hand is not None:
            return at_hand
        loaded = load(store, due.provider, due.subject)
        return replace(loaded, settled=store.read(due.provider, due.key) is None)

    def decided(loaded: Loaded) -> tuple[Change | None, Service | None]:
        if loaded.settled:
            return None, None
        again = next_look(loaded.service)
        ending = (settle(due), *((insert(again, minted.commit_id),) if again else ()))
        transition = decide(loaded.service)
        if transition is None:
            return Change(due.provider, ending, _proof(ending) or due.key, minted.commit_id), loaded.service
        done = stamped(loaded.service, transition, minted)
        return change(loaded, done, minted, ending), done.service

    return store.transact(reloaded, decided)


def rewrite(store: Store, provider: str, first: Row, rewritten: Callable[[Row], Row | None]) -> Row | None:
    """Write a service's row otherwise where nothing happens to the service, as when its secrets are sealed anew.

    No transition, so neither a version nor an event, and nothing is inserted that could prove whose write it was.
    Therefore ``rewritten`` is asked again after a doubtful answer, about the reloaded row; None means that nothing is
    left to do. It gives back its row's ETag. Returns the row as it then is. Raises StoreUnavailable.
    """
    known = iter([first])

    def decided(row: Row | None) -> tuple[Change | None, Row | None]:
        anew = rewritten(row) if row else None
        if anew is None:
            return None, row
        return Change(provider, (Replace(anew),), anew.key, secrets.token_hex(16)), anew

    return store.transact(lambda: next(known, None) or store.read(provider, first.key), decided)


def stamped(before: Service | None, transition: Transition, minted: Minted) -> Transition:
    """The transition with what follows from every one: the service's next version, unless it is quiet, a time that
    never runs backwards, and the look at its personal data that is owed from an end on.
    """
    service = transition.service
    version = service.version if transition.quiet else service.version + 1
    since = over_since(before, service, minted.now)
    after = replace(service, version=version, updated_at=max(minted.now, service.updated_at), over_since=since)
    if since is None or (before is not None and before.over_since == since):
        return replace(transition, service=after)
    look = forgetting(after.provider, after.id, since, minted.commit_id, minted.now)
    return replace(transition, service=after, owes=(*transition.owes, look))


def change(loaded: Loaded | None, transition: Transition, minted: Minted, extra: tuple[Write, ...] = ()) -> Change:
    """The transaction: the service under its ETag, its event, its open row, the work it owes, and what is extra.

    A quiet transition has no event: what proves its change is the row of the work that is put off with it.
    """
    after = transition.service
    if not secrets_stand_where_they_may(after):
        raise AssertionError(f"a sealed secret would stand in a service that is {after.state}")
    row = Row(service_key(after.id), to_json(after), columns(after))
    own: Write = Insert(row) if loaded is None else Replace(replace(row, etag=loaded.etag))
    events = () if transition.quiet else (_told(transition, after, minted),)
    freed = (Delete(short_name_key(after.short_name)),) if transition.frees_name else ()
    asked = loaded.service.request if loaded else None
    forgotten = (Delete(asked),) if asked and after.request is None else ()
    writes = (own, *events, *_open_writes(loaded, after), *freed, *forgotten, *map(insert, transition.owes), *extra)
    proof = _proof(events or extra)
    if proof is None:
        raise AssertionError("a quiet transition inserts nothing that could prove it")
    return Change(after.provider, writes, proof, minted.commit_id)


def _told(transition: Transition, after: Service, minted: Minted) -> Insert:
    told = Event(after.updated_at, transition.what, transition.by, transition.details)
    return Insert(event_row(after.id, after.version, told, minted))


def columns(service: Service) -> dict[str, Column]:
    """What lists of services are filtered by."""
    return {
        "state": service.state,
        "customer": service.customer_id,
        "attention": attention(service) is not None,
    }


def _proof(writes: tuple[Write, ...]) -> str | None:
    """The key of the inserted row that carries the commit's id; None when nothing is inserted."""
    return next((write.row.key for write in writes if isinstance(write, Insert)), None)


def event_row(subject: str, version: int, event: Event, minted: Minted) -> Row:
    """The row that tells of a service's or a customer's change; inserted with it, it proves whose change it was."""
    return Row(event_key(subject, version), to_json(event), {COMMIT_COLUMN: minted.commit_id})


def customer_event(customer: Customer, what: What, by: Actor, details: dict[str, str], minted: Minted) -> Insert:
    """The write that tells what happened to a customer, as it stands after it."""
    told = Event(customer.updated_at or customer.created_at, what, by, details)
    return Insert(event_row(of_customer(customer.id), customer.version, told, minted))


def customer_look(provider: str, customer: Customer, work_id: str, now: datetime) -> tuple[Insert, ...]:
    """The look at the names in an archived customer's events; each event of it owes one, for it names somebody."""
    if customer.archived_at is None:
        return ()
    return (insert(forgetting(provider, customer.id, customer.archived_at, work_id, now, of="customer")),)


def _open_writes(loaded: Loaded | None, after: Service) -> tuple[Write, ...]:
    row = open_row(after)
    if row is not None:
        return (Put(row),)
    was_open = loaded is not None and open_row(loaded.service) is not None
    return (Delete(f"open:{after.id}"),) if was_open else ()
