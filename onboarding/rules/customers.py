"""Customers: made, changed, archived, pinned to a tenant.

A customer is its own row, its place in the list of names, and its place among the customers of its tenant. All three
carry the customer, and change together, under the ETag of the first.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from onboarding import problems
from onboarding.records import Customer, What
from shared.names import folded
from shared.rows import Delete, Insert, Put, Replace, Row, Write
from shared.stored import to_json

SECOND_LOOK = timedelta(minutes=2)  # longer than any request takes


def customer_key(customer_id: str) -> str:
    return f"customer:{customer_id}"


def place_key(customer: Customer) -> str:
    """Its place in the list: the folded name's UTF-8 in hex makes any character legal and keeps the names' order.

    One place for each name; archived customers have a list of their own, in which names may repeat.
    """
    name = folded(customer.name).encode().hex()
    return f"customer-name:{name}" if customer.archived_at is None else f"customer-archived:{name}:{customer.id}"


def places(prefix: str, *, archived: bool) -> tuple[str, str]:
    """The range of places of all names that begin with ``prefix``, whatever the case."""
    first = f"customer-{'archived' if archived else 'name'}:{folded(prefix).encode().hex()}"
    return first, f"{first}~"


def tenant_key(customer: Customer) -> str | None:
    """Its place among the customers of its tenant; None when it has none."""
    return f"tenant:{customer.tenant_id}:{customer.id}" if customer.tenant_id else None


def of_tenant(tenant_id: str) -> tuple[str, str]:
    """The range of places of all customers of a tenant."""
    return f"tenant:{tenant_id}:", f"tenant:{tenant_id}:~"


def new_customer(customer: Customer) -> tuple[Write, ...]:
    """The writes of a customer's creation; they fail when the name is taken."""
    text, tenant = to_json(customer), tenant_key(customer)
    return (
        Insert(Row(customer_key(customer.id), text)),
        Insert(Row(place_key(customer), text)),
        *((Insert(Row(tenant, text)),) if tenant else ()),
    )


def changed(customer: Customer, given: Mapping[str, Any], now: datetime) -> Customer:
    """The customer with what was ``given`` of ``name``, ``tenant_id`` and ``archived``; itself when nothing changes."""
    archived_at = customer.archived_at
    if "archived" in given:
        archived_at = (archived_at or now) if given["archived"] else None
    after = replace(
        customer,
        name=given.get("name", customer.name),
        tenant_id=given.get("tenant_id", customer.tenant_id),
        archived_at=archived_at,
    )
    return customer if after == customer else _stamped(after, now)


def told(before: Customer, after: Customer) -> tuple[What, dict[str, str]]:
    """The event that tells a change: what happened, and its details."""
    details = {}
    if after.name != before.name:
        details["name"] = "changed"
    if after.tenant_id != before.tenant_id:
        details["tenantId"] = after.tenant_id or "none"
    if (after.archived_at is None) != (before.archived_at is None):
        return (What.CUSTOMER_ARCHIVED if after.archived_at else What.CUSTOMER_RESTORED), details
    return What.CUSTOMER_CHANGED, details


def _stamped(customer: Customer, now: datetime) -> Customer:
    """The customer with its next version; its time never runs backwards."""
    time = max(now, customer.updated_at or customer.created_at)
    return replace(customer, version=customer.version + 1, updated_at=time)


def pinned(customer: Customer, tenant_id: str, now: datetime) -> Customer:
    """The customer after *Add*: the first one pins it. Raises TenantNotThisCustomers."""
    if customer.tenant_id is None:
        return _stamped(replace(customer, tenant_id=tenant_id), now)
    if customer.tenant_id != tenant_id:
        raise problems.TenantNotThisCustomers
    return customer


def rewritten(before: Customer, row: Row, after: Customer) -> tuple[Write, ...]:
    """The writes that bring a customer and its places to what it shall be, under the ETag of its ``row``.

    They fail when the new name is taken.
    """
    text = to_json(after)
    return (
        Replace(Row(customer_key(after.id), text, etag=row.etag)),
        *_moved(place_key(before), Row(place_key(after), text)),
        *_moved(tenant_key(before), Row(key, text) if (key := tenant_key(after)) else None),
    )


def _moved(old_key: str | None, new: Row | None) -> tuple[Write, ...]:
    if new is not None and new.key == old_key:
        return (Put(new),)
    gone = (Delete(old_key),) if old_key else ()
    return (*gone, Insert(new)) if new else gone
