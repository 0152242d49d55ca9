"""Health: anybody may ask whether the sweep runs and owed work is done."""

from datetime import UTC, datetime, timedelta

from local.waiting import wait_until
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import SECONDS, Json, Onboarding, good

NEVER = "0 0 0 1 1 *"


def health(cloud: LocalCloud, status: int = 200) -> Json | None:
    """What health says, once it answers with that status."""
    reply = cloud.anybody().get("/api/health")
    content: Json = reply.json()
    return content if reply.status_code == status else None


def test_a_sweep_that_runs_is_healthy_and_moves_on(cloud: LocalCloud) -> None:
    first = wait_until(lambda: health(cloud), SECONDS, "a healthy cloud")
    assert first["status"] == "ok"
    age = datetime.now(UTC) - datetime.fromisoformat(first["lastSweep"])
    assert age < timedelta(seconds=30)
    wait_until(lambda: good(cloud.anybody().get("/api/health"))["lastSweep"] > first["lastSweep"], SECONDS, "a sweep")


def test_health_tells_nothing_about_anybody(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    reply = cloud.anybody().get("/api/health")
    assert reply.headers["Cache-Control"] == "no-store"
    for private in (way.id, way.customer["id"], way.email, "11111111-aaaa"):
        assert private not in reply.text


def test_a_sweep_that_has_stopped_is_late(cloud: LocalCloud) -> None:
    wait_until(lambda: health(cloud), SECONDS, "a healthy cloud")
    cloud.host.restart("+10m", SWEEP_SCHEDULE=NEVER)
    late = wait_until(lambda: health(cloud, 503), SECONDS, "the alarm")
    assert late["status"] == "late"
    assert datetime.now(UTC) + timedelta(minutes=10) - datetime.fromisoformat(late["lastSweep"]) > timedelta(minutes=5)
    cloud.host.restart("+10m")
    wait_until(lambda: health(cloud), SECONDS, "a healthy cloud again")


def test_work_that_waits_for_its_next_time_is_no_alarm(cloud: LocalCloud, faults: Faults) -> None:
    faults.mail(status=503, retryAfter=3000)
    way = Onboarding.begin(cloud)
    wait_until(lambda: faults.used("mail") > 0, SECONDS, "the first attempt")
    cloud.host.restart("+10m")
    wait_until(lambda: health(cloud), SECONDS, "a healthy cloud")
    assert way.row()["emailState"] == "queued"
