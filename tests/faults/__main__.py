"""Tries every point of every use case, on some lanes at once: ``python -m tests.faults [--only NAME] [--lanes N]``."""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from pathlib import Path

from tests.faults.cases import CASES
from tests.faults.lane import Lane
from tests.faults.points import Point, Tried, all_points, run
from tests.faults.scene import UseCase

LANES = 6
FIRST_PORT, PORTS_A_LANE = 24000, 500
EVERY_SECONDS = 10.0


class Faults:
    """All that is to be tried and what came of it, shared by the lanes."""

    def __init__(self, points: list[Point]) -> None:
        self.total = len(points)
        self.left = deque(points)
        self.tried: list[Tried] = []
        self.begun = time.monotonic()
        self.stopped = threading.Event()
        self._said = self.begun
        self._lock = threading.Lock()

    def next(self) -> Point | None:
        with self._lock:
            return self.left.popleft() if self.left and not self.stopped.is_set() else None

    def note(self, tried: Tried) -> None:
        with self._lock:
            self.tried.append(tried)
            if tried.faults:
                say(f"FAILED {tried}\n" + "\n".join(f"    {fault}" for fault in tried.faults))
            if time.monotonic() - self._said > EVERY_SECONDS:
                self._said = time.monotonic()
                seconds = int(self._said - self.begun)
                say(f"  {len(self.tried)} of {self.total} points, {seconds // 60}:{seconds % 60:02} min; {tried}")


def work(lane: Lane, faults: Faults) -> None:
    """Try one point after the other; a lane that breaks down says so, and its point counts as failed."""
    lane.start()
    try:
        while (point := faults.next()) is not None:
            faults.note(_safely(lane, point))
    finally:
        lane.stop()


def _safely(lane: Lane, point: Point) -> Tried:
    try:
        return run(lane, point)
    except Exception as error:  # noqa: BLE001 - whatever it was, the other points go on
        lane.recover()
        return Tried(point, "", (f"{type(error).__name__}: {error}",))


def tried_all(cases: list[UseCase], lanes: int, every: int) -> int:
    """Run the points, every n-th of them; returns the exit code."""
    points = [point for case in cases for point in (Point(case), *all_points(case))]
    random.Random(len(points)).shuffle(points)  # long ones next to short ones
    faults = Faults(points[::every])
    say(f"faults: {faults.total} points of {len(cases)} use cases, on {lanes} lanes")
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        threads = []
        for number in range(lanes):
            first = FIRST_PORT + number * PORTS_A_LANE
            lane = Lane(Path(folder) / f"lane-{number}", range(first, first + PORTS_A_LANE))
            threads.append(threading.Thread(target=work, args=(lane, faults), name=f"lane-{number}"))
            threads[-1].start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)
        except KeyboardInterrupt:
            say("Stopping: each lane finishes its point …")
            faults.stopped.set()
            for thread in threads:
                thread.join()
            return 130
    return judge(faults)


def judge(faults: Faults) -> int:
    """Say what came of it all; returns the exit code."""
    failed = [tried for tried in faults.tried if tried.faults]
    doubled = sum(tried.too_many_mails > 0 for tried in failed)
    stuck = sum(tried.stuck for tried in failed)
    window = sum(tried.too_many_mails > 0 for tried in faults.tried) - doubled
    lost = sum(not tried.stuck and not tried.too_many_mails for tried in failed)
    for spoil, count in sorted(Counter(tried.point.spoil for tried in faults.tried if tried.hit).items()):
        say(f"  {count:5} × {spoil} a call")
    seconds = int(time.monotonic() - faults.begun)
    say(f"  in {seconds // 60}:{seconds % 60:02} min; doubled between a mail's acceptance and its commit: {window}")
    say(f"faults: {len(faults.tried)} points tried, {lost} lost, {doubled} doubled, {stuck} stuck")
    return 1 if failed or len(faults.tried) < faults.total else 0


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", default="", help="use cases whose name contains this")
    parser.add_argument("--lanes", type=int, default=LANES, help="local clouds that work at once")
    parser.add_argument("--every", type=int, default=1, help="try every n-th point only")
    wanted = parser.parse_args()
    cases = [case for case in CASES if wanted.only in case.name]
    if not cases:
        parser.error(f"no use case is named so; there are: {', '.join(case.name for case in CASES)}")
    return tried_all(cases, wanted.lanes, wanted.every)


if __name__ == "__main__":
    sys.exit(main())
