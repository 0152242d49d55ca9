"""docs/security.md, held against the tree: the tests that it names exist, each requirement of OWASP ASVS 5.0.0 stands
in it once and under its level, its links lead somewhere."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.config import ROOT

PAGE = ROOT / "docs" / "security.md"
TEXT = PAGE.read_text(encoding="utf-8")
ASVS = TEXT.partition("\n## OWASP ASVS 5.0")[2]

# Section, its requirements of level 1 : those of level 2. From 5.0/docs_en of OWASP/ASVS, release 5.0.0.
LEVELS = """
1.1 : 1-2 | 1.2 1-5 : 6-9 | 1.3 1-2 : 3-11 | 1.4 : 1-3 | 1.5 1 : 2
2.1 1 : 2-3 | 2.2 1-2 : 3 | 2.3 1 : 2-4 | 2.4 : 1
3.2 1-2 : | 3.3 1 : 2-4 | 3.4 1-2 : 3-6 | 3.5 1-3 : 4-5 | 3.7 : 1-2
4.1 1 : 2-3 | 4.2 : 1 | 4.3 : 1-2 | 4.4 1 : 2-4
5.1 : 1 | 5.2 1-2 : 3 | 5.3 1-2 : | 5.4 : 1-3
6.1 1 : 2-3 | 6.2 1-8 : 9-12 | 6.3 1-2 : 3-4 | 6.4 1-2 : 3-4 | 6.5 : 1-5 | 6.6 : 1-3 | 6.8 : 1-4
7.1 : 1-3 | 7.2 1-4 : | 7.3 : 1-2 | 7.4 1-2 : 3-5 | 7.5 : 1-2 | 7.6 : 1-2
8.1 1 : 2 | 8.2 1-2 : 3 | 8.3 1 : | 8.4 : 1
9.1 1-3 : | 9.2 1 : 2-4
10.1 : 1-2 | 10.2 : 1-2 | 10.3 : 1-4 | 10.4 1-5 : 6-11 | 10.5 : 1-5 | 10.6 : 1-2 | 10.7 : 1-3
11.1 : 1-2 | 11.2 : 1-3 | 11.3 1-2 : 3 | 11.4 1 : 2-4 | 11.5 : 1 | 11.6 : 1
12.1 1 : 2-3 | 12.2 1-2 : | 12.3 : 1-4
13.1 : 1 | 13.2 : 1-5 | 13.3 : 1-2 | 13.4 1 : 2-5
14.1 : 1-2 | 14.2 1 : 2-4 | 14.3 1 : 2-3
15.1 1 : 2-3 | 15.2 1 : 2-3 | 15.3 1 : 2-7
16.1 : 1 | 16.2 : 1-5 | 16.3 : 1-4 | 16.4 : 1-3 | 16.5 : 1-3
17.1 : 1 | 17.2 : 1-4 | 17.3 : 1-2
"""
SECTION = re.compile(r"([0-9.]+) ?([0-9-]*) : ?([0-9-]*)")
ROW = re.compile(r"^\| ([*0-9., ]+) \|[^|]*\| ([^|]+) \|[^|]*\|([^|]*)\|$", re.MULTILINE)
FOLDERS = "attacks|browser|faults|fuzz|integration|page|stateful|unit"
NAMED = re.compile(rf"`((?:{FOLDERS})/[\w./-]*)(?:::(\w+))?`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def required(level: int) -> Iterator[str]:
    for section in SECTION.finditer(LEVELS):
        first, _, last = section[level + 1].partition("-")
        if first:
            yield from (f"{section[1]}.{number}" for number in range(int(first), int(last or first) + 1))


def rows() -> Iterator[tuple[list[str], str]]:
    """Each row of the table: its requirements, those of level 1 in asterisks, and its state."""
    yield from ((row[1].split(", "), row[2]) for row in ROW.finditer(ASVS))


def test_the_list_is_the_standard_s() -> None:
    assert (len([*required(1)]), len([*required(2)])) == (70, 183)


def test_each_requirement_stands_there_once_under_its_level() -> None:
    listed = Counter(number for numbers, _ in rows() for number in numbers)
    assert listed == Counter([*(f"**{number}**" for number in required(1)), *required(2)])


def test_states_are_counted() -> None:
    said = dict(re.findall(r"^\| (\S+) \| [^|]+ \| ([0-9]+) \|$", ASVS, re.MULTILINE))
    counted: Counter[str] = Counter()
    for numbers, state in rows():
        counted[state] += len(numbers)
    assert {state: int(number) for state, number in said.items()} == counted


def test_what_is_neither_documented_nor_proved_says_so() -> None:
    """What is met is proved by a test, or by what a link leads to."""
    met = [row for row in ROW.finditer(ASVS) if row[2] == "met"]
    assert [row[1] for row in met if not row[3].strip() and not LINK.search(row[0]) and "no test" not in row[0]] == []


def test_the_tests_that_the_page_names_exist() -> None:
    named = sorted(set(NAMED.findall(TEXT)))
    assert [f"{file}::{test}" for file, test in named if not _exists(ROOT / "tests" / file, test)] == []
    assert len(named) > 80


def _exists(path: Path, test: str) -> bool:
    return path.is_file() and (not test or f"\ndef {test}(" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", ["docs/security.md", "SECURITY.md"])
def test_each_link_leads_to_a_page_and_a_heading_of_it(page: str) -> None:
    path = ROOT / page
    for link in LINK.findall(path.read_text(encoding="utf-8")):
        name, _, heading = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert not heading or heading in headings(target.read_text(encoding="utf-8")), link


def headings(text: str) -> set[str]:
    """The addresses of a page's headings, as GitHub makes them."""
    plain = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^#+ (.+)$", plain, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_a_code_name_on_the_page_is_a_file_of_the_tree() -> None:
    named = re.findall(r"`((?:shared|invitations|onboarding|validation|local|portal)/[\w./-]+\.\w+)`", TEXT)
    assert {name for name in named if not (ROOT / name).exists()} == set()
    assert len(named) > 10
