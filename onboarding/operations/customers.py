"""Customers: make, list, show, change, archive (step 2); and the owed work of a new name."""

from collections.abc import Iterator
from itertools import islice

from onboarding.aggregate import commit, from_row, service_key
from onboarding.models.customers import ChangedCustomer, CustomerFilters, NewCustomer
from onboarding.problems import CustomerNameTaken
from onboarding.records import Customer
from onboarding.rules import customers as rules
from onboarding.rules.services import customer_renamed
from shared.due import Due, insert, message, new_work_id, owed
from shared.kinds import Kind
from shared.minted import Minted, is_id, new_id
from shared.platform import Platform
from shared.problems import NotFound
from shared.rows import Change, Row
from shared.store import Store
from shared.stored import from_json
from shared.web.auth import Operator
from shared.work import claim, finish, put_back

PAGE = 50
RENAMES_A_RUN = 200  # well within functionTimeout in host.json


def create_customer(platform: Platform, operator: Operator, body: NewCustomer, key: str, minted: Minted) -> Customer:
    """A new customer; the same Idempotency-Key with the same body answers with the one it made.

    Raises CustomerNameTaken, IdempotencyKeyReused.
    """
    provider, customer_id = operator.provider.id, new_id(minted.now)
    customer = Customer(customer_id, body.name, body.tenant_id, minted.now)
    key_print = rules.fingerprint(operator.oid, key)
    request = rules.fingerprint(body.model_dump(mode="json"))

    def decide(taken: Row | None) -> tuple[Change | None, Customer]:
        if taken is not None:
            rules.same_request(taken, key_print, request, CustomerNameTaken())
            return None, from_json(Customer, taken.body)
        writes = rules.new_customer(customer, key_print, request, minted.commit_id)
        return Change(provider, writes, rules.customer_key(customer_id), minted.commit_id), customer

    return platform.store.transact(lambda: platform.store.read(provider, rules.place_key(customer)), decide)


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
        rules.unchanged(before, version)
        after = rules.changed(before, body.given(), minted.now)
        if after is before:
            return None, (before, None)
        if taken is not None:
            raise CustomerNameTaken
        writes = rules.rewritten(before, row, after, minted.commit_id)
        renamed = after.name != before.name
        due = owed(provider, Kind.RENAME, customer_id, work_id, minted.now)
        owes = (insert(due),) if renamed else ()
        change = Change(provider, (*writes, *owes), rules.customer_key(customer_id), minted.commit_id)
        return change, (after, message(due) if renamed else None)

    return store.transact(read, decide)


def spread_name(platform: Platform, text: str, minted: Minted) -> None:
    """Owed work: give every service of a renamed customer its new name.

    It looks twice: a service that was being made while the customer was renamed is found by the second look.
    """
    due = claim(platform.store, text, Kind.RENAME, minted.now)
    if due is None:
        return
    name = from_json(Customer, customer_row(platform.store, due.provider, due.subject).body).name
    unnamed = list(islice(_services_with_another_name(platform.store, due, name), RENAMES_A_RUN))
    for service_id in unnamed:
        commit(platform.store, due.provider, service_id, minted, lambda service: customer_renamed(service, name))
    if len(unnamed) == RENAMES_A_RUN:
        put_back(platform.store, due, minted.now)
    elif "again" not in due.note:
        put_back(platform.store, due, minted.now + rules.SECOND_LOOK, again="yes")
    else:
        finish(platform.store, due)


def _services_with_another_name(store: Store, due: Due, name: str) -> Iterator[str]:
    rows = store.scan(
        due.provider, service_key(""), service_key("~"), filters="customer eq @customer", customer=due.subject
    )
    return (service.id for service in map(from_row, rows) if service.customer_name != name)
