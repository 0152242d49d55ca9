"""How often we ask Microsoft: about one tenant, whoever wants it, and for whoever holds the links of one service.

Whoever holds links, or may invite, shall not use us to try secrets in other people's tenants. And one link shall not
use up what a tenant may be asked: its bound is above the tries that lock it, and well below the tenant's default.
"""

from dataclasses import dataclass

from onboarding.records import Service
from shared.due import Due
from shared.minted import Minted
from shared.platform import Platform
from shared.quota import HOUR, Quota, take
from shared.texts import N_
from shared.waiting import Later

SUBMISSIONS = Quota("submission", 20, HOUR)


@dataclass(frozen=True)
class Bounds:
    """The bounds of one check. However often it is tried, it counts once a window; beyond that it waits for the next.

    The methods raise Later and StoreUnavailable.
    """

    platform: Platform
    service: Service
    due: Due
    minted: Minted

    def submission(self) -> None:
        """Count a submission, before anybody is asked anything."""
        self._take(SUBMISSIONS, self.service.id, N_("Too much was submitted for this service within the hour."))

    def tenant(self, tenant_id: str) -> None:
        """Count a check of this tenant, before anybody signs in to it."""
        quota = Quota("check", self.platform.settings.checks_per_tenant_and_hour, HOUR)
        self._take(quota, tenant_id, N_("This tenant was asked about too often within the hour."))

    def _take(self, quota: Quota, subject: str, words: str) -> None:
        ends = take(self.platform, quota, self.service.provider, subject, self.minted, self.due.work_id)
        if ends is not None:
            raise Later(words, ends - self.minted.now)
