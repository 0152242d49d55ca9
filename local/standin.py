"""What every stand-in server is made of: its start and quiet end, and the checks before each request."""

import argparse
import asyncio
import contextlib
import errno
import re
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.host import clock
from local.host.errors import HostError

# A page of another origin could point a name of its own at 127.0.0.1; it cannot forge the Host header.
_OWN_HOST = re.compile(r"(localhost|127\.0\.0\.1)(:[0-9]+)?", re.IGNORECASE)


class StartError(Exception):
    """A stand-in cannot start; the text is one sentence for the person who started it."""


def shift_clock(offset: str | None) -> None:
    """Moves this process's wall clock by an offset like `+10m`, if there is one; raises StartError for
    nonsense.
    """
    if offset is not None:
        try:
            clock.shift(clock.parse_offset(offset))
        except HostError as error:
            raise StartError(str(error)) from None


def argument_parser(name: str, description: str) -> argparse.ArgumentParser:
    """The arguments that every stand-in takes."""
    parser = argparse.ArgumentParser(prog=f"python -m local.{name}", description=description)
    parser.add_argument("--port", type=int, required=True, help="https port on 127.0.0.1")
    parser.add_argument("--cert", type=Path, required=True, help="certificate of the server, PEM")
    parser.add_argument("--key", type=Path, required=True, help="its private key, PEM")
    parser.add_argument("--data", type=Path, required=True, help="folder for what must survive a restart")
    parser.add_argument("--clock", metavar="OFFSET", help="shift the clock: +10m, or --clock=-2h")
    parser.add_argument("--verbose", action="store_true", help="one line per request")
    return parser


class RefuseOtherHosts:
    """ASGI middleware: answers 421 unless the Host header names this machine's loopback."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _OWN_HOST.fullmatch(Request(scope).headers.get("host", "")) is None:
            text = "This stand-in answers for localhost and 127.0.0.1 only."
            answer = JSONResponse({"error": {"code": "MisdirectedRequest", "message": text}}, 421)
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


class ProtectControl:
    """ASGI middleware: /control wants JSON, which no page of another origin can send unasked."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/control/") and scope["method"] == "POST":
            media_type = Request(scope).headers.get("content-type", "").partition(";")[0].strip().lower()
            if media_type != "application/json":
                text = "Send JSON with Content-Type: application/json."
                answer = JSONResponse({"error": {"code": "UnsupportedMediaType", "message": text}}, 415)
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


class LogRequests:
    """ASGI middleware: one line a request: method, path and status; never a query, a header or a body."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self.app = app
        self.name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = "no answer"

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self.app(scope, receive, note)
        finally:
            print(f"{self.name}: {scope['method']} {scope['path']} {status}", flush=True)


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens, and leaves signals to us: its own way ends with the signal again."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self.on_ready = on_ready

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self.on_ready is not None:
            self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A client that keeps an idle TLS connection open does not answer its closing: waiting for that helps
        # nobody.
        for connection in list(self.server_state.connections):
            if not connection.transport.is_closing():
                connection.shutdown()
            if connection.transport.is_closing():
                connection.transport.abort()
        await asyncio.sleep(0)
        await super().shutdown(sockets)


def _listen(port: int, option: str) -> socket.socket:
    # asyncio switches Nagle off only where the protocol is named; without it each reply waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(f"port {port} is already in use; choose another with {option}") from None
        raise StartError(f"port {port} cannot be opened: {error.strerror}") from None
    return listener


def serve(name: str, app: ASGIApp, arguments: argparse.Namespace, http_port: int | None = None) -> int:
    """Serves `app` by https on 127.0.0.1 (and by http on `http_port`) until SIGTERM or SIGINT; returns the
    exit code.

    Prints `<name>: ready on https://localhost:<port>` when it listens. Raises StartError, before the first
    request, for a port in use or a certificate that cannot be read.
    """
    _check_certificate(arguments.cert, arguments.key)
    if arguments.verbose:
        app = LogRequests(app, name)

    def ready() -> None:
        print(f"{name}: ready on https://localhost:{arguments.port}", flush=True)

    tls = {"ssl_certfile": arguments.cert, "ssl_keyfile": str(arguments.key)}
    servers = [(_Server(_config(app, **tls), ready), _listen(arguments.port, "--port"))]
    if http_port is not None:
        servers.append((_Server(_config(app, lifespan="off"), None), _listen(http_port, "--http-port")))
    asyncio.run(_serve_all(servers))
    return 0


def serve_http(name: str, app: ASGIApp, port: int) -> int:
    """Serves `app` by plain http on 127.0.0.1 until SIGTERM or SIGINT; returns the exit code. Raises StartError."""

    def ready() -> None:
        print(f"{name}: ready on http://localhost:{port}", flush=True)

    asyncio.run(_serve_all([(_Server(_config(app), ready), _listen(port, "--port"))]))
    return 0


def _check_certificate(certificate: Path, key: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except OSError as error:
        raise StartError(f"cannot use {certificate} with {key}: {error.strerror or error}") from None


def _config(app: ASGIApp, **options: object) -> uvicorn.Config:
    # Uvicorn's own messages are off: a connection that a fault cut is no news.
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
        **options,  # type: ignore[arg-type]
    )


async def _serve_all(servers: Sequence[tuple[_Server, socket.socket]]) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for server, _ in servers:
            server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as tasks:
        for server, listener in servers:
            tasks.create_task(server.serve([listener]))


def run(name: str, main: Callable[[list[str]], int]) -> int:
    """Runs a stand-in's `main`; what keeps it from starting is one sentence on stderr and exit code 2."""
    try:
        return main(sys.argv[1:])
    except StartError as error:
        print(f"{name}: {error}", file=sys.stderr, flush=True)
    except OSError as error:
        print(f"{name}: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr, flush=True)
    return 2
