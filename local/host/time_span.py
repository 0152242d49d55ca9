"""Reads .NET's TimeSpan texts: the durations of host.json, and timers with a constant interval."""

import re
from datetime import timedelta

_TIME_SPAN = re.compile(r"(?:([0-9]+)\.)?([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]{1,7}))?)?")


def parse_time_span(text: str) -> timedelta:
    """Read `[d.]hh:mm[:ss[.fffffff]]`; raises ValueError.

    Three numbers whose first is 24 or more mean days, hours, minutes, as in .NET ("24:00:00" is 24 days).
    """
    match = _TIME_SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not a time span of the form hh:mm:ss")
    days, first, second, third, fraction = match.groups()
    if days is None and third is not None and int(first) > 23:
        days, first, second, third = first, second, third, "0"
    hours, minutes, seconds = int(first), int(second), int(third or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"'{text}' is not a time span: a part is out of its range")
    micros = int((fraction or "0").ljust(7, "0")) // 10
    return timedelta(days=int(days or 0), hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)
