"""Personal data: erased by an operator, and forgotten as owed work some time after the end of what they served."""

import time
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from invitations.rules.states import ENDED
from onboarding.aggregate import Committed, commit, event_key, load_owed, of_customer, settle_work
from onboarding.operations.customers import customer_row
from onboarding.records import Customer, Event, Service, Transition
from onboarding.rules import retention as rules
from onboarding.rules.services import unchanged
from shared.due import Due, anew, moved, new_work_id, settle
from shared.kinds import Kind
from shared.minted import Minted
from shared.platform import Platform
from shared.problems import NotFound
from shared.reporting import report
from shared.rows import Change, Delete, Replace, Row
from shared.store import Doubtful, Store
from shared.stored import from_json, to_json
from shared.web.auth import Operator
from shared.work import abandon, claim, finish, put_back

EVENTS_A_CHANGE = 50
ROWS_A_CHANGE = 90  # a transaction takes 100
SECONDS_A_RUN = 25.0  # well within functionTimeout in host.json
COUNTED = "quota:"


def erase(platform: Platform, operator: Operator, service_id: str, version: int, minted: Minted) -> Committed:
    """*Delete personal data*: earlier than by itself. Raises NotFound, ChangedMeanwhile, StillInUse."""
    work_id = new_work_id()

    def decide(service: Service) -> Transition | None:
        unchanged(service, version)
        return rules.erased(service, work_id, operator.actor, minted.now)

    return commit(platform.store, operator.provider.id, service_id, minted, decide)


def forget(platform: Platform, text: str, minted: Minted) -> None:
    """Owed work: take the personal data out of what is over, or the rows away that have counted enough."""
    due = claim(platform.store, text, Kind.FORGET, minted.now)
    if due is None:
        return
    if "rows" in due.note:
        _drop_counts(platform.store, due, minted)
    elif due.note.get("of") == "customer":
        _forget_customer(platform, due, minted)
    else:
        _forget_service(platform, due, minted)


def _drop_counts(store: Store, due: Due, minted: Minted) -> None:
    """Delete the rows in which a window of time has counted, page after page, and the work with the last of them."""
    first, ends = due.note["rows"], time.monotonic() + SECONDS_A_RUN
    while first.startswith(COUNTED):
        page = store.query(due.provider, first, f"{first}~", limit=ROWS_A_CHANGE)
        if not page.rows and page.cursor is None:
            break
        doubtful = False
        try:
            if page.rows:
                store.commit(Change(due.provider, tuple(Delete(row.key) for row in page.rows), due.key, ""))
        except Doubtful:
            doubtful = True
        if doubtful or time.monotonic() > ends:  # the next look asks which of them are left
            put_back(store, due, minted.now)
            return
    finish(store, due)


def _drop_request(store: Store, due: Due, key: str | None) -> None:
    """Delete the row that remembers a request, where it still stands, and the work with it."""
    if key is None or store.read(due.provider, key) is None:
        finish(store, due)
        return
    with suppress(Doubtful):  # it comes back when the lease ends, and then one of the two is gone
        store.commit(Change(due.provider, (Delete(key), settle(due)), due.key, ""))


def _forget_service(platform: Platform, due: Due, minted: Minted) -> None:
    loaded = load_owed(platform.store, due)
    if loaded is None:
        return
    service, retention, now = loaded.service, platform.settings.retention, minted.now
    goes = service.state in ENDED and rules.is_time(service.over_since, due, retention, now)
    if goes and not _forget_names(platform.store, due, service.id):
        put_back(platform.store, due, now)
        return
    decide = partial(rules.forgotten, due=due, retention=retention, now=now)
    look = partial(_next_look, due=due, retention=retention, now=now)
    settle_work(platform.store, due, loaded, minted, decide, next_look=look)


def _next_look(service: Service, due: Due, retention: timedelta, now: datetime) -> Due | None:
    """The row at its next time, with its attempts counted anew: these looks have no bound."""
    again = rules.look_again(service.over_since, due, retention, now)
    return anew(moved(due, again)) if again else None


def _forget_customer(platform: Platform, due: Due, minted: Minted) -> None:
    store, retention, now = platform.store, platform.settings.retention, minted.now
    try:
        customer = from_json(Customer, customer_row(store, due.provider, due.subject).body)
    except NotFound:
        abandon(store, due)
        return
    again = rules.look_again(customer.archived_at, due, retention, now)
    goes = rules.is_time(customer.archived_at, due, retention, now)
    if again is not None:
        put_back(store, due, again)
    elif goes and not _forget_names(store, due, of_customer(customer.id)):
        put_back(store, due, now)
    else:
        _drop_request(store, due, customer.request if goes else None)


def _forget_names(store: Store, due: Due, subject: str) -> bool:
    """Take the operators' names out of the subject's events; False when it has to go on later."""
    ends, cursor, more = time.monotonic() + SECONDS_A_RUN, None, True
    while more:
        page = store.query(
            due.provider, event_key(subject, 0), f"event:{subject}:~", limit=EVENTS_A_CHANGE, cursor=cursor
        )
        changed = tuple(Replace(row) for row in map(_nameless, page.rows) if row is not None)
        try:
            if changed:  # an event's commit id stays: it proves whose commit it was
                store.commit(Change(due.provider, changed, changed[0].row.key, ""))
        except Doubtful:
            return False
        cursor, more = page.cursor, page.cursor is not None
        if more and time.monotonic() > ends:
            return False
    return True


def _nameless(row: Row) -> Row | None:
    """The event's row as it stays; None when that is as it stands, or when it cannot be read."""
    try:
        event = from_json(Event, row.body)
    except ValueError as error:
        report(error)
        return None
    after = rules.told_without_people(event)
    return None if after == event else Row(row.key, to_json(after), row.columns, row.etag)
