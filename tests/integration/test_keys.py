"""Rotating the sealing key against Azurite: nothing that waits or works is lost, whoever else acts meanwhile."""

import base64
import json
import os
import re
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from azure.data.tables import TableClient, TableServiceClient

from keys.operations import Walk, count, reseal
from keys.rules import What, exit_code, sealed_in
from local.config import ROOT
from local.servers import app_environment
from local.settings import read_values
from shared.due import LEASE
from shared.kinds import Kind
from shared.platform import Platform
from shared.rows import Change, Row
from shared.sealing import Sealer, key_id
from shared.store import Doubtful, Store, StoreUnavailable
from tests.integration.cloud import Directory, Faults, LocalCloud
from tests.integration.contenders import PARTS, bring_to
from tests.integration.overlapping import Contender, Order, Outside, Scene, members
from tests.integration.pipe import Pipe
from tests.integration.procedure import (
    ADATUM,
    CONTOSO,
    Onboarding,
    good,
    in_a_tenant_of_its_own,
    submit,
    view_of,
)
from tests.integration.test_owed import attention, wake

TABLE = f"keys{secrets.token_hex(6)}"  # no running app's sweep works on it
OLD = "2026"  # the key of the scene's settings
LONG = 600  # a Retry-After that keeps work waiting for longer than the test


@pytest.fixture(scope="module")
def table(running_cloud: LocalCloud) -> Iterator[TableClient]:
    service = TableServiceClient.from_connection_string(
        running_cloud.connection_string, connection_timeout=3, read_timeout=10, retry_total=2
    )
    yield service.create_table_if_not_exists(TABLE)
    service.delete_table(TABLE)


@pytest.fixture
def scene(table: TableClient, monkeypatch: pytest.MonkeyPatch) -> Scene:
    outside = Outside()
    monkeypatch.setattr("invitations.operations.mails._post", lambda *_: outside)
    monkeypatch.setattr("validation.examination.examine", outside.examine)
    return Scene.set_up(table, outside)


def with_keys(platform: Platform, keys: Mapping[str, bytes]) -> Platform:
    """The platform of an app with other sealing keys."""
    return replace(platform, settings=replace(platform.settings, sealing_keys=keys), sealer=Sealer(keys))


NEW_KEY = bytes(range(50, 82))


def rotating(platform: Platform) -> Platform:
    """The platform with a new key in front of those that it has."""
    return with_keys(platform, {"new": NEW_KEY, **platform.settings.sealing_keys})


def rotated(platform: Platform) -> Platform:
    """The platform with the new key alone."""
    return with_keys(platform, {"new": NEW_KEY})


def stands(scene: Scene) -> dict[str, Counter[str]]:
    """How many secrets and links of the scene stand under which key."""
    found: dict[str, Counter[str]] = {what: Counter() for what in What}
    for prefix in ("service:", "due:"):
        for key, row in scene.rows(prefix).items():
            if prefix == "service:" or f":{Kind.MAIL}:" in key:
                for one in sealed_in(scene.provider, row):
                    found[one.what][key_id(one.value)] += 1
    return found


STAGES = ("ordered, without the e-mail service", "validating", "authenticated", "active", "answered again")


def fill(scene: Scene) -> None:
    """Services at every stage that holds a secret, and one whose mail is owed: 5 secrets and 1 link."""
    for stage in STAGES[1:]:
        bring_to(scene, stage)
    bring_to(scene, STAGES[0])


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
    assert scene.service.check.outcome == "unavailable"
    lines = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert lines == [f"a client secret cannot be opened: sealed with the key '{OLD}', which SEALING_KEYS does not hold"]

    scene.outside.busy = False
    reseal(Walk(whole))
    PARTS["validate"](scene).act(early)
    scene.worker(Kind.CHECK)(early)
    assert scene.service.check.outcome == "passed"


