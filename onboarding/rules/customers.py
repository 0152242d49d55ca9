"""Customers: made, pinned to a tenant, rewritten; and what makes two requests the same."""

import hashlib
import json
from dataclasses import replace

from onboarding import problems
from onboarding.records import Customer
from shared.names import folded
from shared.problems import Problem
from shared.rows import COMMIT_COLUMN, Insert, Put, Replace, Row, Write
from shared.stored import to_json


def customer_key(customer_id: str) -> str:
    return f"customer:{customer_id}"


def customer_name_key(name: str) -> str:
    """Hex of the folded name's UTF-8: any character becomes legal in a key, and the order of names stays."""
    return f"customer-name:{folded(name).encode().hex()}"


def fingerprint(*parts: object) -> str:
    """A request's identity: SHA-256 over its caller, its Idempotency-Key or its body."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def same_request(taken: Row, key: str, body: str, taken_by_another: Problem) -> None:
    """Holds a repeated creation against the row that took its name: is it the very same request?

    Raises ``taken_by_another``, IdempotencyKeyReused.
    """
    if taken.columns.get("key") != key:
        raise taken_by_another
    if taken.columns.get("request") != body:
        raise problems.IdempotencyKeyReused


def new_customer(customer: Customer, key: str, body: str, commit_id: str) -> tuple[Write, ...]:
    """The writes of a customer's creation; the second fails when the name is taken."""
    text = to_json(customer)
    creation = {"key": key, "request": body}
    return (
        Insert(Row(customer_key(customer.id), text, {COMMIT_COLUMN: commit_id})),
        Insert(Row(customer_name_key(customer.name), text, creation)),
    )


def pinned(customer: Customer, tenant_id: str) -> Customer:
    """The customer after *Add*: the first one pins it. Raises TenantNotThisCustomers."""
    if customer.tenant_id not in (None, tenant_id):
        raise problems.TenantNotThisCustomers
    return replace(customer, tenant_id=tenant_id, version=customer.version + 1)


def rewritten(customer: Customer, etag: str | None, name: Row, commit_id: str) -> tuple[Write, ...]:
    """The writes that keep a customer and its name's row alike, under the customer's ETag."""
    text = to_json(customer)
    return (
        Replace(Row(customer_key(customer.id), text, {COMMIT_COLUMN: commit_id}, etag)),
        Put(Row(name.key, text, name.columns)),
    )
