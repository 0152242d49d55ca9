"""The platform's health as it goes out over HTTP."""

from datetime import datetime
from typing import Literal

from shared.kinds import Kind
from shared.sweep import LATE, Heartbeat
from shared.web.models import Time, View


class Health(View):
    """``late``: the sweep does not run, or work waits too long or cannot be read. ``starting``: no sweep has run.

    ``oldest_due`` is since when the work that has waited longest waits. It never says whose it is.
    """

    status: Literal["ok", "starting", "late"]
    last_sweep: Time | None
    oldest_due: Time | None
    oldest_due_kind: Kind | None
    unreadable: int


def health(beat: Heartbeat | None, process_began: datetime, now: datetime) -> Health:
    waiting = beat.oldest if beat else None
    oldest = waiting.since if waiting else None
    unreadable = beat.unreadable if beat else 0
    late = any(now - since > LATE for since in (beat.at if beat else process_began, oldest or now))
    calm: Literal["ok", "starting"] = "ok" if beat else "starting"
    return Health(
        status="late" if late or unreadable else calm,
        last_sweep=beat.at if beat else None,
        oldest_due=oldest,
        oldest_due_kind=waiting.kind if waiting else None,
        unreadable=unreadable,
    )
