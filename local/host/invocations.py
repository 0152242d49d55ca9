"""Runs functions: counts them, sends their outputs, and ends the process when one exceeds its time."""

import asyncio
import os
import re
import secrets
import threading
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from local.host import worker
from local.host.functions import Function, HttpCall, Outcome, Trigger
from local.host.screen import Screen, last_app_frame

EXIT_TIMED_OUT = 70
_WATCH_SECONDS = 0.25
_TRACE_PARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})")

SendOutputs = Callable[[Function, Outcome], Awaitable[str]]
"""Sends an invocation's outputs; answers "" or, in one line, what went wrong."""


@dataclass(frozen=True)
class _Running:
    function: str
    deadline: float


class Invocations:
    """All running invocations of this process."""

    def __init__(self, app: Path, screen: Screen, timeout: timedelta | None, send_outputs: SendOutputs) -> None:
        self._app = app
        self._screen = screen
        self._timeout = timeout
        self._send_outputs = send_outputs
        self._running: dict[str, _Running] = {}
        self._before_death: list[Callable[[], None]] = []

    async def run(self, function: Function, trigger: Trigger) -> Outcome:
        """Run a function and send its outputs; a failed output makes the invocation a failed one."""
        invocation_id = str(uuid.uuid4())
        limit = self._timeout.total_seconds() if self._timeout else float("inf")
        self._running[invocation_id] = _Running(function.name, time.monotonic() + limit)
        try:
            outcome = await worker.invoke(function, trigger, invocation_id, _trace_parent(trigger))
            if not outcome.ok:
                return self._located(outcome)
            if not outcome.outputs:
                return outcome
            error = await self._send_outputs(function, outcome)
            return Outcome(ok=False, error=error) if error else outcome
        finally:
            del self._running[invocation_id]

    def _located(self, outcome: Outcome) -> Outcome:
        """The outcome of a failed function, its error followed by where in the app it was raised."""
        frame = last_app_frame(outcome.trace, self._app)
        return replace(outcome, error=f"{outcome.error} at {frame}") if frame else outcome

    def names(self) -> list[str]:
        """The functions that run now."""
        return sorted({one.function for one in list(self._running.values())})

    async def drain(self, seconds: float) -> bool:
        """Wait until nothing runs, at most so long; whether that was reached."""
        end = time.monotonic() + seconds
        while self._running and time.monotonic() < end:
            await asyncio.sleep(0.02)
        return not self._running

    def before_death(self, action: Callable[[], None]) -> None:
        """Have this called, from any thread, before `die`; it gives back what running functions hold."""
        self._before_death.append(action)

    def die(self, code: int) -> None:
        """End this process at once; what still runs is given back first, for 3 seconds at most."""
        threads = [threading.Thread(target=action, daemon=True) for action in self._before_death]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 3
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        os._exit(code)

    def watch(self) -> None:
        """Start the thread that ends the process when a function has run past the app's functionTimeout.

        Azure ends the worker process as well: a thread cannot be ended, an async function may block the loop.
        """
        if self._timeout is not None:
            threading.Thread(target=self._watch, name="function timeout", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(_WATCH_SECONDS)
            now = time.monotonic()
            late = [one.function for one in list(self._running.values()) if one.deadline < now]
            if late:
                self._screen.event(
                    f"host: {late[0]} ran past its time-out of {self._timeout}: ending this process, "
                    f"and with it {len(self._running)} running invocation(s)"
                )
                self.die(EXIT_TIMED_OUT)


def _trace_parent(trigger: Trigger) -> str:
    """A W3C traceparent: the caller's trace when the request names one, else a new one; always a new span."""
    given = trigger.headers.get("traceparent", "") if isinstance(trigger, HttpCall) else ""
    found = _TRACE_PARENT.fullmatch(given)
    trace, flags = (found[1], found[2]) if found else (secrets.token_hex(16), "00")
    return f"00-{trace}-{secrets.token_hex(8)}-{flags}"
