"""Rotating the sealing key against Azurite: all that waits or works is resealed, and nothing else changes."""

import re
from dataclasses import replace

import pytest
from azure.data.tables import TableClient

from keys.operations import Walk, count, reseal
from keys.rules import What, exit_code, sealed_in
from shared.kinds import Kind
from shared.languages.translations import ENGLISH
from shared.rows import Change, Row
from shared.store import Store
from tests.integration.contenders import PARTS, bring_to
from tests.integration.overlapping import Scene, members
from tests.integration.rotating import OLD, STAGES, fill, rotated, rotating, stands


def test_reseal_leaves_nothing_under_an_older_key_and_changes_nothing_else(scene: Scene) -> None:
    fill(scene)
    before = scene.rows()
    now = rotating(scene.platform)
    counted = count(Walk(now))
    assert counted.of(key=OLD) == {What.SECRET: 5, What.LINK: 1}
    assert exit_code(counted, "new") == 3

    walk = Walk(now)
    resealed = reseal(walk)
    assert walk.done == {What.SECRET: 5, What.LINK: 1}
    assert resealed.of(key="new") == resealed.of() == {What.SECRET: 5, What.LINK: 1}
    assert exit_code(resealed, "new") == 0

    after = scene.rows()
    mails = [key for key in before if key.startswith("due:") and f":{Kind.MAIL}:" in key]
    assert len(mails) == 1
    for key, row in before.items():
        if key in mails:
            continue
        assert after[key].columns == row.columns
        if after[key].body != row.body:
            assert blank(scene, after[key]) == blank(scene, row)
            assert key.startswith("service:")
    (moved,) = after.keys() - before.keys()
    assert before.keys() - after.keys() == set(mails)
    old, new = members(before[mails[0]]), members(after[moved])
    assert (new.pop("time") > old.pop("time"), new["note"].pop("token") != old["note"].pop("token")) == (True, True)
    assert old == new
    assert scene.broken(settled=False) == []


def blank(scene: Scene, row: Row) -> str:
    """A row without what is sealed in it."""
    body = row.body
    for one in sealed_in(scene.provider, row):
        body = body.replace(one.value, "")
    return body


def test_everything_works_without_the_old_key_once_all_is_resealed(scene: Scene) -> None:
    fill(scene)
    reseal(Walk(rotating(scene.platform)))
    scene.platform = rotated(scene.platform)
    assert exit_code(count(Walk(scene.platform)), "new") == 0
    scene.settle()
    assert scene.outside.sends.total() == len(STAGES) + 1, "one mail for each invitation, the waiting one too"
    for service in scene.services():
        if service.registration is not None:
            scene.id = service.id
            checks = scene.outside.checks.total()
            PARTS["validate"](scene).act(scene.platform)
            scene.settle()
            assert scene.service.check is not None
            assert (scene.service.check.outcome, scene.outside.checks.total()) == ("passed", checks + 1)
    assert scene.broken(settled=True) == []


def test_a_second_run_finds_nothing_to_do(scene: Scene) -> None:
    fill(scene)
    now = rotating(scene.platform)
    reseal(Walk(now))
    before = scene.rows()
    again = Walk(now)
    reseal(again)
    assert again.done.total() == 0
    assert scene.rows() == before


@pytest.mark.parametrize("after", range(1, 6))
def test_an_interrupted_run_leaves_no_half_and_the_next_one_goes_on(scene: Scene, after: int) -> None:
    """Ctrl-C strikes just after each of the commits in turn, before the walk has noted it."""
    fill(scene)
    now = rotating(scene.platform)
    with pytest.raises(KeyboardInterrupt):
        reseal(Walk(replace(now, store=Interrupted(scene.table, after))))
    resealed = after + 1  # the first row that is met holds two
    assert sum(under["new"] for under in stands(scene).values()) == resealed
    assert sum(under.total() for under in stands(scene).values()) == 6
    rest = Walk(now)
    assert exit_code(reseal(rest), "new") == 0
    assert rest.done.total() == 6 - resealed
    assert scene.broken(settled=False) == []


class Interrupted(Store):
    """A store at which Ctrl-C is pressed after so many commits."""

    def __init__(self, table: TableClient, after: int) -> None:
        super().__init__(table)
        self._left = after

    def commit(self, change: Change) -> None:
        super().commit(change)
        self._left -= 1
        if not self._left:
            raise KeyboardInterrupt


# A key that is removed too early


