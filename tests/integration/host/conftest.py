"""The host's fixtures: a queue emulator, the sample app's host, and hosts of a test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.host.running import APPS, QueueEmulator, RunningHost, connection_string, free_port

StartHost = Callable[..., RunningHost]


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueueEmulator]:
    emulator = QueueEmulator(tmp_path_factory.mktemp("queues"))
    yield emulator
    emulator.stop()


@pytest.fixture(scope="session")
def sample_settings(emulator: QueueEmulator) -> dict[str, str]:
    """The sample app's settings; its fast timer is off, and one of its connections leads nowhere."""
    return {
        "Data": emulator.connection,
        "Nowhere": connection_string(free_port()),
        "WORK_QUEUE": "work",
        "EVERY": "0 0 0 1 1 *",
        "PYTHON_THREADPOOL_THREAD_COUNT": "32",
        "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "100000",
    }


@pytest.fixture(scope="session")
def sample(sample_settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    """The sample app's host, shared by tests that do not stop it."""
    host = RunningHost(APPS / "sample", tmp_path_factory.mktemp("sample"), sample_settings).ready()
    yield host
    host.stop()


@pytest.fixture
def start_host(tmp_path: Path) -> Iterator[StartHost]:
    """Starts a host of the test's own: `start_host(app, environment, *options, port=…)`."""
    started: list[RunningHost] = []

    def start(app: Path, environment: dict[str, str], *options: str, port: int | None = 0) -> RunningHost:
        started.append(RunningHost(app, tmp_path, environment, *options, port=port))
        return started[-1]

    yield start
    for host in started:
        if host.process.poll() is None:
            host.kill()
