"""Brings the catalogs of `shared/languages/` up to date with the texts that stand in the code: `make texts`.

What is new stands there untranslated, what has changed is marked fuzzy, what is gone goes. For a new language make an
empty file first, such as `shared/languages/it.po`.
"""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from shared.languages.catalogs import FOLDER

ROOT = Path(__file__).parent.parent
FEATURES = ("invitations", "onboarding", "shared", "validation")
METHODS = [("**.py", "python"), ("page/**.js", "javascript"), ("page/**.html", "jinja2"), ("templates/**.*", "jinja2")]
KEYWORDS = {"N_": None, "_": None, "ngettext": (1, 2)}
HEADER = """# {name}: what administrators read. `make texts` brings in what is new; a test finds what is missing.
msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plurals}\\n"

"""


def collected(locale: str = "en") -> Catalog:
    """Every text that is marked in the code, and where."""
    found = Catalog(locale=locale, fuzzy=False)
    for feature in FEATURES:
        for name, _, message, _, _ in extract_from_dir(ROOT / feature, METHODS, keywords=KEYWORDS):
            found.add(message, locations=[(f"{feature}/{name}", 0)])
    return found


def brought_up_to_date(file: Path) -> str:
    """What the catalog in that file becomes: the texts of the code, with the translations that it has."""
    locale = file.stem.replace("-", "_")
    with file.open("rb") as stream:
        catalog = read_po(stream, locale=locale)
    catalog.update(collected(locale))
    return HEADER.format(name=catalog.locale.english_name, code=file.stem, plurals=catalog.plural_forms) + _written(
        catalog
    )


def _written(catalog: Catalog) -> str:
    for message in catalog:
        message.locations = sorted(set(message.locations))
    written = io.BytesIO()
    write_po(written, catalog, width=120, omit_header=True, ignore_obsolete=True, include_lineno=False)
    return written.getvalue().decode().strip() + "\n"


def catalogs() -> Iterator[Path]:
    """The file of each language."""
    yield from sorted(FOLDER.glob("*.po"))


def main(files: Iterable[Path]) -> None:
    for file in files:
        file.write_text(brought_up_to_date(file))
        with file.open("rb") as stream:
            messages = [message for message in read_po(stream) if message.id]
        waiting = sum(1 for message in messages if message.fuzzy or not message.string or not all(message.string))
        print(f"{file.relative_to(ROOT)}: {len(messages)} texts, {waiting} to translate")


if __name__ == "__main__":
    main(catalogs())
