"""The catalogs: which languages there are, and what each says. A new file beside the others is a new language.

Babel is imported for the first word of another language than English, and a catalog is read once for the process.
"""

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from shared.languages.translations import ENGLISH, SOURCE, Translation

if TYPE_CHECKING:
    from babel.messages import Catalog

FOLDER = Path(__file__).parent


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
