"""When an outside service cannot answer now: how long to wait, and when to give up."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from shared.due import Due, moved
from shared.texts import Words

LONGEST_RETRY_AFTER = timedelta(hours=1)
THROTTLED_PAUSE = timedelta(seconds=30)  # where a 429 does not say how long


class Later(Exception):
    """An outside service could not be asked; nothing is known.

    ``words`` are a sentence for whoever waits; ``retry_after`` is what the answer asked for; ``throttled`` marks a 429.
    """

    def __init__(self, words: Words, retry_after: timedelta | None = None, *, throttled: bool = False) -> None:
        super().__init__(words)
        self.words, self.retry_after, self.throttled = words, retry_after, throttled


@dataclass(frozen=True)
class Patience:
    """How often and how long owed work is tried. ``age`` counts from the first attempt; None means without bound."""

    attempts: int
    first_pause: timedelta
    longest_pause: timedelta
    age: timedelta | None = None


def next_look(due: Due, now: datetime, later: Later, patience: Patience, jitter: float) -> Due | None:
    """The work at its next time; None when patience has run out. ``jitter`` is 0 to 1.

    Pauses double, a longer Retry-After wins, and a throttled attempt is taken back.
    """
    attempts = due.attempts - 1 if later.throttled else due.attempts
    old = patience.age is not None and due.begun is not None and now - due.begun > patience.age
    if old or attempts >= patience.attempts:
        return None
    pause = min(patience.first_pause * 2 ** max(0, due.attempts - 1), patience.longest_pause) * (1 + jitter / 2)
    asked = later.retry_after or (THROTTLED_PAUSE if later.throttled else timedelta(0))
    return replace(moved(due, now + max(pause, asked)), attempts=attempts)


def retry_after(value: str, now: datetime) -> timedelta | None:
    """A Retry-After, in seconds or as a date (RFC 9110, section 10.2.3), an hour at most; None when it says nothing."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return min(timedelta(seconds=int(value)), LONGEST_RETRY_AFTER)
    try:
        return max(timedelta(0), min(parsedate_to_datetime(value) - now, LONGEST_RETRY_AFTER))
    except (ValueError, TypeError):
        return None
