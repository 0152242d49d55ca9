"""The site: which file answers an address, and with which headers, as staticwebapp.config.json says.

"Configure Azure Static Web Apps" (Microsoft Learn) has the format: the headers of the first of `routes` that matches
win over `globalHeaders`, an empty value takes a header away, and `navigationFallback` answers what is no file with one
page. Only what the portal's file uses of it is understood: routes with headers, and those two, and `mimeTypes`.
"""

import gzip
import hashlib
import json
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

CONFIGURATION = "staticwebapp.config.json"
INDEX = "/index.html"


class SiteError(Exception):
    """The folder holds no portal; the text says what to do."""


@dataclass(frozen=True)
class Answer:
    """What an address answers before anything about the one request is known: no `content` means a 404."""

    content: bytes | None
    headers: dict[str, str]

    def compressed(self) -> bytes:
        """The content, by gzip."""
        return _gzip(self.content or b"")


class Site:
    """The built portal at one place: `origins` fill the names (`%api%`) in headers, `settings` are its config.json.

    The folder is read anew for each request, so that a build is seen at once. Raises SiteError.
    """

    def __init__(self, folder: Path, origins: dict[str, str], settings: dict[str, str]) -> None:
        self._folder = folder
        self._origins = origins
        self._settings = json.dumps(settings).encode()
        self._rules: dict[str, Any] = {}
        if not self._read_rules():
            raise SiteError(f"{folder} holds no built portal; make setup builds it.")

    def _read_rules(self) -> bool:
        """Whether there are any. While a build takes the folder's place, those from before it hold."""
        try:
            self._rules = json.loads((self._folder / CONFIGURATION).read_bytes())
        except OSError:
            return False
        return True

    def answer(self, path: str) -> Answer:
        """The answer to a decoded path."""
        self._read_rules()
        files = self._files()
        name = INDEX if path == "/" else path
        if name not in files and not self._excluded(path):
            name = self._rules["navigationFallback"]["rewrite"]
        content = self._content(name, files)
        if content is None:
            # What a route's headers do to a 404 is undocumented: here nothing, or it would be kept for a year.
            return Answer(None, self._headers(None))
        etag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
        fixed = {"Content-Type": self._media_type(name), "ETag": etag, "Vary": "Accept-Encoding"}
        return Answer(content, self._headers(path) | fixed)

    def _files(self) -> dict[str, Path | None]:
        """Every file by its address; None for the one that is not in the folder."""
        found = (file for file in self._folder.rglob("*") if file.is_file() and file.name != CONFIGURATION)
        return {f"/{file.relative_to(self._folder).as_posix()}": file for file in found} | {"/config.json": None}

    def _content(self, name: str, files: dict[str, Path | None]) -> bytes | None:
        if name not in files:
            return None
        file = files[name]
        try:
            return self._settings if file is None else file.read_bytes()
        except FileNotFoundError:  # a build has just taken it away
            return None

    def _media_type(self, name: str) -> str:
        own: str | None = self._rules.get("mimeTypes", {}).get(PurePosixPath(name).suffix)
        media_type = own or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type

    def _excluded(self, path: str) -> bool:
        return any(_matches(path, pattern) for pattern in self._rules["navigationFallback"].get("exclude", ()))

    def _headers(self, path: str | None) -> dict[str, str]:
        headers: dict[str, str] = dict(self._rules.get("globalHeaders", {}))
        routes = self._rules.get("routes", ()) if path is not None else ()
        headers |= next((rule.get("headers", {}) for rule in routes if _matches(path or "", rule["route"])), {})
        return {name: self._filled(value) for name, value in headers.items() if value}

    def _filled(self, value: str) -> str:
        for name, origin in self._origins.items():
            value = value.replace(f"%{name}%", origin)
        return value


def _matches(path: str, route: str) -> bool:
    """The same article, Wildcard pattern: `*` at the end, or before `.ext` or `.{ext,ext}`."""
    pattern = re.escape(route).replace(r"\*", ".*")
    pattern = re.sub(r"\\\{(.*?)\\\}", lambda options: f"(?:{options[1].replace(',', '|')})", pattern)
    return re.fullmatch(pattern, path) is not None


@lru_cache(maxsize=32)
def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)
