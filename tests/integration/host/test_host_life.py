"""The host's start, its refusals to start, its clock, and its end."""

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
    assert sample.output.splitlines()[0] == f"host: ready on {sample.url}, 22 functions"


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
    ],
)
def test_an_apps_own_words_are_shown_plainly(start_host: StartHost, how: str, said: str) -> None:
    assert refusal(start_host(APPS / "refusing", {"HOW": how})) == said


def test_a_folder_without_an_app_is_refused(start_host: StartHost, tmp_path: Path) -> None:
    assert "There is no host.json in" in refusal(start_host(tmp_path, {}))


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
    settings = {name: value for name, value in sample_settings.items() if name != "WORK_QUEUE"}
    assert "refers to the setting WORK_QUEUE, which is not set" in refusal(start_host(SAMPLE, settings))


def test_storage_that_does_not_answer_is_named(start_host: StartHost, sample_settings: dict[str, str]) -> None:
    port = free_port()
    host = start_host(SAMPLE, {**sample_settings, "Data": connection_string(port)})
    assert f"http://127.0.0.1:{port}/devstoreaccount1/letters, which does not answer" in refusal(host)


def test_local_settings_are_read_and_the_environment_wins(start_host: StartHost, tmp_path: Path) -> None:
    app = copy_app("refusing", tmp_path)
    content = {
        "Values": {"GREETING": "hello ", "NAME": "file", "AzureWebJobs.off.Disabled": "true"},
        "Host": {"CORS": "http://portal.example, http://other.example"},
    }
    (app / "local.settings.json").write_text(json.dumps(content), "utf-8")
    host = start_host(app, {"NAME": "environment"}).ready()
    assert host.get("/api/on").text == "hello environment"
    assert [host.get(f"/api/{path}").status_code for path in ("off", "administrators")] == [404, 404]
    assert host.wait_for_line("strange does not run here: this host has no eventGridTrigger")
    assert host.wait_for_line("reserved does not run here: routes that begin with admin or runtime are reserved")
    assert host.wait_for_line("off does not run here: the setting AzureWebJobs.off.Disabled says so")
    assert host.wait_for_line("host: ready on .*, 1 function$")
    check_cors(host)


def check_cors(host: RunningHost) -> None:
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "if-match"}
    good, bad = {"Origin": "http://portal.example"}, {"Origin": "http://evil.example"}
    preflight = host.call("OPTIONS", "/api/on", headers={**good, **asked})
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert preflight.headers["access-control-allow-origin"] == "http://portal.example"
    assert preflight.headers["access-control-allow-methods"] == "PUT"
    assert preflight.headers["access-control-allow-headers"] == "if-match"
    refused = host.call("OPTIONS", "/api/on", headers={**bad, **asked})
    assert not [name for name in refused.headers if name.lower().startswith("access-control")]
    reply = host.get("/api/on", headers=good)
    assert reply.headers["access-control-allow-origin"] == "http://portal.example"
    assert reply.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in host.get("/api/on", headers=bad).headers
    assert "access-control-allow-origin" in host.get("/api/nothing", headers=good).headers


def test_the_port_of_local_settings_is_used(start_host: StartHost, tmp_path: Path) -> None:
    app, port = copy_app("refusing", tmp_path), free_port()
    (app / "local.settings.json").write_text(json.dumps({"Host": {"LocalHttpPort": port}}), "utf-8")
    start_host(app, {}, port=None).wait_for_line(f"ready on http://127.0.0.1:{port},")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_functions_finish(
    start_host: StartHost, sample_settings: dict[str, str], emulator: QueueEmulator, number: int
) -> None:
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
    host = start_host(SLOW, {"Data": emulator.connection, "SLOW_QUEUE": f"slow-{uuid.uuid4().hex[:8]}"}).ready()
    _get_until_cut(host, path)
    assert host.wait_for_end() == 70
    assert host.wait_for_line("host: (in_a_thread|on_the_loop) ran past its time-out of 0:00:01")


def test_a_message_past_its_time_out_is_given_back(start_host: StartHost, emulator: QueueEmulator) -> None:
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
