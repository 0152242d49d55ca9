"""Writes docs/api.md: every call with what it takes, answers and refuses, made from the contracts."""

import importlib
from pathlib import Path

from shared.problems import Problem
from shared.web.calls import Call
from shared.web.contract import Contract, File, Page, Who, calls, contract, refusals

PATH = Path(__file__).parent.parent / "docs" / "api.md"
FEATURES = {
    "onboarding": "Customers, services, registrations",
    "invitations": "Invitations, and the administrator's page",
    "shared": "The platform",
}
WHO = {
    Who.ANYONE: "anybody",
    Who.MONITOR: "monitor",
    Who.OPERATOR: "operator",
    Who.LINK: "link",
}
HEAD = """# The API, call by call

Made from the features' `contract.py` by `make docs`; one test holds it up to date, another provokes every refusal. The
same, with shapes and examples, is served as OpenAPI 3.1 at `/api/openapi.json`.

*Monitor* is a token with either app role, *operator* one with `Onboarding.Operator`; *link* is an invitation's link.
What changes something that exists takes `If-Match`, what makes something new takes `Idempotency-Key`.
A body or a query that a call does not take is ignored.
An address that does not exist answers 404 `not-found`, a wrong method 405 `method-not-allowed` with `Allow`.
"""


def text() -> str:
    """The whole document."""
    for feature in FEATURES:
        importlib.import_module(f"{feature}.functions")  # they register their calls
    known = calls()
    parts = [HEAD]
    for feature, title in FEATURES.items():
        own = [call for call in known if call.contract.__name__ == f"{feature}.contract"]
        rows = [_call(call) for call in own]
        parts.append(_table(title, ("call", "who", "takes", "answers", "refuses with"), rows))
    problems = {problem.code: problem for call in known for problem in refusals(call)}
    codes = sorted(problems.values(), key=lambda problem: (problem.status, problem.code))
    parts.append(_table("What each code means", ("status", "code", "what it says"), [_code(one) for one in codes]))
    return "\n".join(parts)


def _table(title: str, names: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [names, tuple("---" for _ in names), *rows]
    return "\n".join((f"## {title}", "", *(f"| {' | '.join(line)} |" for line in lines), ""))


def _call(call: Call) -> tuple[str, ...]:
    terms = contract(call)
    methods = ", ".join(call.methods)
    good = "<br>".join(f"{status} {_answer(terms, status)}".strip() for status in terms.answers)
    by_status: dict[int, list[str]] = {}
    for problem in refusals(call):
        by_status.setdefault(problem.status, []).append(f"`{problem.code}`")
    bad = "<br>".join(f"{status} {', '.join(codes)}" for status, codes in by_status.items())
    return f"`{methods} /{call.path}`", WHO[terms.who], _takes(terms), good, bad


def _answer(terms: Contract, status: int) -> str:
    match terms.answers[status]:
        case None:
            return ""
        case Page(entry):
            return f"a page of {entry.__name__}"
        case File(media_types):
            return ", ".join(media_types)
        case view:
            return view.__name__


def _takes(terms: Contract) -> str:
    taken = [terms.body.__name__] if terms.body else []
    if terms.query:
        taken.append(", ".join(f"`?{field.alias or name}`" for name, field in terms.query.model_fields.items()))
    headers = {"If-Match": terms.if_match, "Idempotency-Key": terms.idempotent}
    return ", ".join((*taken, *(name for name, is_taken in headers.items() if is_taken)))


def _code(problem: type[Problem]) -> tuple[str, ...]:
    return str(problem.status), f"`{problem.code}`", f"{problem.title}. {problem.detail}".replace("|", "\\|")


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
    print(f"Written: {PATH.name}")
