"""The keys' tool: what it finds in a row, what it seals anew, and what a count comes to in words and exit codes."""

import io
import json
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from invitations.links import sealed_place
from keys.__main__ import main
from keys.report import Progress, amount, report
from keys.rules import FAULTS_KEPT, Fault, Sealed, Tally, What, anew, counted, exit_code, may_hold, resealed, sealed_in
from onboarding.records import Service
from shared.due import Due, insert
from shared.kinds import Kind
from shared.rows import Row
from shared.sealing import Sealer
from shared.stored import from_json, to_json
from tests.unit.builders import (
    OTHER_PROVIDER,
    PROVIDER,
    SECRET,
    SERVICE_ID,
    STAGES,
    due,
    environment,
    registration,
    service,
    work_id,
)
from validation.records import Credential, CredentialKind, Registration
from validation.rules import credential_place

OLD, NEW, LOST = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
BEFORE, AFTER = Sealer({"old": OLD}), Sealer({"new": NEW, "old": OLD})
PLACE = credential_place(PROVIDER, SERVICE_ID)
TOKEN = "t0ken-of-the-link"
PROVIDERS = {PROVIDER: "Northwind Voice", OTHER_PROVIDER: "Fabrikam Telecom"}
HOLDING = ["validating", "authenticated", "added", "being-validated", "validated", "creating", "active"]


def holding(sealer: Sealer = BEFORE, value: str = SECRET) -> Registration:
    return registration(credential=Credential(CredentialKind.SECRET, sealer.seal(value, *PLACE)))


def row_of(one: Service) -> Row:
    return Row(f"service:{one.id}", to_json(one), {"state": one.state, "attention": False}, "etag")


def mail(sealer: Sealer = BEFORE, **changes: object) -> Due:
    place = sealed_place(PROVIDER, SERVICE_ID, work_id("check"))
    return replace(due(Kind.MAIL), note={"token": sealer.seal(TOKEN, *place), "hash": "abc"}, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "may"),
    [
        (f"service:{SERVICE_ID}", True),
        (mail().key, True),
        (due(Kind.CHECK).key, False),
        (due(Kind.EXPIRE).key, False),
        ("due:20261124T093000.123456Z:remind:0", False),
        (f"open:{SERVICE_ID}", False),
        (f"event:{SERVICE_ID}:00000001", False),
        ("customer:mail:mail", True),  # harmless: no walk comes by
        ("due:", False),
    ],
)
def test_secrets_stand_in_services_and_links_in_mails(key: str, may: bool) -> None:
    assert may_hold(key) is may


@pytest.mark.parametrize("stage", STAGES)
def test_every_secret_of_a_service_is_found_at_every_stage(stage: str) -> None:
    found = sealed_in(PROVIDER, row_of(service(stage)))
    assert [one.what for one in found] == [What.SECRET] * (stage in HOLDING)
    assert all(one.place == PLACE for one in found)


def test_a_service_that_is_answered_again_has_two_secrets() -> None:
    both = service("active", invitation__proposal=holding(value="second"), registration=holding(value="first"))
    opened = {BEFORE.open(one.value, *one.place) for one in sealed_in(PROVIDER, row_of(both))}
    assert opened == {"first", "second"}


def test_the_link_of_a_mail_is_found() -> None:
    (found,) = sealed_in(PROVIDER, insert(mail()).row)
    assert (found.what, BEFORE.open(found.value, *found.place)) == (What.LINK, TOKEN)


