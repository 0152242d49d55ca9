"""Counts requests against quotas; the clock is monotonic, so that a shifted one changes nothing."""

import math
import time
from collections import deque
from collections.abc import Sequence

from local.mail.settings import Quota


class Throttle:
    """The requests of one kind.

    "Service limits for Azure Communication Services", Throttling patterns: "all requests accrue against your usage
    limits", the refused ones as well.
    """

    def __init__(self) -> None:
        self._seen: deque[float] = deque(maxlen=10_001)

    def count(self, quotas: Sequence[Quota]) -> int | None:
        """Counts a request; the seconds to wait, rounded up, when one of the quotas is exceeded."""
        now = time.monotonic()
        waits = [self._wait(quota, now) for quota in quotas]
        self._seen.append(now)
        return max((wait for wait in waits if wait is not None), default=None)

    def forget(self) -> None:
        """Begins anew."""
        self._seen.clear()

    def _wait(self, quota: Quota, now: float) -> int | None:
        """Until when the request that comes now may be repeated, if it must not be answered."""
        if sum(at > now - quota.seconds for at in self._seen) < quota.limit:
            return None
        # This request counts, too: so the oldest one that may still count then is the limit-th before the repetition.
        recent = [*self._seen, now][-quota.limit]
        return math.ceil(recent + quota.seconds - now)