def test_a_removed_key_that_is_still_needed_is_told_and_nothing_is_lost_once_it_is_back(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    fill(scene)
    whole, early = rotating(scene.platform), rotated(scene.platform)
    before = stands(scene)
    walk = Walk(early)
    told = reseal(walk)
    assert (told.missing, walk.done.total(), exit_code(told, "new")) == ({OLD}, 0, 1)
    assert stands(scene) == before

    scene.platform = early
    (active,) = (one for one in scene.services() if one.state == "active" and one.invitation.proposal is None)
    scene.id = active.id
    PARTS["validate"](scene).act(early)
    caplog.clear()
    scene.worker(Kind.CHECK)(early)
    assert scene.service.check is not None
    waits = scene.service.check.waiting_for
    assert scene.service.check.outcome is None
    assert ENGLISH.say(waits or "") == "Something went wrong on our side. We ask again by ourselves."
    lines = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert lines == [f"a client secret cannot be opened: sealed with the key '{OLD}', which SEALING_KEYS does not hold"]

    scene.outside.busy = False
    reseal(Walk(whole))
    scene.worker(Kind.CHECK)(early)
    assert scene.service.check.outcome == "passed"


@pytest.mark.parametrize("mended_by", ["the key", "a resend"])
def test_a_mail_whose_key_is_gone_waits_with_one_clear_line_for_the_key_or_a_resend(
    scene: Scene, caplog: pytest.LogCaptureFixture, mended_by: str
) -> None:
    bring_to(scene, STAGES[0])
    scene.outside.busy = False
    whole = scene.platform
    scene.platform = rotated(scene.platform)
    caplog.clear()
    scene.worker(Kind.MAIL)(scene.platform)
    lines = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert lines == [f"a mail's link cannot be opened: sealed with the key '{OLD}', which SEALING_KEYS does not hold"]
    mail = scene.service.invitation.mail
    assert (mail.state, mail.waiting_for) == ("queued", "Something went wrong on our side.")
    if mended_by == "the key":
        scene.platform = whole
    else:
        PARTS["resend"](scene).act(scene.platform)
    scene.settle()
    assert scene.service.invitation.mail.state == "sent"


# Rows that are no good


def test_a_row_that_cannot_be_read_and_a_value_that_does_not_open_harm_no_other(scene: Scene) -> None:
    fill(scene)
    store, provider = scene.platform.store, scene.provider
    (active,) = (row for row in scene.rows("service:").values() if holds_one(scene, row, "active"))
    sealed = sealed_in(provider, active)[0].value
    damaged = re.sub(r'"id":"[0-9a-f]+"', '"id":"0000000000000000000000ff"', active.body, count=1)
    store.put(provider, Row("service:000000000000000000000000", "{"))
    store.put(provider, Row("service:0000000000000000000000ff", damaged))  # its secret was copied from elsewhere
    store.put(provider, Row(f"due:20200101T000000.000000Z:mail:{'0' * 32}", "[]"))
    store.put(provider, Row(f"due:20200101T000000.000000Z:newer:{'0' * 32}", "[]"))  # holds nothing that we know of
    walk = Walk(rotating(scene.platform))
    resealed = reseal(walk)
    assert walk.done == {What.SECRET: 5, What.LINK: 1}
    assert resealed.older("new") == 0
    assert [(fault.row.split(":")[0], fault.why) for fault in resealed.kept] == [
        ("service", "it cannot be read"),
        ("service", "its client secret does not open: damaged, or moved from its place"),
        ("due", "it cannot be read"),
    ]
    assert exit_code(resealed, "new") == 1
    assert sealed in store.read(provider, "service:0000000000000000000000ff").body  # type: ignore[union-attr]


def holds_one(scene: Scene, row: Row, state: str) -> bool:
    return members(row)["state"] == state and len(sealed_in(scene.provider, row)) == 1


def test_a_row_that_cannot_be_written_harms_no_other(scene: Scene) -> None:
    fill(scene)
    now = rotating(scene.platform)
    walk = Walk(replace(now, store=Refusing(scene.table)))
    assert reseal(walk).older("new") == 2, "the first row that is met holds two"
    assert walk.done.total() == 4
    assert reseal(Walk(now)).older("new") == 0


class Refusing(Store):
    """A store that calls the first change of its life malformed, whenever it comes."""

    first: str | None = None

    def commit(self, change: Change) -> None:
        self.first = self.first or change.proof
        if change.proof == self.first:
            raise TypeError("as a client that is fed a row which it cannot write")
        super().commit(change)
