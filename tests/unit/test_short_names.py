"""The short name's rules (step 4): what is refused, before and after NFKC, and which names count as one."""

import re
import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.short_names import MESSAGES, broken_rules, short_name_key
from shared.names import folded

FORBIDDEN = '\\/:*?"<>|.'
SPECIAL = "#%'&+~@_-!$()[]{}=;,^`"

ACCEPTED = {
    "shortest": "abc",
    "longest": "a" * 15,
    "digits": "5500",
    "both cases": "ConTosO",
    "special characters": "#%'&+~@_-",
    "more special characters": "!$()[]{}=;,^`",
    "latin letters with marks": "M\u00fcller-\u0141\u00f3d\u017a",
    "greek": "\u03a9\u03bc\u03ad\u03b3\u03b1",
    "han": "\u682a\u5f0f\u4f1a",
    "emoji": "tel\U0001f600",
    "almost the word": "audi-t",
    "fifteen that case folding makes thirty": "\u00df" * 15,
    "longest in full width": "\uff41" * 15,
}
REFUSED = {
    "empty": ("", ["short-name-length"]),
    "two characters": ("ab", ["short-name-length"]),
    "sixteen characters": ("a" * 16, ["short-name-length"]),
    "three that NFKC makes two": ("e\u0301a", ["short-name-length"]),
    "twelve that NFKC makes thirty-six": ("\ufb03" * 12, ["short-name-length"]),
    "blank inside": ("ab cd", ["short-name-space"]),
    "blank at the end": ("abcd ", ["short-name-space"]),
    "no-break space": ("ab\u00a0cd", ["short-name-space"]),
    "ideographic space": ("ab\u3000cd", ["short-name-space"]),
    "line separator": ("ab\u2028cd", ["short-name-space"]),
    "tab": ("ab\tcd", ["short-name-space"]),
    "trailing line feed": ("abcd\n", ["short-name-space"]),
    "diaeresis that NFKC opens with a blank": ("ab\u00a8cd", ["short-name-space"]),
    "zero width space": ("ab\u200bcd", ["short-name-invisible"]),
    "zero width joiner": ("ab\u200dcd", ["short-name-invisible"]),
    "right-to-left override": ("ab\u202ecd", ["short-name-invisible"]),
    "byte order mark": ("\ufeffabcd", ["short-name-invisible"]),
    "soft hyphen": ("ab\u00adcd", ["short-name-invisible"]),
    "null": ("ab\0cd", ["short-name-invisible"]),
    "variation selector": ("abcd\ufe0f", ["short-name-invisible"]),
    "variation selector 17": ("abcd\U000e0100", ["short-name-invisible"]),
    "Hangul filler": ("ab\u3164cd", ["short-name-invisible"]),
    "combining grapheme joiner": ("ab\u034fcd", ["short-name-invisible"]),
    "lone surrogate": ("ab\ud800cd", ["short-name-invisible"]),
    "private use": ("ab\ue000cd", ["short-name-invisible"]),
    "blank of Braille": ("ab\u2800cd", ["short-name-invisible"]),
    "marks without a letter": ("\u0300\u0301\u0302", ["short-name-invisible"]),
    "full-width bar": ("ab\uff5ccd", ["short-name-character"]),
    "full-width solidus": ("ab\uff0fcd", ["short-name-character"]),
    "one dot leader": ("ab\u2024cd", ["short-name-character"]),
    "ellipsis": ("ab\u2026cd", ["short-name-character"]),
    "account of": ("ab\u2100cd", ["short-name-character"]),
    "the word": ("audit", ["short-name-audit"]),
    "the word in capitals": ("AUDIT", ["short-name-audit"]),
    "the word within": ("xxAuDiTyy", ["short-name-audit"]),
    "the word in full width": ("\uff41\uff55\uff44\uff49\uff54", ["short-name-audit"]),
    "the word with a circled letter": ("\u24d0udit", ["short-name-audit"]),
    "several rules at once": ("audit / me?", ["short-name-space", "short-name-character", "short-name-audit"]),
}
SAME = {
    "case": ("Contoso", "CONTOSO"),
    "sharp s": ("Stra\u00dfe", "STRASSE"),
    "final sigma": ("\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3"),
    "full width": ("\uff23ontoso", "contoso"),
    "decomposed": ("Caf\u00e9-1", "CAFE\u0301-1"),
    "ligature": ("\ufb01ne", "FINE"),
    "iota below, in capitals": ("\u1fb4ab", "\u1fb4ab".upper()),
}
DIFFERENT = {
    "digit": ("contoso1", "contoso2"),
    "punctuation": ("con-toso", "con_toso"),
    "mark": ("M\u00fcller", "Muller"),
    "script": ("\u0441ontoso", "contoso"),
}

