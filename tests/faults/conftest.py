"""The lane that a pytest process tries its points on."""

from collections.abc import Iterator

import pytest

from tests.faults.lane import Lane


@pytest.fixture(scope="session")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    lane = Lane(tmp_path_factory.mktemp("faults"))
    try:
        lane.start()
        yield lane
    finally:
        lane.stop()
