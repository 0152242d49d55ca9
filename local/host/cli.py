"""The command line: `python -m local.host --app DIR --port N [--clock +10m] [--verbose]`.

Exit codes: 0 ended by signal, 1 a part of the host failed, 2 it could not start, 70 a function ran too long.
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from local.host import clock, worker
from local.host.errors import HostError
from local.host.functions import Function
from local.host.host_json import read_host_json
from local.host.screen import Screen, last_app_frame, print_log_records, trace_of
from local.host.server import Plan, bind, serve, served
from local.host.settings import publish, read_local_settings

_DEFAULT_PORT = 7071


def main(argv: Sequence[str]) -> int:
    """Run one function app until a signal; returns the process's exit code."""
    arguments = _parser().parse_args(_joined_clock(argv))
    screen = Screen(verbose=arguments.verbose)
    _end_quietly_on_signals()
    try:
        worker.check_version()
        if arguments.clock:
            clock.shift(clock.parse_offset(arguments.clock))
        plan = _plan(arguments, screen)
        print_log_records(screen, worker.current_function, worker.LOGGER)
        functions = served(_load(plan), screen)
        asyncio.run(serve(plan, functions))
    except HostError as error:
        screen.line(f"host: {error}")
        return 2
    finally:
        _end_quietly_on_signals()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local host", description="Runs a Python v2 function app.")
    parser.add_argument("--app", type=Path, default=Path(), help="the app's folder (default: this one)")
    parser.add_argument("--port", type=int, help="default: LocalHttpPort of local.settings.json, else 7071")
    parser.add_argument("--cors", metavar="ORIGINS", help="more origins than Host.CORS has, with commas between them")
    parser.add_argument("--clock", metavar="OFFSET", help="shift the clock: +10m, -2h, +7d, +30s")
    parser.add_argument("--verbose", action="store_true", help="routes, quiet timers and stack traces, too")
    return parser


def _joined_clock(argv: Sequence[str]) -> list[str]:
    """`--clock -2h` as `--clock=-2h`: argparse would take `-2h` for an option."""
    joined: list[str] = []
    for argument in argv:
        if joined and joined[-1] == "--clock":
            joined[-1] = f"--clock={argument}"
        else:
            joined.append(argument)
    return joined


def _plan(arguments: argparse.Namespace, screen: Screen) -> Plan:
    app = arguments.app.resolve()
    if not app.is_dir():
        raise HostError(f"There is no folder {app}.")
    if data := os.environ.get("LOCAL_DATA"):
        os.environ["LOCAL_DATA"] = str(Path(data).resolve())  # before the app's folder becomes the current one
    local_settings = read_local_settings(app).allowing(arguments.cors or "")
    host_json = read_host_json(app)
    port = arguments.port if arguments.port is not None else local_settings.port or _DEFAULT_PORT
    listener = bind(port)
    publish(local_settings)
    return Plan(app, listener, host_json, local_settings, screen)


def _load(plan: Plan) -> list[Function]:
    try:
        return worker.load_app(plan.app)
    except HostError:
        raise
    except (SystemExit, ValueError) as error:
        # What an app says about its settings is meant for the person who started it.
        plan.screen.block(trace_of(error))
        raise HostError(f"the app does not start: {error}") from None
    except Exception as error:  # noqa: BLE001  whatever an import raises becomes a sentence
        plan.screen.block(trace_of(error))
        frame = last_app_frame(trace_of(error), plan.app)
        where = f" (at {frame})" if frame else ""
        raise HostError(f"the app does not load: {type(error).__name__}: {error}{where}") from None


def _end_quietly_on_signals() -> None:
    """For the time before and after serving, when there is nothing to drain, and no stack trace to show."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_at_once)


def _end_at_once(_number: int, _frame: FrameType | None) -> None:
    sys.stdout.flush()
    os._exit(0)
