"""Customers: make, list, show (step 2)."""

from onboarding.models.customers import NewCustomer
from onboarding.problems import CustomerNameTaken
from onboarding.records import Customer
from onboarding.rules.customers import customer_key, customer_name_key, fingerprint, new_customer, same_request
from shared.minted import Minted, is_id, new_id
from shared.names import folded
from shared.platform import Platform
from shared.problems import NotFound
from shared.rows import Change, Row
from shared.stored import from_json
from shared.web.auth import Operator

PAGE = 50


def create_customer(platform: Platform, operator: Operator, body: NewCustomer, key: str, minted: Minted) -> Customer:
    """A new customer; the same Idempotency-Key with the same body answers with the one it made.

    Raises CustomerNameTaken, IdempotencyKeyReused.
    """
    provider, customer_id = operator.provider.id, new_id(minted.now)
    customer = Customer(customer_id, body.name, body.tenant_id, minted.now)
    key_print = fingerprint(operator.oid, key)
    request = fingerprint(body.model_dump(mode="json"))
    name_key = customer_name_key(body.name)

    def decide(taken: Row | None) -> tuple[Change | None, Customer]:
        if taken is not None:
            same_request(taken, key_print, request, CustomerNameTaken())
            return None, from_json(Customer, taken.body)
        writes = new_customer(customer, key_print, request, minted.commit_id)
        return Change(provider, writes, customer_key(customer_id), minted.commit_id), customer

    return platform.store.transact(lambda: platform.store.read(provider, name_key), decide)


def show_customer(platform: Platform, operator: Operator, customer_id: str) -> Customer:
    """Raises NotFound."""
    row = platform.store.read(operator.provider.id, customer_key(customer_id)) if is_id(customer_id) else None
    if row is None:
        raise NotFound
    return from_json(Customer, row.body)


def list_customers(
    platform: Platform, operator: Operator, prefix: str, cursor: str | None
) -> tuple[list[Customer], str | None]:
    """A page of customers by name, those whose name begins with ``prefix`` (case does not count)."""
    first = f"customer-name:{folded(prefix).encode().hex()}"
    page = platform.store.query(operator.provider.id, first, first + "~", limit=PAGE, cursor=cursor)
    return [from_json(Customer, row.body) for row in page.rows], page.cursor
