"""Faults on demand: a test tells a stand-in which requests to delay, refuse, or leave without an answer."""

import asyncio
import json
import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Fault(BaseModel):
    """One fault. `match` is `METHOD path-regex` (method `*` for any); the pattern may match anywhere in the
    path.

    The request waits `delaySeconds`; then, if `status` is given, that is the answer, with `retryAfter`
    (seconds) as Retry-After and `body` (a string, or anything that JSON can say). `drop` cuts the connection
    instead. With `afterwards` the work is done first and only its answer is replaced or lost. `times` null
    means until deleted.
    """

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    match: str
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    retry_after: Annotated[int, Field(ge=0)] | None = None
    delay_seconds: Annotated[float, Field(ge=0)] = 0
    body: object = None
    drop: bool = False
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

    def concerns(self, method: str, path: str) -> bool:
        """Whether this fault is meant for a request of that method and path."""
        wanted, _, pattern = self.match.partition(" ")
        return wanted in ("*", method) and re.search(pattern, path) is not None

    def answer(self) -> Response:
        """The answer that the fault gives; only for a fault with a status."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        assert self.status is not None  # noqa: S101
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
            await self._act(fault, app, scope, receive, send)

        return faulty

    def _take(self, method: str, path: str) -> Fault | None:
        for fault, used in self._waiting:
            left = fault.times is None or used[0] < fault.times
            if left and fault.concerns(method, path):
                used[0] += 1
                return fault
        return None

    async def _act(self, fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(fault.delay_seconds)
        replaces = fault.drop or fault.status is not None
        if not replaces:
            await app(scope, receive, send)
            return
        if fault.afterwards:
            await app(scope, receive, _discard)
        if fault.drop:
            # A head that promises a body, and then nothing: the server closes the connection, the client sees
            # it die.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"64")]})
            return
        await fault.answer()(scope, receive, send)

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


async def _discard(_: Message) -> None:
    """Takes an answer that nobody shall see."""


def refuse_control(error: ValidationError) -> Response:
    """400 for a control request, naming the first faulty field."""
    first = error.errors(include_input=False, include_context=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    return JSONResponse({"error": {"code": "BadRequest", "message": f"{field}: {first['msg']}"}}, 400)
