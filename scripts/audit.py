"""Asks for known vulnerabilities of what the locks pin: `make audit`.

Both tools ask a service, which not every machine reaches. What it knows fails the command; that it did not answer is
said in one line, and fails nothing. Exit codes alone do not tell the two apart: pip-audit calls a package that it could
not look up unaffected and ends with 0, npm ends with 1 either way. So the answers are read.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SECONDS = 20  # for one answer of a service
PATIENCE = 180  # seconds for a whole audit


@dataclass(frozen=True)
class Answer:
    """Whether a service answered, the vulnerabilities that it knows, and of how many packages it knows nothing."""

    answered: bool = False
    known: tuple[str, ...] = ()
    missed: int = 0


def python_answer(exit_code: int, output: str) -> Answer:
    """Read what `pip-audit --format json` printed; no answer where that is no report of packages that it looked up."""
    packages = _parsed(output).get("dependencies", ())
    audited = [package for package in packages if "vulns" in package]
    known = tuple(
        f"{package['name']} {package['version']}: {vulnerability['id']}, mended in "
        + (", ".join(vulnerability["fix_versions"]) or "no release yet")
        for package in audited
        for vulnerability in package["vulns"]
    )
    if not audited or (exit_code and not known):
        return Answer()
    return Answer(True, known, len(packages) - len(audited))


def node_answer(exit_code: int, output: str) -> Answer:
    """Read what `npm audit --json` printed; no answer where that is no report."""
    report = _parsed(output)
    if "auditReportVersion" not in report:
        return Answer()
    packages = report["vulnerabilities"].values()
    known = tuple(f"{package['name']} {package['range']}: {package['severity']}" for package in packages)
    return Answer(not exit_code or bool(known), known)


def _parsed(output: str) -> dict[str, Any]:
    try:
        report = json.loads(output)
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}


@dataclass(frozen=True)
class Audit:
    """One question: of which packages, the command that asks it, how to read its answer, and whether it may fail."""

    of: str
    command: Sequence[str]
    read: Callable[[int, str], Answer]
    fails: bool = True


PYTHON = (sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--format", "json")
NODE = ("npm", "audit", "--json", "--fetch-retries=0", f"--fetch-timeout={SECONDS * 1000}")
AUDITS = (
    Audit(
        "Python packages",
        (*PYTHON, "--progress-spinner", "off", "--timeout", str(SECONDS), "--requirement", "requirements-dev.txt"),
        python_answer,
    ),
    Audit("packages in the portal", (*NODE, "--omit=dev"), node_answer),
    # Azurite and MailDev are held at what accepts Node 20, listen on this machine only, and see pretend data only.
    Audit("Node tools", NODE, node_answer, fails=False),
)


def asked(audit: Audit) -> Answer:
    """Run an audit; one that takes longer than PATIENCE has no answer."""
    try:
        ran = subprocess.run(audit.command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)  # noqa: S603
    except subprocess.TimeoutExpired:
        return Answer()
    return audit.read(ran.returncode, ran.stdout)


def told(audit: Audit, answer: Answer) -> str:
    """What to print of an answer."""
    if not answer.answered:
        return f"audit: {audit.of}: not looked up, because the service cannot be reached; nothing is known of them"
    missed = f", {answer.missed} packages not looked up" if answer.missed else ""
    return "\n  ".join([f"audit: {audit.of}: {len(answer.known)} known vulnerabilities{missed}", *answer.known])


def main() -> int:
    """Ask all of them and print what they say; 1 when one that may fail knows of a vulnerability."""
    failed = False
    for audit in AUDITS:
        answer = asked(audit)
        print(told(audit, answer), flush=True)
        failed = failed or (audit.fails and bool(answer.known))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
