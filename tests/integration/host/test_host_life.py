"""The host's start, its refusals to start, its clock, and its end.

Its words, exit codes and options are its own; tests that follow Azure say what they follow.
"""

import base64
import json
import os
import re
import signal
import threading
import time
import uuid
from pathlib import Path

import pytest
import requests

from tests.integration.host.conftest import StartHost
from tests.integration.host.running import (
    APPS,
    QueueEmulator,
    RunningHost,
    connection_string,
    copy_app,
    free_port,
    wait_until,
)

SAMPLE, SLOW = APPS / "sample", APPS / "slow"


def refusal(host: RunningHost) -> str:
    """What a host says that does not start: one line, exit code 2, no stack trace."""
    assert host.wait_for_end() == 2
    assert "Traceback" not in host.output
    (line,) = [one for one in host.output.splitlines() if "does not run here" not in one]
    return line


def test_a_ready_host_says_where_and_how_many(sample: RunningHost) -> None:
    assert sample.output.splitlines()[0] == f"host: ready on {sample.url}, 23 functions"


def test_a_port_in_use_is_named(start_host: StartHost, sample: RunningHost, sample_settings: dict[str, str]) -> None:
    host = start_host(SAMPLE, sample_settings, port=sample.port)
    assert f"Port {sample.port} cannot be used" in refusal(host)


def test_an_error_while_loading_names_its_place_in_the_app(start_host: StartHost) -> None:
    host = start_host(APPS / "broken", {})
    line = refusal(host)
    assert line == "host: the app does not load: KeyError: 'missing' (at parts.py:5 in _read)"


def test_a_stack_trace_is_shown_on_request(start_host: StartHost) -> None:
    host = start_host(APPS / "broken", {}, "--verbose")
    assert host.wait_for_end() == 2
    assert "Traceback (most recent call last)" in host.output


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("exit", "host: the app does not start: Set SEALING_KEY: it is missing."),
        ("value", "host: the app does not start: PORT must be a number."),
        (
            "import",
            "host: the app does not load: ModuleNotFoundError: No module named 'no_such_module' "
            "(at function_app.py:10 in <module>)",
        ),
        # azure-functions-python-library pull request 236
        (
            "twice",
            "host: the app does not start: Function twice does not have a unique function name. "
            "Please change @app.function_name() or the function method name to be unique.",
        ),
        # measured on azure-functions-runtime 1.3.0: the worker cannot load these
        (
            "argument",
            "host: the app does not load: FunctionLoadError: cannot load the wrong_name function: the following "
            "parameters are declared in Python but not in the function definition (function.json or function "
            "decorators):  {'letter'}",
        ),
        (
            "annotation",
            "host: the app does not load: FunctionLoadError: cannot load the wrong_type function: binding messages "
            "has invalid non-type annotation azure.functions._abc.Out[list[str]]",
        ),
    ],
)
def test_an_apps_own_words_are_shown_plainly(start_host: StartHost, how: str, said: str) -> None:
    assert refusal(start_host(APPS / "refusing", {"HOW": how})) == said


def test_a_folder_without_an_app_is_refused(start_host: StartHost, tmp_path: Path) -> None:
    """Learn, "Python developer reference for Azure Functions", folder structure."""
    assert f"There is no host.json in {tmp_path}" in refusal(start_host(tmp_path, {}))
    (tmp_path / "host.json").write_text('{"version": "2.0"}', "utf-8")
    assert f"There is no function_app.py in {tmp_path}" in refusal(start_host(tmp_path, {}))