def test_a_mail_whose_key_is_gone_fails_with_one_clear_line_and_a_resend_mends_it(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    bring_to(scene, STAGES[0])
    scene.outside.busy = False
    scene.platform = rotated(scene.platform)
    caplog.clear()
    scene.worker(Kind.MAIL)(scene.platform)
    lines = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert lines == [f"a mail's link cannot be opened: sealed with the key '{OLD}', which SEALING_KEYS does not hold"]
    assert scene.service.invitation.mail.state == "failed"
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


# Races


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
        walk = Walk(replace(rotating(scene.platform), store=Store(service.get_table_client(TABLE))))
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


# The command


def values(cloud: LocalCloud, keys: str, **other: str) -> dict[str, str]:
    """An environment with the settings of the running app, but for its keys and what else differs."""
    return {**read_values(ROOT), **app_environment(cloud.config), "SEALING_KEYS": keys, **other}


def command(environment: dict[str, str], *line: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-m", "keys", *line]
    return subprocess.run(whole, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def of_all(done: subprocess.CompletedProcess[str]) -> dict[str, tuple[int, int]]:
    """How many secrets and links `status` counts under each key."""
    _, _, lines = done.stdout.partition("all providers:")
    found = re.findall(r"key (\S+)(?: \(\w+\))?: ([0-9,]+) client secrets? and ([0-9,]+) links?", lines)
    return {key: (int(secret.replace(",", "")), int(link.replace(",", ""))) for key, secret, link in found}


@pytest.fixture
def apart(running_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene in the app's own table, of a provider that the running app does not know."""
    outside = Outside()
    monkeypatch.setattr("invitations.operations.mails._post", lambda *_: outside)
    monkeypatch.setattr("validation.examination.examine", outside.examine)
    return Scene.set_up(TableClient.from_connection_string(running_cloud.connection_string, "tenantlink"), outside)


def settings_of(scene: Scene, cloud: LocalCloud, *keys: str, **other: str) -> dict[str, str]:
    provider = {"id": scene.provider, "name": "Apart", "contact": {"name": "Desk"}}
    return values(cloud, ",".join(keys), PROVIDERS=json.dumps([provider]), **other)


def key(name: str, key: bytes) -> str:
    return f"{name}:{base64.b64encode(key).decode()}"


BOTH = (key("new", NEW_KEY), key(OLD, bytes(range(32))))


def test_the_command_counts_reseals_and_says_by_its_exit_code_what_is_left(
    apart: Scene, running_cloud: LocalCloud, tmp_path: Path
) -> None:
    fill(apart)
    both, new = settings_of(apart, running_cloud, *BOTH), settings_of(apart, running_cloud, BOTH[0])
    asked = command(both, "status")
    assert (asked.returncode, of_all(asked)) == (3, {"new": (0, 0), OLD: (5, 1)})
    assert command(new, "status").returncode == 1
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"IsEncrypted": False, "Values": both}))
    done = command({"PATH": os.environ["PATH"]}, "reseal", "--settings", str(file))
    assert (done.returncode, of_all(done)) == (0, {"new": (5, 1), OLD: (0, 0)})
    assert done.stdout.endswith("\nresealed 5 client secrets and 1 link; 0 still need an older key\n")
    assert done.stderr.startswith("resealing: 1 rows, Apart; resealed 0\n")
    assert command(new, "status").returncode == 0


def test_ctrl_c_ends_the_command_in_good_order_and_the_next_run_goes_on(
    apart: Scene, running_cloud: LocalCloud
) -> None:
    fill(apart)
    pipe = Pipe(running_cloud.config.ports.table).start()
    port = f":{running_cloud.config.ports.table}/"
    piped = running_cloud.connection_string.replace(port, f":{pipe.port}/")
    line = [sys.executable, "-m", "keys", "reseal"]
    environment = settings_of(apart, running_cloud, *BOTH, Data=piped)
    running = subprocess.Popen(line, env=environment, cwd=ROOT, stdout=-1, stderr=-1, text=True)
    try:
        pipe.watch(lambda moment: running.send_signal(signal.SIGINT) if moment.number == 3 else None)
        out, err = running.communicate(timeout=60)
    finally:
        running.kill()
        pipe.stop()
    assert running.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert "interrupted; run the command again to go on" in err.splitlines()[-1]
    left = stands(apart)
    assert 3 <= sum(under["new"] for under in left.values()) < 6
    assert command(settings_of(apart, running_cloud, *BOTH), "reseal").returncode == 0
    assert sum(under["new"] for under in stands(apart).values()) == 6


def test_a_storage_that_does_not_answer_is_said_and_is_no_success(apart: Scene, running_cloud: LocalCloud) -> None:
    environment = settings_of(apart, running_cloud, *BOTH, Data=running_cloud.without_tables())
    for name in ("status", "reseal"):
        done = command(environment, name)
        assert (done.returncode, done.stdout) == (1, "")
        assert "We could not reach our own storage" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_whole_rotation_on_a_running_app(cloud: LocalCloud, directory: Directory, faults: Faults) -> None:
    old = read_values(ROOT)["SEALING_KEYS"]
    new = f"next-{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    first, second = (keys.partition(":")[0] for keys in (old, new))
    both, back = f"{new},{old}", f"{old},{new}"

    active = Onboarding.begin(cloud).active()
    authenticated = Onboarding.begin(cloud).authenticated()
    asked = in_a_tenant_of_its_own(directory, ADATUM)
    validating = Onboarding.begin(cloud)
    admin = validating.admin()
    faults.entra(asked.sign_in, status=503, retryAfter=LONG)
    good(submit(admin, asked), 202)
    attention(validating, "check-waits")
    faults.mail(status=503, retryAfter=LONG)
    waiting = Onboarding.begin(cloud)
    attention(waiting, "mail-waits")

    before = command(values(cloud, old), "status")
    secrets_before, links_before = of_all(before)[first]
    assert secrets_before >= 3
    assert links_before >= 1

    cloud.host.restart(SEALING_KEYS=both)
    between = command(values(cloud, both), "status")
    assert between.returncode in (1, 3), between.stderr  # other tests leave rows behind that nobody can read
    assert of_all(between)[first] == (secrets_before, links_before)
    done = command(values(cloud, both), "reseal")
    assert re.search(r"resealed [0-9]+ client secrets? and [0-9]+ links?; 0 still need an older key\n\Z", done.stdout)
    assert of_all(done)[first] == (0, 0)
    assert of_all(done)[second] >= (3, 1)
    for said in (before, between, done):
        for value in (CONTOSO.secret, old.partition(":")[2], new.partition(":")[2]):
            assert value not in said.stdout + said.stderr

    cloud.host.restart(SEALING_KEYS=new)
    faults.clear()
    assert active.validate()["check"]["outcome"] == "passed"
    good(authenticated.add(acknowledged=True))
    assert authenticated.validate()["check"]["outcome"] == "passed"
    wake(validating, attention(validating, "check-waits")["work"])
    validating.until(lambda one: one["invitation"]["status"] == "authenticated", "the check after the rotation")
    wake(waiting, attention(waiting, "mail-waits")["work"])
    assert view_of(waiting.admin(waiting.mail().link))["status"] == "pending"
    assert waiting.read()["invitation"]["emailSentCount"] == 1

    early = command(values(cloud, old), "status")
    assert early.returncode == 1
    assert f"error: key {second} is still needed by" in early.stdout
    assert "but is not in SEALING_KEYS: put it back, reseal, then remove it" in early.stdout

    assert of_all(command(values(cloud, back), "reseal"))[second] == (0, 0)
    cloud.host.restart()
    assert active.validate()["check"]["outcome"] == "passed"
