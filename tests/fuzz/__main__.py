"""Sends what nobody would write to every call, by everybody: ``python -m tests.fuzz [--rounds N] [--seed N]``."""

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.run import Fuzz, Ground
from tests.integration.cloud import SETTINGS

ROUNDS = 3
PORTS = range(28000, 28500)


def fuzz(rounds: int, minutes: float, number: int) -> int:
    """Run so many rounds, or for so long if ``minutes`` are given; returns the exit code."""
    say(f"fuzz: seed {number}" + (f", {minutes:g} min" if minutes else f", {rounds} rounds"))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        cloud = Ground(Path(folder), SETTINGS, PORTS)
        try:
            cloud.start()
            run = Fuzz(cloud, number, say)
            run.stock.seed(thoroughly=True)
            say(f"  seeded in {time.monotonic() - begun:.0f} s: {run.stock}")
            done = 0
            while (time.monotonic() - begun < minutes * 60) if minutes else (done < rounds):
                done += 1
                run.round(done)
        except KeyboardInterrupt:
            say("Stopping: the cloud ends in good order …")
            return 130
        finally:
            cloud.stop()
    for line in run.summary():
        say(line)
    seconds = int(time.monotonic() - begun)
    say(f"  in {seconds // 60}:{seconds % 60:02} min; SEED={number} makes the same cases again")
    say(run.tally.line())
    return 0 if run.passed() else 1


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often every call is tried by everybody")
    parser.add_argument("--minutes", type=float, default=0, help="go on for so long instead")
    parser.add_argument("--seed", type=int, help="the seed that an earlier run named, to make its cases again")
    wanted = parser.parse_args()
    number = wanted.seed if wanted.seed is not None else secrets.randbelow(1_000_000)
    return fuzz(wanted.rounds, wanted.minutes, number)


if __name__ == "__main__":
    sys.exit(main())
