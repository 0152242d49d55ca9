"""HTTP triggers: one ASGI application that routes, calls the function and sends its reply, as Azure does."""

import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from local.host.cors import Cors
from local.host.endpoints import Endpoint, is_the_hosts
from local.host.errors import HostError
from local.host.functions import Function, HttpCall, HttpReply, Outcome
from local.host.invocations import Invocations
from local.host.routes import decode_path
from local.host.screen import Screen

_DEFAULT_BODY_LIMIT = 104_857_600
_BAD_HEADER = re.compile(r"[^\t\x20-\x7e]")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SERVER_HEADERS = {"content-length", "transfer-encoding", "connection"}


class _TooLargeError(Exception):
    """The request's body exceeds FUNCTIONS_REQUEST_BODY_SIZE_LIMIT."""


class HttpApp:
    """The ASGI application."""

    def __init__(self, endpoints: Sequence[Endpoint], cors: Cors, invocations: Invocations, screen: Screen) -> None:
        self._endpoints = endpoints
        self._cors = cors
        self._invocations = invocations
        self._screen = screen
        self._body_limit = _body_limit()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is none of this host's."""
        if scope["type"] != "http":
            return
        started = time.monotonic()
        request = Request(scope, receive)
        try:
            reply, told = await self._answer(request)
        except ClientDisconnect:
            return
        await reply(scope, receive, send)
        milliseconds = (time.monotonic() - started) * 1000
        path = scope["raw_path"].decode("ascii", "replace")
        self._screen.event(f"{request.method} {path} → {reply.status_code}  {milliseconds:.0f} ms  {told}")

    async def _answer(self, request: Request) -> tuple[Response, str]:
        """The reply, and what the invocation's line says at its end."""
        path = decode_path(request.scope["raw_path"])
        if path is None:
            return Response(status_code=400), "malformed path"
        if preflight := self._cors.preflight(request):
            return preflight, "CORS preflight"
        endpoint, params = self._find(request.method, path)
        if endpoint is None:
            return self._reply(request, HttpReply(404, [], b"")), "no function"
        try:
            body = await self._body(request)
        except _TooLargeError:
            return self._reply(request, HttpReply(413, [], b"")), f"{endpoint.function.name}  body too large"
        outcome = await self._invocations.run(endpoint.function, _call(request, params, body))
        told = self._told(endpoint.function, outcome)
        if _is_chunked(request):
            told += "  (its body came in chunks: the function gets none, as in Azure)"
        return self._reply(request, _checked(outcome)), told

    def _find(self, method: str, path: str) -> tuple[Endpoint | None, Mapping[str, str]]:
        if is_the_hosts(path):
            return None, {}
        for endpoint in self._endpoints:
            if endpoint.methods and method not in endpoint.methods:
                continue
            params = endpoint.route.match(path)
            if params is not None:
                return endpoint, params
        return None, {}

    async def _body(self, request: Request) -> bytes:
        length = request.headers.get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length) > self._body_limit:
            raise _TooLargeError
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._body_limit:
                raise _TooLargeError
        # Azure's host hands a body to the worker only when the request announces its length.
        return b"" if _is_chunked(request) else bytes(body)

    def _reply(self, request: Request, answer: HttpReply) -> Response:
        without_body = answer.status in (204, 205, 304)
        reply = Response(b"" if without_body else answer.body, answer.status)
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                reply.headers.append(name, value)
            elif name.lower() not in _SERVER_HEADERS:
                reply.headers[name] = value
        cors = self._cors.headers(request)
        if cors and "vary" in reply.headers and "vary" in cors:
            cors["vary"] = f"{reply.headers['vary']}, {cors['vary']}"
        reply.headers.update(cors)
        return reply

    def _told(self, function: Function, outcome: Outcome) -> str:
        error = outcome.error or _fault(outcome.reply)
        if not error:
            return function.name
        self._screen.block(outcome.trace)
        return f"{function.name}  {error}"


def _call(request: Request, params: Mapping[str, str], body: bytes) -> HttpCall:
    raw_path = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    url = f"{request.url.scheme}://{request.headers.get('host', '')}{raw_path}"
    return HttpCall(
        method=request.method,
        url=f"{url}?{query}" if query else url,
        headers=_joined(request.headers.items()),
        # Azure's host drops a query key without a value: the worker does not announce that it takes them.
        query={k: v for k, v in _joined(parse_qsl(query, keep_blank_values=True)).items() if v},
        params=params,
        body=body,
    )


def _joined(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Repeated names, whatever their case, joined by commas under their first spelling, as ASP.NET does."""
    spelling: dict[str, str] = {}
    joined: dict[str, str] = {}
    for name, value in items:
        known = spelling.setdefault(name.lower(), name)
        joined[known] = f"{joined[known]},{value}" if known in joined else value
    return joined


def _is_chunked(request: Request) -> bool:
    return "transfer-encoding" in request.headers


def _fault(reply: HttpReply | None) -> str:
    """What keeps a reply from being sent, or ""."""
    if reply is None:
        return "there is no reply"
    if not 200 <= reply.status <= 599:
        return f"the status {reply.status} is none that a reply can have"
    if any(not _HEADER_NAME.fullmatch(name) or _BAD_HEADER.search(value) for name, value in reply.headers):
        return "the reply has a header that HTTP does not allow"
    return ""


def _checked(outcome: Outcome) -> HttpReply:
    if not outcome.ok or outcome.reply is None or _fault(outcome.reply):
        return HttpReply(500, [], b"")
    return outcome.reply


def _body_limit() -> int:
    text = os.environ.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "")
    if text and not (text.isascii() and text.isdigit()):
        raise HostError(f"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT must be a number of bytes, not '{text}'.")
    return int(text) if text else _DEFAULT_BODY_LIMIT
