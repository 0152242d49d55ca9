"""A count in words, and how far a walk is. Keys are told by their ids; no value is ever in a line."""

import sys
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from keys.rules import Tally, What

CLEAR = "\r\x1b[K"
SECONDS_APART = {True: 0.1, False: 5.0}  # on a terminal, and elsewhere


def amount(found: Mapping[What, int]) -> str:
    """Such as ``120 client secrets and 1 link``."""
    return " and ".join(several(found.get(what, 0), what) for what in What)


def several(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def report(tally: Tally, providers: Mapping[str, str], keys: Collection[str]) -> Iterator[str]:
    """The lines that tell of a count. ``providers``: id → name; ``keys``: the ids in SEALING_KEYS, the newest first."""
    newest = next(iter(keys))
    notes = {newest: " (newest)", **dict.fromkeys(tally.missing, " (missing)")}
    for provider, name in [*providers.items(), (None, "all providers")]:
        yield f"{name}:"
        for key in (*keys, *sorted(tally.missing)):
            yield f"  key {key}{notes.get(key, '')}: {amount(tally.of(provider=provider, key=key))}"
    yield from _lacking(tally, providers)
    yield from _faults(tally, providers)
    older = tally.older(newest)
    if older:
        yield f"{several(older, 'value')} under another key than {newest}: keep the older keys, and reseal"
    else:
        yield f"no value that could be read is under another key than {newest}"


def _lacking(tally: Tally, providers: Mapping[str, str]) -> Iterator[str]:
    for key in sorted(tally.missing):
        needing = {name: tally.of(provider=provider, key=key).total() for provider, name in providers.items()}
        needed = " and ".join(f"{several(number, 'value')} of {name}" for name, number in needing.items() if number)
        mend = "put it back, reseal, then remove it"
        yield f"error: key {key} is still needed by {needed} but is not in SEALING_KEYS: {mend}"


def _faults(tally: Tally, providers: Mapping[str, str]) -> Iterator[str]:
    for fault in tally.kept:
        yield f"error: a row of {providers[fault.provider]}: {fault.why} ({fault.row})"
    if tally.faults > len(tally.kept):
        yield f"error: {several(tally.faults - len(tally.kept), 'more row')} like these"


@dataclass
class Progress:
    """Says how far a walk is: on a terminal in one line that is written over, elsewhere in a line every few seconds."""

    out: TextIO = field(default_factory=lambda: sys.stderr)
    last: float = 0.0

    @property
    def rewrites(self) -> bool:
        return self.out.isatty()

    def say(self, what: str) -> None:
        """Print it, unless the last time was a moment ago."""
        now = time.monotonic()
        if now - self.last >= SECONDS_APART[self.rewrites]:
            self.last = now
            print(
                f"{CLEAR}{what}" if self.rewrites else what,
                end="" if self.rewrites else "\n",
                file=self.out,
                flush=True,
            )

    def end(self) -> None:
        """Leave a clean line to whatever is printed next."""
        if self.rewrites:
            print(CLEAR, end="", file=self.out, flush=True)
