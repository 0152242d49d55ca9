"""Health: what the heartbeat says, in words for anybody."""

from datetime import timedelta

import pytest

from shared.kinds import Kind
from shared.models import health
from shared.sweep import Heartbeat, Waiting
from tests.unit.builders import NOW, PROVIDER, due

MINUTE = timedelta(minutes=1)
BEAT = Heartbeat(NOW)


def waiting(minutes: int, key: str = due(Kind.CHECK).key) -> Heartbeat:
    return Heartbeat(NOW, Waiting(PROVIDER, key, NOW - minutes * MINUTE))


@pytest.mark.parametrize(
    ("beat", "status"),
    [
        (BEAT, "ok"),
        (waiting(4), "ok"),
        (waiting(6), "late"),
        (Heartbeat(NOW - 6 * MINUTE), "late"),
        (Heartbeat(NOW, unreadable=1), "late"),
        (None, "starting"),
    ],
    ids=["in order", "work waits a little", "work waits too long", "no sweep", "a row that cannot be read", "at first"],
)
def test_health_is_late_when_the_sweep_or_owed_work_is(beat: Heartbeat | None, status: str) -> None:
    assert health(beat, NOW, NOW).status == status


def test_an_app_that_never_swept_is_late_after_a_while() -> None:
    assert health(None, NOW - 6 * MINUTE, NOW).status == "late"


@pytest.mark.parametrize("kind", list(Kind))
def test_health_tells_what_the_oldest_work_is_and_nobody_s_id(kind: Kind) -> None:
    told = health(waiting(6, due(kind).key), NOW, NOW)
    assert (told.oldest_due, told.oldest_due_kind) == (NOW - 6 * MINUTE, kind)
    assert due(kind).work_id not in told.model_dump_json()
    assert PROVIDER not in told.model_dump_json()


@pytest.mark.parametrize("key", [due().key.replace("check", "webhook"), "due:", ""])
def test_work_of_a_kind_that_only_a_newer_version_knows_is_no_fault_of_health(key: str) -> None:
    told = health(waiting(6, key), NOW, NOW)
    assert (told.status, told.oldest_due_kind) == ("late", None)
