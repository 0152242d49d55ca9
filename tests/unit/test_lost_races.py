"""Whoever loses a race gives way: for how long, and for how many rounds."""

from typing import cast

import pytest
from azure.data.tables import TableClient

from shared.rows import Change
from shared.store import PAUSE_SECONDS, ROUNDS, Doubtful, Store, StoreUnavailable

CHANGE = Change("partition", (), "proof", "mine")


class Contended(Store):
    """A store in which others are faster so many times."""

    def __init__(self, losses: int) -> None:
        super().__init__(cast(TableClient, None))
        self.losses = losses

    def commit(self, _: Change) -> None:
        self.losses -= 1
        if self.losses >= 0:
            raise Doubtful

    def made(self, _: Change) -> bool:
        return False


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The longest that each pause may be, in seconds."""
    made: list[float] = []
    monkeypatch.setattr("shared.store.random.uniform", lambda _, longest: longest)
    monkeypatch.setattr("shared.store.time.sleep", made.append)
    return made


@pytest.mark.parametrize("losses", range(ROUNDS))
def test_the_first_loss_costs_no_time_and_each_further_one_up_to_twice_as_much(
    losses: int, pauses: list[float]
) -> None:
    loads: list[int] = []
    won = Contended(losses).transact(lambda: loads.append(1), lambda _: (CHANGE, "won"))
    assert won == "won"
    assert len(loads) == losses + 1
    assert pauses == [PAUSE_SECONDS * 2**number for number in range(losses - 1)]


def test_whoever_loses_every_round_is_told_to_try_again_within_seconds(pauses: list[float]) -> None:
    with pytest.raises(StoreUnavailable, match="storage-unavailable") as refusal:
        Contended(ROUNDS).transact(lambda: None, lambda _: (CHANGE, None))
    assert "Others changed the same thing" in refusal.value.detail
    assert sum(pauses) < 3
