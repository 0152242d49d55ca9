"""What a request mints once and keeps through all its rounds: its time and its commit id."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.patterns import ID


@dataclass(frozen=True)
class Minted:
    """``now`` is UTC; ``commit_id`` tells our own change from everybody else's after a lost answer."""

    now: datetime
    commit_id: str


def mint() -> Minted:
    return Minted(datetime.now(UTC), secrets.token_hex(16))


def new_id(now: datetime) -> str:
    """24 hex digits that sort newest first: the microseconds left until the year 4253, then 40 random bits."""
    left = (1 << 56) - 1 - int(now.timestamp() * 1_000_000)
    return f"{left:014x}{secrets.token_hex(5)}"


def is_id(text: str) -> bool:
    """Whether this may be an id of ours; anything else never reaches a key."""
    return ID.fullmatch(text) is not None
