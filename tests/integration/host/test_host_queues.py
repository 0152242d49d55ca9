"""Queue triggers and queue outputs as Azure's host runs them, against the queue emulator."""

import asyncio
import base64
import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from azure.storage.queue import QueueClient

from local.host import queue_trigger
from local.host.functions import Binding, Function, Outcome
from local.host.host_json import QueueOptions
from local.host.invocations import Invocations
from local.host.queue_trigger import QueueListener
from local.host.queues import QueueAccounts
from local.host.screen import Screen
from tests.integration.host.conftest import StartHost
from tests.integration.host.running import APPS, QueueEmulator, RunningHost, wait_until


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def decoded(texts: list[str]) -> list[str]:
    return [base64.b64decode(text).decode() for text in texts]


def notes(host: RunningHost, name: str, body: str) -> list[dict[str, Any]]:
    """What the sample app noted in a file for messages with this body."""
    file = host.notes / name
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [note for note in map(json.loads, lines) if note["body"] == body]


def send(emulator: QueueEmulator, queue: str, text: str) -> QueueClient:
    """Put a raw text on a queue as somebody else would, making the queue when it is missing."""
    client = emulator.service().get_queue_client(queue)
    if queue not in [one.name for one in emulator.service().list_queues()]:
        client.create_queue()
    client.send_message(text)
    return client


@pytest.fixture
def body() -> str:
    return f"message {uuid.uuid4()} with ü"


def test_a_message_is_handled_once_and_deleted(sample: RunningHost, emulator: QueueEmulator, body: str) -> None:
    assert sample.call("POST", "/api/send", json=[body]).status_code == 202
    wait_until(lambda: bool(notes(sample, "worked", body)), "the message")
    wait_until(lambda: encoded(body) not in emulator.texts("work"), "its deletion")
    (seen,) = notes(sample, "work", body)
    assert seen["count"] == 1
    assert uuid.UUID(seen["id"])
    assert seen["receipt"]
    assert seen["inserted"] < seen["visible"] < seen["expires"]
    assert sample.wait_for_line(r"queue work  ok  \d+ ms  work$")
    assert body not in sample.output


def test_a_list_goes_out_as_one_message_each(sample: RunningHost, body: str) -> None:
    sample.call("POST", "/api/send", json=[f"{body} {number}" for number in range(3)])
    wait_until(lambda: all(notes(sample, "worked", f"{body} {number}") for number in range(3)), "three messages")


def test_outputs_of_a_function_that_raised_are_not_sent(
    sample: RunningHost, emulator: QueueEmulator, body: str
) -> None:
    assert sample.call("POST", "/api/send?fail=1", json=[body]).status_code == 500
    assert sample.call("POST", "/api/send", json=[f"{body} after"]).status_code == 202
    wait_until(lambda: bool(notes(sample, "worked", f"{body} after")), "the next message")
    assert not notes(sample, "work", body)
    assert encoded(body) not in emulator.texts("work")


def test_a_failing_output_turns_success_into_a_500(sample: RunningHost) -> None:
    assert sample.call("POST", "/api/send-nowhere").status_code == 500
    assert sample.wait_for_line("send_nowhere  output message: queue texts failed: ServiceRequestError")


def test_a_text_that_is_a_json_array_becomes_several_messages(sample: RunningHost, emulator: QueueEmulator) -> None:
    before = len(emulator.texts("texts"))
    for text in ('["one", {"two": 2}]', '{"three": 3}', "four"):
        assert sample.call("POST", "/api/send-text", data=text).status_code == 202
    assert sample.call("POST", "/api/send-bytes", data=b"[5, 6]").status_code == 202
    assert sample.call("POST", "/api/send-text", data="{no json}").status_code == 500
    assert decoded(emulator.texts("texts")[before:]) == ["one", '{"two": 2}', '{"three": 3}', "four", "[5, 6]"]


def test_a_returned_text_goes_to_the_queue_of_the_return_binding(
    sample: RunningHost, emulator: QueueEmulator, body: str
) -> None:
    send(emulator, "letters", encoded(body))
    wait_until(lambda: f"answer to {body}" in decoded(emulator.texts("answers")), "the answer")


def test_a_failing_message_comes_back_and_ends_in_the_poison_queue(
    sample: RunningHost, emulator: QueueEmulator, body: str
) -> None:
    send(emulator, "work", encoded(f"fail {body}"))
    wait_until(lambda: encoded(f"fail {body}") in emulator.texts("work-poison"), "the poison message")
    assert [note["count"] for note in notes(sample, "work", f"fail {body}")] == [1, 2, 3]
    assert encoded(f"fail {body}") not in emulator.texts("work")
    assert sample.wait_for_line(r"queue work  failed  .*work  RuntimeError.*\(try 1 of 3, again in 0 s\)")
    assert sample.wait_for_line(r"queue work  failed  .*\(try 3 of 3, moved to work-poison\)")


def test_a_message_that_is_not_base64_goes_to_the_poison_queue_at_once(
    sample: RunningHost, emulator: QueueEmulator
) -> None:
    raw = f"not base64! {uuid.uuid4()}"
    send(emulator, "work", raw)
    wait_until(lambda: raw in emulator.texts("work-poison"), "the poison message")
    assert sample.wait_for_line("queue work  poison  a message that is not base64")


