"""What may be wrong with an answer: each rule is one that every answer keeps, whatever was asked, by whomever."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from schemathesis import BaseSchema, Response
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from invitations.links import VERSION, Token, encode
from tests.fuzz.cases import AnyCase, Try, operation_id, operations
from tests.fuzz.senders import Sender, may
from tests.integration.described import Description

DOCUMENTED = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PARAMETER = re.compile(r"\{(\w+)\}")
TRACE = re.compile(r'Traceback \(most|File \\?"[^"]+", line \d|site-packages|\b[A-Z]\w+(?:Error|Exception)\b: ')
# Refusals of good data that no schema can foresee: of the present, of two fields together, of Unicode's tables, of how
# a number is written (81.0 is an integer to JSON Schema, and a loose type to us), and of what a cursor or a key is for.
BEYOND_SCHEMAS = frozenset({
    *("expires-at", "date-past", "same-id", "name-too-long", "invisible-character", "short-name-invisible", "reason"),
    "int-type",
})  # fmt: skip
BEYOND_PARAMETERS = frozenset({"invalid-cursor", "idempotency-key-reused"})


@dataclass(frozen=True)
class Finding:
    """A rule that an answer broke, and how."""

    rule: str
    detail: str
    server_error: bool = False


class Judge:
    """Holds answers against the description and against what nobody may ever see."""

    def __init__(self, schema: BaseSchema, document: dict[str, Any], providers: Iterable[str], secret: str) -> None:
        """providers: their tenant ids. secret: the client secret that good submissions hold."""
        self._description = Description(document)
        self._operations = operations(schema)
        self._secret = secret
        # A token begins with its version and its provider's id, whoever it was made for.
        self._tokens = {encode(Token(each, "0" * 24, 0, bytes(32)))[:20] for each in providers}
        assert VERSION == 1

    def findings(self, tried: Try, sender: Sender, reply: Response, foreign: Iterable[str] = ()) -> Iterator[Finding]:
        """All that is wrong with the answer. foreign: the ids that this sender must not learn."""
        asked = operation_id(tried.case.operation)
        if reply.status_code >= 500:
            yield Finding("server error", f"{reply.status_code} {_code(reply)}", server_error=True)
        reached = self._description.operation(str(reply.request.method), urlsplit(str(reply.request.url)).path)
        if reached is None:
            yield from _unmatched(reply)
        else:
            yield from _undocumented(self._case_of(reached["operationId"], tried), reply)
        yield from self._told(asked, tried, reply, foreign)
        if reached and reached["operationId"] == asked:
            yield from _misjudged(asked, tried, sender, reply)

    def _case_of(self, reached: str, tried: Try) -> AnyCase:
        """The case, or one of the call that its odd path has led to."""
        operation = self._operations[reached]
        if tried.case.operation is operation:
            return tried.case
        return operation.Case(path_parameters=dict.fromkeys(PARAMETER.findall(operation.path), "x"))

    def _told(self, asked: str, tried: Try, reply: Response, foreign: Iterable[str]) -> Iterator[Finding]:
        """What stands in the answer and should not."""
        text = reply.content.decode(errors="replace") + str(dict(reply.headers))
        if TRACE.search(text):
            yield Finding("trace", "the answer tells of an exception")
        if self._secret in text or any(_says(text, secret) for secret in _typed(tried)):
            yield Finding("secret", "the answer carries a client secret")
        if asked != "copy_link" and any(token in text for token in self._tokens):
            yield Finding("link", "the answer carries a link's token")
        shown = _entries(reply)
        if any(each in shown for each in foreign):
            yield Finding("foreign", "the answer names what is another provider's")


def _unmatched(reply: Response) -> Iterator[Finding]:
    """Of an address that no call has: 404 or 405, as a problem below /api/."""
    under_api = urlsplit(str(reply.request.url)).path.lower().startswith("/api/")
    if reply.status_code not in (404, 405):
        yield Finding("undocumented", f"{reply.status_code} where no call is")
    elif under_api and _code(reply) not in ("not-found", "method-not-allowed"):
        yield Finding("undocumented", f"{reply.status_code} without a problem document where no call is")


def _undocumented(case: AnyCase, reply: Response) -> Iterator[Finding]:
    for failure in _failures(case, reply, DOCUMENTED):
        yield Finding("undocumented", f"{reply.status_code} {_code(reply)}: {failure.title}: {failure.message}"[:600])


def _misjudged(asked: str, tried: Try, sender: Sender, reply: Response) -> Iterator[Finding]:
    """Good answers to others or to bad data, refusals of good data."""
    good, allowed = reply.status_code < 400, may(asked, sender)
    meta = tried.case.meta
    if good and not allowed:
        yield Finding("not for them", f"{reply.status_code} for {sender}")
    elif good and tried.must_fail:
        yield Finding("bad data accepted", f"{reply.status_code} for a body that cannot be read")
    elif good and meta is not None and not _has_empty_values(reply):
        for failure in _failures(tried.case, reply, [negative_data_rejection]):
            yield Finding("bad data accepted", f"{reply.status_code}: {failure.message}"[:600])
    elif allowed and not tried.must_fail and (meta is None or meta.generation.mode.is_positive):
        yield from _refused_good_data(reply)


def _has_empty_values(reply: Response) -> bool:
    """Whether the query has a key without a value, which Azure's host drops: the app cannot see it."""
    asked = parse_qsl(urlsplit(str(reply.request.url)).query, keep_blank_values=True)
    return any(not value for _, value in asked)


def _refused_good_data(reply: Response) -> Iterator[Finding]:
    problem = _problem(reply)
    if reply.status_code not in (400, 422) or problem.get("code") in BEYOND_PARAMETERS:
        return
    faults = [fault for fault in problem.get("errors", ()) if fault["code"] not in BEYOND_SCHEMAS]
    if faults or "errors" not in problem:
        told = ", ".join(f"{fault['pointer']} {fault['code']}" for fault in faults)
        yield Finding("good data refused", f"{reply.status_code} {problem.get('code')}: {told}")


def _failures(case: AnyCase, reply: Response, checks: list[Any]) -> list[Failure]:
    try:
        case.validate_response(reply, checks=checks)
    except FailureGroup as group:
        return [each for each in group.exceptions if isinstance(each, Failure)]
    return []


def _problem(reply: Response) -> dict[str, Any]:
    if not reply.content or "problem+json" not in str(reply.headers.get("content-type", "")):
        return {}
    content: dict[str, Any] = json.loads(reply.content)
    return content


def _code(reply: Response) -> str:
    return str(_problem(reply).get("code", ""))


def _entries(reply: Response) -> str:
    """What a good answer shows; a nextLink repeats what was asked."""
    if reply.status_code >= 300 or "json" not in str(reply.headers.get("content-type", "")):
        return ""
    content = json.loads(reply.content)
    return json.dumps(content.get("value", content)) if isinstance(content, dict) else ""


def _typed(tried: Try) -> Iterator[str]:
    """The secrets in the request, where they are no everyday text."""
    body = tried.case.body
    credential = body.get("credential") if isinstance(body, dict) else None
    value = credential.get("value") if isinstance(credential, dict) else None
    if isinstance(value, str) and len(set(value)) > 6:
        yield value


def _says(text: str, secret: str) -> bool:
    return secret in text or json.dumps(secret)[1:-1] in text
