"""Replies out, and the one place where problems become HTTP."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlencode, urlsplit

import azure.functions as func

from shared.languages.translations import ENGLISH, Translation
from shared.problems import Problem
from shared.reporting import report
from shared.settings import settings
from shared.web.requests import language

# What every answer tells browsers, after OWASP's REST Security Cheat Sheet; the wizard's page has a policy of its own.
# Cross-Origin-Resource-Policy is looked at in answers to requests without CORS alone (Fetch, "cross-origin resource
# policy check"): a portal's calls are none of them, and another site's <img> or <script> is.
CLOSED = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
HSTS = "max-age=31536000"  # a year (s)
LOOPBACK = re.compile(r"localhost|.*\.localhost|127(?:\.[0-9]{1,3}){3}")
EXPOSED = "Allow, ETag, Location, Retry-After, WWW-Authenticate"


@runtime_checkable
class Model(Protocol):
    """A pydantic model, without the import: replies are made before anything needs pydantic."""

    def model_dump(self, *, mode: str, by_alias: bool) -> dict[str, Any]: ...


def answers[**P](
    handler: Callable[P, func.HttpResponse], *, translated: bool = False
) -> Callable[P, func.HttpResponse]:
    """Let no exception of an HTTP function reach the worker: it becomes a problem document, without any value. Every
    answer closes itself off from other sites.

    One that is ``translated`` speaks the reader's language, and says which that is.
    """

    @wraps(handler)
    def answered(*args: P.args, **kwargs: P.kwargs) -> func.HttpResponse:
        spoken = ENGLISH
        try:
            spoken = language(_request(*args, *kwargs.values())) if translated else ENGLISH
            response = handler(*args, **kwargs)
        except Problem as problem:
            response = problem_reply(problem, spoken)
        except Exception as error:  # noqa: BLE001 - the outer wall
            response = problem_reply(Problem(members={"reference": report(error)}), spoken)
        if translated:
            response.headers.update({"Content-Language": spoken.code, "Vary": "Accept-Language"})
        for name, value in {**CLOSED, **_transport()}.items():
            response.headers.setdefault(name, value)
        return response

    return answered


def _transport() -> dict[str, str]:
    """HTTP Strict Transport Security (RFC 6797), where the app's own address is https and no loopback: a browser would
    hold every port of this machine to it. Without includeSubDomains: the hosts below ours may be somebody else's.
    """
    address = urlsplit(settings().public_base_url)
    if address.scheme != "https" or LOOPBACK.fullmatch(address.hostname or ""):
        return {}
    return {"Strict-Transport-Security": HSTS}


def _request(*given: object) -> func.HttpRequest:
    return next(each for each in given if isinstance(each, func.HttpRequest))


def reply(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> func.HttpResponse:
    """A JSON reply; ``content`` is a model or JSON values."""
    text = json.dumps(content, ensure_ascii=False, default=_jsonable)
    return func.HttpResponse(
        text, status_code=status, mimetype="application/json", headers={**_always(), **(headers or {})}
    )


def page(req: func.HttpRequest, entries: Sequence[object], cursor: str | None) -> func.HttpResponse:
    """A page of a list: its entries, and where the next page is: the same query with the cursor."""
    following = f"{urlsplit(req.url).path}?{urlencode({**req.params, 'cursor': cursor})}" if cursor else None
    return reply({"value": entries, "nextLink": following})


def _jsonable(value: object) -> object:
    if isinstance(value, Model):
        return value.model_dump(mode="json", by_alias=True)
    raise TypeError(type(value).__name__)


def problem_reply(problem: Problem, spoken: Translation = ENGLISH) -> func.HttpResponse:
    """The problem as RFC 9457 has it."""
    text = json.dumps(problem_document(problem, spoken), ensure_ascii=False, default=_jsonable)
    headers = {**_always(), **problem_headers(problem), **problem.headers}
    return func.HttpResponse(text, status_code=problem.status, mimetype="application/problem+json", headers=headers)


def problem_document(problem: Problem, spoken: Translation = ENGLISH) -> dict[str, object]:
    """The problem document's members; its code is the same in every language."""
    document: dict[str, object] = {
        "type": f"urn:tenantlink:problem:{problem.code}",
        "title": spoken.say(problem.title),
        "status": problem.status,
        "code": problem.code,
        "detail": spoken.say(problem.detail),
        **problem.members,
    }
    if problem.faults:
        document["errors"] = [
            {"pointer": fault.pointer, "code": fault.code, "detail": spoken.say(fault.detail)}
            for fault in problem.faults
        ]
    return document


def problem_headers(problem: Problem) -> dict[str, str]:
    """The headers that every problem of this kind carries."""
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Invitation" if problem.code == "invalid-link" else "Bearer"
    return headers


def _always() -> dict[str, str]:
    return {
        "Cache-Control": "no-store",
        "Access-Control-Expose-Headers": EXPOSED,
    }