def test_a_raw_text_queue_takes_messages_as_they_are(
    start_host: StartHost, sample_settings: dict[str, str], emulator: QueueEmulator, tmp_path: Path, body: str
) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "function_app.py").write_text((APPS / "sample/function_app.py").read_text("utf-8"), "utf-8")
    (app / "host.json").write_text('{"extensions": {"queues": {"messageEncoding": "none"}}}', "utf-8")
    host = start_host(app, {**sample_settings, "WORK_QUEUE": "raw-work"}).ready()
    host.call("POST", "/api/send", json=[body])
    wait_until(lambda: bool(notes(host, "worked", body)), "the message")
    host.call("POST", "/api/send-text", data=body)
    wait_until(lambda: body in emulator.texts("texts"), "the raw message")


def test_polling_goes_on_when_storage_was_away(
    start_host: StartHost, sample_settings: dict[str, str], tmp_path: Path, body: str
) -> None:
    storage = QueueEmulator(tmp_path)
    try:
        host = start_host(APPS / "sample", {**sample_settings, "Data": storage.connection}).ready()
        storage.stop()
        host.wait_for_line("queue work  cannot be read: ServiceRequestError; trying on")
        storage.start()
        host.wait_for_line("queue work  can be read again")
        send(storage, "work", encoded(body))
        wait_until(lambda: bool(notes(host, "worked", body)), "the message")
        assert len(host.lines("queue work  cannot be read")) == 1
    finally:
        storage.stop()


class Recorder:
    """Stands for `Invocations`: a function that takes its time, and how many of it ran at once."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.bodies: list[str] = []
        self.now = self.most = 0

    async def run(self, _function: Function, trigger: Any) -> Outcome:
        self.bodies.append(trigger.body)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.seconds)
        self.now -= 1
        return Outcome(ok=True)


def run_listener(
    emulator: QueueEmulator,
    recorder: Recorder,
    options: QueueOptions,
    messages: list[str],
    *,
    sent_by_this_host: bool = False,
) -> str:
    """Let a listener with a message lock of two seconds handle the messages; the queue's name."""
    name = f"renewed-{uuid.uuid4().hex[:8]}"
    properties = {"queueName": name, "connection": "Renewed"}
    function = Function("1", "renewed", Binding("m", "queueTrigger", is_output=False, properties=properties), (), ())
    if not sent_by_this_host:
        for message in messages:
            send(emulator, name, encoded(message))

    async def listen() -> None:
        accounts = QueueAccounts(base64=True)
        screen, invocations = Screen(), cast(Invocations, recorder)
        listener = QueueListener(function, accounts, options, invocations, screen, visibility_seconds=2)
        await listener.start()
        running = asyncio.create_task(listener.run())
        async with asyncio.timeout(15):
            if sent_by_this_host:
                await asyncio.sleep(0)
                await asyncio.to_thread(accounts.send, accounts.queue(function, function.trigger), messages)
            while len(recorder.bodies) < len(messages):
                await asyncio.sleep(0.02)
            listener.stop()
            await listener.settled()
            await running
        accounts.threads.shutdown()

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("Renewed", emulator.connection)
        asyncio.run(listen())
    return name


def test_a_process_that_gives_back_takes_nothing_more(emulator: QueueEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would fetch what it has just given back, and hide it for ten minutes with its own end."""
    monkeypatch.setenv("Given", emulator.connection)
    name, recorder = f"given-{uuid.uuid4().hex[:8]}", Recorder(seconds=3600)
    properties = {"queueName": name, "connection": "Given"}
    function = Function("1", "given", Binding("m", "queueTrigger", is_output=False, properties=properties), (), ())
    send(emulator, name, encoded("heavy"))

    async def listen() -> None:
        accounts = QueueAccounts(base64=True)
        options = QueueOptions(visibility_timeout=timedelta(0))
        listener = QueueListener(function, accounts, options, cast(Invocations, recorder), Screen())
        await listener.start()
        async with asyncio.timeout(15):
            while not recorder.bodies:
                await asyncio.sleep(0.02)
            await asyncio.to_thread(listener.give_back)
            await listener.run()
        accounts.threads.shutdown()

    asyncio.run(listen())
    assert emulator.texts(name) == [encoded("heavy")]


def test_a_message_sent_by_this_host_is_picked_up_at_once(
    emulator: QueueEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_trigger, "_SHORTEST_WAIT", 30.0)  # the listener's own polling would be too late
    recorder = Recorder(seconds=0)
    run_listener(emulator, recorder, QueueOptions(), ["woken"], sent_by_this_host=True)
    assert recorder.bodies == ["woken"]


def test_a_message_stays_hidden_while_its_function_runs(emulator: QueueEmulator) -> None:
    recorder = Recorder(seconds=3.2)  # longer than the lock of two seconds
    options = QueueOptions(max_polling_interval=timedelta(milliseconds=100))
    name = run_listener(emulator, recorder, options, ["long"])
    assert recorder.bodies == ["long"]
    assert emulator.service().get_queue_client(name).get_queue_properties().approximate_message_count == 0


def test_no_more_messages_run_at_once_than_batch_and_threshold_allow(emulator: QueueEmulator) -> None:
    recorder = Recorder(seconds=0.1)
    options = QueueOptions(batch_size=4, new_batch_threshold=2)
    run_listener(emulator, recorder, options, [str(number) for number in range(20)])
    assert sorted(recorder.bodies, key=int) == [str(number) for number in range(20)]
    assert 4 <= recorder.most <= 6