SWAPPED = Row(mail().key, to_json(replace(mail(), provider=OTHER_PROVIDER)))
UNREADABLE = {
    "no JSON": Row(f"service:{SERVICE_ID}", "{"),
    "an empty row": Row(f"service:{SERVICE_ID}"),
    "a service of another provider": row_of(service("active", provider=OTHER_PROVIDER)),
    "a service under another's key": replace(row_of(service("active")), key="service:ffffffffffffffffffffffff"),
    "a mail of another provider": SWAPPED,
    "a mail under another's key": Row("due:20261124T093000.123456Z:mail:0", to_json(mail())),
    "a mail without a link": insert(replace(mail(), note={"hash": "abc"})).row,
    "a mail that is no JSON": Row(mail().key, "["),
    "a body that is no text": Row(f"service:{SERVICE_ID}", 7),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("row", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_row_that_cannot_be_read_is_a_fault_and_stops_nothing(row: Row) -> None:
    tally = Tally()
    counted(tally, PROVIDER, row, AFTER)
    counted(tally, PROVIDER, insert(mail()).row, AFTER)
    assert tally.kept == [Fault(PROVIDER, row.key, "it cannot be read")]
    assert tally.under == {(PROVIDER, "old", What.LINK): 1}


# Sealing anew


def sealed(value: str) -> Sealed:
    return Sealed(What.SECRET, value, PLACE)


def elsewhere(sealer: Sealer) -> str:
    return sealer.seal(SECRET, *credential_place(PROVIDER, "another"))


# Each value: whether it is sealed anew, what key it counts for, and what is wrong with it.
VALUES: dict[str, tuple[str, bool, str | None, str | None]] = {
    "under an older key": (BEFORE.seal(SECRET, *PLACE), True, "old", None),
    "under the newest key": (AFTER.seal(SECRET, *PLACE), False, "new", None),
    "under a missing key": (Sealer({"lost": LOST}).seal(SECRET, *PLACE), False, "lost", None),
    "under other bytes of an older id": (Sealer({"old": LOST}).seal(SECRET, *PLACE), False, None, "damaged"),
    "under other bytes of the newest id": (Sealer({"new": LOST}).seal(SECRET, *PLACE), False, None, "damaged"),
    "of another place": (elsewhere(BEFORE), False, None, "moved from its place"),
    "cut off": (BEFORE.seal(SECRET, *PLACE)[:40], False, None, "damaged"),
    "never sealed": ("plain text", False, None, "not a sealed value"),
    "empty": ("", False, None, "unknown layout"),
}


@pytest.mark.parametrize("name", VALUES)
def test_what_opens_with_an_older_key_is_sealed_anew_and_everything_else_is_left(name: str) -> None:
    value, is_sealed_anew, key, wrong = VALUES[name]
    given = anew([sealed(value)], AFTER, "new")
    assert list(given) == [value] * is_sealed_anew
    assert [Sealer({"new": NEW}).open(one, *PLACE) for one in given.values()] == [SECRET] * is_sealed_anew

    stored = replace(holding(), credential=Credential(CredentialKind.SECRET, value))
    tally = Tally()
    counted(tally, PROVIDER, row_of(service("active", registration=stored)), AFTER)
    assert tally.under == ({(PROVIDER, key, What.SECRET): 1} if key else {})
    assert tally.missing == ({"lost"} if key == "lost" else set())
    assert tally.faults == (wrong is not None)
    assert all(wrong in fault.why and SECRET not in fault.why for fault in tally.kept if wrong)


def test_one_value_that_does_not_open_keeps_no_other_from_being_sealed_anew() -> None:
    values = [sealed(value) for value, *_ in VALUES.values()]
    assert len(anew(values, AFTER, "new")) == 1


def test_nothing_of_a_row_changes_but_its_sealed_values() -> None:
    one = service("active", invitation__proposal=holding(value="second"), registration=holding())
    body = json.loads(row_of(one).body) | {"of_a_newer_version": {"kept": True}}
    before = replace(row_of(one), body=json.dumps(body, separators=(" , ", ": ")))
    after = resealed(before, anew(sealed_in(PROVIDER, before), AFTER, "new"))
    read = from_json(Service, after.body)
    for stored, value in ((read.registration, SECRET), (read.invitation.proposal, "second")):
        assert stored
        assert Sealer({"new": NEW}).open(stored.credential.sealed, *PLACE) == value
    assert (after.key, after.columns, after.etag) == (before.key, before.columns, before.etag)
    back = {new: old for old, new in anew(sealed_in(PROVIDER, before), AFTER, "new").items()}
    assert len(back) == 2
    blank = [_without_values(row) for row in (before, after)]
    assert blank[0] == blank[1]


def _without_values(row: Row) -> str:
    body = row.body
    for one in sealed_in(PROVIDER, row):
        body = body.replace(one.value, "")
    return body


# The count


def tally(*under: tuple[str, str, What, int], missing: str = "", faults: int = 0) -> Tally:
    made = Tally(missing=set(missing.split()))
    for provider, key, what, number in under:
        made.under[provider, key, what] = number
    for number in range(faults):
        made.note(Fault(PROVIDER, f"service:{number}", "it cannot be read"))
    return made


UNDER_NEW = (PROVIDER, "new", What.SECRET, 3)
COUNTS: dict[str, tuple[Tally, int, str]] = {
    "nothing": (tally(), 0, "no value that could be read is under another key than new"),
    "all new": (tally(UNDER_NEW), 0, "no value that could be read is under another key than new"),
    "one old": (
        tally(UNDER_NEW, (PROVIDER, "old", What.LINK, 1)),
        3,
        "1 value under another key than new: keep the older",
    ),
    "many old": (tally((PROVIDER, "old", What.SECRET, 1200)), 3, "1,200 values under another key than new"),
    "a missing key": (
        tally(UNDER_NEW, (PROVIDER, "2026-01", What.SECRET, 3), missing="2026-01"),
        1,
        "error: key 2026-01 is still needed by 3 values of Northwind Voice but is not in SEALING_KEYS: "
        "put it back, reseal, then remove it",
    ),
    "a missing key of two providers": (
        tally((PROVIDER, "x", What.SECRET, 1), (OTHER_PROVIDER, "x", What.LINK, 2), missing="x"),
        1,
        "error: key x is still needed by 1 value of Northwind Voice and 2 values of Fabrikam Telecom but is not",
    ),
    "a fault": (
        tally(UNDER_NEW, faults=1),
        1,
        "error: a row of Northwind Voice: it cannot be read (service:0)",
    ),
    "many faults": (tally(faults=FAULTS_KEPT + 7), 1, "error: 7 more rows like these"),
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_has_its_exit_code_and_says_what_to_do(name: str) -> None:
    counted_so, code, says = COUNTS[name]
    assert exit_code(counted_so, "new") == code
    lines = list(report(counted_so, PROVIDERS, ("new", "old")))
    assert any(line.startswith(says) for line in lines), lines
    assert len(counted_so.kept) <= FAULTS_KEPT
    assert ("error" in "".join(lines)) is (code == 1)


def test_a_count_is_told_for_each_provider_and_in_all() -> None:
    found = tally(UNDER_NEW, (PROVIDER, "old", What.LINK, 1), (OTHER_PROVIDER, "old", What.SECRET, 2))
    assert list(report(found, PROVIDERS, ("new", "old"))) == [
        "Northwind Voice:",
        "  key new (newest): 3 client secrets and 0 links",
        "  key old: 0 client secrets and 1 link",
        "Fabrikam Telecom:",
        "  key new (newest): 0 client secrets and 0 links",
        "  key old: 2 client secrets and 0 links",
        "all providers:",
        "  key new (newest): 3 client secrets and 0 links",
        "  key old: 2 client secrets and 1 link",
        "3 values under another key than new: keep the older keys, and reseal",
    ]


def test_amounts_are_in_words() -> None:
    assert amount({What.SECRET: 120, What.LINK: 4}) == "120 client secrets and 4 links"
    assert amount({What.SECRET: 1}) == "1 client secret and 0 links"


# The command line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_on_a_terminal_and_a_line_now_and_then_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("keys.report.time.monotonic", lambda: now[0])
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        progress = Progress(out)
        for number in range(120):
            now[0] += 0.0625  # a sum without rounding
            progress.say(f"{number} rows")
        progress.end()
    assert "\n" not in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert terminal.getvalue().count(" rows") == 60
    assert file.getvalue().splitlines() == ["0 rows", "80 rows"]


SETTINGS_FILES: dict[str, tuple[str, str]] = {
    "no JSON": ("{s3cr3t", "is no JSON with an object"),
    "no values": ('{"s3cr3t": 1}', "is no JSON with an object"),
    "a list": ('["s3cr3t"]', "is no JSON with an object"),
    "values that are none": ('{"Values": "s3cr3t"}', "is no JSON with an object"),
    "malformed keys": (json.dumps({"Values": environment(SEALING_KEYS="s3cr3t")}), "SEALING_KEYS"),
}


@pytest.mark.parametrize("name", SETTINGS_FILES)
def test_faulty_settings_end_the_command_before_anything_and_are_not_quoted(
    name: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str], handlers: None
) -> None:
    content, says = SETTINGS_FILES[name]
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_text(content)
    assert main(["reseal", "--settings", str(path)]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert "s3cr3t" not in said.out + said.err


def test_a_settings_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], handlers: None) -> None:
    assert main(["status", "--settings", "no-such-file.json"]) == 2
    assert "no-such-file.json cannot be read" in capsys.readouterr().err


def test_the_help_documents_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["status", "--help"], ["reseal", "--help"]):
        with pytest.raises(SystemExit):
            main(arguments)
        said = capsys.readouterr().out
        for code in ("\n  0 ", "\n  1 ", "\n  2 ", "\n  3 ", "\n  130 "):
            assert code in said


@pytest.fixture
def handlers() -> Iterator[None]:
    """What the command does to the process's signals is undone."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
