"""Watching a soak while it runs: what must hold at every moment, not only when all is quiet."""

import json
import re
from datetime import datetime

from tests.faults.invariants import broken
from tests.faults.known import LOST, Fault
from tests.faults.lane import Rows

LATER = ("is still owed", "nobody does it")  # what may well be so while work is under way


class Watch:
    """Looks at the whole table now and then.

    One reading of many rows is no single moment. But what is wrong with a service in two of them, while the service
    itself has not changed, was wrong in between.
    """

    def __init__(self) -> None:
        self.faults: dict[str, Fault] = {}
        self._suspected: dict[str, str] = {}

    def look(self, rows: Rows, now: datetime) -> None:
        suspected = {}
        for words in broken(rows, now):
            service = rows.get(f"service:{subject(words, rows)}")
            if service is None or words.endswith(LATER):
                continue
            suspected[words] = service["body"]
            if self._suspected.get(words) == service["body"]:
                self.faults[words] = Fault(LOST, f"{words}, while all went on", subject(words, rows))
        self._suspected = suspected


def subject(words: str, rows: Rows) -> str:
    """The subject of events that an invariant's sentence is about; empty when it names none."""
    key = words.split(maxsplit=1)[0]
    if key.startswith("due:") and key in rows:
        return str(json.loads(rows[key]["body"])["subject"])
    found = re.search(r"(?:service|open|event):([0-9a-z-]+)|events of ([0-9a-z-]+)", words)
    return (found[1] or found[2]) if found else ""
