"""What the platform's own calls take and answer."""

from shared.models import Health
from shared.web.contract import Contract, File, Who

CONTRACTS = {
    "health": Contract(Who.ANYONE, {200: Health, 503: Health}),
    "describe_api": Contract(Who.ANYONE, {200: File(("application/json",))}, stored=False),
}
