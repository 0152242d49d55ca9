"""Starts what the host's tests need: a queue emulator, and hosts as processes of their own."""

import base64
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import requests
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueClient, QueueServiceClient

ROOT = Path(__file__).resolve().parents[3]
APPS = Path(__file__).resolve().parent / "apps"
_NODE = shutil.which("node") or "node"
_EMULATOR = ROOT / "node_modules/azurite/dist/src/queue/main.js"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 10) -> None:
    """Return as soon as the condition holds; fails the test when it does not within the time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} seconds for {what}"
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Whether somebody accepts connections on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def exchange(port: int, request: bytes) -> bytes:
    """What comes back for these bytes until the other end closes the connection; the request should ask for that."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def encoded(text: str) -> str:
    """The text as a queue's messages carry it."""
    return base64.b64encode(text.encode()).decode()


def decoded(texts: list[str]) -> list[str]:
    """What messages say."""
    return [base64.b64decode(text).decode() for text in texts]


def connection_string(port: int) -> str:
    """The queue emulator's connection string."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={_KEY};"
        f"QueueEndpoint=http://127.0.0.1:{port}/devstoreaccount1;"
    )


class QueueEmulator:
    """Azurite's queue service."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.connection = connection_string(self.port)
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Start the emulator, empty, on its port."""
        options = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence"]
        self._process = subprocess.Popen(
            [_NODE, _EMULATOR, *options, "--queueHost", "127.0.0.1", "--queuePort", str(self.port)],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
        )
        wait_until(lambda: answers(self.port), "the queue emulator", 20)

    def service(self) -> QueueServiceClient:
        """A client of its own, as somebody outside the host has it."""
        return QueueServiceClient.from_connection_string(self.connection)

    def texts(self, queue: str) -> list[str]:
        """The raw texts of a queue's visible messages, without taking them; none when there is no queue."""
        client = self.service().get_queue_client(queue)
        names = [one.name for one in self.service().list_queues()]
        return [str(one.content) for one in client.peek_messages(max_messages=32)] if queue in names else []

    def send(self, queue: str, text: str) -> QueueClient:
        """Put a raw text on a queue as somebody else would, making the queue when it is missing."""
        client = self.service().get_queue_client(queue)
        with contextlib.suppress(ResourceExistsError):
            client.create_queue()
        client.send_message(text)
        return client

    def count(self, queue: str) -> int:
        """How many messages a queue holds, hidden ones too."""
        return int(self.service().get_queue_client(queue).get_queue_properties().approximate_message_count or 0)

    def stop(self) -> None:
        """End the emulator."""
        self._process.terminate()
        self._process.wait(10)


class RunningHost:
    """One host process. `environment` is all that it sees beside PATH."""

    def __init__(
        self,
        app: Path,
        folder: Path,
        environment: Mapping[str, str],
        *options: str,
        port: int | None = 0,
        output: int | None = None,
    ) -> None:
        """Port 0 is any free one, None leaves the choice to the host; `output` is a file descriptor."""
        self.port = free_port() if port == 0 else port or 0
        self.url = f"http://127.0.0.1:{self.port}"
        self.notes = folder / "notes"
        self.notes.mkdir(parents=True, exist_ok=True)
        self._log = folder / "host.log"
        own = {"PATH": os.environ["PATH"], "NOTES": str(self.notes), "LOCAL_DATA": str(folder)}
        chosen = [] if port is None else ["--port", str(self.port)]
        with self._log.open("ab") as log:
            self._begin = log.tell()  # an earlier host of the same test may have written there
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local.host", "--app", app, *chosen, *options],
                cwd=ROOT,
                env={**own, **environment},
                stdout=log if output is None else output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        """All that the process has printed."""
        return self._log.read_bytes()[self._begin :].decode()

    def lines(self, pattern: str) -> list[str]:
        """The printed lines in which the pattern is found."""
        return [line for line in self.output.splitlines() if re.search(pattern, line)]

    def wait_for_line(self, pattern: str, seconds: float = 10) -> str:
        """The first printed line with the pattern, as soon as there is one."""
        wait_until(lambda: bool(self.lines(pattern)), f"a line with '{pattern}' in:\n{self.output}", seconds)
        return self.lines(pattern)[0]

    def ready(self) -> "RunningHost":
        """The host itself, once it calls itself ready; fails with its output if it ends before."""
        wait_until(lambda: bool(self.lines("host: ready")) or self.process.poll() is not None, "the host", 20)
        assert self.process.poll() is None, self.output
        return self

    def get(self, path: str, **options: object) -> requests.Response:
        """GET a path of the host."""
        return self.call("GET", path, **options)

    def call(self, method: str, path: str, **options: object) -> requests.Response:
        """Any request to the host, with `requests`' options."""
        return requests.request(method, f"{self.url}{path}", timeout=15, **options)  # type: ignore[arg-type]

    def wait_for_end(self, seconds: float = 15) -> int:
        """The exit code, once the process has ended by itself."""
        return self.process.wait(seconds)

    def stop(self) -> int:
        """End the host as Ctrl-C does; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(15)

    def kill(self) -> None:
        """End the host without its doing."""
        self.process.kill()
        self.process.wait(15)


def copy_app(name: str, folder: Path) -> Path:
    """A copy of a test app that a test may change."""
    return Path(shutil.copytree(APPS / name, folder / name))
