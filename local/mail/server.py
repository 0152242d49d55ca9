"""The e-mail service's HTTP side: who may call, what it takes, what it answers."""

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from local.faults import Faults, refuse_control
from local.mail.bearer import BearerError, BearerTokens
from local.mail.message import EmailRequest
from local.mail.operations import Operation, OperationStore
from local.mail.relay import Relay
from local.mail.settings import Quota, Settings
from local.mail.signature import SignatureError, check_signature
from local.mail.throttle import Throttle
from local.standin import ProtectControl, RefuseOtherHosts, StartError, argument_parser, serve, shift_clock

# azure/communication/email/_api_versions.py of azure-communication-email 1.1.0.
API_VERSIONS = frozenset({"2023-03-31", "2024-07-01-preview", "2025-09-01"})
# "Service limits for Azure Communication Services", Email: 10 MB for a request with its attachments.
MAX_BODY_BYTES = 10 * 1024 * 1024
# The real service suggests longer waits; here the relay is done within a second.
RETRY_AFTER_SECONDS = 1
_CONNECTION_STRING = re.compile(r"endpoint=https://[^;]+;accesskey=(?P<key>[A-Za-z0-9+/=]+)", re.IGNORECASE)

_ADDRESS_FIELDS = frozenset({"address", "senderAddress"})

type Handler = Callable[[Request], Awaitable[Response]]


@dataclass(eq=False)
class ServiceError(Exception):
    """The service says no; the body is the ErrorResponse of "Email - Send (REST)"."""

    status: int
    code: str
    text: str
    details: tuple[dict[str, str], ...] = ()
    retry_after: int | None = None

    def answer(self) -> Response:
        """The refusal as a reply; the code is repeated in a header, as "Email - Send (REST)" says.

        Where only a status is documented, in "Common Error Codes" of the Communication Services REST reference or in
        RFC 9110, the code and the text are the stand-in's own: both are for people, and the SDK maps the status alone
        (_operations/_operations.py, error_map).
        """
        error: dict[str, object] = {"code": self.code, "message": self.text}
        if self.details:
            error["details"] = list(self.details)
        headers = {"x-ms-error-code": self.code}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return JSONResponse({"error": error}, self.status, headers)


