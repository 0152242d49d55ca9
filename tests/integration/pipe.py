"""A pipe between the app and Azurite's tables, on which a test can lose, replace or watch single answers."""

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}


@dataclass
class Moment:
    """A transaction that was carried out and not yet answered; ``number`` counts them from 1."""

    number: int
    status: int
    lost: bool = field(default=False)
    replaced_by: int | None = None

    def lose(self) -> None:
        """Cut the connection instead of answering."""
        self.lost = True

    def answer(self, status: int) -> None:
        """Answer with this status instead, as a busy front end would."""
        self.replaced_by = status


type Watcher = Callable[[Moment], None]


class Pipe:
    """Forwards to 127.0.0.1:``target``. ``watch`` sees each transaction ($batch) before its answer goes back."""

    def __init__(self, target: int) -> None:
        self.transactions = 0
        self._watch: Watcher | None = None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, target))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        port: int = self._server.server_address[1]
        return port

    def start(self) -> "Pipe":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def watch(self, watcher: Watcher | None) -> None:
        """Call ``watcher`` for each transaction from now on; counting begins anew."""
        with self._lock:
            self._watch, self.transactions = watcher, 0

    def moment(self, status: int) -> Moment:
        """What the watcher makes of a transaction that was just carried out."""
        with self._lock:
            self.transactions += 1
            moment, watcher = Moment(self.transactions, status), self._watch
        if watcher:
            watcher(moment)
        return moment


def _handler(pipe: Pipe, target: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = http.client.HTTPConnection("127.0.0.1", target, timeout=30)
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            moment = pipe.moment(answer.status) if "$batch" in self.path else None
            if moment and moment.lost:
                self.close_connection = True
                return
            self._reply(moment.replaced_by if moment else None, answer, content)

        def _reply(self, instead: int | None, answer: http.client.HTTPResponse, content: bytes) -> None:
            if instead:
                self.send_response(instead)
                content = b""
            else:
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:  # the host was killed meanwhile
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_MERGE = do_PATCH = forward  # noqa: N815 - the server's names

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler
