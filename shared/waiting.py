"""How long an outside service asks us to wait."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=1)


def retry_after(value: str, now: datetime) -> timedelta | None:
    """A Retry-After, in seconds or as a date (RFC 9110, section 10.2.3), an hour at most; None when it says nothing."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return min(timedelta(seconds=int(value)), LONGEST)
    try:
        return max(timedelta(0), min(parsedate_to_datetime(value) - now, LONGEST))
    except (ValueError, TypeError):
        return None
