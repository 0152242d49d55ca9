"""Timers: on time, one run at a time, and late when the host was down."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.integration.host.conftest import StartHost
from tests.integration.host.running import APPS, RunningHost, wait_until

SAMPLE = APPS / "sample"


def notes(host: RunningHost, name: str) -> list[dict[str, Any]]:
    file = host.notes / name
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def test_a_timer_runs_every_second_and_is_quiet_about_it(
    start_host: StartHost, sample_settings: dict[str, str]
) -> None:
    """Learn, "Timer trigger for Azure Functions"; "Azure Functions binding expression patterns" (%EVERY%)."""
    host = start_host(SAMPLE, {**sample_settings, "EVERY": "* * * * * *"}).ready()
    wait_until(lambda: len(notes(host, "tick")) >= 3, "three runs")
    fractions = [note["at"] % 1 for note in notes(host, "tick")]
    seconds = [int(note["at"]) for note in notes(host, "tick")]
    assert min(fractions) < 0.5
    assert len(set(seconds)) == len(seconds)
    assert not host.lines("timer")


def test_a_timer_never_overlaps_with_itself_and_makes_up_for_a_time_that_came_meanwhile(
    start_host: StartHost, sample_settings: dict[str, str]
) -> None:
    """TimerListener.cs of azure-webjobs-sdk-extensions; Learn, "Timer trigger for Azure Functions", TimeSpan."""
    host = start_host(SAMPLE, {**sample_settings, "EVERY": "* * * * * *", "TICK_SECONDS": "1.2"}).ready()
    wait_until(lambda: len(notes(host, "ticked")) >= 3, "three runs")
    begins, ends = ([note["at"] for note in notes(host, name)] for name in ("tick", "ticked"))
    assert all(0 <= begin - end < 0.4 for begin, end in zip(begins[1:3], ends[:2], strict=True))
    assert host.wait_for_line(r"timer  ok  1[0-9]{3} ms  tick$")


def test_a_missed_run_comes_late_once(start_host: StartHost, sample_settings: dict[str, str], tmp_path: Path) -> None:
    """TimerListener.cs of azure-webjobs-sdk-extensions; Learn, "Timer trigger for Azure Functions", useMonitor."""
    first = start_host(SAMPLE, sample_settings).ready()
    kept = tmp_path / "timers" / "nightly.json"
    wait_until(kept.exists, "the timer's file")
    planned = datetime.fromisoformat(json.loads(kept.read_text("utf-8"))["next"])
    assert planned.time().isoformat() == "03:00:00"
    assert timedelta(0) < planned - datetime.now(UTC) <= timedelta(days=1)
    first.stop()

    second = start_host(SAMPLE, sample_settings, "--clock", "+1d").ready()
    wait_until(lambda: bool(notes(second, "nightly")), "the late run")
    assert second.wait_for_line(r"timer  ok  \d+ ms  nightly  \(late")
    second.stop()

    third = start_host(SAMPLE, sample_settings, "--clock", "+1d").ready()
    third.stop()
    (run,) = notes(third, "nightly")
    assert run["late"] is True
    assert datetime.fromisoformat(run["status"]["Next"]) > planned


def test_another_schedule_makes_no_late_run(
    start_host: StartHost, sample_settings: dict[str, str], tmp_path: Path
) -> None:
    """ScheduleMonitor.cs of azure-webjobs-sdk-extensions, CheckPastDueAsync."""
    kept = tmp_path / "timers" / "nightly.json"
    kept.parent.mkdir()
    kept.write_text('{"schedule": "0 0 4 * * *", "last": null, "next": "2020-01-01T04:00:00+00:00"}', "utf-8")
    host = start_host(SAMPLE, sample_settings).ready()
    wait_until(lambda: json.loads(kept.read_text("utf-8"))["schedule"] == "0 0 3 * * *", "the new schedule")
    host.stop()
    assert notes(host, "nightly") == []


TIMERS = {"SECONDS": "1"}


def test_a_timer_marked_so_runs_at_the_start_too(start_host: StartHost) -> None:
    """Learn, "Timer trigger for Azure Functions", runOnStartup."""
    first = start_host(APPS / "timers", TIMERS).ready()
    wait_until(lambda: len(notes(first, "at_start")) == 1, "the first host's run")
    assert first.stop() == 0
    second = start_host(APPS / "timers", TIMERS).ready()
    wait_until(lambda: len(notes(second, "at_start")) == 2, "the second host's run")
    assert [run["late"] for run in notes(second, "at_start")] == [False, False]


def test_a_timer_that_is_not_monitored_is_not_kept_and_never_late(start_host: StartHost, tmp_path: Path) -> None:
    """Learn, "Timer trigger for Azure Functions", useMonitor; TimerListener.cs (no status without a monitor)."""
    start_host(APPS / "timers", TIMERS).ready().stop()
    later = start_host(APPS / "timers", TIMERS, "--clock", "+2d").ready()
    wait_until(lambda: len(notes(later, "interval")) >= 3, "other runs")
    assert notes(later, "unmonitored") == []
    assert [file.name for file in (tmp_path / "timers").iterdir()] == ["at_start.json"]
    assert notes(later, "interval")[0]["status"] == {}


def test_an_interval_is_a_schedule_and_settings_may_be_a_part_of_one(start_host: StartHost) -> None:
    """Learn, "Timer trigger for Azure Functions", TimeSpan; TimerSchedule.cs (%NAME% anywhere in the text)."""
    host = start_host(APPS / "timers", TIMERS, "--verbose").ready()
    wait_until(lambda: len(notes(host, "interval")) >= 3, "three runs")
    first, second, third = (note["at"] for note in notes(host, "interval")[:3])
    assert 0.9 <= second - first < 1.6
    assert 0.9 <= third - second < 1.6
    assert host.lines(r"host: failing: timer \*/1 \* \* \* \* \*$")


def test_a_timer_that_fails_runs_again_at_its_next_time(start_host: StartHost) -> None:
    """Learn, "Timer trigger for Azure Functions", retry behavior."""
    host = start_host(APPS / "timers", TIMERS).ready()
    wait_until(lambda: len(notes(host, "failing")) >= 2, "two runs")
    assert host.wait_for_line(r"timer  failed  \d+ ms  failing  RuntimeError.*not this time")
