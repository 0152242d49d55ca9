"""The secret scan finds every kind of secret that this product meets, wherever it stands, and never shows it."""

import base64
import random
import secrets
import string
import subprocess
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scripts import secret_scan
from scripts.secret_scan import Line, earlier, files, findings, known_values

NAME = string.ascii_letters + string.digits


def characters(count: int, alphabet: str = NAME) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(count))


def base64_of(count: int) -> str:
    return base64.b64encode(secrets.token_bytes(count)).decode()


def entra_secret() -> str:
    return characters(3) + "8Q~" + characters(33, NAME + "-_.~") + "z"


def private_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def operator_token() -> str:
    return jwt.encode({"oid": characters(20), "tid": characters(20)}, secrets.token_bytes(32), algorithm="HS256")


# Made anew in each run: this file must not hold what the scan looks for.
SECRETS: dict[str, Callable[[], str]] = {
    "an Entra client secret": entra_secret,
    "a storage account's key": lambda: base64_of(64),
    "a mail service's key": lambda: base64_of(64),
    "a mail service's key of the newer form": lambda: base64_of(63),
    "a sealing key": lambda: base64_of(32),
    "a link's token": lambda: secrets.token_urlsafe(65),
    "an operator's token": operator_token,
    "a private key": private_key,
    "a GitHub token": lambda: "ghp" + "_" + characters(36),
    "a user and password in an address": lambda: f"https://admin:{characters(12)}@example.com/",
}
PLACES: dict[str, str] = {
    "alone": "{}",
    "in Python": 'KEY = "{}"',
    "in JSON": '  "clientSecret": "{}",',
    "in a connection string": "endpoint=https://example.com/;accesskey={};more=1",
    "in an environment": "SEALING_KEYS=2026-11:{}",
    "in Markdown": "Paste `{}` there.",
    "in a command": "curl -H 'Authorization: Bearer {}' https://example.com",
    "at the end of a sentence": "It was {}.",
    "between escaped line ends": r'"\n{}\n"',
}
HARMLESS = {
    "a GUID": "33333333-aaaa-4bbb-8ccc-000000000001",
    "a SHA-256": "--hash=sha256:13b2beaad985e05e2d6407ee4c4f35590b11f8d693a258a561055cac8f64cab7",
    "a package's checksum": f'"integrity": "sha512-{base64_of(64)}",',
    "a style sheet's checksum": f"style-src 'sha256-{base64_of(32)}'",
    "a path": "tests/integration/standins/test_what_is_refused_with_429_And_TriedAgain.py",
    "a long name": "TestThatAnOperatorMayNotReadAnotherProvidersCustomers2",
    "a word about secrets": 'secretNever: "stored, never shown", password = settings["password"]',
    "a hint": 'secret_hint="Q8~"',
    "a placeholder": '"SEALING_KEYS": "<made by make setup>"',
}


def git(folder: Path, *command: str) -> None:
    someone = ["-c", "user.name=Someone", "-c", "user.email=someone@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *someone, *command], cwd=folder, check=True, capture_output=True)  # noqa: S607


def kinds(lines: list[str]) -> set[str]:
    return {finding.kind for finding in findings(Line("here", line) for line in lines)}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    return tmp_path


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_found_wherever_it_stands(secret: str, place: str) -> None:
    for _ in range(20):
        value = SECRETS[secret]()
        assert kinds(PLACES[place].format(value).splitlines()), value


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_is_no_secret_is_none(text: str) -> None:
    assert kinds([text]) == set()


def test_32_random_bytes_are_never_overlooked() -> None:
    dice = random.Random(7)
    keys = [base64.b64encode(dice.randbytes(32)).decode() for _ in range(5000)]
    assert all(kinds([key]) for key in keys)


def test_a_secret_in_any_file_that_could_be_committed_is_found(checkout: Path) -> None:
    (checkout / ".gitignore").write_text("ignored.json\n")
    (checkout / "deep").mkdir()
    for name in ("tracked.py", "deep/new.json", "package-lock.json", "ignored.json"):
        (checkout / name).write_text(f'one\ntwo "{entra_secret()}"\n')
    (checkout / "picture.png").write_bytes(b"\x89PNG\xff\xfe\n" + entra_secret().encode())
    git(checkout, "add", "tracked.py")
    found = {finding.where for finding in findings(files(checkout))}
    assert found == {"tracked.py:2", "deep/new.json:2", "package-lock.json:2", "picture.png:2"}


def test_a_secret_that_was_taken_out_again_is_found_in_the_history(checkout: Path) -> None:
    (checkout / "settings.json").write_text(f'{{"secret": "{entra_secret()}"}}\n')
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "Settings")
    (checkout / "settings.json").write_text("{}\n")
    git(checkout, "commit", "--quiet", "--all", "--message", f"Take the key out\n\nIt was {base64_of(32)}")
    assert list(findings(files(checkout))) == []
    found = {(finding.where.partition(" ")[2], finding.kind) for finding in findings(earlier(checkout))}
    assert found == {("settings.json", "Entra client secret"), ("its message", "random key")}


def test_a_known_value_is_passed_over_and_no_other(checkout: Path) -> None:
    values = [entra_secret(), entra_secret()]
    (checkout / "directory.json").write_text("\n".join(values))
    known, other = findings(files(checkout))
    assert list(findings(files(checkout), frozenset({known.fingerprint}))) == [other]


def test_a_finding_fails_the_scan_and_is_not_shown(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(secret_scan, "ROOT", checkout)
    value = entra_secret()
    assert secret_scan.main([]) == 0
    (checkout / "settings.json").write_text(value)
    assert secret_scan.main([]) == 1
    said = capsys.readouterr().out
    assert "settings.json:1: Entra client secret" in said
    assert value not in said


def test_every_known_value_says_what_it_is() -> None:
    lines = secret_scan.KNOWN.read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") or len(line.split(maxsplit=1)) == 2 for line in lines if line)
    assert all(len(fingerprint) == 16 for fingerprint in known_values())


@pytest.mark.parametrize("headed", ["", "RSA ", "EC ", "OPENSSH "])
def test_no_private_key_counts_as_known(headed: str) -> None:
    assert list(findings([Line("here", f"-----BEGIN {headed}PRIVATE KEY-----")], known_values()))
