"""`python -m local up` as a person meets it: its words, its exit codes, and that it leaves nothing behind."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from azure.data.tables import TableServiceClient

from local.child import Child
from local.config import ROOT, Config, free_ports, is_free
from local.waiting import wait_until
from tests.integration.cloud import own_range

UP = [sys.executable, "-m", "local", "up", "--without-host"]


class Up:
    """One cloud without the functions host, and what it prints."""

    def __init__(self, config: Config, log: Path) -> None:
        self.config = config
        self.log = log
        self.child = self.new(UP)

    def new(self, command: list[str]) -> Child:
        return Child("up", command, self.log, ready="ready", patience=30)

    def start(self, command: list[str] | None = None, **variables: str) -> None:
        self.child = self.new(command or UP)
        self.child.start({**os.environ, **self.config.variables(), **variables}, ROOT)

    def await_ready(self) -> None:
        wait_until(self.child.is_ready, 60, "the cloud's start")

    def await_line(self, text: str) -> None:
        wait_until(lambda: any(text in line for line in self.child.last_lines(100)), 60, f"the line {text}")

    def await_end(self) -> int:
        """The exit code, once it has ended."""
        return wait_until(lambda: self.child.exit_code, 60, "the end of the cloud")

    def printed(self) -> str:
        return "\n".join(self.child.last_lines(100))

    def server(self, name: str) -> int:
        """The process id of one of its servers."""
        state = json.loads((self.config.data / "up.json").read_bytes())
        pid: int = state["children"][name]
        return pid

    def left_behind(self) -> list[str]:
        """What still listens on one of its ports."""
        return [variable for variable, port in self.config.ports.named().items() if not is_free(port)]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    ports = free_ports(own_range())
    config = Config(data=tmp_path / "data", directory=ROOT / "local" / "directory.json", ports=ports)
    cloud = Up(config, tmp_path / "up.log")
    yield cloud
    cloud.child.stop()


def test_one_ctrl_c_ends_every_server_and_the_data_stay(up: Up) -> None:
    up.start()
    up.await_ready()
    with TableServiceClient.from_connection_string(up.config.azurite) as tables:
        tables.create_table("kept").create_entity({"PartitionKey": "a", "RowKey": "b", "word": "still here"})
    up.child.send(signal.SIGINT)
    assert up.await_end() == 0
    assert up.left_behind() == []
    assert not (up.config.data / "up.json").exists()

    up.start()
    up.await_ready()
    with TableServiceClient.from_connection_string(up.config.azurite) as tables:
        assert tables.get_table_client("kept").get_entity("a", "b")["word"] == "still here"


def test_the_portal_is_served_and_named_first(up: Up) -> None:
    up.start()
    up.await_ready()
    portal = up.config.portal_url
    ready = [line for line in up.printed().splitlines() if "http" in line]
    assert ready[0].split() == ["Portal", portal]
    place = requests.get(f"{portal}/config.json", timeout=10).json()
    assert place["api"] == up.config.api_url
    # The authority's endpoints are reached as a browser reaches them, and its issuer is what the app demands.
    document = requests.get(f"{place['authority']}/.well-known/openid-configuration", timeout=10).json()
    assert document["authorization_endpoint"].startswith(f"{up.config.entra_browser_url}/organizations/")
    assert document["issuer"].startswith(up.config.entra_url)
    asked = {"client_id": place["clientId"], "redirect_uri": f"{portal}/"}
    page = requests.get(document["authorization_endpoint"], asked, allow_redirects=False, timeout=10)
    assert page.headers["Location"].startswith(f"{portal}/?error=")


@pytest.mark.parametrize("moment", ["Starting the local cloud", "azurite is ready", "entra is ready"])
def test_a_signal_in_the_middle_of_the_start_ends_what_has_started(up: Up, moment: str) -> None:
    up.start()
    up.await_line(moment)
    up.child.send(signal.SIGTERM)
    assert up.await_end() == 0
    assert up.left_behind() == []


def test_a_killed_cloud_takes_its_servers_along_and_can_be_started_again_at_once(up: Up) -> None:
    up.start()
    up.await_ready()
    up.child.kill()
    up.start()
    up.await_ready()
    assert up.child.runs


def test_a_second_cloud_on_the_same_data_says_which_process_runs(up: Up, tmp_path: Path) -> None:
    up.start()
    up.await_ready()
    second = Up(up.config, tmp_path / "second.log")
    second.start()
    assert second.await_end() == 2
    assert f"already running (process {up.child.pid})" in second.printed()
    assert "LOCAL_API_PORT" in second.printed()
    assert up.child.runs


def test_a_port_in_use_is_named_with_its_variable(up: Up) -> None:
    with socket.create_server(("127.0.0.1", up.config.ports.inbox)):
        up.start()
        assert up.await_end() == 2
    assert f"Port {up.config.ports.inbox} (LOCAL_INBOX_PORT) is in use" in up.printed()
    assert up.left_behind() == []


def test_a_server_that_dies_ends_the_cloud_and_is_named(up: Up) -> None:
    up.start()
    up.await_ready()
    os.kill(up.server("entra"), signal.SIGKILL)
    assert up.await_end() == 1
    assert "entra ended unexpectedly (signal SIGKILL)" in up.printed()
    assert up.left_behind() == []


def test_a_server_that_cannot_start_is_named_with_its_last_words(up: Up, tmp_path: Path) -> None:
    broken = tmp_path / "directory.json"
    broken.write_text('{"portal": 1}')
    up.start(LOCAL_DIRECTORY=str(broken))
    assert up.await_end() == 1
    assert "entra could not start" in up.printed()
    assert "portal" in up.printed()
    assert up.left_behind() == []


def test_a_port_that_is_none_is_named(up: Up) -> None:
    up.start(LOCAL_SMTP_PORT="smtp")
    assert up.await_end() == 2
    assert up.printed() == "LOCAL_SMTP_PORT is “smtp”; it must be a port, a number from 1 to 65535."


# A small program takes the functions host's place: the real one's time-out takes a minute.
WITH_ANOTHER_HOST = """
import sys
from local import config, servers, up
from local.child import Child
host = [sys.executable, "-c", *sys.argv[1:]]
servers.host = lambda config, clock=None: Child("host", host, config.data / "logs" / "host.log", patience=300)
up.seed = lambda config: []
sys.exit(up.run(config.from_environment()))
"""

TIMING_OUT_ONCE = """
import pathlib, sys, time
print("host: ready", flush=True)
first = pathlib.Path(sys.argv[1])
if not first.exists():
    first.touch()
    sys.exit(70)
