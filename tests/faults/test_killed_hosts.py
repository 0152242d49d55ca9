"""A host is killed right after each transition of the main path; a fresh one finishes the job."""

import pytest

from tests.faults.conftest import FaultyCloud
from tests.faults.invariants import assert_in_order, rows_of, unexpected_work
from tests.faults.journey import Journey
from tests.faults.pipe import Moment

# Customer; service; mail claimed, sent; submission; check claimed, done; Add; then validation and completion,
# each started, claimed, done. `test_the_main_path_has_these_transitions` holds the number against the app.
TRANSITIONS = 14
STORY = [
    "service-created", "mail-sent", "credentials-submitted", "authenticated", "registration-added",
    "validation-started", "validation-passed", "completion-started", "service-activated",
]  # fmt: skip


def test_the_main_path_has_these_transitions(faulty: FaultyCloud) -> None:
    counted: list[int] = []
    faulty.pipe.watch(lambda moment: counted.append(moment.number))
    journey = Journey(faulty.cloud)
    assert journey.run()["state"] == "active"
    assert len(counted) == TRANSITIONS
    assert [event["what"] for event in journey.events()] == STORY


@pytest.mark.parametrize("number", range(1, TRANSITIONS + 1))
def test_a_host_killed_after_a_transition_loses_and_doubles_nothing(faulty: FaultyCloud, number: int) -> None:
    def kill(moment: Moment) -> None:
        if moment.number == number:
            faulty.cloud.host.kill()
            moment.lose()

    faulty.pipe.watch(kill)
    journey = Journey(faulty.cloud)
    service = journey.run()
    assert faulty.cloud.host.clock == "+10m", "the host was never killed"
    assert service["state"] == "active"
    assert [event["what"] for event in journey.events()] == STORY
    assert len(faulty.cloud.inbox.mails(journey.address)) == 1
    rows = rows_of(faulty.cloud, journey.service_id)
    assert_in_order(rows, journey.service_id)
    assert unexpected_work(rows) == []
