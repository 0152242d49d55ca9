"""A local cloud whose tables can be reached only through a pipe that loses and kills."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.faults.pipe import Pipe
from tests.integration.cloud import Host, LocalCloud


@dataclass(frozen=True)
class FaultyCloud:
    """The cloud, and the pipe between its host and its tables."""

    cloud: LocalCloud
    pipe: Pipe


@pytest.fixture(scope="session")
def piped_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyCloud]:
    cloud = LocalCloud(tmp_path_factory.mktemp("faults"), {})
    pipe = Pipe(cloud.config.ports.table).start()
    piped = cloud.connection_string.replace(f":{cloud.config.ports.table}/", f":{pipe.port}/")
    cloud.host = Host(cloud.config, {"SWEEP_SCHEDULE": "* * * * * *", "Data": piped})
    try:
        cloud.start()
        yield FaultyCloud(cloud, pipe)
    finally:
        cloud.stop()
        pipe.stop()


@pytest.fixture
def faulty(piped_cloud: FaultyCloud) -> Iterator[FaultyCloud]:
    """In good order: the host runs at the real time, the pipe only forwards."""
    piped_cloud.pipe.watch(None)
    piped_cloud.cloud.mend()
    yield piped_cloud
    piped_cloud.pipe.watch(None)
