"""The host's life: builds all parts for a loaded app, serves, and drains on a signal."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from local.host import settings
from local.host.cors import Cors
from local.host.endpoints import Endpoint, endpoints, refusal
from local.host.errors import HostError
from local.host.functions import Function
from local.host.host_json import HostJson
from local.host.http_trigger import HttpApp
from local.host.invocations import Invocations
from local.host.queue_output import QueueOutputs
from local.host.queue_trigger import QueueListener
from local.host.queues import QueueAccounts
from local.host.screen import Screen, trace_of
from local.host.timer_trigger import TimerListener, timers_folder

DRAIN_SECONDS = 10.0
_TRIGGERS = ("httpTrigger", "queueTrigger", "timerTrigger")
_OUTPUTS = ("http", "queue")


@dataclass(frozen=True)
class Plan:
    """Everything that is known before the app is imported. `listener` is bound already."""

    app: Path
    listener: socket.socket
    host_json: HostJson
    local_settings: settings.LocalSettings
    screen: Screen


async def serve(plan: Plan, functions: Sequence[Function]) -> None:
    """Run the app until SIGTERM or SIGINT, then drain; returns when nothing runs. Raises HostError."""
    host = _Host(plan, functions)
    await host.start()
    await host.wait_for_signal()
    await host.stop()


def served(functions: Sequence[Function], screen: Screen) -> list[Function]:
    """The functions that this host can run; says why it leaves out the others."""
    kept: list[Function] = []
    for function in functions:
        reason = _why_not(function, kept)
        if reason:
            screen.line(f"host: {function.name} does not run here: {reason}")
        else:
            kept.append(function)
        if function.has_retry_policy:
            screen.line(f"host: {function.name}: its retry policy is not applied here")
    return kept


def _why_not(function: Function, earlier: Sequence[Function]) -> str:
    if settings.is_disabled(function.name):
        return f"the setting AzureWebJobs.{function.name}.Disabled says so"
    if function.trigger.type not in _TRIGGERS:
        return f"this host has no {function.trigger.type}"
    unknown = [one.type for one in (*function.inputs, *function.outputs) if one.type not in _OUTPUTS]
    if unknown:
        return f"this host has no {unknown[0]} binding"
    return refusal(function, earlier) if function.trigger.type == "httpTrigger" else ""


class _Server(uvicorn.Server):
    """uvicorn, without its own signal handling: the host drains queues and timers as well."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class _Host:
    def __init__(self, plan: Plan, functions: Sequence[Function]) -> None:
        self._plan = plan
        self._functions = functions
        screen, options = plan.screen, plan.host_json
        self._accounts = QueueAccounts(base64=options.queues.base64)
        outputs = QueueOutputs(functions, self._accounts)
        self._invocations = Invocations(plan.app, screen, options.function_timeout, outputs.send)
        self._queues = [
            QueueListener(one, self._accounts, options.queues, self._invocations, screen)
            for one in functions
            if one.trigger.type == "queueTrigger"
        ]
        folder = timers_folder(plan.app)
        self._timers = [
            TimerListener(one, folder, self._invocations, screen)
            for one in functions
            if one.trigger.type == "timerTrigger"
        ]
        self._endpoints = endpoints(functions, options.route_prefix)
        self._server = _Server(self._uvicorn_config())
        self._tasks: list[asyncio.Task[None]] = []
        self._asked_to_stop = asyncio.Event()

    def _uvicorn_config(self) -> uvicorn.Config:
        local = self._plan.local_settings
        cors = Cors(local.cors_origins, credentials=local.cors_credentials)
        app = HttpApp(self._endpoints, cors, self._invocations, self._plan.screen)
        return uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=130,  # as Azure's server: a client's idle connection does not break after 5 s
        )

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal, number)
        for queue in self._queues:
            self._invocations.before_death(queue.give_back)
            await queue.start()
        self._invocations.watch()
        runs = [*(one.run() for one in self._queues), *(one.run() for one in self._timers)]
        self._tasks = [asyncio.create_task(run) for run in runs]
        self._tasks.append(asyncio.create_task(self._server.serve([self._plan.listener])))
        for task in self._tasks:
            task.add_done_callback(self._on_end)
        await self._server.listening.wait()
        if self._plan.screen.verbose:
            self._tell_everything()
        port = self._plan.listener.getsockname()[1]
        count = "1 function" if len(self._functions) == 1 else f"{len(self._functions)} functions"
        self._plan.screen.line(f"host: ready on http://127.0.0.1:{port}, {count}")

    def _tell_everything(self) -> None:
        """What --verbose says at the start: what triggers each function, and how long it may run."""
        listed: list[Endpoint | QueueListener | TimerListener] = [*self._endpoints, *self._queues, *self._timers]
        for one in listed:
            self._plan.screen.line(f"host: {one.function.name}: {one.trigger}")
        limit = self._plan.host_json.function_timeout or "as long as it likes"
        self._plan.screen.line(f"host: a function may run {limit} (functionTimeout of host.json)")

    async def wait_for_signal(self) -> None:
        await self._asked_to_stop.wait()

    async def stop(self) -> None:
        """Stop listening, wait for what runs, end. What still runs after 10 seconds dies with the process."""
        for queue in self._queues:
            queue.stop()
        for timer in self._timers:
            timer.stop()
        self._server.should_exit = True
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await asyncio.gather(*(queue.settled() for queue in self._queues))
                await asyncio.gather(*self._tasks, return_exceptions=True)
        except TimeoutError:
            names = ", ".join(self._invocations.names()) or "a connection"
            self._plan.screen.event(f"host: {names} still running after {DRAIN_SECONDS:.0f} s: ending anyway")
            self._invocations.die(0)
        self._accounts.threads.shutdown()

    def _on_signal(self, number: int) -> None:
        if number == signal.SIGINT and self._asked_to_stop.is_set():
            os._exit(130)
        if not self._asked_to_stop.is_set():
            names = ", ".join(self._invocations.names())
            self._plan.screen.line(f"host: stopping, waiting for {names}" if names else "host: stopping")
        self._asked_to_stop.set()

    def _on_end(self, task: asyncio.Task[None]) -> None:
        """A part of the host that ends by an error ends the host: one that half works would mislead."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._plan.screen.line(f"host: failed: {type(error).__name__}: {error}")
            self._plan.screen.block(trace_of(error))
            self._invocations.die(1)


def bind(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; raises HostError when the port is in use."""
    # asyncio switches Nagle off only where the protocol is named; without it each reply waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise HostError(f"Port {port} cannot be used ({error.strerror}): choose another with --port.") from None
    return listener
