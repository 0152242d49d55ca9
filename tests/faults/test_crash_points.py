"""A selection of the crash points; ``make faults`` tries all of them."""

import pytest

from tests.faults.cases import CASES
from tests.faults.gate import Spoil
from tests.faults.lane import Lane
from tests.faults.points import Point, all_points, run

MAIN_PATH = ("create a service", "submit", "add", "validate", "complete", "expire")
COMMITS = [
    Point(case, number, Spoil.KILL_AFTER)
    for case in CASES
    if case.name in MAIN_PATH
    for number, call in enumerate(case.calls, 1)
    if call in ("transaction", "mail: send")
]
OTHERS = [point for case in CASES for point in all_points(case)][::45]


@pytest.mark.parametrize("point", [*COMMITS, *OTHERS], ids=str)
def test_nothing_is_lost_doubled_or_stuck(lane: Lane, point: Point) -> None:
    tried = run(lane, point)
    assert (tried.hit != "", tried.faults) == (True, ())
