"""The catalogs: which languages there are, and what each says. A new file beside the others is a new language.

Babel is imported for the first word of another language than English, and a catalog is read once for the process.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shared.texts import Day, Given, Text, Words

if TYPE_CHECKING:
    from babel.messages import Catalog

FOLDER = Path(__file__).parent
SOURCE = "en"


@dataclass(frozen=True)
class Translation:
    """What one language says. ``messages`` are by their English; what is not among them is said in English."""

    code: str = SOURCE
    messages: Mapping[str, str] = field(default_factory=dict)

    def say(self, words: Words) -> str:
        """The words in this language."""
        if isinstance(words, str):
            return self.messages.get(words) or words
        filled = {name: self._gap(given) for name, given in words.given.items()}
        return self.say(words.message).format(**filled)

    def _gap(self, given: Given) -> str:
        if isinstance(given, Day):
            return self.day(given.on)
        return self.say(given) if isinstance(given, Text) else given

    def day(self, on: date) -> str:
        """Such as "1 December 2026"."""
        if self.code == SOURCE:
            return f"{on:%-d %B %Y}"
        from babel.dates import format_date  # noqa: PLC0415 - cold start

        return format_date(on, "long", locale=self.code)

    def moment(self, at: datetime) -> str:
        """Such as "Tuesday, 1 December 2026, 14:05 UTC"."""
        at = at.astimezone(UTC)
        if self.code == SOURCE:
            return f"{at:%A, %-d %B %Y, %H:%M UTC}"
        from babel.dates import format_date, format_time  # noqa: PLC0415 - cold start

        return f"{format_date(at, 'full', locale=self.code)}, {format_time(at, 'HH:mm', locale=self.code)} UTC"


ENGLISH = Translation()


@functools.cache
def languages() -> tuple[str, ...]:
    """The codes (BCP 47) of all languages, English first."""
    return (SOURCE, *sorted(file.stem for file in FOLDER.glob("*.po")))


@functools.cache
def translation(code: str) -> Translation:
    """The translation into a language; into English where there is no such language, or no more."""
    if code == SOURCE or code not in languages():
        return ENGLISH
    settled = (message for message in catalog(code) if message.id and not message.fuzzy)
    return Translation(
        code, {str(message.id): message.string for message in settled if isinstance(message.string, str)}
    )


@functools.cache
def catalog(code: str) -> "Catalog":
    """A language's catalog as it stands in its file."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 - cold start

    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code.replace("-", "_"))


@functools.cache
def own_name(code: str) -> str:
    """What a language calls itself, such as "Deutsch"."""
    if code == SOURCE:
        return "English"
    from babel.core import Locale  # noqa: PLC0415 - cold start

    name = Locale.parse(code, sep="-").get_display_name() or code
    return name[:1].upper() + name[1:]
