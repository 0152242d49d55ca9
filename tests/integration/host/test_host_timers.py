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
    host = start_host(SAMPLE, {**sample_settings, "EVERY": "* * * * * *"}).ready()
    wait_until(lambda: len(notes(host, "tick")) >= 3, "three runs")
    fractions = [note["at"] % 1 for note in notes(host, "tick")]
    seconds = [int(note["at"]) for note in notes(host, "tick")]
    assert min(fractions) < 0.5
    assert len(set(seconds)) == len(seconds)
    assert not host.lines("timer")


def test_a_timer_never_overlaps_with_itself_and_a_slow_run_is_told(
    start_host: StartHost, sample_settings: dict[str, str]
) -> None:
    host = start_host(SAMPLE, {**sample_settings, "EVERY": "* * * * * *", "TICK_SECONDS": "1.2"}).ready()
    wait_until(lambda: len(notes(host, "ticked")) >= 2, "two runs")
    begins, ends = ([note["at"] for note in notes(host, name)] for name in ("tick", "ticked"))
    assert begins[1] >= ends[0]
    assert host.wait_for_line(r"timer  ok  1[0-9]{3} ms  tick$")


def test_a_missed_run_comes_late_once(start_host: StartHost, sample_settings: dict[str, str], tmp_path: Path) -> None:
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
    kept = tmp_path / "timers" / "nightly.json"
    kept.parent.mkdir()
    kept.write_text('{"schedule": "0 0 4 * * *", "last": null, "next": "2020-01-01T04:00:00+00:00"}', "utf-8")
    host = start_host(SAMPLE, sample_settings).ready()
    wait_until(lambda: json.loads(kept.read_text("utf-8"))["schedule"] == "0 0 3 * * *", "the new schedule")
    host.stop()
    assert notes(host, "nightly") == []
