"""A random walk through all operations, over a table in memory: what happens is what the model says, come what may."""

import itertools
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.machine import Walk
from tests.stateful.table import MemoryTable

EVERYWHERE = {
    *itertools.product(["invited"], ["pending", "validating", "expired", "revoked", "declined", "locked"]),
    *itertools.product(["authenticated"], ["authenticated", "accepted"]),
    ("validated", "accepted"),
    ("creating", "accepted"),
    *itertools.product(["active"], ["accepted", "pending", "validating", "authenticated"]),
    *itertools.product(["cancelled", "disconnected"], ["revoked"]),
    ("disconnected", "accepted"),
}


class WalkInMemory(Walk):
    reached: ClassVar[set[tuple[str, str]]] = set()

    def open_table(self) -> MemoryTable:
        return MemoryTable()


def test_whatever_happens_in_whatever_order_the_service_is_as_the_model_says() -> None:
    run_state_machine_as_test(
        WalkInMemory,
        settings=settings(
            max_examples=120,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],  # a failure tells its whole story; a shorter one would take minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    missed = EVERYWHERE - WalkInMemory.reached
    assert not missed, f"no walk came by {missed}"
