"""Moves this process's clock by a fixed offset (`--clock +10m`), to try out leases and expiry."""

import re
import time
from datetime import timedelta

from local.host.errors import HostError

_OFFSET = re.compile(r"([+-])([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_offset(text: str) -> timedelta:
    """Read `+10m`, `-2h`, `+7d` or `+30s`; raises HostError for anything else."""
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise HostError(f"--clock wants an offset such as +10m, -2h, +7d or +30s, not '{text}'.")
    sign, amount, unit = match.groups()
    offset = timedelta(**{_UNITS[unit]: int(amount)})
    return -offset if sign == "-" else offset


def shift(offset: timedelta) -> None:
    """Move `time.time()` and `datetime.now()` by the offset and let them tick; monotonic clocks stay real."""
    import time_machine  # noqa: PLC0415  nobody else pays for its import

    # A number and not a datetime: an aware datetime could change the process's time zone as well.
    time_machine.travel(time.time() + offset.total_seconds(), tick=True).start()
