"""The API's own description, held against every answer that a test gets from the app."""

import json
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlsplit

import requests
from jsonschema import Draft202012Validator

type Json = dict[str, Any]

# Headers that a caller may rely on: each is described where it is sent, and sent where it is described.
RELIED_ON = ("ETag", "Location", "Retry-After", "WWW-Authenticate", "Allow")


@dataclass(frozen=True)
class Outcome:
    """What an answer was: the call's operation id (None where no call matches), its status, and a problem's code."""

    operation: str | None
    status: int
    code: str | None


@dataclass
class Description:
    """An OpenAPI document, and the outcomes that were seen since it was read."""

    document: Json
    seen: set[Outcome] = field(default_factory=set)

    def check(self, reply: requests.Response, *_: object, **__: object) -> None:
        """A response hook of requests. Raises AssertionError for an answer that is not described."""
        method, path = str(reply.request.method), urlsplit(str(reply.url)).path
        operation = self.operation(method, path)
        outcome = Outcome(operation["operationId"] if operation else None, reply.status_code, _code(reply))
        self.seen.add(outcome)
        if operation is None:
            assert reply.status_code in (404, 405), f"{method} {path} is not described, and answers {outcome}"
            return
        described = operation["responses"].get(str(reply.status_code))
        assert described, f"{outcome} is not described"
        self._check_body(outcome, described, reply)
        headers = described.get("headers", {})
        for name in RELIED_ON:
            assert name not in reply.headers or name in headers, f"{outcome}: the header {name} is not described"
            assert name in reply.headers or not headers.get(name, {}).get("required"), f"{outcome}: {name} is missing"

    def _check_body(self, outcome: Outcome, described: Json, reply: requests.Response) -> None:
        content = described.get("content", {})
        media_type = reply.headers.get("Content-Type", "").partition(";")[0]
        if not content:
            assert not reply.content, outcome
            return
        assert media_type in content, f"{outcome} comes as {media_type}"
        if "schema" not in content[media_type]:
            return
        faults = list(self._validator(json.dumps(content[media_type]["schema"])).iter_errors(reply.json()))
        assert not faults, f"{outcome}: {faults[0].message} at {faults[0].json_path}"

    def operation(self, method: str, path: str) -> Json | None:
        """The described operation that takes this request, if there is one."""
        for template, expression in self._templates.items():
            if expression.fullmatch(path):
                found: Json | None = self.document["paths"][template].get(method.lower())
                return found
        return None

    @cached_property
    def _templates(self) -> dict[str, re.Pattern[str]]:
        return {
            path: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)), re.IGNORECASE)
            for path in self.document["paths"]
        }

    def _validator(self, schema: str) -> Draft202012Validator:
        return _validator(json.dumps(self.document["components"]), schema)


@cache
def _validator(components: str, schema: str) -> Draft202012Validator:
    content = {**json.loads(schema), "components": json.loads(components)}
    return Draft202012Validator(content, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _code(reply: requests.Response) -> str | None:
    if not reply.headers.get("Content-Type", "").startswith("application/problem+json"):
        return None
    code: str = reply.json()["code"]
    return code