def test_a_malformed_host_json_or_settings_file_stops_the_start(start_host: StartHost, tmp_path: Path) -> None:
    """Each fault that is told has its row in test_host_json.py and test_host_settings.py."""
    app = copy_app("refusing", tmp_path)
    settings = app / "local.settings.json"
    settings.write_text('{"IsEncrypted": true}', "utf-8")
    assert "local.settings.json is encrypted" in refusal(start_host(app, {}))
    settings.unlink()
    (app / "host.json").write_text('{"version": "2.0", "extensions": {"queues": {"batchSize": 99}}}', "utf-8")
    assert "extensions.queues.batchSize must be a number from 1 to 32" in refusal(start_host(app, {}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"Data": ""},
            r"letters, binding \$return \(queue\), uses the connection Data: set Data to a storage",
        ),
        ({"Data": "", "Data__queueServiceUri": "https://x"}, r"set by identity \(Data__queueServiceUri\)"),
        ({"Data": "nonsense"}, "whose setting is no connection string"),
        ({"WORK_QUEUE": "Not_A_Name"}, "names the queue 'Not_A_Name'"),
        ({"EVERY": "every day"}, "cannot be scheduled: the schedule 'every day' must have six fields"),
        ({"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "64k"}, "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT must be a number"),
        ({"FUNCTIONS_WORKER_RUNTIME": "node"}, "FUNCTIONS_WORKER_RUNTIME is 'node'"),
    ],
)
def test_a_wrong_setting_is_named(
    start_host: StartHost, sample_settings: dict[str, str], change: dict[str, str], said: str
) -> None:
    line = refusal(start_host(SAMPLE, {**sample_settings, **change}))
    assert re.search(said, line), line
    assert "AccountKey" not in line


def test_a_missing_setting_of_a_binding_is_named(start_host: StartHost, sample_settings: dict[str, str]) -> None:
    """Learn, "Azure Functions binding expression patterns", app settings."""
    settings = {name: value for name, value in sample_settings.items() if name != "WORK_QUEUE"}
    assert "refers to the setting WORK_QUEUE, which is not set" in refusal(start_host(SAMPLE, settings))


def test_storage_that_does_not_answer_is_named(start_host: StartHost, sample_settings: dict[str, str]) -> None:
    port = free_port()
    host = start_host(SAMPLE, {**sample_settings, "Data": connection_string(port)})
    assert f"http://127.0.0.1:{port}/devstoreaccount1/letters, which does not answer" in refusal(host)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_functions_finish(
    start_host: StartHost, sample_settings: dict[str, str], emulator: QueueEmulator, number: int
) -> None:
    """azure-functions-host pull request 7262, issue 7188 (drain mode: listeners stop, what runs may end)."""
    host = start_host(SAMPLE, {**sample_settings, "WORK_QUEUE": f"drain-{uuid.uuid4().hex[:8]}"}).ready()
    host.call("POST", "/api/send", json=["sleep 1"])
    replies: list[requests.Response] = []
    caller = threading.Thread(target=lambda: replies.append(host.get("/api/slow/1")))
    caller.start()
    wait_until(lambda: (host.notes / "slow").exists() and (host.notes / "work").exists(), "the functions' begin")
    host.process.send_signal(number)
    assert host.wait_for_end() == 0
    caller.join()
    assert replies[0].json() == "slept"
    assert '"sleep 1"' in (host.notes / "worked").read_text("utf-8")
    assert host.wait_for_line("host: stopping, waiting for slow, work")
    assert "Traceback" not in host.output


def test_a_killed_host_leaves_its_message_to_come_back(
    start_host: StartHost, sample_settings: dict[str, str], emulator: QueueEmulator
) -> None:
    """Learn, "Azure Queue storage trigger for Azure Functions", peek lock (quoted in azure-docs issue 116826)."""
    queue = f"killed-{uuid.uuid4().hex[:8]}"
    settings = {**sample_settings, "WORK_QUEUE": queue}
    host = start_host(SAMPLE, settings).ready()
    host.call("POST", "/api/send", json=["sleep 1"])
    wait_until((host.notes / "work").exists, "the function's begin")
    host.kill()
    assert (emulator.count(queue), emulator.texts(queue)) == (1, [])
    begun = json.loads((host.notes / "work").read_text("utf-8"))
    hidden_until_now = emulator.service().get_queue_client(queue)  # as if its ten minutes were over
    hidden_until_now.update_message(begun["id"], begun["receipt"], visibility_timeout=0)

    again = start_host(SAMPLE, settings).ready()
    wait_until((again.notes / "worked").exists, "the message's second run")
    runs = [json.loads(line) for line in (again.notes / "work").read_text("utf-8").splitlines()]
    assert [(run["id"], run["count"]) for run in runs] == [(begun["id"], 1), (begun["id"], 2)]


