"""What a cold start pays: importing and indexing the app, against the libraries that it cannot do without.

Each number is a median over fresh interpreters; the two sides take turns, so that a busy machine slows both.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 1.2
LIBRARIES = "import azure.functions, pydantic, azure.data.tables"
APP = "import function_app; function_app.app.get_functions()"
FIRST_USES = {
    "the wizard page": "import invitations.assets",
    "an operator's call": "import jwt, onboarding.models, onboarding.operations.services, shared.store",
    "a submission": "import invitations.models, invitations.operations, shared.store",
    "a mail": "import invitations.operations, invitations.mail, shared.store",
    "a check": "import validation.operations, validation.examination, shared.store",
}


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter with the settings of local.settings.json (`make setup` makes it)."""
    values = json.loads((ROOT / "local.settings.json").read_text())["Values"]
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, **values},
        capture_output=True,
        text=True,
        check=True,
    )


def milliseconds(statement: str, before: str = "pass") -> float:
    """How long ``statement`` takes in a fresh interpreter, after ``before``."""
    program = (
        f"import time; {before}; begun = time.perf_counter()\n{statement}\nprint((time.perf_counter() - begun) * 1000)"
    )
    ran = run(program)
    return float(ran.stdout)


def ratio(rounds: int) -> tuple[float, float, float]:
    """Medians of the libraries and of the app in milliseconds, and the app's share of the libraries' time."""
    pairs = [(milliseconds(LIBRARIES), milliseconds(APP)) for _ in range(rounds)]
    libraries, app = (statistics.median(side) for side in zip(*pairs, strict=True))
    return libraries, app, app / libraries


def main(rounds: int = 9) -> bool:
    """Measure and print; True when the app keeps to its limit."""
    print(f"cold start: {rounds} rounds of fresh interpreters …", flush=True)
    libraries, app, share = ratio(rounds)
    print(f"  azure.functions + pydantic + azure.data.tables   {libraries:6.0f} ms")
    print(f"  importing and indexing function_app              {app:6.0f} ms   {share:.2f} of it, limit {LIMIT}")
    for what, statement in FIRST_USES.items():
        first = statistics.median(milliseconds(statement, APP) for _ in range(max(3, rounds // 3)))
        print(f"  then, at the first use: {what:<24} {first:6.0f} ms")
    return share <= LIMIT
