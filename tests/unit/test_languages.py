"""Languages: each catalog says all that the code says, and every reader gets the language that they ask for."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from invitations.assets import FOLDER as PAGE
from invitations.rendering import script_texts
from scripts.texts import brought_up_to_date, catalogs, collected
from shared.languages import catalogs as catalogs_module
from shared.languages.accepted import accepted
from shared.languages.catalogs import catalog, languages, own_name, translation
from shared.languages.translations import ENGLISH
from shared.stored import from_json, to_json
from shared.texts import Day, Text, Words
from validation.records import Item, ItemName, ItemState

COLLECTED = collected()
OTHERS = [code for code in languages() if code != "en"]
GAP = re.compile(r"\{\w*\}")
# What is called so in every language: products, permissions, examples, addresses, formats.
NAMES = re.compile(
    r"Microsoft 365|Microsoft Graph|Entra ID|entra\.microsoft\.com|contoso\.onmicrosoft\.com|JavaScript|JSON|UTF-8|"
    r"application/json|[A-Z]\w+\.Read\.All|[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d|64 KiB"
)
CALL = re.compile(r'\b(?:_|ngettext)\(\s*"((?:[^"\\]|\\.)*)"')


@pytest.mark.parametrize("file", list(catalogs()), ids=lambda file: file.stem)
def test_a_catalog_has_the_texts_of_the_code_and_no_others(file: Path) -> None:
    assert file.read_text() == brought_up_to_date(file), "make texts brings it up to date"


def pairs(code: str) -> list[tuple[str, str]]:
    """Every English text with what it is in that language; plural forms one by one, each with the last English form."""
    found = []
    for message in catalog(code):
        if not message.id:
            continue
        english = message.id if isinstance(message.id, str) else message.id[-1]
        forms = message.string if isinstance(message.string, (tuple, list)) else [message.string or ""]
        found += [(english, form or "") for form in forms]
    return found


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated(code: str) -> None:
    assert [english for english, said in pairs(code) if not said.strip()] == []
    assert [message.id for message in catalog(code) if message.fuzzy and message.id] == []


@pytest.mark.parametrize("code", OTHERS)
def test_what_fills_a_text_fills_its_translation(code: str) -> None:
    wrong = [
        (english, said)
        for english, said in pairs(code)
        if sorted(GAP.findall(said)) != sorted(GAP.findall(english)) and "{count}" not in english
    ]
    assert wrong == []
    for english, said in pairs(code):
        assert set(GAP.findall(said)) <= set(GAP.findall(english))


@pytest.mark.parametrize("code", OTHERS)
def test_names_and_examples_stay_what_they_are(code: str) -> None:
    wrong = [(e, s) for e, s in pairs(code) if sorted(set(NAMES.findall(e))) != sorted(set(NAMES.findall(s)))]
    assert wrong == []


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_shouts_or_has_stray_blanks_or_straight_quotes(code: str) -> None:
    assert [said for _, said in pairs(code) if "!" in said or said != said.strip() or '"' in said] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_sentence_ends_as_it_does_in_english(code: str) -> None:
    """A full stop that is missing, or too many, shows where texts stand side by side."""
    wrong = [
        (e, s) for e, s in pairs(code) if (e[-1] in ".:?…") != (s[-1] in ".:?…") or (e[-1] == "." and s[-1] != ".")
    ]
    assert wrong == []


@pytest.mark.parametrize("script", sorted(PAGE.glob("*.js")), ids=lambda file: file.name)
def test_every_text_of_a_script_is_collected(script: Path) -> None:
    """One that the extractor does not see would stay English for ever."""
    first = {entry if isinstance(entry, str) else entry[0] for entry in (message.id for message in COLLECTED) if entry}
    asked = [json.loads(f'"{text}"') for text in CALL.findall(script.read_text())]
    assert [text for text in asked if not any(entry.startswith(text) for entry in first)] == []


@pytest.mark.parametrize(
    ("code", "text"), [("it", ""), ("pt-BR", 'msgid "Gone"\nmsgstr "Foi"\n')], ids=["empty", "with a text that is gone"]
)
def test_a_new_language_begins_with_a_file(tmp_path: Path, code: str, text: str) -> None:
    new = tmp_path / f"{code}.po"
    new.write_text(text)
    new.write_text(brought_up_to_date(new))
    made = read(new)
    assert {str(message.id) for message in made} == {str(message.id) for message in COLLECTED}
    assert not any(message.string and any(message.string) for message in made if message.id)


def read(file: Path) -> Catalog:
    with file.open("rb") as stream:
        return read_po(stream, locale=file.stem.replace("-", "_"))


# What a reader gets


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("DE-ch-1996, en;q=0.9", "de"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("it, es;q=0.3", "es"),
        ("en-US, de;q=0.9", "en"),
        ("de;q=0.2, es;q=0.8", "es"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("de;q=0.000", "en"),
        ("*", "en"),
        ("it, *;q=0.1", "en"),
        ("de;q=2, fr;q=0.1", "fr"),
        ("de; q = 1, fr;q=0.1", "fr"),
        ("<script>, ../../de, de_DE", "en"),
        (",".join(["x"] * 5000) + ",de", "en"),
    ],
)
def test_a_reader_gets_the_best_of_the_languages_that_they_ask_for(header: str, code: str) -> None:
    assert accepted(header) == code


def test_languages_name_themselves() -> None:
    names = {code: own_name(code) for code in languages()}
    assert names == {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français"}


def test_a_language_that_is_gone_is_english() -> None:
    assert translation("tlh") is ENGLISH
    assert translation("en") is ENGLISH


ITALIAN = """
#: page/a.js
msgid "Copied"
msgstr "Copiato"

