"""The site: which file answers an address, and with which headers, as staticwebapp.config.json says.

"Configure Azure Static Web Apps" (Microsoft Learn) has the format: `globalHeaders`, `routes` whose headers win over
them, and `navigationFallback`, which answers any other address with one page. Of its patterns `*` at the end and
`/*.ext` are understood here, which is all that the portal's file uses.
"""

import fnmatch
import gzip
import hashlib
import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path

CONFIGURATION = "staticwebapp.config.json"


class SiteError(Exception):
    """The folder holds no portal; the text says what to do."""


@dataclass(frozen=True)
class File:
    """What an address answers: the file's bytes, plain and compressed, and all headers but those of one reply."""

    content: bytes
    compressed: bytes
    headers: dict[str, str]


class Site:
    """The built portal at one place: ``origins`` fill the names in the policy, ``settings`` are its config.json."""

    def __init__(self, folder: Path, origins: dict[str, str], settings: dict[str, str]) -> None:
        try:
            self._rules = json.loads((folder / CONFIGURATION).read_text(encoding="utf-8"))
        except OSError:
            raise SiteError(f"{folder} holds no built portal; make setup builds it.") from None
        self._folder = folder
        self._origins = origins
        self._made = {"/config.json": json.dumps(settings).encode()}

    def file(self, path: str) -> File | None:
        """The file of an address, read anew each time, so that a build is seen at once; None for 404."""
        content = self._made.get(path) or self._read("/index.html" if path == "/" else path)
        if content is None and not self._excluded(path):
            path = str(self._rules["navigationFallback"]["rewrite"])
            content = self._read(path)
        if content is None:
            return None
        media_type = mimetypes.guess_type("index.html" if path == "/" else path)[0] or "application/octet-stream"
        headers = self._headers(path) | {
            "Content-Type": f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type,
            "ETag": f'W/"{hashlib.sha256(content).hexdigest()[:32]}"',
            "Vary": "Accept-Encoding",
        }
        return File(content, gzip.compress(content, 9, mtime=0), headers)

    def _read(self, path: str) -> bytes | None:
        file = (self._folder / path.lstrip("/")).resolve()
        inside = file.is_relative_to(self._folder.resolve()) and file.name != CONFIGURATION
        return file.read_bytes() if inside and file.is_file() else None

    def _excluded(self, path: str) -> bool:
        return any(fnmatch.fnmatchcase(path, pattern) for pattern in self._rules["navigationFallback"]["exclude"])

    def _headers(self, path: str) -> dict[str, str]:
        headers: dict[str, str] = dict(self._rules["globalHeaders"])
        for rule in self._rules["routes"]:
            if fnmatch.fnmatchcase(path, rule["route"]):
                headers |= rule["headers"]
        for name, origin in self._origins.items():
            headers = {header: value.replace(f"%{name}%", origin) for header, value in headers.items()}
        return headers
