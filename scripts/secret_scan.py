"""Looks for secrets where none may be: in every file of the checkout, and in every commit: `make secrets`.

Known shapes only, no guessing by words, because this product talks about secrets on every page: detect-secrets' catalog
of them, and the ones of this product, which that lacks. A finding says where it is, never what. What looks like a
secret and is none stands in secrets-known.txt by its fingerprint, so every exception is a line that a person reviews.
"""

import hashlib
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector
from detect_secrets.plugins.high_entropy_strings import HighEntropyStringsPlugin
from detect_secrets.plugins.ip_public import IPPublicDetector
from detect_secrets.plugins.keyword import KeywordDetector

ROOT = Path(__file__).parent.parent
KNOWN = Path(__file__).with_name("secrets-known.txt")
GUESSES = (HighEntropyStringsPlugin, IPPublicDetector, KeywordDetector)
EARLIER = ("log", "--all", "-m", "--patch", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv")


class EntraSecret(RegexBasedDetector):
    """A client secret as Entra makes them: three characters, a digit, ``Q~`` and 31 to 34 characters."""

    secret_type = "Entra client secret"  # noqa: S105 - its kind
    denylist = (re.compile(r"[\w.~-]{3}\dQ~[\w.~-]{31,34}", re.ASCII),)


class RandomKey(RegexBasedDetector):
    """32 random bytes or more in base64 or base64url: sealing keys, access keys of storage and mail, link tokens."""

    secret_type = "random key"  # noqa: S105 - its kind
    # 42 whole characters hold 31.5 bytes. What follows `sha512-` is a package's checksum.
    denylist = (re.compile(r"(?<![\w+/-])(?!sha(?:256|384|512)-)[\w+/-]{42,}={0,2}", re.ASCII),)

    def analyze_string(self, string: str) -> Generator[str]:
        """Yield what is random: hexadecimal has no capital letters, and paths and long names repeat theirs."""
        yield from filter(_is_random, super().analyze_string(string))


def _is_random(text: str) -> bool:
    """Whether its characters are as mixed as those of random bytes: 32 bytes in base64 have about 5 bits a character.

    One such key in a thousand has no digit, and as good as none has less than 4.2 bits; paths in an address have more
    than that now and then, but then few have a digit.
    """
    if not re.search("[a-z]", text) or not re.search("[A-Z]", text):
        return False
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares) >= (4.2 if re.search("[0-9]", text) else 4.4)


class Line(NamedTuple):
    """A line of text, and where it stands: a path with its number, or a commit with a path."""

    where: str
    text: str


class Finding(NamedTuple):
    """What looks like a secret: where, of which kind, and the first 16 digits of its SHA-256."""

    where: str
    kind: str
    fingerprint: str


def _detectors() -> list[BasePlugin]:
    catalog: Iterable[type[BasePlugin]] = get_mapping_from_secret_type_to_class().values()
    return [EntraSecret(), RandomKey(), *(kind() for kind in catalog if not issubclass(kind, GUESSES))]


DETECTORS = _detectors()


def findings(lines: Iterable[Line], known: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Every secret in these lines whose fingerprint is not known, at the first place where it stands."""
    told, seen = set(known), set[str]()
    for where, text in lines:
        if text in seen:  # commits repeat most of their lines
            continue
        seen.add(text)
        for detector in DETECTORS:
            for value in detector.analyze_string(text):
                fingerprint = hashlib.sha256(value.encode()).hexdigest()[:16]
                if fingerprint not in told:
                    told.add(fingerprint)
                    yield Finding(where, detector.secret_type, fingerprint)


def known_values() -> frozenset[str]:
    """The fingerprints in secrets-known.txt: the first word of each line that is no comment."""
    lines = KNOWN.read_text(encoding="utf-8").splitlines()
    return frozenset(line.split()[0] for line in lines if line and not line.startswith("#"))


def files(root: Path) -> Iterator[Line]:
    """The lines of every file of that checkout, as it is now, that git tracks or would add."""
    for name in _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        file = root / name
        if file.is_file():  # a deleted one is tracked until the commit
            text = file.read_text(encoding="utf-8", errors="replace")
            yield from (Line(f"{name}:{number}", line) for number, line in enumerate(text.splitlines(), 1))


def earlier(root: Path) -> Iterator[Line]:
    """The lines of every commit that the checkout has: its message, and what it took away or added."""
    commit = path = ""
    for line in _git(root, *EARLIER).splitlines():
        if line.startswith("commit "):
            commit, path = line[7:17], "its message"
        elif line.startswith("+++ "):
            path = line[4:].removeprefix("b/")
        elif not line.startswith("index "):
            yield Line(f"{commit} {path}", line)


def _git(root: Path, *command: str) -> str:
    ran = subprocess.run(["git", *command], cwd=root, capture_output=True, check=True)  # noqa: S603, S607
    return ran.stdout.decode(errors="replace")


def main(arguments: list[str]) -> int:
    """Print what is found in the files, with ``--history`` in the commits; 1 when there is anything."""
    lines = list(earlier(ROOT) if arguments == ["--history"] else files(ROOT))
    found = list(findings(lines, known_values()))
    for finding in found:
        print(f"{finding.where}: {finding.kind} ({finding.fingerprint})")
    if found:
        print("Take each secret out, and renew it where it counts: whoever has this repository has it.")
        print(f"For a value that protects nothing, add its fingerprint to scripts/{KNOWN.name}, and what it is.")
    print(f"secrets: {len(found)} in {len(lines)} lines")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
