"""What a run of the journeys has counted, over all its workers, and the line that it ends with."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

STEPS = 21
TOTALS = ("journeys", "looks", "screenshots", "violations", "console_errors", "foreign_requests", "csp_reports")


@dataclass
class Tally:
    """Counts, the procedure's steps that were driven in the browser, and bytes over the wire by page."""

    counts: Counter[str] = field(default_factory=Counter)
    steps: set[int] = field(default_factory=set)
    wire: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, count: int = 1) -> None:
        """kind: one of TOTALS."""
        self.counts[kind] += count

    def as_json(self) -> dict[str, object]:
        """For the way from a worker to the process that it works for."""
        return {"counts": dict(self.counts), "steps": sorted(self.steps), "wire": self.wire}

    def take(self, counts: dict[str, int], steps: Iterable[int], wire: dict[str, int]) -> None:
        """Add what a worker has counted."""
        self.counts.update(counts)
        self.steps.update(steps)
        self.wire |= wire

    def line(self) -> str:
        """The run in one line."""
        got = {kind: self.counts[kind] for kind in TOTALS}
        sizes = ", ".join(f"{page} {size / 1000:.1f} KB" for page, size in sorted(self.wire.items(), reverse=True))
        return (
            f"browser: {len(self.steps)} of {STEPS} steps, {got['journeys']} journeys, "
            f"{got['looks']} pages and states, {got['screenshots']} screenshots, "
            f"{got['violations']} violations, {got['console_errors']} console errors, "
            f"{got['foreign_requests']} foreign requests, {got['csp_reports']} CSP reports"
            + (f"; {sizes} compressed" if sizes else "")
        )
