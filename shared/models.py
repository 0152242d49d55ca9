"""The platform's health as it goes out over HTTP."""

from datetime import datetime
from typing import Literal

from shared.sweep import LATE, Heartbeat
from shared.web.models import Time, View


class Health(View):
    """``late``: the sweep does not run, or work waits too long or cannot be read. ``starting``: no sweep has run."""

    status: Literal["ok", "starting", "late"]
    last_sweep: Time | None
    oldest_due: Time | None
    unreadable: int


def health(beat: Heartbeat | None, process_began: datetime, now: datetime) -> Health:
    oldest = beat.oldest.since if beat and beat.oldest else None
    unreadable = beat.unreadable if beat else 0
    late = any(now - since > LATE for since in (beat.at if beat else process_began, oldest or now))
    calm: Literal["ok", "starting"] = "ok" if beat else "starting"
    return Health(
        status="late" if late or unreadable else calm,
        last_sweep=beat.at if beat else None,
        oldest_due=oldest,
        unreadable=unreadable,
    )
