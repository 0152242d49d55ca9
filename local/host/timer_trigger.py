"""Timer triggers: runs a function on its schedule, one run at a time, and makes up for a missed one."""

import asyncio
import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local.host.errors import HostError
from local.host.functions import Function, TimerTick
from local.host.invocations import Invocations
from local.host.ncrontab import Schedule
from local.host.screen import Screen
from local.host.settings import resolve

_LONGEST_SLEEP = 30.0
"""Seconds; a machine that slept finds its timers late by this much at most."""
_WORTH_TELLING = 1000
"""Milliseconds from which a timer's good run is printed, too."""


def timers_folder(app: Path) -> Path:
    """Where timers' last runs are kept: `timers` in LOCAL_DATA, by default in the app's `.local`."""
    return Path(os.environ.get("LOCAL_DATA") or app / ".local").resolve() / "timers"


@dataclass(frozen=True)
class _Status:
    """A timer's last run and the one that was to follow."""

    last: datetime | None
    next: datetime


class TimerListener:
    """One timer-triggered function."""

    def __init__(self, function: Function, folder: Path, invocations: Invocations, screen: Screen) -> None:
        self.function = function
        self._file = folder / f"{function.name}.json"
        self._invocations = invocations
        self._screen = screen
        self._stop = asyncio.Event()
        binding = function.trigger
        try:
            self._schedule = Schedule(resolve(binding.text("schedule"), function.where(binding)))
            self._next = self._schedule.next_after(_now())
            is_long = self._schedule.is_long(_now())
        except ValueError as error:
            raise HostError(f"{function.where(binding)} cannot be scheduled: {error}.") from None
        self._is_kept = is_long and binding.properties.get("useMonitor") is not False
        self._last: datetime | None = None

    @property
    def trigger(self) -> str:
        """What triggers the function, in words."""
        return f"timer {self._schedule.text}"

    async def run(self) -> None:
        """Run the function whenever it is due, until `stop`."""
        if self._is_kept and self._was_missed():
            await self._tick(past_due=True)
        elif self.function.trigger.properties.get("runOnStartup") is True:
            await self._tick(past_due=False)
        self._keep()
        while not self._stop.is_set():
            wait = (self._next - _now()).total_seconds()
            if wait <= 0:
                await self._tick(past_due=False)
            else:
                await self._sleep(min(wait, _LONGEST_SLEEP))

    def stop(self) -> None:
        """Start no further run."""
        self._stop.set()

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    def _was_missed(self) -> bool:
        kept = self._read()
        self._last = kept.last if kept else None
        return kept is not None and kept.next < _now()

    async def _tick(self, *, past_due: bool) -> None:
        began, started = _now(), time.monotonic()
        outcome = await self._invocations.run(self.function, TimerTick(json.dumps(self._info(past_due=past_due))))
        # From the begin of this run: a time that came meanwhile is made up for at once, by one run.
        self._last, self._next = began, self._schedule.next_after(began)
        self._keep()
        milliseconds = (time.monotonic() - started) * 1000
        late = "  (late: it was missed while the host was down)" if past_due else ""
        if not outcome.ok:
            self._screen.block(outcome.trace)
            self._screen.event(f"timer  failed  {milliseconds:.0f} ms  {self.function.name}  {outcome.error}{late}")
        elif milliseconds > _WORTH_TELLING or past_due or self._screen.verbose:
            self._screen.event(f"timer  ok  {milliseconds:.0f} ms  {self.function.name}{late}")

    def _info(self, *, past_due: bool) -> dict[str, object]:
        """What becomes `func.TimerRequest`; a timer that is not kept has no status."""
        status = {"Last": _text(self._last), "Next": _text(self._next), "LastUpdated": _text(self._last)}
        return {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": status if self._is_kept else None,
            "IsPastDue": past_due,
        }

    def _read(self) -> _Status | None:
        """What an earlier host kept; None when there is nothing, or another schedule's."""
        try:
            kept = json.loads(self._file.read_text("utf-8"))
            if kept["schedule"] != self._schedule.text:
                return None
            last = datetime.fromisoformat(kept["last"]) if kept["last"] else None
            return _Status(last, datetime.fromisoformat(kept["next"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _keep(self) -> None:
        if not self._is_kept:
            return
        kept = {
            "schedule": self._schedule.text,
            "last": _text(self._last) if self._last else None,
            "next": _text(self._next),
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._file.with_suffix(".new")
        scratch.write_text(json.dumps(kept), "utf-8")
        scratch.replace(self._file)


def _now() -> datetime:
    return datetime.now(UTC)


def _text(moment: datetime | None) -> str:
    return (moment or datetime.min.replace(tzinfo=UTC)).isoformat()