class Mail:
    """The endpoints of the service, and /control for tests."""

    def __init__(self, access_key: str, tokens: BearerTokens, store: OperationStore, relay: Relay) -> None:
        self._access_key = access_key
        self._tokens = tokens
        self._store = store
        self._relay = relay
        self._settings = Settings()
        self._sends, self._status_reads = Throttle(), Throttle()

    def routes(self) -> list[Route]:
        """Send, operation status, settings and the list of operations."""
        return [
            Route("/emails:send", self._guarded(self._send), methods=["POST"]),
            Route("/emails/operations/{id}", self._guarded(self._status), methods=["GET"]),
            Route("/control/settings", self._change_settings, methods=["POST"]),
            Route("/control/operations", self._list, methods=["GET"]),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def endpoint(request: Request) -> Response:
            try:
                # Signed or not is decided before anything else about the request is looked at.
                body = await _bounded_body(request)
                await self._authenticate(request, body)
                _check_api_version(request)
                answer = await handler(request)
            except (SignatureError, BearerError) as error:
                # hafael/azure-mailer-driver issue 12; which text goes with which fault is undocumented, apart from
                # that one. The challenge: RFC 9110, section 11.6.1.
                refusal = ServiceError(401, "Denied", str(error)).answer()
                refusal.headers["WWW-Authenticate"] = "HMAC-SHA256, Bearer"
                return _echo_client_id(request, refusal)
            except ServiceError as error:
                return _echo_client_id(request, error.answer())
            return _echo_client_id(request, answer)

        return endpoint

    async def _authenticate(self, request: Request, body: bytes) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            await self._tokens.check(token.strip())
        else:
            check_signature(request, body, self._access_key, any_date=self._settings.any_date)

    async def _send(self, request: Request) -> Response:
        # "Email - Send (REST)": 202 with Operation-Location and retry-after, body EmailSendResult. What is checked
        # first, and that the status is Running at once, is undocumented there: floci-io/floci-az saw the latter.
        _count(self._sends, self._settings.limits.send)
        _check_media_type(request)
        message = _read_message(await request.body())
        _check_sender(message.sender_address, self._settings.senders)
        operation_id = _operation_id(request)
        known = self._store.find(operation_id)
        if known is not None and self._settings.repeated == "conflict":
            # Undocumented: chosen because azure-communication-email maps 409 to ResourceExistsError.
            raise ServiceError(409, "Conflict", "An operation with this Operation-Id exists already.")
        if known is None or self._settings.repeated == "again":
            outcome = self._settings.outcome(message.envelope())
            known = self._store.accept(operation_id, message, outcome)
            self._relay.wake()
        version = request.query_params["api-version"]
        place = f"https://{request.url.netloc}/emails/operations/{operation_id}?api-version={version}"
        headers = {"Operation-Location": place, "retry-after": str(RETRY_AFTER_SECONDS)}
        return JSONResponse(_result(known), 202, headers)

    async def _status(self, request: Request) -> Response:
        # "Email - Get Send Result (REST)": 200 with EmailSendResult, whatever became of the mail.
        _count(self._status_reads, self._settings.limits.status)
        operation = self._store.find(request.path_params["id"].lower())
        if operation is None:
            # "Common Error Codes": 404 for a resource that does not exist.
            raise ServiceError(404, "OperationNotFound", "The specified operation was not found.")
        headers = {"retry-after": str(RETRY_AFTER_SECONDS)} if operation.status in ("NotStarted", "Running") else {}
        return JSONResponse(_result(operation), headers=headers)

    async def _change_settings(self, request: Request) -> Response:
        try:
            self._settings = Settings.model_validate_json(await request.body())
        except ValidationError as error:
            return refuse_control(error)
        self._sends.forget()
        self._status_reads.forget()
        return JSONResponse(self._settings.model_dump(mode="json", by_alias=True))

    async def _list(self, _: Request) -> Response:
        return JSONResponse(
            {
                "value": [
                    {"id": operation.id, "status": operation.status, "accepted": operation.accepted}
                    for operation in self._store.all()
                ]
            }
        )


def _result(operation: Operation) -> dict[str, object]:
    # EmailSendResult: "error details when status is a non-success terminal state"; else null, as floci-io/floci-az saw
    # the service answer.
    error = None
    if operation.reason is not None:
        code, _, words = operation.reason.partition(": ")
        error = {"code": code, "message": words}
    return {"id": operation.id, "status": operation.status, "error": error}


async def _bounded_body(request: Request) -> bytes:
    # Undocumented: chosen because RFC 9110, section 15.5.14, has this status for it.
    too_large = ServiceError(413, "RequestEntityTooLarge", "The request is larger than 10 MB.")
    if int(request.headers.get("content-length", "0")) > MAX_BODY_BYTES:
        raise too_large
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise too_large
    return body


def _count(throttle: Throttle, quotas: Sequence[Quota]) -> None:
    # "Throw an exception when email sending tier limit is reached": 429. "Service limits for Azure Communication
    # Services", Email: Retry-After. The code: public code that handles it.
    wait = throttle.count(quotas)
    if wait is not None:
        raise ServiceError(429, "TooManyRequests", "The request limit has been reached.", retry_after=wait)


def _check_media_type(request: Request) -> None:
    # "Headers (Azure Communication Services)": application/json for POST. That its lack is refused is undocumented:
    # chosen because RFC 9110, section 15.5.16, has this status for it.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ServiceError(415, "UnsupportedMediaType", "The request wants Content-Type: application/json.")


def _check_sender(sender: str, known: Sequence[str] | None) -> None:
    # Undocumented: chosen as people quote them, the first text in MicrosoftDocs/azure-docs issue 123379, codes and
    # statuses in public code and forums.
    if known is None or sender.lower() in (one.lower() for one in known):
        return
    domain = sender.rpartition("@")[2].lower()
    if domain not in (one.rpartition("@")[2].lower() for one in known):
        raise ServiceError(404, "DomainNotLinked", "The specified sender domain has not been linked.")
    text = "Invalid email sender username. Use a username from the list of valid usernames that the admin configured."
    raise ServiceError(400, "InvalidSenderUserName", text)


def _check_api_version(request: Request) -> None:
    # "Microsoft Azure REST API Guidelines", API Versioning: 400 for both, and the first code with its text. The other
    # text is that of ASP.NET's API versioning, as Azure/Communication issue 159 quotes a sister service, its code too.
    version = request.query_params.get("api-version")
    if version is None:
        text = "The api-version query parameter (?api-version=) is required for all requests."
        raise ServiceError(400, "MissingApiVersionParameter", text)
    if version not in API_VERSIONS:
        text = f"The HTTP resource that matches the request URI '{request.url}' does not support the API version"
        raise ServiceError(400, "UnsupportedApiVersion", f"{text} '{version}'.")


def _operation_id(request: Request) -> str:
    # _operations/_operations.py: without an id from the customer "the service will generate one". "Common Error Codes":
    # 400 for what is not in the correct format.
    given = request.headers.get("operation-id")
    if given is None:
        return str(uuid4())
    try:
        return str(UUID(given))
    except ValueError:
        raise ServiceError(400, "BadRequest", "The Operation-Id header is not a valid GUID.") from None


def _read_message(body: bytes) -> EmailRequest:
    try:
        return EmailRequest.model_validate_json(body)
    except ValidationError as error:
        # "Common Error Codes": 400 for a message in the wrong format, 422 for a body that is no JSON. Each field's
        # `details` are undocumented: ErrorDetail has room for them.
        faults = error.errors(include_input=False, include_context=False, include_url=False)
        details = tuple(
            {
                "code": "InvalidField",
                "target": ".".join(str(part) for part in fault["loc"]),
                "message": fault["msg"].removeprefix("Value error, "),
            }
            for fault in faults
        )
        if all(fault["type"] == "value_error" and _ADDRESS_FIELDS.intersection(fault["loc"][-1:]) for fault in faults):
            # Azure/azure-sdk-for-net issue 56805 names this code; the text: public code that handles it.
            raise ServiceError(400, "InvalidEmailAddress", "Invalid format for email address.", details) from None
        status, code = (422, "UnprocessableEntity") if faults[0]["type"] == "json_invalid" else (400, "BadRequest")
        raise ServiceError(status, code, "The request body is not valid.", details) from None


def _echo_client_id(request: Request, answer: Response) -> Response:
    # Undocumented: chosen because the SDK asks for it with x-ms-return-client-request-id (_shared/policy.py).
    client_id = request.headers.get("x-ms-client-request-id")
    if client_id is not None:
        answer.headers["x-ms-client-request-id"] = client_id
    return answer


def build(access_key: str, tokens: BearerTokens, store: OperationStore, relay: Relay) -> ASGIApp:
    """The whole stand-in as one ASGI application; its relay runs while it is served."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        task = asyncio.create_task(relay.run())
        yield
        relay.stop()
        await task
        store.close()

    faults = Faults()
    # What no route takes gets Starlette's plain answer: 404, of which "Common Error Codes" gives no body, and 405 with
    # Allow (RFC 9110, section 15.5.6), which is undocumented: chosen because the SDK never asks with another method.
    routes = [*faults.routes(), *Mail(access_key, tokens, store, relay).routes()]
    return RefuseOtherHosts(ProtectControl(faults.wrap(Starlette(routes=routes, lifespan=lifespan))))


def main(argv: list[str]) -> int:
    """Runs the stand-in until it is told to end; returns the exit code, or raises StartError."""
    parser = argument_parser("mail", "A stand-in for Azure Communication Services Email.")
    parser.add_argument("--smtp-port", type=int, required=True, help="where the local inbox takes mail, on 127.0.0.1")
    arguments = parser.parse_args(argv)
    shift_clock(arguments.clock)
    match = _CONNECTION_STRING.fullmatch(os.environ.get("MAIL", ""))
    if match is None:
        raise StartError("set MAIL to a connection string: endpoint=https://localhost:<port>/;accesskey=<base64>")
    store = OperationStore(arguments.data / "mail.sqlite3")
    tokens = BearerTokens(os.environ.get("AUTHORITY_HOST"))
    return serve("mail", build(match["key"], tokens, store, Relay(store, arguments.smtp_port)), arguments)