print("second life", flush=True)
time.sleep(600)
"""

NEVER_ENDING = """
import signal, time
signal.signal(signal.SIGTERM, lambda number, frame: print("still busy", flush=True))
print("host: ready", flush=True)
while True:
    time.sleep(600)
"""


def test_a_host_that_ended_because_of_a_time_out_is_started_again(up: Up, tmp_path: Path) -> None:
    up.start([sys.executable, "-c", WITH_ANOTHER_HOST, TIMING_OUT_ONCE, str(tmp_path / "first")])
    up.await_line("second life")
    assert "A function ran past its time-out" in up.printed()
    up.child.send(signal.SIGTERM)
    assert up.await_end() == 0


def test_a_second_ctrl_c_does_not_wait_for_a_busy_host(up: Up) -> None:
    up.start([sys.executable, "-c", WITH_ANOTHER_HOST, NEVER_ENDING])
    up.await_ready()
    busy = up.config.data / "logs" / "host.log"
    up.child.send(signal.SIGINT)
    wait_until(lambda: "still busy" in busy.read_text(encoding="utf-8"), 20, "the host's answer")
    assert up.child.runs
    up.child.send(signal.SIGINT)
    assert up.await_end() == 0
    assert "host did not end by itself and was killed" in up.printed()
    assert up.left_behind() == []


def test_the_environment_for_another_host_is_complete_and_private(up: Up) -> None:
    up.start()
    up.await_ready()
    file = up.config.data / "app.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    read = subprocess.run(
        [
            "/bin/bash",
            "-c",
            '. "$1"; printf "%s\n" "$Data" "$AUTHORITY_HOST" "$PUBLIC_BASE_URL" "$LOCAL_DATA"',
            "-",
            file,
        ],
        capture_output=True,
        text=True,
        check=True,
        env={},
    )
    config = up.config
    assert read.stdout.splitlines() == [config.azurite, config.entra_url, config.api_url, str(config.data)]
