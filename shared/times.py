"""Times as people and programs read them: RFC 3339 in UTC, with ``Z``, to the second."""

from datetime import UTC, datetime


def rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
