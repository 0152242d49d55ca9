"""What is installed: the locks pin everything to its checksum, say what the edited files say, and run nothing."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[\w.+!-]+)(?: ; [^\\]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n"
)
DIRECT = re.compile(r"^([A-Za-z0-9._-]+)==([\w.+!-]+)$", re.MULTILINE)
EXACT = re.compile(r"\d+\.\d+\.\d+(-[\w.]+)?")


class Pin(NamedTuple):
    version: str
    hashes: frozenset[str]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def lock(name: str) -> dict[str, Pin]:
    return {
        pin["name"]: Pin(pin["version"], frozenset(re.findall("[0-9a-f]{64}", pin[3])))
        for pin in PIN.finditer(text(name))
    }


def direct(name: str) -> dict[str, str]:
    return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in DIRECT.findall(text(name))}


def wanted_by(lock_name: str, edited: str) -> set[str]:
    """The packages that the lock says are there because that edited file names them."""
    entries = re.split(r"\n(?=[a-z])", text(lock_name))
    return {
        entry.partition("==")[0] for entry in entries if re.search(rf"#.* -r {re.escape(edited)}$", entry, re.MULTILINE)
    }


@pytest.fixture(scope="module")
def node_lock() -> dict[str, Any]:
    packages: dict[str, Any] = json.loads(text("package-lock.json"))["packages"]
    return packages


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_with_its_hashes_and_nothing_else_is_in_the_lock(name: str) -> None:
    rest = re.sub(r"^ *#.*\n", "", PIN.sub("", text(name)), flags=re.MULTILINE)
    assert rest.split() == ["--only-binary", ":all:"]  # wheels: nothing of a package runs while it is installed
    assert len(lock(name)) > 20


@pytest.mark.parametrize(
    ("name", "edited"),
    [
        ("requirements.txt", "requirements.in"),
        ("requirements-dev.txt", "requirements.in"),
        ("requirements-dev.txt", "requirements-dev.in"),
    ],
)
def test_a_lock_says_what_the_edited_file_says(name: str, edited: str) -> None:
    pins, asked = lock(name), direct(edited)
    assert {package: pins[package].version for package in wanted_by(name, edited)} == asked, "run make lock"
    assert asked


@pytest.mark.parametrize("edited", ["requirements.in", "requirements-dev.in"])
def test_what_people_edit_names_exact_versions(edited: str) -> None:
    lines = [line for line in text(edited).splitlines() if line and not line.startswith(("#", "-r ", "-c "))]
    assert len(lines) == len(direct(edited))


def test_a_developer_runs_the_very_files_that_azure_runs() -> None:
    azure, developer = lock("requirements.txt"), lock("requirements-dev.txt")
    assert azure.items() <= developer.items()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place(name: str) -> None:
    assert not re.search(r"://|index|find-links|(?<![\w.])/", PIN.sub("", text(name)))


def test_npm_runs_no_packages_scripts() -> None:
    assert "ignore-scripts=true" in text(".npmrc").splitlines()


def test_every_node_package_is_pinned_to_its_checksum(node_lock: dict[str, Any]) -> None:
    fetched = {path: package for path, package in node_lock.items() if path}
    assert [path for path, package in fetched.items() if not package.get("integrity", "").startswith("sha512-")] == []
    assert len(fetched) > 100


def test_every_node_package_comes_from_the_registry(node_lock: dict[str, Any]) -> None:
    """Without ``resolved`` npm asks the registry that it is set to; git, file and address dependencies have one."""
    assert [path for path, package in node_lock.items() if package.keys() & {"resolved", "link"}] == []
    asked = {**node_lock[""]["dependencies"], **node_lock[""]["devDependencies"]}
    assert [name for name, version in asked.items() if not EXACT.fullmatch(version)] == []


def test_no_node_package_needs_its_install_script(node_lock: dict[str, Any]) -> None:
    """esbuild has one, which only fetches what npm left out; its program comes as a package, one for each platform."""
    scripted = [path for path, package in node_lock.items() if package.get("hasInstallScript")]
    assert scripted == ["node_modules/esbuild"]
    assert "@esbuild/linux-x64" in node_lock["node_modules/esbuild"]["optionalDependencies"]
