"""The wizard's static files: read once, served with the headers that keep the page to itself."""

import functools
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from shared.problems import NotFound

FOLDER = Path(__file__).parent / "page"
NAME = re.compile(r"[a-z0-9-]{1,40}\.(css|js|svg|html)")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".html": "text/html; charset=utf-8",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)


@dataclass(frozen=True)
class Asset:
    """A file of the page: its bytes, media type and strong ETag."""

    content: bytes
    media_type: str
    etag: str

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
        }


@functools.cache
def asset(name: str) -> Asset:
    """Raises NotFound for what is not a file of the page."""
    file = FOLDER / name
    if not NAME.fullmatch(name) or not file.is_file():
        raise NotFound("There is no such page.")
    content = file.read_bytes()
    return Asset(content, TYPES[file.suffix], f'"{hashlib.sha256(content).hexdigest()[:32]}"')
