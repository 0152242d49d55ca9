"""Faults on demand: tells a stand-in which requests to delay, refuse, cut short, or leave without an answer."""

import asyncio
import json
import re
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")


class Fault(BaseModel):
    """One fault. `match` is `METHOD path-regex` (method `*` for any); the pattern may match anywhere in the
    path.

    The request waits `delaySeconds`; then, if `status` is given, that is the answer, with `retryAfter`
    (seconds) as Retry-After, with `headers`, and with `body` (a string, or anything that JSON can say). `drop`
    cuts the connection instead; `cut` does so after half of the answer's body; `dripSeconds` lets that body come
    byte by byte, with so long a pause before each. Both take the given answer, or the real one without `status`.
    With `afterwards` the work is done first and only its answer is replaced or lost. `times` null means until
    deleted.
    """

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    match: str
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    retry_after: Annotated[int, Field(ge=0)] | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    delay_seconds: Annotated[float, Field(ge=0, le=3600)] = 0
    drip_seconds: Annotated[float, Field(ge=0, le=3600)] | None = None
    body: object = None
    drop: bool = False
    cut: bool = False
    afterwards: bool = False
    times: Annotated[int, Field(ge=1)] | None = 1

    @field_validator("match")
    @classmethod
    def _is_method_and_pattern(cls, value: str) -> str:
        method, _, pattern = value.partition(" ")
        if not re.fullmatch(r"[A-Z]+|\*", method) or not pattern:
            raise ValueError("write it as METHOD path-regex")
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"the path is no regular expression: {error}") from None
        return value

    @field_validator("headers")
    @classmethod
    def _are_header_fields(cls, value: dict[str, str]) -> dict[str, str]:
        for name, text in value.items():
            if _HEADER_NAME.fullmatch(name) is None or not (text.isascii() and text.isprintable()):
                raise ValueError("a name has letters, digits and hyphens, a value printable ASCII characters")
        return value

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.status is None and (self.body is not None or self.headers or self.retry_after is not None):
            raise ValueError("body, headers and retryAfter belong to an answer: give its status")
        if self.drop and (self.cut or self.drip_seconds is not None or self.status is not None):
            raise ValueError("drop leaves no answer that could be given, cut or dripped")
        if self.afterwards and not self.drop and self.status is None:
            raise ValueError("afterwards wants a status or drop")
        return self

    def concerns(self, method: str, path: str) -> bool:
        """Whether this fault is meant for a request of that method and path."""
        wanted, _, pattern = self.match.partition(" ")
        return wanted in ("*", method) and re.search(pattern, path) is not None

    def answer(self) -> Response:
        """The answer that the fault gives; only for a fault with a status."""
        assert self.status is not None  # noqa: S101
        headers = dict(self.headers)
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.body is None or isinstance(self.body, str):
            return Response(self.body, self.status, headers)
        return Response(json.dumps(self.body), self.status, headers, "application/json")


class Faults:
    """ASGI middleware and its /control/faults routes.

    The oldest fault that fits a request and has times left acts.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, list[int]]] = []

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The app with faults in front of it; /control itself is never faulty."""

        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"].startswith("/control/"):
                await app(scope, receive, send)
                return
            fault = self._take(scope["method"], scope["path"])
            if fault is None:
                await app(scope, receive, send)
                return
            await _act(fault, app, scope, receive, send)

        return faulty

    def _take(self, method: str, path: str) -> Fault | None:
        for fault, used in self._waiting:
            left = fault.times is None or used[0] < fault.times
            if left and fault.concerns(method, path):
                used[0] += 1
                return fault
        return None

    def routes(self) -> list[Route]:
        """`POST`, `GET` and `DELETE /control/faults`."""
        return [
            Route("/control/faults", self._add, methods=["POST"]),
            Route("/control/faults", self._list, methods=["GET"]),
            Route("/control/faults", self._clear, methods=["DELETE"]),
        ]

    async def _add(self, request: Request) -> Response:
        try:
            fault = Fault.model_validate_json(await request.body())
        except ValidationError as error:
            return refuse_control(error)
        self._waiting.append((fault, [0]))
        return JSONResponse(fault.model_dump(by_alias=True), 201)

    async def _list(self, _: Request) -> Response:
        return JSONResponse(
            {"value": [fault.model_dump(by_alias=True) | {"used": used[0]} for fault, used in self._waiting]}
        )

    async def _clear(self, _: Request) -> Response:
        self._waiting.clear()
        return Response(status_code=204)


async def _act(fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(fault.delay_seconds)
    if fault.afterwards:
        await app(scope, receive, _discard)
    if fault.drop:
        # A head that promises a body, and then nothing: the server closes the connection, the client sees it die.
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"64")]})
        return
    answer = app if fault.status is None else fault.answer()
    if fault.cut or fault.drip_seconds is not None:
        await _in_part(fault, answer, scope, receive, send)
    else:
        await answer(scope, receive, send)


async def _in_part(fault: Fault, answer: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Sends the answer's head as it is, with the length of the whole, and its body cut or dripped."""
    head, body = await _collect(answer, scope, receive)
    await send(head)
    if fault.cut:
        body = body[: len(body) // 2]
    if fault.drip_seconds is None:
        await send({"type": "http.response.body", "body": body, "more_body": fault.cut})
        return
    tasks = [asyncio.create_task(_drip(body, fault, send)), asyncio.create_task(_left(receive))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _drip(body: bytes, fault: Fault, send: Send) -> None:
    for at in range(len(body)):
        await asyncio.sleep(fault.drip_seconds or 0)
        await send({"type": "http.response.body", "body": body[at : at + 1], "more_body": True})
    if not fault.cut:
        await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    """Returns when the client has closed the connection; nobody drips for nobody."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _collect(answer: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    messages: list[Message] = []

    async def note(message: Message) -> None:
        messages.append(message)

    await answer(scope, receive, note)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


async def _discard(_: Message) -> None:
    """Takes an answer that nobody shall see."""


def refuse_control(error: ValidationError) -> Response:
    """400 for a control request, naming the first faulty field."""
    first = error.errors(include_input=False, include_context=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    return JSONResponse({"error": {"code": "BadRequest", "message": f"{field}: {first['msg']}"}}, 400)
