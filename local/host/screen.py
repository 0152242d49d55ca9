"""What the host prints: one line for each invocation and log record, never a request's content."""

import contextlib
import logging
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

_FRAME = re.compile(r'File "([^"]+)", line ([0-9]+), in (\S+)')
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LONGEST = 600
_QUIET = ("azure", "urllib3", "msal", "requests", "asyncio", "uvicorn")
"""Libraries whose records are printed from WARNING on only: their INFO lines quote requests."""


class Screen:
    """Writes whole lines to standard output, from any thread; goes silent when nobody reads any more."""

    def __init__(self, *, verbose: bool = False) -> None:
        self.verbose = verbose
        self._lock = threading.Lock()
        self._closed = False

    def line(self, text: str) -> None:
        """Print one line as it is, cut at 600 characters."""
        self._write(one_line(text))

    def event(self, text: str) -> None:
        """Print one line with the time of day in front, on this process's (maybe shifted) clock."""
        now = time.time()
        clock = time.strftime("%H:%M:%S", time.localtime(now))
        self._write(f"{clock}.{int(now % 1 * 1000):03d}  {one_line(text)}")

    def block(self, text: str) -> None:
        """Print a stack trace, with --verbose only."""
        if self.verbose and text:
            self._write(text.rstrip())

    def _write(self, text: str) -> None:
        with self._lock:
            if self._closed:
                return
            try:
                sys.stdout.write(text + "\n")
                sys.stdout.flush()
            except (OSError, ValueError):
                self._closed = True
                _discard_standard_output()


def _discard_standard_output() -> None:
    """Point standard output at nothing: the worker library and the app write there too, and must not fail."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def one_line(text: str) -> str:
    """The text without line breaks and control characters, cut at 600 characters."""
    text = _UNPRINTABLE.sub(" ", text).rstrip()
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


def last_app_frame(trace: str, app: Path) -> str:
    """`file:line in function` of the innermost frame of a stack trace that is the app's own, or ""."""
    found = ""
    for file, number, name in _FRAME.findall(trace):
        path = Path(file)
        if path.is_relative_to(app) and not {"site-packages", "node_modules"} & set(path.parts):
            found = f"{path.relative_to(app)}:{number} in {name}"
    return found


def trace_of(error: BaseException) -> str:
    """The whole stack trace as text."""
    return "".join(traceback.format_exception(error))


class _RecordLines(logging.Handler):
    def __init__(self, screen: Screen, function_name: Callable[[], str | None], dropped: str) -> None:
        super().__init__(logging.INFO)
        self._screen, self._function_name, self._dropped = screen, function_name, dropped

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == self._dropped:
            return self._screen.verbose
        if record.name.partition(".")[0] in _QUIET:
            return record.levelno >= logging.WARNING
        return True

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001  a malformed log call must not break the function that made it
            message = f"{record.msg} (its arguments do not fit)"
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        if record.exc_info and record.exc_info[1] is not None:
            message += f" [{type(record.exc_info[1]).__name__}: {record.exc_info[1]}]"
            self._screen.block(trace_of(record.exc_info[1]))
        self._screen.event(f"  {self._function_name() or record.name}  {level}{message}")


def print_log_records(screen: Screen, function_name: Callable[[], str | None], dropped: str) -> None:
    """Send all log records of this process to the screen, with the running function's name.

    `dropped` is a logger that only repeats what the host prints itself; it shows with --verbose.
    """
    logging.root.addHandler(_RecordLines(screen, function_name, dropped))
    logging.root.setLevel(logging.INFO)
