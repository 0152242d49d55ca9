"""A key is rotated while others act: nothing is lost or done twice, whoever commits first."""

from dataclasses import replace

import pytest
from azure.data.tables import TableServiceClient

from keys.operations import Walk, reseal
from keys.rules import What, exit_code
from shared.due import LEASE
from shared.kinds import Kind
from shared.platform import Platform
from shared.rows import Change
from shared.store import Doubtful, Store, StoreUnavailable
from tests.integration.cloud import LocalCloud
from tests.integration.contenders import PARTS, bring_to
from tests.integration.overlapping import Contender, Order, Scene
from tests.integration.pipe import Pipe
from tests.integration.rotating import OLD, STAGES, fill, rotated, rotating, stands, with_keys

CHANGES: dict[str, list[tuple[str, int]]] = {  # what stands in the service afterwards
    "authenticated": [("add", 1), ("revoke", 0), ("resend", 0), ("cancel", 0)],
    "validating": [("check", 1), ("decline", 0), ("copy link", 1), ("extend", 1)],
    "added": [("validate", 1)],
    "being validated": [("check", 1)],
    "active": [("disconnect", 0), ("change", 1), ("reinitiate", 1)],
    "answered again": [("add", 1)],
    "validating again": [("disconnect", 0)],
}


@pytest.mark.parametrize("order", [Order.FIRST, Order.SECOND])
@pytest.mark.parametrize(
    ("stage", "name", "left"), [(stage, name, left) for stage, those in CHANGES.items() for name, left in those]
)
def test_a_transition_at_the_same_moment_neither_loses_nor_is_lost(
    scene: Scene, stage: str, name: str, left: int, order: Order
) -> None:
    """Both have decided on the same row. What the transition wipes stays wiped, what it keeps is resealed."""
    bring_to(scene, stage)
    now = rotating(scene.platform)
    others, known = PARTS[name](scene), scene.rows("event:")
    scene.race(resealing(now), others, order)
    assert others.refusal is None
    assert scene.told(known).split(), "the transition has happened"
    final = reseal(Walk(now))
    assert final.older("new") == 0
    assert final.of()[What.SECRET] == stands(scene)[What.SECRET]["new"] == left
    scene.platform = rotated(scene.platform)
    scene.settle()
    assert scene.broken(settled=True) == []


def resealing(platform: Platform) -> Contender:
    """Whoever reseals, held at the first commit."""
    return Contender(lambda held: reseal(Walk(replace(platform, store=held.store))))


MAILS = [(at, order) for at in (1, 2) for order in Order]


@pytest.mark.parametrize(("at", "order"), MAILS)
@pytest.mark.parametrize("busy", [False, True], ids=["sends it", "puts it off"])
def test_a_mail_is_neither_lost_nor_doubled_whatever_its_worker_does(
    scene: Scene, at: int, order: Order, busy: bool
) -> None:
    """The worker is held at its claim, or at telling what came of the mail, while its row is moved."""
    bring_to(scene, "ordered")
    now = rotating(scene.platform)
    scene.outside.busy = busy
    scene.race(Contender(scene.worker(Kind.MAIL), at=at), resealing(now), order)
    scene.outside.busy = False
    assert reseal(Walk(now)).older("new") == 0
    scene.platform = rotated(scene.platform)
    scene.settle()
    assert list(scene.outside.sends.values()) == [1]
    mail = scene.service.invitation.mail
    assert (mail.state, mail.count) == ("sent", 1)
    assert scene.broken(settled=True) == []


def test_a_mail_that_was_sent_while_its_row_was_moved_is_asked_after_and_not_sent_again(scene: Scene) -> None:
    bring_to(scene, "ordered")
    (before,) = scene.owed(Kind.MAIL)
    scene.race(Contender(scene.worker(Kind.MAIL), at=2), resealing(rotating(scene.platform)), Order.SECOND)
    (after,) = scene.owed(Kind.MAIL)
    assert scene.outside.sends == {before.work_id: 1}
    assert scene.service.invitation.mail.state == "queued", "its worker could not tell that it is sent"
    assert (after.work_id, after.attempts) == (before.work_id, 1)
    assert after.begun
    assert after.time >= after.begun + LEASE, "nobody takes it before the lease has ended"
    scene.platform = rotated(scene.platform)
    scene.settle()
    assert scene.outside.sends == {before.work_id: 1}
    assert scene.service.invitation.mail.count == 1


@pytest.mark.parametrize("spoil", ["lost", 503])
def test_an_answer_that_is_lost_is_no_lost_work_and_is_not_counted_twice(
    scene: Scene, running_cloud: LocalCloud, spoil: str | int
) -> None:
    """Each commit is carried out, and its answer lost or replaced."""
    fill(scene)
    pipe = Pipe(running_cloud.config.ports.table).start()
    try:
        piped = running_cloud.connection_string.replace(f":{running_cloud.config.ports.table}/", f":{pipe.port}/")
        service = TableServiceClient.from_connection_string(piped, retry_total=2, retry_backoff_factor=0.01)
        pipe.watch(lambda moment: moment.lose() if spoil == "lost" else moment.answer(503))
        walk = Walk(replace(rotating(scene.platform), store=Store(service.get_table_client(scene.table.table_name))))
        resealed = reseal(walk)
    finally:
        pipe.stop()
    assert resealed.older("new") == 0
    assert walk.done == {What.SECRET: 5, What.LINK: 1}
    assert scene.broken(settled=False) == []


def test_a_run_that_always_loses_ends_and_says_so(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_to(scene, "active")
    monkeypatch.setattr("shared.store.PAUSE_SECONDS", 0.0)
    with pytest.raises(StoreUnavailable):
        reseal(Walk(replace(rotating(scene.platform), store=Unlucky(scene.table))))
    bring_to(scene, STAGES[0])
    links = with_keys(scene.platform, {OLD: scene.platform.settings.sealing_keys[OLD]})
    assert exit_code(reseal(Walk(replace(links, store=Unlucky(scene.table)))), OLD) == 0


class Unlucky(Store):
    """A store in which others are always faster."""

    def commit(self, _: Change) -> None:
        raise Doubtful
