"""Texts of other people's: what is refused at the door, what a name is shown as, and that none becomes a link."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations.models import Decline
from onboarding.models.customers import NewCustomer
from onboarding.models.services import ChangedService
from shared.names import APART, JOINERS, MOST_MARKS, highest_pile, is_unseen, shown, unlinked
from tests.unit.builders import codes
from tests.unit.linkifying import links

ZALGO = "Z" + "\u0301\u0323\u0489" * 10
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
FAMILY = "\U0001f469\U0001f3fd\u200d\u2764\ufe0f\u200d\U0001f468"


# At the door

REFUSED = {
    "line break": ("Contoso\nLtd", "invisible-character"),
    "header": ("Contoso\r\nBcc: x", "invisible-character"),
    "next line": ("Contoso\x85Ltd", "invisible-character"),
    "line separator": ("Contoso\u2028Ltd", "invisible-character"),
    "null": ("Contoso\0", "invisible-character"),
    "escape": ("\x1b[31mContoso", "invisible-character"),
    "right-to-left override": ("Contoso \u202exe.tcatnoc", "invisible-character"),
    "isolate": ("\u2067Contoso\u2069", "invisible-character"),
    "arabic letter mark": ("Contoso\u061c", "invisible-character"),
    "zero width space": ("Con\u200btoso", "invisible-character"),
    "word joiner": ("Con\u2060toso", "invisible-character"),
    "tag": ("Contoso\U000e0041", "invisible-character"),
    "private use": ("Contoso\ue000", "invisible-character"),
    "unassigned": ("Contoso\U000e0fff", "invisible-character"),
    "lone surrogate": ("Contoso\ud800", "string_unicode"),
    "marks alone": ("\u0301\u0301", "invisible-character"),
    "joiners alone": ("\u200d\u200c", "invisible-character"),
    "piled marks": (ZALGO, "piled-marks"),
    "one mark too many": ("Z" + "\u0301" * (MOST_MARKS + 1), "piled-marks"),
    "marks parted by joiners": ("Z" + "\u0301\u0301\u0301\u200c" * 3, "piled-marks"),
    "enclosing marks": ("Z" + "\u20dd" * 9, "piled-marks"),
}
TAKEN = [
    "Contoso Ltd.",
    "Dr. Smith & Sons",
    "Booking.com",
    "https://evil.example/login",
    "<b>Contoso</b>",
    PERSIAN,
    FAMILY,
    "Vi\u1ec7t Nam",
    "Vie\u0323\u0302t Nam",
    "\u0f56\u0f66\u0f92\u0fb2\u0f74\u0f56\u0f66",
    "\u05d1\u05b0\u05bc\u05e8\u05b5\u05d0\u05e9\u05c1\u05b4\u0596\u05d9\u05ea",
    "Z" + "\u0301" * MOST_MARKS,
    "\ufdfa",
]


@pytest.mark.parametrize(("name", "code"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_name_is_refused(name: str, code: str) -> None:
    assert codes(NewCustomer, name=name) == {code}
    assert codes(ChangedService, fullName=name) == {code}


@pytest.mark.parametrize("name", TAKEN)
def test_an_honest_name_is_taken_and_so_is_what_is_only_text(name: str) -> None:
    assert codes(NewCustomer, name=name) == set()
    assert codes(ChangedService, fullName=name) == set()


def test_a_name_that_grows_when_it_is_compared_finds_no_room_as_a_key() -> None:
    assert codes(NewCustomer, name="\ufdfa" * 15) == {"name-too-long"}


BREAKS = {"line break", "header", "next line", "line separator"}


@pytest.mark.parametrize(("name", "code"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_reason_is_refused_or_brought_to_one_line(
    name: str, code: str, request: pytest.FixtureRequest
) -> None:
    if request.node.callspec.id in BREAKS:
        assert Decline(reason=name).reason == " ".join(name.split())
    else:
        assert codes(Decline, reason=name) & {"reason", "string_unicode"}


@pytest.mark.parametrize("reason", TAKEN)
def test_an_honest_reason_is_taken_as_it_is(reason: str) -> None:
    assert Decline(reason=reason).reason == reason


# What is shown

SHOWN = [
    ("Contoso Ltd.", "Contoso Ltd."),
    ("  Contoso \t Ltd  ", "Contoso Ltd"),
    ("Contoso\r\nBcc: x", "Contoso Bcc: x"),
    ("Con\u2028toso\x85x\x0bx\x1bx", "Con toso x x x"),
    ("\u202eContoso\u2069", "Contoso"),
    ("Con\u200btoso", "Con toso"),
    ("Contoso\ud800\udfffx", "Contoso x"),
    ("Contoso\0x", "Contoso x"),
    ("Cafe\u0301", "Caf\u00e9"),
    (PERSIAN, PERSIAN),
    (FAMILY, FAMILY),
    ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
    ("\u200dContoso\u200c", "Contoso"),
    ("Con .\u200c toso\ufe0f", "Con . toso"),
    ("\u200c\u200d", ""),
    ("\u0301\u0301", ""),
    ("\u202e\0", ""),
    ("", ""),
    ("x" * 101, "x" * 100),
    ("x" * 99 + " y", "x" * 99),
    ("\U0001f600" * 101, "\U0001f600" * 100),
    ("\u0958" * 100, "\u0915\u093c" * 50),
    ("<b>evil.example</b>", "<b>evil.example</b>"),
]


@pytest.mark.parametrize(("text", "expected"), SHOWN, ids=lambda value: ascii(value)[:24])
def test_a_name_from_elsewhere_is_shown_as_one_line(text: str, expected: str) -> None:
    assert shown(text, 100) == expected


def test_no_pile_of_marks_is_shown_higher_than_the_door_allows() -> None:
    assert highest_pile(shown("Z" + "\u0489" * 40, 100)) == MOST_MARKS
    assert 0 < highest_pile(shown(ZALGO * 3, 100)) <= MOST_MARKS


@given(st.text(st.characters() | st.sampled_from("\u200c\u200d\ufe0f\u0301\u202e\n .")), st.integers(0, 40))
def test_whatever_came_is_shown_harmlessly(text: str, longest: int) -> None:
    line = shown(text, longest)
    assert len(line) <= longest
    assert line == line.strip() == unicodedata.normalize("NFC", line)
    assert "  " not in line
    assert not [one for one in line if (is_unseen(one) and one not in JOINERS) or (one.isspace() and one != " ")]
    assert highest_pile(line) <= MOST_MARKS
    line.encode()


# What is no link

UNCHANGED = [
    "Contoso Ltd.",
    "Dr. Smith & Sons",
    "Contoso Bristol, 3rd floor",
    "A & B / C",
    "Voice: north",
    "24",
    PERSIAN,
]
LINKED = [
    "evil.example/login",
    "Visit evil.com",
    "Booking.com",
    "https://evil.example/login?x=1#y",
    "HTTP:evil",
    "http://192.0.2.1/",
    "www.evil.example",
    "ftp.evil.example",
    "name@evil.example",
    "mailto:name@evil.example",
    "@evil",
    "//evil.example",
    "\\\\evil\\share",
    "file:c:\\x",
    "tel:+442079460123",
    "+44 20 7946 0123",
    "(020) 7946-0123",
    "020.7946.0123",
    "\u0660\u0662\u0660\u0667\u0669\u0664\u0666",
    "sip:x@evil.example",
    "javascript:alert(1)",
    "m\u00fcnchen.example",
    "xn--mnchen-3ya.example",
    "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
    "evil\u3002example",
    "evil\uff0eexample",
    "evil\uff61example",
    "evil\u2024example",
    "https\uff1a\uff0f\uff0fevil\uff0eexample",
    "name\uff20evil\uff0eexample",
    "a.evil.example:8080",
    "user:password@evil.example",
]


@pytest.mark.parametrize("text", UNCHANGED)
def test_a_plain_name_stays_as_it_is(text: str) -> None:
    assert unlinked(text) == text


@pytest.mark.parametrize("text", LINKED)
def test_nothing_is_linked_and_everything_reads_the_same(text: str) -> None:
    assert links(text), "the judge must see a link in what is not broken"
    assert not links(unlinked(text))
    assert unlinked(text).replace(APART, "") == text.replace(APART, "")


@given(st.text(st.sampled_from("ae.:/\\@\u3002\uff0e 1234567890-+wftp\u200c")))
def test_no_arrangement_of_signs_is_linked(text: str) -> None:
    assert not links(unlinked(text))
