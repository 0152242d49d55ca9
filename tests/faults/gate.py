"""A gate between a host and everything outside of it: counts the calls that pass, and spoils one of them.

It is a forward proxy, so the host's settings stay those of every local cloud: all of its calls come through here, to
the tables and queues as they are, to Entra, Graph and the e-mail service through a tunnel that ends in the gate.
"""

import http.client
import re
import select
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from local.config import Ports

HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length", "proxy-connection"}
SILENT_SECONDS = 40.0  # longer than any caller of ours waits


class Spoil(StrEnum):
    """What becomes of the call, in the words of the report."""

    KILL_BEFORE = "host killed before"
    KILL_AFTER = "host killed after"
    REFUSED = "503 instead of"
    BUSY = "503 after"
    SILENT = "no answer to"
    CUT = "cut answer to"

    @property
    def kills(self) -> bool:
        return self in (Spoil.KILL_BEFORE, Spoil.KILL_AFTER)


@dataclass(frozen=True)
class Call:
    """One call of the host, in words."""

    what: str

    @property
    def counts(self) -> bool:
        """Polls of a queue and the making of a missing one are the host's own, and go on all the time."""
        return self.what not in ("poll", "make queue", "hide message")

    @property
    def changes(self) -> bool:
        """Whether it leaves something behind where it goes."""
        return not self.what.startswith(("read", "query", "sweep: query", "entra", "graph", "mail: fate"))

    @property
    def of_sweep(self) -> bool:
        return self.what.startswith("sweep: ")


@dataclass
class Armed:
    """What the gate waits for: the ``number``-th call that counts (from 1; 0 never comes), of those named ``only``."""

    number: int = 0
    spoil: Spoil = Spoil.KILL_BEFORE
    with_sweeps: bool = False
    only: str = ""
    calls: list[Call] = field(default_factory=list)
    hit: Call | None = None

    def takes(self, call: Call) -> bool:
        """Note a call; whether it is the one to spoil, or an SDK's repeat of one that is refused, which is, too."""
        if not call.counts or (call.of_sweep and not self.with_sweeps) or self.only not in ("", call.what):
            return False
        repeats = self.spoil is Spoil.REFUSED and call == self.hit == self.calls[-1]
        self.calls.append(call)
        if len(self.calls) == self.number:
            self.hit = call
        return repeats or len(self.calls) == self.number


