"""A random walk through all operations, over a table in memory: what happens is what the model says, come what may."""

import itertools
from typing import ClassVar

from tests.stateful.machine import Walk, try_walks
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
    open_table = MemoryTable
    reached: ClassVar[set[tuple[str, str]]] = set()


def test_whatever_happens_in_whatever_order_the_service_is_as_the_model_says() -> None:
    missed = EVERYWHERE
    for number in range(5):  # the first does, mostly; which places it comes by is chance
        try_walks(WalkInMemory, walks=120, steps=30, number=number)
        missed = EVERYWHERE - WalkInMemory.reached
        if not missed:
            break
    assert not missed, f"no walk came by {missed}"
