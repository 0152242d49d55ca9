"""Queue triggers and queue outputs as Azure's host runs them, against the queue emulator."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.integration.host.conftest import StartHost
from tests.integration.host.running import APPS, QueueEmulator, RunningHost, decoded, encoded, wait_until


def notes(host: RunningHost, name: str, body: str) -> list[dict[str, Any]]:
    """What the sample app noted in a file for messages with this body."""
    file = host.notes / name
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [note for note in map(json.loads, lines) if note["body"] == body]


@pytest.fixture
def body() -> str:
    return f"message {uuid.uuid4()} with ü"


def test_a_message_is_handled_once_and_deleted(sample: RunningHost, emulator: QueueEmulator, body: str) -> None:
    """Learn, "Azure Queue storage trigger for Azure Functions": deleted after success; its metadata."""
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
    """Learn, "Azure Queue storage output binding for Azure Functions"; azure-functions-nodejs-worker issue 135."""
    sample.call("POST", "/api/send", json=[f"{body} {number}" for number in range(3)])
    wait_until(lambda: all(notes(sample, "worked", f"{body} {number}") for number in range(3)), "three messages")


def test_outputs_of_a_function_that_raised_are_not_sent(
    sample: RunningHost, emulator: QueueEmulator, body: str
) -> None:
    """azure-docs issue 71245."""
    assert sample.call("POST", "/api/send?fail=1", json=[body]).status_code == 500
    assert sample.call("POST", "/api/send", json=[f"{body} after"]).status_code == 202
    wait_until(lambda: bool(notes(sample, "worked", f"{body} after")), "the next message")
    assert not notes(sample, "work", body)
    assert encoded(body) not in emulator.texts("work")


def test_a_failing_output_turns_success_into_a_500(sample: RunningHost) -> None:
    """azure-functions-host issues 411 and 1528: a binding that fails after the function fails it."""
    assert sample.call("POST", "/api/send-nowhere").status_code == 500
    assert sample.wait_for_line("send_nowhere  output message: queue texts failed: ServiceRequestError")


def test_a_failing_output_lets_the_message_that_triggered_come_back(
    sample: RunningHost, emulator: QueueEmulator, body: str
) -> None:
    """azure-docs issue 99311; azure-functions-host issue 1528."""
    emulator.send("relays", encoded(body))
    wait_until(lambda: encoded(body) in emulator.texts("relays-poison"), "the poison message", 30)
    assert sample.wait_for_line(r"queue relays  failed  .*relay  output output: queue texts failed.*\(try 3 of 3")


def test_a_text_that_is_a_json_array_becomes_several_messages(sample: RunningHost, emulator: QueueEmulator) -> None:
    """azure-webjobs-sdk-extensions issue 936."""
    before = len(emulator.texts("texts"))
    for text in ('["one", {"two": 2}]', '{"three": 3}', "four"):
        assert sample.call("POST", "/api/send-text", data=text).status_code == 202
    assert sample.call("POST", "/api/send-bytes", data=b"[5, 6]").status_code == 202
    assert sample.call("POST", "/api/send-text", data="{no json}").status_code == 500
    assert decoded(emulator.texts("texts")[before:]) == ["one", '{"two": 2}', '{"three": 3}', "four", "[5, 6]"]


def test_a_returned_text_goes_to_the_queue_of_the_return_binding(
    sample: RunningHost, emulator: QueueEmulator, body: str
) -> None:
    """Learn, "Azure Queue storage output binding for Azure Functions", $return."""
    emulator.send("letters", encoded(body))
    wait_until(lambda: f"answer to {body}" in decoded(emulator.texts("answers")), "the answer")


def test_a_failing_message_comes_back_and_ends_in_the_poison_queue(
    sample: RunningHost, emulator: QueueEmulator, body: str
) -> None:
    """Learn, "Azure Queue storage trigger for Azure Functions", poison messages."""
    emulator.send("work", encoded(f"fail {body}"))
    wait_until(lambda: encoded(f"fail {body}") in emulator.texts("work-poison"), "the poison message")
    assert [note["count"] for note in notes(sample, "work", f"fail {body}")] == [1, 2, 3]
    assert encoded(f"fail {body}") not in emulator.texts("work")
    assert sample.wait_for_line(r"queue work  failed  .*work  RuntimeError.*\(try 1 of 3, again in 0 s\)")
    assert sample.wait_for_line(r"queue work  failed  .*\(try 3 of 3, moved to work-poison\)")


def test_a_message_that_is_not_base64_goes_to_the_poison_queue_at_once(
    sample: RunningHost, emulator: QueueEmulator
) -> None:
    """azure-sdk-for-net pull request 18326."""
    raw = f"not base64! {uuid.uuid4()}"
    emulator.send("work", raw)
    wait_until(lambda: raw in emulator.texts("work-poison"), "the poison message")
    assert sample.wait_for_line("queue work  poison  a message that is not base64")


def test_a_raw_text_queue_takes_messages_as_they_are(
    start_host: StartHost, sample_settings: dict[str, str], emulator: QueueEmulator, tmp_path: Path, body: str
) -> None:
    """azure-sdk-for-net issue 25570 (messageEncoding)."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "function_app.py").write_text((APPS / "sample/function_app.py").read_text("utf-8"), "utf-8")
    (app / "host.json").write_text('{"version": "2.0", "extensions": {"queues": {"messageEncoding": "none"}}}', "utf-8")
    host = start_host(app, {**sample_settings, "WORK_QUEUE": "raw-work"}).ready()
    host.call("POST", "/api/send", json=[body])
    wait_until(lambda: bool(notes(host, "worked", body)), "the message")
    host.call("POST", "/api/send-text", data=body)
    wait_until(lambda: body in emulator.texts("texts"), "the raw message")


def test_polling_goes_on_when_storage_was_away(
    start_host: StartHost, sample_settings: dict[str, str], tmp_path: Path, body: str
) -> None:
    """QueueListener.cs of azure-sdk-for-net: an error of the service is waited out."""
    storage = QueueEmulator(tmp_path)
    try:
        host = start_host(APPS / "sample", {**sample_settings, "Data": storage.connection}).ready()
        storage.stop()
        host.wait_for_line("queue work  cannot be read: ServiceRequestError; trying on")
        storage.start()
        host.wait_for_line("queue work  can be read again")
        storage.send("work", encoded(body))
        wait_until(lambda: bool(notes(host, "worked", body)), "the message")
        assert len(host.lines("queue work  cannot be read")) == 1
    finally:
        storage.stop()
