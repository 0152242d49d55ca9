"""The wizard's page, its style and its script: made once for each language and coding, served with the headers that
keep the page to itself.

The script is written as modules and served as one file, so that a first visit takes three requests: the modules stand
one after another, without their imports and exports, as if they had been written so. Hence they share one scope.
"""

import functools
import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.languages.catalogs import languages, own_name
from shared.problems import NotFound

FOLDER = Path(__file__).parent / "page"
FIRST_MODULE = "wizard"
HTML, CSS, SCRIPT = (f"text/{kind}; charset=utf-8" for kind in ("html", "css", "javascript"))
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z]+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?function |const )", re.MULTILINE)
COMMENT = re.compile(r"^ *//[^\n]*\n|/\*.*?\*/[ \n]?", re.MULTILINE | re.DOTALL)
GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[0-9.]+\s*)?(?:,|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Asset:
    """The page or one of its files in one coding: its bytes, media type and strong ETag, and headers of its own."""

    content: bytes
    media_type: str
    etag: str
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """Revalidated at each visit; no script from elsewhere, no frame around it, no referrer."""
        return {
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-cache",
            "ETag": self.etag,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
            "Cross-Origin-Opener-Policy": "same-origin",
            **self.own,
        }


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a caller with that ``Accept-Encoding`` (RFC 9110, section 12.5.3) may be answered in gzip."""
    return GZIP.search(accept_encoding) is not None


@functools.cache
def asset(name: str, *, compressed: bool = False) -> Asset:
    """The page's style or script, without comments. Raises NotFound for any other name."""
    made = {"wizard.css": (CSS, _style), "wizard.js": (SCRIPT, _script)}.get(name)
    if made is None:
        raise NotFound("There is no such page.")
    media_type, content = made
    return _made(COMMENT.sub("", content()), media_type, {"Vary": "Accept-Encoding"}, compressed)


def _style() -> str:
    return (FOLDER / "wizard.css").read_text()


def _script() -> str:
    """All modules, each after those that it imports."""
    texts: dict[str, str] = {}

    def add(module: str) -> None:
        if module in texts:
            return
        written = (FOLDER / f"{module}.js").read_text()
        for imported in IMPORT.findall(written):
            add(imported)
        texts[module] = EXPORT.sub("", IMPORT.sub("", written))

    add(FIRST_MODULE)
    return "".join(texts.values())


@functools.cache
def page(code: str, *, compressed: bool = False) -> Asset:
    """The wizard in that language."""
    from invitations.rendering import script_texts, templates  # noqa: PLC0415 - cold start

    html = (
        templates(code)
        .get_template("index.html")
        .render(texts=script_texts(code), languages=[(each, own_name(each)) for each in languages()])
    )
    return _made(html, HTML, {"Content-Language": code, "Vary": "Accept-Encoding, Accept-Language"}, compressed)


def _made(text: str, media_type: str, own: Mapping[str, str], compressed: bool) -> Asset:
    content, coding = text.encode(), dict(own)
    if compressed:
        content = gzip.compress(content, mtime=0)
        coding["Content-Encoding"] = "gzip"
    return Asset(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"', coding)