class Gate:
    """Forwards to the servers of one local cloud. ``kill`` ends the host at once."""

    def __init__(self, ports: Ports, tls: ssl.SSLContext, kill: Callable[[], None]) -> None:
        self.ports, self.tls, self.kill = ports, tls, kill
        self.connections = 0
        self._armed = Armed()
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @contextmanager
    def armed(self, number: int, spoil: Spoil, *, with_sweeps: bool = False, only: str = "") -> Iterator[Armed]:
        """Spoil the ``number``-th call from now on, once."""
        with self.under(Armed(number, spoil, with_sweeps, only)) as armed:
            yield armed

    @contextmanager
    def under[A: Armed](self, armed: A) -> Iterator[A]:
        """Let this decide which calls are spoiled."""
        self._set(armed)
        try:
            yield armed
        finally:
            self._set(Armed())

    def verdict(self, call: Call) -> Spoil | None:
        """What shall become of a call that has just arrived."""
        with self._lock:
            return self._armed.spoil if self._armed.takes(call) else None

    def note_connection(self, change: int) -> None:
        """One more, or one less: a host that has died is gone once the last of its own has ended."""
        with self._lock:
            self.connections += change

    def _set(self, armed: Armed) -> None:
        with self._lock:
            self._armed = armed


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, gate: Gate) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.gate = gate

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A host that was killed leaves broken connections."""


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: list[tuple[str, str]]
    content: bytes


class _Handler(BaseHTTPRequestHandler):
    """One connection of the host's."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    tunnel: int | None = None

    def do_CONNECT(self) -> None:
        """Be the other end of the tunnel, so that what goes through it can be told apart."""
        self.tunnel = int(self.path.rpartition(":")[2])
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        self.connection = self.server.gate.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def setup(self) -> None:
        self.server.gate.note_connection(1)
        super().setup()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        with suppress(OSError):
            self.connection.close()
        self.server.gate.note_connection(-1)

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        place = urlsplit(self.path)
        port = self.tunnel or place.port or 80
        call = Call(_what(self.server.gate.ports, port, self.command, self.path))
        match self.server.gate.verdict(call):
            case None:
                self._answer(self._forward(port, body))
            case Spoil.KILL_BEFORE:
                self.server.gate.kill()
                self.close_connection = True
            case Spoil.KILL_AFTER:
                self._forward(port, body)
                self.server.gate.kill()
                self.close_connection = True
            case Spoil.REFUSED:
                self._answer(_Answer(503, [], b""))
            case Spoil.BUSY:
                self._forward(port, body)
                self._answer(_Answer(503, [], b""))
            case Spoil.SILENT:
                self._forward(port, body)
                self._wait_for_the_end()
            case Spoil.CUT:
                self._answer(self._forward(port, body), cut=True)

    def _forward(self, port: int, body: bytes) -> _Answer:
        place = urlsplit(self.path)
        path = place._replace(scheme="", netloc="").geturl()
        headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
        connection = _connection(port, secure=self.tunnel is not None)
        try:
            connection.request(self.command, path, body, headers)
            answer = connection.getresponse()
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
            return _Answer(answer.status, kept, answer.read())
        finally:
            connection.close()

    def _answer(self, answer: _Answer, *, cut: bool = False) -> None:
        """Send it; cut, only half of the body comes, or nothing at all when there is none."""
        if cut:
            self.close_connection = True
            if not answer.content:
                return
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        try:
            self.wfile.write(answer.content[: len(answer.content) // 2] if cut else answer.content)
        except OSError:  # the host was killed meanwhile
            self.close_connection = True

    def _wait_for_the_end(self) -> None:
        """Until the caller has lost its patience and closes, or dies."""
        select.select([self.connection], [], [], SILENT_SECONDS)
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_MERGE = do_PATCH = do_HEAD = pass_on  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def _connection(port: int, *, secure: bool) -> http.client.HTTPConnection:
    if not secure:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=SILENT_SECONDS)
    # The stand-ins' own certificates are not what is tested here; the host checks the gate's, which is the same.
    trusting = ssl._create_unverified_context()  # noqa: S323
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=SILENT_SECONDS, context=trusting)


def _what(ports: Ports, port: int, method: str, target: str) -> str:
    """A call in a few words."""
    place = urlsplit(target)
    path = unquote(place.path)
    if port == ports.table:
        return _table_call(method, path, unquote(place.query))
    if port == ports.queue:
        return _queue_call(method, path)
    if port == ports.mail:
        return "mail: send" if method == "POST" else "mail: fate"
    if port == ports.entra:
        return f"{'graph' if path.startswith('/v1.0/') else 'entra'}: {_last(path)}"
    return f"{method} {path}"


def _table_call(method: str, path: str, query: str) -> str:
    if path.endswith("$batch"):
        return "transaction"
    if path.endswith("/Tables"):
        return "make table"
    key = re.search(r"RowKey='([^':]+)", path)
    if key is None:
        kind = re.search(r"RowKey ge '([a-z-]+)", query)
        asked = "work eq" in query or "woken eq" in query
        return "sweep: query" if kind and kind[1] == "due" and not asked else f"query {kind[1] if kind else ''}"
    if key[1] == "sweep":
        return "sweep: heartbeat"
    return f"{'read' if method == 'GET' else 'write'} {key[1]}"


def _queue_call(method: str, path: str) -> str:
    queue, _, rest = path.partition("/")[2].partition("/")[2].partition("/")
    if method == "POST" and rest == "messages":
        return f"wake {queue}"
    if method == "DELETE":
        return f"end of {queue} message"
    if method == "GET":
        return "poll"
    return "hide message" if rest else "make queue"


def _last(path: str) -> str:
    return re.sub(r"\(.*\)", "", path.rstrip("/").rpartition("/")[2])
