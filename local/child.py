"""One server process of the local cloud: started, watched through its log file, and ended in good order."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Child:
    """A server and its log.

    Its output goes to a file rather than a pipe: a pipe whose reader has died makes Azurite end on its first
    word, before it has saved anything.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        ports: Sequence[int] = (),
        ready: str | None = None,
        patience: float = 5,
    ) -> None:
        """ports: the server is ready when each accepts connections.

        ready: without ports it is ready when a line of its log begins so; `NAME: ready` if not given.
        patience: seconds from SIGTERM to SIGKILL.
        """
        self.name = name
        self.command = command
        self.log = log
        self.ports = ports
        self.ready = ready or f"{name}: ready"
        self.patience = patience
        self._running: subprocess.Popen[bytes] | None = None
        self._read = 0

    def start(self, environment: dict[str, str], folder: Path) -> None:
        """Start it in a process group of its own, so that a Ctrl-C reaches only whoever ends it in order.

        Call it from the main thread: the system ties the child's life to the thread that started it.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._read = 0
        with self.log.open("wb") as log:
            self._running = subprocess.Popen(
                self.command,
                cwd=folder,
                env={**environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=_end_with(os.getpid()),  # noqa: PLW1509, it calls two system calls and no more
            )

    @property
    def pid(self) -> int | None:
        return self._running.pid if self._running else None

    @property
    def exit_code(self) -> int | None:
        """The exit code once it has ended, negative for a signal; None while it runs or before its start."""
        return self._running.poll() if self._running else None

    @property
    def runs(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def is_ready(self) -> bool:
        if self.ports:
            return all(_accepts(port) for port in self.ports)
        return any(line.startswith(self.ready) for line in self._text().splitlines())

    def new_lines(self) -> list[str]:
        """The complete lines that it has written since the last call."""
        if self._running is None:
            return []
        with self.log.open("rb") as log:
            log.seek(self._read)
            complete = log.read().rpartition(b"\n")[0]
        if not complete:
            return []
        self._read += len(complete) + 1
        return complete.decode(errors="replace").split("\n")

    def last_lines(self, count: int = 15) -> list[str]:
        return self._text().splitlines()[-count:]

    def send(self, number: signal.Signals) -> None:
        if self._running and self.runs:
            self._running.send_signal(number)

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> bool:
        """Ask it to end, wait, and end it by force when it does not. Tells whether it ended by itself."""
        self.send(signal.SIGTERM)
        deadline = time.monotonic() + self.patience
        while self.runs and time.monotonic() < deadline and not hurry():
            time.sleep(0.02)
        if not self.runs:
            return True
        self.kill()
        return False

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.send(signal.SIGKILL)
        if self._running:
            self._running.wait()

    def _text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _end_with(parent: int) -> Callable[[], None] | None:
    """What a new child does first: ask the kernel for a SIGTERM when its parent dies, in whatever way."""
    libc = _LIBC
    if libc is None:
        return None

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the request was made
            os._exit(1)

    return in_child