def test_a_second_interrupt_ends_at_once(start_host: StartHost, sample_settings: dict[str, str]) -> None:
    host = start_host(SAMPLE, sample_settings).ready()
    caller = threading.Thread(target=_get_until_cut, args=(host, "/api/slow/9"))
    caller.start()
    wait_until((host.notes / "slow").exists, "the function's begin")
    began = time.monotonic()
    host.process.send_signal(signal.SIGINT)
    host.wait_for_line("host: stopping")
    host.process.send_signal(signal.SIGINT)
    assert host.wait_for_end() == 130
    assert time.monotonic() - began < 3
    caller.join()
    assert "Traceback" not in host.output


def _get_until_cut(host: RunningHost, path: str) -> None:
    with pytest.raises(requests.ConnectionError):
        host.get(path)


@pytest.mark.parametrize("path", ["/thread", "/loop"])
def test_a_function_past_its_time_out_costs_the_process_its_life(
    start_host: StartHost, emulator: QueueEmulator, path: str
) -> None:
    """azure-functions-host issue 8720; pull request 5857 (the worker is started again: here by `local up`)."""
    host = start_host(SLOW, {"Data": emulator.connection, "SLOW_QUEUE": f"slow-{uuid.uuid4().hex[:8]}"}).ready()
    _get_until_cut(host, path)
    assert host.wait_for_end() == 70
    assert host.wait_for_line("host: (in_a_thread|on_the_loop) ran past its time-out of 0:00:01")


def test_a_message_past_its_time_out_is_given_back(start_host: StartHost, emulator: QueueEmulator) -> None:
    """azure-functions-host issue 8720: the invocation has failed, so its message is released or poison."""
    queue, text = f"slow-{uuid.uuid4().hex[:8]}", base64.b64encode(b"heavy").decode()
    client = emulator.service().create_queue(queue)
    client.send_message(text)
    environment = {"Data": emulator.connection, "SLOW_QUEUE": queue}
    assert start_host(SLOW, environment).wait_for_end() == 70
    assert emulator.texts(queue) == [text]
    assert start_host(SLOW, environment).wait_for_end() == 70
    assert (emulator.texts(queue), emulator.texts(f"{queue}-poison")) == ([], [text])


@pytest.mark.parametrize(("offset", "seconds"), [("+7d", 604_800), ("-2h", -7_200)])
def test_a_shifted_clock_moves_time_and_leaves_the_rest_working(
    start_host: StartHost, sample_settings: dict[str, str], offset: str, seconds: int
) -> None:
    settings = {**sample_settings, "WORK_QUEUE": f"shifted-{uuid.uuid4().hex[:8]}"}
    host = start_host(SAMPLE, settings, "--clock", offset).ready()
    assert abs(host.get("/api/now").json() - time.time() - seconds) < 5
    host.call("POST", "/api/send", json=["shifted"])
    wait_until((host.notes / "worked").exists, "the message")
    assert host.stop() == 0


def test_an_offset_that_is_none_is_refused(start_host: StartHost) -> None:
    host = start_host(SAMPLE, {}, "--clock", "10m")
    assert "--clock wants an offset such as +10m" in refusal(host)


def test_a_process_that_nobody_reads_goes_on(sample_settings: dict[str, str], tmp_path: Path) -> None:
    """The reader of the host's output may end before the host."""
    reader, writer = os.pipe()
    host = RunningHost(SAMPLE, tmp_path, sample_settings, output=writer)
    os.close(writer)
    wait_until(lambda: b"ready" in os.read(reader, 65536), "the host", 20)
    os.close(reader)
    try:
        assert [host.get("/api/text").status_code for _ in range(3)] == [200, 200, 200]
        assert host.stop() == 0
    finally:
        host.kill()
