"""The wizard's page, its style, script and icon, and each provider's colours: made once for each language and coding.

The page itself is kept nowhere: Back, on a computer that others use as well, finds nothing of an invitation, and so it
needs no ETag. Its files hold nothing of anybody; they may be kept, and are asked about at each visit.

The script is written as modules and served as one file, so that a first visit takes few requests: the modules stand
one after another, without their imports and exports, as if they had been written so. Hence they share one scope.
"""

import functools
import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from shared.languages.catalogs import languages, own_name
from shared.problems import NotFound
from shared.settings import Colors, settings

FOLDER = Path(__file__).parent / "page"
FIRST_MODULE = "wizard"
HTML, CSS, SCRIPT = (f"text/{kind}; charset=utf-8" for kind in ("html", "css", "javascript"))
ICON = "image/svg+xml"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
# What would reach for the reader, the devices or the screen, and the page does not; a name that a browser does not know
# would be a warning there.
UNUSED = (
    "camera", "clipboard-read", "display-capture", "fullscreen", "geolocation", "hid", "idle-detection", "local-fonts",
    "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
    "window-management", "xr-spatial-tracking",
)  # fmt: skip
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ",".join(f"{name}=()" for name in UNUSED),
}
FILE_HEADERS = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z]+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?function |const )", re.MULTILINE)
COMMENT = re.compile(r"^ *//[^\n]*\n|(?<=;) //[^\n]*|/\*.*?\*/[ \n]?", re.MULTILINE | re.DOTALL)
INDENT = re.compile(r"^\s+", re.MULTILINE)
GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[0-9.]+\s*)?(?:,|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Asset:
    """The page or one of its files in one coding: its bytes, media type, and the headers beside those of every answer
    (shared/web/replies.py). What may be kept has a strong ETag.
    """

    content: bytes
    media_type: str
    headers: Mapping[str, str]


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a caller with that ``Accept-Encoding`` (RFC 9110, section 12.5.3) may be answered in gzip."""
    return GZIP.search(accept_encoding) is not None


def colors_address(colors: Colors) -> str:
    """Where the style sheet of a provider's colours is. It names nobody: who is a provider cannot be guessed here."""
    return f"/invite/colors-{colors.accent[1:]}-{colors.on_accent[1:]}.css"


@functools.cache
def asset(name: str, *, compressed: bool = False) -> Asset:
    """One of the page's files, without comments. Raises NotFound for any other name."""
    media_type, text = _file(name)
    made = _made(COMMENT.sub("", text), media_type, FILE_HEADERS, compressed)
    etag = f'"{hashlib.sha256(made.content).hexdigest()[:16]}"'
    return replace(made, headers={**made.headers, "ETag": etag})


def _file(name: str) -> tuple[str, str]:
    """A file's media type and text. Raises NotFound."""
    match name:
        case "wizard.js":
            return SCRIPT, _script()
        case "wizard.css":
            return CSS, (FOLDER / name).read_text()
        case "icon.svg":
            return ICON, (FOLDER / name).read_text()
        case _:
            return CSS, _colors(f"/invite/{name}")


def _colors(address: str) -> str:
    """A pair of colours that the settings have checked, in place of the page's own; a disabled provider's too, whose
    links still say who sent them. Raises NotFound where no provider has them.
    """
    for colors in (provider.colors for provider in settings().providers):
        if colors_address(colors) == address:
            return f":root {{ --accent: {colors.accent}; --on-accent: {colors.on_accent}; }}\n"
    raise NotFound("There is no such page.")


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
    own = {**PAGE_HEADERS, "Content-Language": code, "Vary": "Accept-Encoding, Accept-Language"}
    return _made(html, HTML, own, compressed)


def _made(text: str, media_type: str, headers: Mapping[str, str], compressed: bool) -> Asset:
    content = INDENT.sub("", text).encode()
    if compressed:
        return Asset(gzip.compress(content, mtime=0), media_type, {**headers, "Content-Encoding": "gzip"})
    return Asset(content, media_type, headers)
