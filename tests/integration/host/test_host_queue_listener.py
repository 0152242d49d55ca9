"""One queue's listener against the queue emulator: when it polls, what it hides, what becomes of a failed message.

Its model is the storage extension's listener: QueueListener.cs and QueueProcessor.cs of azure-sdk-for-net.
"""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any, cast

import pytest

from local.host import queue_trigger
from local.host.functions import Binding, Function, Outcome, QueueItem
from local.host.host_json import QueueOptions
from local.host.invocations import Invocations
from local.host.queue_trigger import QueueListener
from local.host.queues import Queue, QueueAccounts
from local.host.screen import Screen
from tests.integration.host.running import QueueEmulator, encoded

EAGER = timedelta(milliseconds=100)


class Recorder:
    """Stands for `Invocations`: a function that takes its time, and how many of it ran at once."""

    def __init__(self, seconds: float = 0, *, ok: bool = True) -> None:
        self.seconds, self.ok = seconds, ok
        self.items: list[QueueItem] = []
        self.begins: list[float] = []
        self.now = self.most = self.ended = 0

    @property
    def bodies(self) -> list[str]:
        """The texts of the messages, in the order of their begins."""
        return [str(item.body) for item in self.items]

    async def run(self, _function: Function, trigger: Any) -> Outcome:
        self.items.append(trigger)
        self.begins.append(time.monotonic())
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.seconds)
        self.now -= 1
        self.ended += 1
        return Outcome(ok=self.ok, error="" if self.ok else "it would not")


class Listening:
    """A listener that runs, with what it uses."""

    def __init__(self, name: str, recorder: Recorder, options: QueueOptions, visibility_seconds: int) -> None:
        properties = {"queueName": name, "connection": "Listened"}
        trigger = Binding("m", "queueTrigger", is_output=False, properties=properties)
        self.recorder = recorder
        self.function = Function("1", "listened", trigger, (), ())
        self.accounts = QueueAccounts(base64=True)
        invocations = cast(Invocations, recorder)
        self.listener = QueueListener(
            self.function, self.accounts, options, invocations, Screen(), visibility_seconds=visibility_seconds
        )

    @property
    def queue(self) -> Queue:
        return self.accounts.queue(self.function, self.function.trigger)

    async def until(self, count: int) -> None:
        """Return once so many runs have ended; until then the listener polls on."""
        while self.recorder.ended < count:
            await asyncio.sleep(0.02)


@asynccontextmanager
async def listening(
    name: str, recorder: Recorder, options: QueueOptions, visibility_seconds: int = 600
) -> AsyncGenerator[Listening]:
    """A listener on this queue; at the end it stops, and what has begun is settled."""
    one = Listening(name, recorder, options, visibility_seconds)
    await one.listener.start()
    running = asyncio.create_task(one.listener.run())
    try:
        async with asyncio.timeout(15):
            yield one
            one.listener.stop()
            await one.listener.settled()
            await running
    finally:
        running.cancel()
        one.accounts.threads.shutdown()


@pytest.fixture
def name(emulator: QueueEmulator, monkeypatch: pytest.MonkeyPatch) -> str:
    """A queue of the test's own; the listeners' connection is the emulator's."""
    monkeypatch.setenv("Listened", emulator.connection)
    return f"listened-{uuid.uuid4().hex[:8]}"


