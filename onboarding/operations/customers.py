"""Customers: make, list, show, change, archive (step 2); and the owed work of a new name."""

import time
from functools import partial

from onboarding.aggregate import commit, customer_event, customer_look, from_row, service_key
from onboarding.models.customers import ChangedCustomer, CustomerFilters, NewCustomer
from onboarding.operations.requests import Known, in_doubt
from onboarding.problems import CustomerNameTaken
from onboarding.records import Customer, What
from onboarding.rules import customers as rules
from onboarding.rules.requests import fingerprint, made_before, remembered, request_key
from onboarding.rules.services import customer_renamed, unchanged
from shared.due import Due, insert, message, new_work_id, owed
from shared.kinds import Kind
from shared.minted import Minted, is_id, new_id
from shared.platform import Platform
from shared.problems import NotFound
from shared.reporting import report
from shared.rows import Change, Page, Row
from shared.store import InvalidCursor, Store
from shared.stored import from_json
from shared.web.auth import Operator
from shared.work import abandon, claim, finish, put_back

PAGE = 50
SECONDS_A_RUN = 25.0  # well within functionTimeout in host.json


def create_customer(platform: Platform, operator: Operator, body: NewCustomer, key: str, minted: Minted) -> Customer:
    """A new customer; the same Idempotency-Key with the same body answers with the one it made.

    Raises CustomerNameTaken, IdempotencyKeyReused.
    """
    store, provider = platform.store, operator.provider.id
    asked, request = request_key(operator.oid, key), fingerprint(body.model_dump(mode="json", exclude_defaults=True))
    customer = Customer(new_id(minted.now), body.name, body.tenant_id, minted.now, request=asked)

    def decide(state: Known) -> tuple[Change | None, Customer]:
        before, taken = state
        if before is not None:
            return None, show_customer(platform, operator, made_before(before, request))
        if taken is not None:
            raise CustomerNameTaken
        event = customer_event(customer, What.CUSTOMER_CREATED, operator.actor, {}, minted)
        writes = (*rules.new_customer(customer), remembered(asked, request, customer.id))
        return Change(provider, (*writes, event), event.row.key, minted.commit_id), customer

    return store.transact(in_doubt(store, provider, asked, rules.place_key(customer)), decide)


def show_customer(platform: Platform, operator: Operator, customer_id: str) -> Customer:
    """Raises NotFound."""
    return from_json(Customer, customer_row(platform.store, operator.provider.id, customer_id).body)


def customer_row(store: Store, provider: str, customer_id: str) -> Row:
    """Raises NotFound."""
    row = store.read(provider, rules.customer_key(customer_id)) if is_id(customer_id) else None
    if row is None:
        raise NotFound("There is no such customer. Choose one from the list, or add it first.")
    return row


def list_customers(
    platform: Platform, operator: Operator, filters: CustomerFilters
) -> tuple[list[Customer], str | None]:
    """A page of customers by name."""
    first, end = rules.places(filters.name, archived=filters.archived)
    page = platform.store.query(operator.provider.id, first, end, limit=PAGE, cursor=filters.cursor)
    return [from_json(Customer, row.body) for row in page.rows], page.cursor


def change_customer(
    platform: Platform, operator: Operator, customer_id: str, version: int, body: ChangedCustomer, minted: Minted
) -> tuple[Customer, str | None]:
    """The changed customer, and the message that wakes the work of spreading its new name.

    Raises NotFound, ChangedMeanwhile, CustomerNameTaken.
    """
    store, provider, work_id = platform.store, operator.provider.id, new_work_id()

    def read() -> tuple[Row, Row | None]:
        """The customer, and whoever stands where it would move to."""
        row = customer_row(store, provider, customer_id)
        before = from_json(Customer, row.body)
        place = rules.place_key(rules.changed(before, body.given(), minted.now))
        return row, store.read(provider, place) if place != rules.place_key(before) else None

    def decide(state: tuple[Row, Row | None]) -> tuple[Change | None, tuple[Customer, str | None]]:
        row, taken = state
        before = from_json(Customer, row.body)
        unchanged(before, version)
        after = rules.changed(before, body.given(), minted.now)
        if after is before:
            return None, (before, None)
        if taken is not None:
            raise CustomerNameTaken
        writes = rules.rewritten(before, row, after)
        renamed = after.name != before.name
        due = owed(provider, Kind.RENAME, customer_id, work_id, minted.now)
        owes = (*((insert(due),) if renamed else ()), *customer_look(provider, after, minted.commit_id, minted.now))
        what, details = rules.told(before, after)
        event = customer_event(after, what, operator.actor, details, minted)
        change = Change(provider, (*writes, event, *owes), event.row.key, minted.commit_id)
        return change, (after, message(due) if renamed else None)

    return store.transact(read, decide)


def spread_name(platform: Platform, text: str, minted: Minted) -> None:
    """Owed work: give every service of a renamed customer its new name.

    It looks twice: a service that was being made while the customer was renamed is found by the second look. What
    takes too long goes on later, from where it stopped.
    """
    due = claim(platform.store, text, Kind.RENAME, minted.now)
    if due is None:
        return
    try:
        name = from_json(Customer, customer_row(platform.store, due.provider, due.subject).body).name
    except NotFound:
        abandon(platform.store, due)
        return
    stopped_at = _rename_services(platform.store, due, name, minted)
    if stopped_at is not None:
        put_back(platform.store, due, minted.now, cursor=stopped_at)
    elif "again" not in due.note:
        put_back(platform.store, due, minted.now + rules.SECOND_LOOK, cursor="", again="yes")
    else:
        finish(platform.store, due)


def _rename_services(store: Store, due: Due, name: str, minted: Minted) -> str | None:
    """The cursor of the page that was not finished in time; None when all were."""
    ends, cursor = time.monotonic() + SECONDS_A_RUN, due.note.get("cursor", "")
    while True:
        page = _services_of(store, due, cursor)
        for row in page.rows:
            if time.monotonic() > ends:
                return cursor
            _rename(store, due.provider, row, name, minted)
        if page.cursor is None:
            return None
        cursor = page.cursor
        if time.monotonic() > ends:  # a page may be empty, and slow
            return cursor


def _services_of(store: Store, due: Due, cursor: str) -> Page:
    filters = {"filters": "customer eq @customer", "customer": due.subject}
    first, end = service_key(""), service_key("~")
    try:
        return store.query(due.provider, first, end, limit=PAGE, cursor=cursor or None, **filters)
    except InvalidCursor:  # of another version of this query: begin at the start
        return store.query(due.provider, first, end, limit=PAGE, **filters)


def _rename(store: Store, provider: str, row: Row, name: str, minted: Minted) -> None:
    """One row that cannot be read keeps its old name, and keeps no other from the new one."""
    try:
        service = from_row(row)
    except ValueError as error:
        report(error)
        return
    if service.customer_name != name:
        commit(store, provider, service.id, minted, partial(customer_renamed, name=name))