names = st.text(
    st.one_of(
        st.sampled_from("abcAuUdDiItT\uff41\uff55\uff44\uff49\uff54\u24d0\u0130\u0131\u00df" + SPECIAL + FORBIDDEN),
        st.sampled_from(
            "\uff0f\uff1a\uff0a\uff1f\uff02\uff1c\uff1e\uff5c\uff0e\u2024\u2026\u2047\u2100\ufdfa\u00a8\u200d"
        ),
        st.characters(),
    ),
    min_size=2,
    max_size=16,
)


@pytest.mark.parametrize("name", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_good_name_breaks_no_rule(name: str) -> None:
    assert broken_rules(name) == ()


@pytest.mark.parametrize(("name", "codes"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_name_says_every_rule_that_it_breaks(name: str, codes: list[str]) -> None:
    assert list(broken_rules(name)) == codes


@pytest.mark.parametrize("character", FORBIDDEN)
@pytest.mark.parametrize("place", ["{}abc", "ab{}c", "abc{}"], ids=["first", "inside", "last"])
def test_a_forbidden_character_is_refused_wherever_it_stands(character: str, place: str) -> None:
    assert broken_rules(place.format(character)) == ("short-name-character",)


def test_no_other_form_of_a_forbidden_character_passes() -> None:
    forms = [c for c in map(chr, range(sys.maxunicode + 1)) if set(unicodedata.normalize("NFKC", c)) & set(FORBIDDEN)]
    assert len(forms) > 2 * len(FORBIDDEN)
    assert [f"U+{ord(c):04X}" for c in forms if "short-name-character" not in broken_rules(f"ab{c}cd")] == []


def test_every_white_space_of_unicode_is_refused() -> None:
    spaces = [c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace()]
    assert [f"U+{ord(c):04X}" for c in spaces if "short-name-space" not in broken_rules(f"ab{c}cd")] == []


def test_every_rule_has_words_for_the_operator() -> None:
    codes = {code for _, codes in REFUSED.values() for code in codes}
    assert codes == set(MESSAGES)


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME.keys())
def test_names_that_count_as_one_share_a_key(one: str, other: str) -> None:
    assert one != other
    assert broken_rules(one) == broken_rules(other) == ()
    assert short_name_key(one) == short_name_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_names_that_differ_have_keys_that_differ(one: str, other: str) -> None:
    assert short_name_key(one) != short_name_key(other)


@pytest.mark.parametrize("name", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_key_is_legal_in_a_table_whatever_the_name(name: str) -> None:
    assert re.fullmatch("short-name:[0-9a-f]{64}", short_name_key(name))


@settings(max_examples=400, deadline=None, database=None)
@given(names)
def test_no_accepted_name_holds_anything_forbidden_before_or_after_nfkc(name: str) -> None:
    if broken_rules(name):
        return
    for form in (name, unicodedata.normalize("NFKC", name)):
        assert 3 <= len(form) <= 15
        assert not set(form) & set(FORBIDDEN)
        assert "audit" not in form.lower()
        assert not any(c.isspace() or unicodedata.category(c)[0] in "CZ" for c in form)


@settings(max_examples=200, deadline=None, database=None)
@given(st.text("abcxyzABCXYZ0189\u00e9\u0416\u03a9\u65e5" + SPECIAL, min_size=3, max_size=15))
def test_letters_digits_and_special_characters_are_always_accepted(name: str) -> None:
    assert broken_rules(name) == ()


@settings(max_examples=400, deadline=None, database=None)
@given(names, st.sampled_from([str.upper, str.lower, str.swapcase, str.title, folded]), st.booleans())
def test_names_equal_after_nfkc_and_case_folding_share_one_key(
    name: str, change: Callable[[str], str], decomposed: bool
) -> None:
    other = unicodedata.normalize("NFD" if decomposed else "NFC", change(name))
    if all(broken_rules(each) == () for each in (name, other)):
        forms = {unicodedata.normalize("NFKC", each).casefold() for each in (name, other)}
        assert len(forms) > 1 or short_name_key(name) == short_name_key(other)
