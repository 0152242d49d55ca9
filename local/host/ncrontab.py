"""Timer schedules: six-field NCRONTAB (five fields mean second 0) and constant intervals, in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from local.host.time_span import parse_time_span

_MONTHS = (
    *("", "january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_ITEM = re.compile(r"(\*|[0-9]+|[a-zA-Z]+)(?:-([0-9]+|[a-zA-Z]+))?(?:/([0-9]+))?")
_YEARS_AHEAD = 9
"""Enough for any 29 February; one on a given weekday can be 40 years away, and nobody schedules that."""


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    """Names by value; full names and any prefix of at least three letters are read."""

    def parse(self, text: str) -> frozenset[int]:
        """The values that a field's text stands for; raises ValueError naming the field."""
        values: set[int] = set()
        for item in text.split(","):
            values.update(self._item(item))
        return frozenset(values)

    def _item(self, item: str) -> range:
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ValueError(f"'{item}' is no value of the field {self.name}")
        first, last, step = match.groups()
        if first == "*" and last is not None:
            raise ValueError(f"'{item}' is no value of the field {self.name}")
        if first == "*":
            start, end = self.low, self.high
        else:
            start = self._value(first)
            # A single value with a step runs on to the field's end: 5/15 is 5, 20, 35, 50.
            end = self._value(last) if last else (self.high if step else start)
        start, end = min(start, end), max(start, end)
        return range(start, end + 1, max(1, int(step or 1)))

    def _value(self, text: str) -> int:
        if text.isdigit():
            value = int(text)
            if not self.low <= value <= self.high:
                raise ValueError(f"{value} is not from {self.low} to {self.high} in the field {self.name}")
            return value
        for value, name in enumerate(self.names):
            if len(text) >= 3 and name.startswith(text.lower()):
                return value
        raise ValueError(f"'{text}' is no value of the field {self.name}")


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _WEEKDAYS),
)


class Schedule:
    """When a timer runs; raises ValueError for a text that is neither NCRONTAB nor `hh:mm:ss`."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self._interval: timedelta | None = None
        self._fields: tuple[frozenset[int], ...] = ()
        if ":" in self.text:
            self._interval = parse_time_span(self.text)
            if self._interval <= timedelta(0):
                raise ValueError(f"the interval '{self.text}' must be longer than nothing")
            return
        parts = self.text.split()
        if len(parts) == 5:
            parts.insert(0, "0")
        if len(parts) != len(_FIELDS):
            raise ValueError(f"the schedule '{self.text}' must have six fields (or be an interval hh:mm:ss)")
        try:
            self._fields = tuple(field.parse(part) for field, part in zip(_FIELDS, parts, strict=True))
        except ValueError as error:
            raise ValueError(f"the schedule '{self.text}' is malformed: {error}") from None

    def next_after(self, moment: datetime) -> datetime:
        """The first run after the moment (UTC); raises ValueError when there is none for nine years."""
        if self._interval is not None:
            return moment + self._interval
        seconds, minutes, hours, days, months, weekdays = self._fields
        candidate = moment.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        last_year = candidate.year + _YEARS_AHEAD
        while candidate.year <= last_year:
            # Both day fields must match: NCRONTAB, unlike cron, has no "either of them".
            weekday = (candidate.weekday() + 1) % 7
            if candidate.month not in months or candidate.day not in days or weekday not in weekdays:
                candidate = candidate.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            elif candidate.hour not in hours:
                candidate = candidate.replace(minute=0, second=0) + timedelta(hours=1)
            elif candidate.minute not in minutes:
                candidate = candidate.replace(second=0) + timedelta(minutes=1)
            elif candidate.second not in seconds:
                candidate += timedelta(seconds=1)
            else:
                return candidate
        raise ValueError(f"the schedule '{self.text}' has no run before the year {last_year + 1}")

    def is_long(self, moment: datetime) -> bool:
        """Whether it runs at most once in the minute from now: Azure keeps the last run of such timers."""
        minute = timedelta(minutes=1)
        if self._interval is not None:
            return self._interval >= minute
        return self.next_after(self.next_after(moment)) >= moment + minute
