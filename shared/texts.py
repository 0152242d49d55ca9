"""Texts for people as values: English sentences, and what stands in their gaps, to be said in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it, which every tool looks for
    """Marks a text that is translated where it is shown, not where it stands; `make texts` collects what is marked."""
    return message


@dataclass(frozen=True)
class Day:
    """A calendar day in a text; each language writes it in its own way."""

    on: date


@dataclass(frozen=True)
class Text:
    """An English message with gaps such as ``{name}``, and what fills them.

    A text in a gap is translated with it; a plain string there is a name or a number of somebody else's.
    """

    message: str
    given: Mapping[str, "Given"] = field(default_factory=dict)


type Given = str | Day | Text
# A string is a message without gaps. In rows that were stored before there were languages it is a whole English text.
type Words = str | Text


def text_of(words: Words) -> Text:
    """The words as a text, to stand in another text's gap."""
    return words if isinstance(words, Text) else Text(words)
