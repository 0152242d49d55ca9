"""How often Microsoft is asked: about one tenant, and for whoever holds the links of one service."""

from dataclasses import replace
from typing import Any, cast

import pytest

from shared.due import owed
from shared.kinds import Kind
from shared.minted import Minted
from shared.platform import Platform
from shared.quota import HOUR, PIECES, Quota, Taken, take
from shared.sealing import Sealer
from shared.store import Store
from shared.stored import from_json
from shared.waiting import Later
from tests.stateful.table import MemoryTable
from tests.unit.builders import NOW, PROVIDER, TENANT, service, settings
from validation.bounds import SUBMISSIONS, Bounds

PAST_THE_HOUR = NOW + HOUR
LEFT = NOW.replace(minute=0, second=0, microsecond=0) + HOUR - NOW


@pytest.fixture
def platform() -> Platform:
    """Two checks of a tenant within an hour."""
    few = replace(settings(), checks_per_tenant_and_hour=2)
    return Platform(few, Store(cast(Any, MemoryTable())), Sealer({"2026": bytes(range(32))}))


def bounds(platform: Platform, work: str, now: Any = NOW, of: str = "0" * 24) -> Bounds:
    one = replace(service("validating"), id=of)
    return Bounds(platform, one, owed(PROVIDER, Kind.CHECK, of, work, now), Minted(now, f"{work}{now}"))


def test_further_checks_of_a_tenant_wait_for_the_next_hour(platform: Platform) -> None:
    for work in ("first", "second"):
        bounds(platform, work).tenant(TENANT)
    with pytest.raises(Later) as later:
        bounds(platform, "third", of="1" * 24).tenant(TENANT)
    assert later.value.retry_after == LEFT
    bounds(platform, "third", of="1" * 24).tenant("another-tenant")
    bounds(platform, "third", PAST_THE_HOUR, of="1" * 24).tenant(TENANT)


def test_a_check_that_is_tried_again_counts_once(platform: Platform) -> None:
    """However often Microsoft was busy: a check alone must not use up its tenant's hour."""
    for _ in range(10):
        bounds(platform, "first").tenant(TENANT)
    bounds(platform, "second").tenant(TENANT)


def test_so_much_is_submitted_for_one_service_within_an_hour(platform: Platform) -> None:
    for number in range(SUBMISSIONS.most):
        bounds(platform, f"work {number}").submission()
    bounds(platform, "work 0").submission()
    with pytest.raises(Later) as later:
        bounds(platform, "one more").submission()
    assert later.value.retry_after == LEFT
    bounds(platform, "one more", of="1" * 24).submission()
    bounds(platform, "one more", PAST_THE_HOUR).submission()


def test_a_row_remembers_the_latest_pieces_of_work_alone(platform: Platform) -> None:
    """Else it would outgrow its column; what is forgotten counts once more at the most."""
    many = Quota("check", 10 * PIECES, HOUR)
    for number in range(PIECES + 50):
        take(platform, many, PROVIDER, TENANT, Minted(NOW, f"commit {number}"), f"work {number}")
    (row,) = platform.store.scan(PROVIDER, "quota:", "quota;")
    taken = from_json(Taken, row.body)
    assert (taken.count, len(taken.by), taken.by[-1]) == (PIECES + 50, PIECES, f"work {PIECES + 49}")
