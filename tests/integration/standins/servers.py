"""Starts the stand-ins, each in its own process, and an SMTP server that keeps what it gets."""

import contextlib
import os
import selectors
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import requests

ROOT = Path(__file__).parents[3]
START_SECONDS = 20
PORTAL = "http://localhost:4074/"  # the one redirect URI
ACCESS_KEY = "c3RhbmQtaW4ga2V5IG9mIHRoZSB0ZXN0cyAzMiBieXRlcyBsb25n"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def connection_string(port: int, key: str = ACCESS_KEY) -> str:
    """The connection string of an e-mail stand-in on that port."""
    return f"endpoint=https://localhost:{port}/;accesskey={key}"


def wait_until[T](look: Callable[[], T | None], what: str, seconds: float = 10) -> T:
    """Looks again and again until there is something to return; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"no {what} after {seconds} seconds")


@dataclass
class StandIn:
    """A running stand-in: its address, a session that trusts it, and how it ends."""

    process: subprocess.Popen[str]
    url: str
    session: requests.Session
    output: list[str] = field(default_factory=list)

    def post(self, path: str, body: object) -> requests.Response:
        """A JSON request, as for /control."""
        return self.session.post(self.url + path, json=body, timeout=10)

    def get(self, path: str, **headers: str) -> requests.Response:
        """A GET request; underscores in header names become hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.get(self.url + path, headers=named, timeout=10)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it with that signal; returns its exit code and keeps what it still printed in `output`."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=15)
        self.output += rest.splitlines()
        return self.process.returncode


def command(module: str, *options: object) -> list[str]:
    """The command line of a stand-in."""
    return [sys.executable, "-m", f"local.{module}", *(str(option) for option in options)]


@contextlib.contextmanager
def running(module: str, port: int, *options: object, scheme: str = "https", **environment: str) -> Iterator[StandIn]:
    """Runs a stand-in until the block ends; yields when it has said that it is ready."""
    process = subprocess.Popen(
        command(module, "--port", port, *options),
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    session = requests.Session()
    standin = StandIn(process, f"{scheme}://localhost:{port}", session)
    try:
        standin.output.append(_first_line(process))
        assert standin.output[0] == f"{module}: ready on {standin.url}"
        yield standin
    finally:
        session.close()
        if process.poll() is None:
            standin.stop()


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        assert selector.select(START_SECONDS), f"nothing printed after {START_SECONDS} seconds"
    return process.stdout.readline().rstrip("\n")


@dataclass(frozen=True)
class Received:
    """A mail as it arrived: the envelope and the message."""

    sender: str
    recipients: list[str]
    message: EmailMessage


class Inbox:
    """An SMTP server with just enough of RFC 5321 for smtplib; it refuses the addresses in `refuse`."""

    def __init__(self) -> None:
        self.mails: list[Received] = []
        self.refuse: set[str] = set()
        inbox = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                inbox.converse(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stops the server."""
        self._server.shutdown()
        self._server.server_close()

    def of_operation(self, operation_id: str) -> list[Received]:
        """The mails that carry that operation id."""
        return [mail for mail in list(self.mails) if mail.message["x-operation-id"] == operation_id]

    def converse(self, connection: socketserver.StreamRequestHandler) -> None:
        """One SMTP conversation, until the client leaves."""
        sender, recipients = "", []

        def say(text: str) -> None:
            connection.wfile.write(text.encode() + b"\r\n")

        say("220 inbox")
        while line := connection.rfile.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            if verb == "MAIL":
                sender = _path(line)
            elif verb == "RCPT":
                if _path(line) in self.refuse:
                    say("550 no such mailbox")
                    continue
                recipients.append(_path(line))
            elif verb == "DATA":
                say("354 go on")
                message = message_from_bytes(_read_data(connection), policy=policy.default)
                self.mails.append(Received(sender, recipients, message))
                sender, recipients = "", []
            say("221 bye" if verb == "QUIT" else "250 fine")
            if verb == "QUIT":
                return


def _path(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


def _read_data(connection: socketserver.StreamRequestHandler) -> bytes:
    lines = []
    while (line := connection.rfile.readline()) not in (b".\r\n", b""):
        lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    return b"".join(lines)