def do(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_the_triggers_metadata_have_their_seven_names(emulator: QueueEmulator, name: str) -> None:
    """Learn, "Azure Queue storage trigger for Azure Functions", message metadata."""
    emulator.send(name, encoded("seen"))
    recorder = Recorder()

    async def listen() -> None:
        async with listening(name, recorder, QueueOptions()) as one:
            await one.until(1)

    do(listen())
    metadata = {key: json.loads(value) for key, value in recorder.items[0].metadata.items()}
    times = ("InsertionTime", "NextVisibleTime", "ExpirationTime")
    assert set(metadata) == {"QueueTrigger", "Id", "DequeueCount", "PopReceipt", *times}
    assert (metadata["QueueTrigger"], metadata["DequeueCount"]) == ("seen", 1)
    assert sorted(metadata[time_] for time_ in times) == [metadata[time_] for time_ in times]


def test_polling_an_empty_queue_backs_off_from_100_ms_to_the_maximum(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Learn, "Azure Queue storage trigger and bindings for Azure Functions overview", maxPollingInterval."""
    waits: list[float] = []
    enough = asyncio.Event()

    async def note(_self: QueueListener, seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 30:
            enough.set()
        await asyncio.sleep(0)

    monkeypatch.setattr(QueueListener, "_sleep", note)

    async def listen() -> None:
        async with listening(name, Recorder(), QueueOptions(max_polling_interval=timedelta(seconds=2))):
            await enough.wait()

    do(listen())
    assert 0.1 < waits[0] <= 0.2
    assert all(earlier < later <= 2 * earlier or later == 2 for earlier, later in pairwise(waits))
    assert waits[29] == 2


def test_a_message_sent_by_this_host_is_picked_up_at_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SharedQueueWatcher.cs of azure-sdk-for-net."""
    monkeypatch.setattr(queue_trigger, "_SHORTEST_WAIT", 30.0)  # the listener's own polling would be too late
    recorder = Recorder()

    async def listen() -> None:
        async with listening(name, recorder, QueueOptions()) as one:
            await asyncio.to_thread(one.accounts.send, one.queue, ["woken"])
            await one.until(1)

    do(listen())
    assert recorder.bodies == ["woken"]


def test_a_queue_that_is_missing_is_made_for_an_output_and_not_by_its_listener(
    emulator: QueueEmulator, name: str
) -> None:
    """StorageQueueExtensions.cs and QueueListener.cs of azure-sdk-for-net: made when something is sent."""

    async def listen() -> None:
        async with listening(name, Recorder(), QueueOptions()) as one:
            assert name not in [queue.name for queue in emulator.service().list_queues()]
            await asyncio.to_thread(one.accounts.send, one.queue, ["first"])

    do(listen())
    assert name in [queue.name for queue in emulator.service().list_queues()]


def test_a_message_stays_hidden_while_its_function_runs(emulator: QueueEmulator, name: str) -> None:
    """QueueListener.cs: hidden for 10 minutes (here 2 s), renewed at half of it."""
    emulator.send(name, encoded("long"))
    recorder = Recorder(seconds=3.2)

    async def listen() -> None:
        async with listening(name, recorder, QueueOptions(max_polling_interval=EAGER), visibility_seconds=2) as one:
            await one.until(1)

    do(listen())
    assert recorder.bodies == ["long"]
    assert emulator.count(name) == 0
    assert queue_trigger.VISIBILITY_SECONDS == 600


def test_no_more_messages_run_at_once_than_batch_and_threshold_allow(emulator: QueueEmulator, name: str) -> None:
    """QueuesOptions.cs of azure-sdk-for-net, BatchSize and NewBatchThreshold."""
    for number in range(20):
        emulator.send(name, encoded(str(number)))
    recorder = Recorder(seconds=0.1)

    async def listen() -> None:
        async with listening(name, recorder, QueueOptions(batch_size=4, new_batch_threshold=2)) as one:
            await one.until(20)

    do(listen())
    assert sorted(recorder.bodies, key=int) == [str(number) for number in range(20)]
    assert 4 <= recorder.most <= 6


def test_a_failed_message_comes_back_after_the_visibility_time_out(emulator: QueueEmulator, name: str) -> None:
    """azure-webjobs-sdk pull request 2172 (its two time-outs); Learn, the overview page, visibilityTimeout."""
    emulator.send(name, encoded("again"))
    recorder = Recorder(ok=False)
    options = QueueOptions(max_polling_interval=EAGER, visibility_timeout=timedelta(seconds=1), max_dequeue_count=2)

    async def listen() -> None:
        async with listening(name, recorder, options) as one:
            await one.until(2)

    do(listen())
    assert recorder.begins[1] - recorder.begins[0] >= 0.9
    assert [json.loads(item.metadata["DequeueCount"]) for item in recorder.items] == [1, 2]
    assert (emulator.count(name), emulator.texts(f"{name}-poison")) == (0, [encoded("again")])


def test_a_message_whose_tries_are_used_up_does_not_run_again(emulator: QueueEmulator, name: str) -> None:
    """QueueProcessor.cs, BeginProcessingMessageAsync: the process of its last try may have died."""
    client = emulator.send(name, encoded("once too often"))
    for _ in range(2):
        (message,) = client.receive_messages(visibility_timeout=60)
        client.update_message(message, visibility_timeout=0)
    recorder = Recorder()

    async def listen() -> None:
        async with listening(name, recorder, QueueOptions(max_dequeue_count=2)):
            while emulator.count(name):
                await asyncio.sleep(0.02)

    do(listen())
    assert recorder.items == []
    assert emulator.texts(f"{name}-poison") == [encoded("once too often")]


@pytest.mark.parametrize("ending", ["-poison", f"-{'n' * 42}"])
def test_a_queue_without_a_poison_queue_keeps_a_failed_message_hidden(
    emulator: QueueEmulator, name: str, ending: str
) -> None:
    """QueueProcessor.cs, CompleteProcessingMessageAsync, and the remarks on MaxDequeueCount in QueuesOptions.cs."""
    emulator.send(name + ending, encoded("hopeless"))
    recorder = Recorder(ok=False)
    options = QueueOptions(max_polling_interval=EAGER, max_dequeue_count=1)

    async def listen() -> None:
        async with listening(name + ending, recorder, options) as one:
            await one.until(1)

    do(listen())
    assert (emulator.count(name + ending), emulator.texts(name + ending)) == (1, [])
    assert f"{name}{ending}-poison" not in [queue.name for queue in emulator.service().list_queues()]


def test_a_process_that_gives_back_takes_nothing_more(emulator: QueueEmulator, name: str) -> None:
    """Else it would fetch what it has just given back, and hide it for ten minutes with its own end."""
    emulator.send(name, encoded("heavy"))

    async def listen() -> None:
        one = Listening(name, Recorder(seconds=3600), QueueOptions(), 600)
        await one.listener.start()
        async with asyncio.timeout(15):
            while not one.recorder.items:
                await asyncio.sleep(0.02)
            await asyncio.to_thread(one.listener.give_back)
            await one.listener.run()
        one.accounts.threads.shutdown()

    do(listen())
    assert emulator.texts(name) == [encoded("heavy")]
