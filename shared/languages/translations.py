"""How a language says a text: its messages, its days and moments. English is the texts' own language.

Babel is imported for the first day of another language than English.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from shared.texts import Day, Given, Text, Words

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
