"""Timers of every kind; a file for each in the folder NOTES tells of its runs."""

import json
import os
import time
from pathlib import Path

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def note(name: str, timer: func.TimerRequest) -> None:
    with (Path(os.environ["NOTES"]) / name).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"at": time.time(), "late": timer.past_due, "status": timer.schedule_status}) + "\n")


@app.timer_trigger(arg_name="timer", schedule="0 0 0 29 2 *", run_on_startup=True)
def at_start(timer: func.TimerRequest) -> None:
    note("at_start", timer)


@app.timer_trigger(arg_name="timer", schedule="0 0 3 * * *", use_monitor=False)
def unmonitored(timer: func.TimerRequest) -> None:
    note("unmonitored", timer)


@app.timer_trigger(arg_name="timer", schedule="00:00:01")
def interval(timer: func.TimerRequest) -> None:
    note("interval", timer)


@app.timer_trigger(arg_name="timer", schedule="*/%SECONDS% * * * * *")
def failing(timer: func.TimerRequest) -> None:
    note("failing", timer)
    raise RuntimeError("not this time")
