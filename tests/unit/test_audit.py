"""What an audit makes of the answers: a vulnerability fails it, silence is said, and neither is taken for the other."""

import json
from typing import Any

import pytest

from scripts import audit
from scripts.audit import Answer, Audit, node_answer, python_answer

CLEAN = {"name": "jinja2", "version": "3.1.6", "vulns": []}
SKIPPED = {"name": "msal", "skip_reason": "Dependency not found on PyPI and could not be audited: msal (1.39.0)"}
WEAK = {
    "name": "pyjwt",
    "version": "2.15.1",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["2.15.2", "2.16"]}, {"id": "PYSEC-2026-2", "fix_versions": []}],
}
KNOWN = ("pyjwt 2.15.1: PYSEC-2026-1, mended in 2.15.2, 2.16", "pyjwt 2.15.1: PYSEC-2026-2, mended in no release yet")
SILENT = Answer()


def python_report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def node_report(*packages: dict[str, str]) -> str:
    return json.dumps({"auditReportVersion": 2, "vulnerabilities": {item["name"]: item for item in packages}})


LIT = {"name": "lit", "range": "<3.3.4", "severity": "low"}
PYTHON = {
    "nothing known": (0, python_report(CLEAN, CLEAN), Answer(True)),
    "something known": (1, python_report(CLEAN, WEAK), Answer(True, KNOWN)),
    "something known, the exit code notwithstanding": (0, python_report(WEAK), Answer(True, KNOWN)),
    "no package looked up, which pip-audit calls success": (0, python_report(SKIPPED, SKIPPED), SILENT),
    "some not looked up": (0, python_report(CLEAN, SKIPPED), Answer(True, (), 1)),
    "something known, some not looked up": (1, python_report(WEAK, SKIPPED), Answer(True, KNOWN, 1)),
    "not reached: a traceback and no report": (1, "", SILENT),
    "stopped half-way": (1, python_report(CLEAN), SILENT),
    "no JSON": (0, "<html>a proxy's page</html>", SILENT),
    "no report": (0, "[]", SILENT),
}
NODE = {
    "nothing known": (0, node_report(), Answer(True)),
    "something known": (1, node_report(LIT), Answer(True, ("lit <3.3.4: low",))),
    "something known, the exit code notwithstanding": (0, node_report(LIT), Answer(True, ("lit <3.3.4: low",))),
    "not reached": (1, json.dumps({"message": "request failed", "error": {"summary": "", "detail": ""}}), SILENT),
    "refused": (1, json.dumps({"message": "405", "statusCode": 405, "error": {"summary": "", "detail": ""}}), SILENT),
    "failed after the report": (1, node_report(), SILENT),
    "no output": (1, "", SILENT),
}


@pytest.mark.parametrize(("exit_code", "output", "expected"), PYTHON.values(), ids=PYTHON)
def test_an_answer_of_pip_audit(exit_code: int, output: str, expected: Answer) -> None:
    assert python_answer(exit_code, output) == expected


@pytest.mark.parametrize(("exit_code", "output", "expected"), NODE.values(), ids=NODE)
def test_an_answer_of_npm(exit_code: int, output: str, expected: Answer) -> None:
    assert node_answer(exit_code, output) == expected


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([Answer(True), Answer(True), Answer(True)], 0),
        ([SILENT, SILENT, SILENT], 0),
        ([Answer(True, KNOWN), Answer(True), Answer(True)], 1),
        ([SILENT, Answer(True, ("lit <3.3.4: low",)), SILENT], 1),
        ([Answer(True), Answer(True), Answer(True, ("azurite *: high",))], 0),  # a tool that reaches nobody
    ],
)
def test_only_what_a_service_knows_of_what_we_run_fails_it(
    answers: list[Answer], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = iter(answers)
    monkeypatch.setattr(audit, "asked", lambda _: next(said))
    assert audit.main() == code


def test_silence_is_said_and_not_taken_for_a_clean_answer(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [audit.told(audit.AUDITS[0], answer) for answer in (SILENT, Answer(True), Answer(True, KNOWN, 3))]
    assert "not looked up" in lines[0]
    assert "known vulnerabilities" not in lines[0]
    assert lines[1].endswith("0 known vulnerabilities")
    assert lines[2].splitlines()[0].endswith("2 known vulnerabilities, 3 packages not looked up")


def test_a_service_that_hangs_has_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PATIENCE", 0.01)
    assert audit.asked(Audit("packages", ("sleep", "60"), python_answer)) == SILENT