#: page/a.js
#, fuzzy
msgid "Copy"
msgstr "Copia"

#: page/a.js
msgid "Show"
msgstr ""

#: page/a.js
msgid "One"
msgid_plural "Many"
msgstr[0] ""
msgstr[1] ""
"""


@pytest.fixture
def italian(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Another folder of languages, with one file."""
    (tmp_path / "it.po").write_text(ITALIAN)
    made = (languages, translation, catalog, script_texts)
    for cached in made:
        cached.cache_clear()
    monkeypatch.setattr(catalogs_module, "FOLDER", tmp_path)
    yield
    for cached in made:
        cached.cache_clear()


def test_a_file_that_is_there_is_a_language_and_says_what_is_settled(italian: None) -> None:
    assert languages() == ("en", "it")
    assert (accepted("it-CH, de"), accepted("de"), own_name("it")) == ("it", "en", "Italiano")
    assert [translation("it").say(words) for words in ("Copied", "Copy", "Show")] == ["Copiato", "Copy", "Show"]
    assert script_texts("it") == {"Copied": "Copiato"}


DAY = Day(date(2027, 12, 1))
NESTED = Text(
    "{words} We ask again by ourselves.", {"words": Text("Microsoft Graph answered {status}.", {"status": "503"})}
)
SAID: list[tuple[Words, str, str]] = [
    ("Microsoft knows this tenant.", "Microsoft knows this tenant.", "Microsoft kennt diesen Mandanten."),
    ("An old row's own words.", "An old row's own words.", "An old row's own words."),
    (
        Text("The secret is valid until {day}.", {"day": DAY}),
        "The secret is valid until 1 December 2027.",
        "Der Schlüssel gilt bis 1. Dezember 2027.",
    ),
    (
        NESTED,
        "Microsoft Graph answered 503. We ask again by ourselves.",
        "Microsoft Graph antwortete 503. Wir fragen von selbst noch einmal.",
    ),
    (
        Text("Microsoft Graph answered {status}.", {"status": "Copied"}),
        "Microsoft Graph answered Copied.",
        "Microsoft Graph antwortete Copied.",
    ),
    (
        Text("The application reaches {resources}.", {"resources": "Waiting {status} {0}"}),
        "The application reaches Waiting {status} {0}.",
        "Die Anwendung erreicht Waiting {status} {0}.",
    ),
]


@pytest.mark.parametrize(
    ("words", "english", "german"),
    SAID,
    ids=["plain", "old", "day", "nested", "somebody else's word", "foreign braces"],
)
def test_words_are_said_in_each_language(words: Words, english: str, german: str) -> None:
    assert ENGLISH.say(words) == english
    assert translation("de").say(words) == german


@pytest.mark.parametrize(
    ("code", "moment"),
    [
        ("en", "Tuesday, 1 December 2026, 14:05 UTC"),
        ("de", "Dienstag, 1. Dezember 2026, 14:05 UTC"),
        ("fr", "mardi 1 décembre 2026, 14:05 UTC"),
        ("es", "martes, 1 de diciembre de 2026, 14:05 UTC"),
    ],
)
def test_a_moment_names_its_zone(code: str, moment: str) -> None:
    assert translation(code).moment(datetime(2026, 12, 1, 14, 5, 59, tzinfo=UTC)) == moment


@pytest.mark.parametrize("words", [words for words, _, _ in SAID])
def test_words_are_stored_apart_from_what_fills_them(words: Words) -> None:
    item = Item(ItemName.SECRET_EXPIRY, ItemState.WARNING, words, (words, "Wait a minute, then try again."))
    assert from_json(Item, to_json(item)) == item


def test_a_row_from_before_there_were_languages_can_be_read() -> None:
    stored = '{"name":"sign-in","state":"failed","detail":"It answered 500 {x}.","steps":["Open {it}."],"trace_id":"t"}'
    item = from_json(Item, stored)
    assert (item.detail, item.steps) == ("It answered 500 {x}.", ("Open {it}.",))
    assert translation("de").say(item.detail) == "It answered 500 {x}."


@pytest.mark.parametrize("code", OTHERS)
def test_the_scripts_texts_come_with_the_plural_categories_of_a_browser(code: str) -> None:
    tries = script_texts(code)["One try is left."]
    assert isinstance(tries, dict)
    assert {"one", "other"} <= set(tries) <= {"one", "two", "few", "many", "other"}
    assert "{count}" in tries["other"]
    assert not any("{provider} asks you" in english for english in script_texts(code)), "the page's own texts stay out"
    assert script_texts("en") == {}
