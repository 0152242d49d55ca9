"""What makes two creations the same request: its caller and Idempotency-Key, and then its body.

A row beside what was made remembers the request, whatever becomes of what was made: a repetition finds its own answer.
"""

import hashlib
import json

from onboarding import problems
from shared.rows import Insert, Row


def fingerprint(*parts: object) -> str:
    """SHA-256 over a request's caller and key, or its body."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def request_key(caller: str, key: str) -> str:
    return f"request:{fingerprint(caller, key)}"


def remembered(key: str, body: str, made: str) -> Insert:
    """The write that remembers what a request made; it fails when its key was used before."""
    return Insert(Row(key, "{}", {"request": body, "made": made}))


def made_before(row: Row, body: str) -> str:
    """The id of what the very same request made. Raises IdempotencyKeyReused."""
    if row.columns.get("request") != body:
        raise problems.IdempotencyKeyReused
    return str(row.columns["made"])
