"""What the platform's own calls take and answer."""

from datetime import UTC, datetime

from shared.kinds import Kind
from shared.models import Health
from shared.web.contract import Contract, File, Who

CONTRACTS = {
    "health": Contract(
        Who.ANYONE,
        {200: Health, 503: Health},
        shows=Health(
            status="late",
            last_sweep=datetime(2026, 12, 1, 12, 0, tzinfo=UTC),
            oldest_due=datetime(2026, 12, 1, 11, 40, tzinfo=UTC),
            oldest_due_kind=Kind.MAIL,
            unreadable=0,
        ),
    ),
    "describe_api": Contract(Who.ANYONE, {200: File(("application/json",))}, stored=False),
}
