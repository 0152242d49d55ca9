"""The app's settings: `local.settings.json`, the environment on top, `%NAME%` resolved from both."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from local.host.errors import HostError

_REFERENCE = re.compile(r"%([^%]+)%")
_DEVELOPMENT_STORAGE = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    # The key of every storage emulator, published in the emulator's documentation.
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
)


@dataclass(frozen=True)
class LocalSettings:
    """local.settings.json: the app's settings (`Values`) and the host's own (`Host`)."""

    values: Mapping[str, str]
    port: int | None
    cors_origins: tuple[str, ...]
    cors_credentials: bool

    def allowing(self, origins: str) -> "LocalSettings":
        """The same, with more origins, with commas between them: what `func start --cors` takes."""
        return replace(self, cors_origins=(*self.cors_origins, *_origins(origins)))


def read_local_settings(app: Path) -> LocalSettings:
    """Read the app's local.settings.json, or nothing when there is none; raises HostError."""
    path = app / "local.settings.json"
    if not path.is_file():
        return LocalSettings({}, None, (), cors_credentials=False)
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except ValueError as error:
        raise HostError(f"{path} is not JSON: {error}.") from None
    if not isinstance(content, dict):
        raise HostError(f"{path} must be one JSON object.")
    if content.get("IsEncrypted"):
        raise HostError(f"{path} is encrypted (IsEncrypted): decrypt it with `func settings decrypt`.")
    host = _object(content, "Host", path)
    origins, credentials = _cors(host, path)
    return LocalSettings(_values(content, path), _port(host, path), origins, credentials)


def _object(content: Mapping[str, object], name: str, path: Path) -> Mapping[str, object]:
    value = content.get(name, {})
    if not isinstance(value, dict):
        raise HostError(f"{path}: {name} must be an object.")
    return value


def _values(content: Mapping[str, object], path: Path) -> dict[str, str]:
    values = {}
    for name, value in _object(content, "Values", path).items():
        if not isinstance(value, str):
            raise HostError(f"{path}: the value of {name} must be text, in quotes.")
        values[name] = value
    return values


def _port(host: Mapping[str, object], path: Path) -> int | None:
    port = host.get("LocalHttpPort")
    if port is not None and (type(port) is not int or not 0 < port < 65536):
        raise HostError(f"{path}: Host.LocalHttpPort must be a port number.")
    return port


def _cors(host: Mapping[str, object], path: Path) -> tuple[tuple[str, ...], bool]:
    text, credentials = host.get("CORS", ""), host.get("CORSCredentials", False)
    if not isinstance(text, str):
        raise HostError(f"{path}: Host.CORS must be text: the origins, with commas between them.")
    if not isinstance(credentials, bool):
        raise HostError(f"{path}: Host.CORSCredentials must be true or false.")
    origins = _origins(text)
    if "*" in origins and credentials:
        raise HostError(f"{path}: Host.CORS must name its origins where Host.CORSCredentials is true, not *.")
    return origins, credentials


def _origins(text: str) -> tuple[str, ...]:
    return tuple(origin.strip() for origin in text.split(",") if origin.strip())


def publish(settings: LocalSettings) -> None:
    """Put the settings into this process's environment, where the app reads them; what is there wins."""
    for name, value in settings.values.items():
        os.environ.setdefault(name, value)
    runtime = os.environ.setdefault("FUNCTIONS_WORKER_RUNTIME", "python")
    if runtime != "python":
        raise HostError(f"FUNCTIONS_WORKER_RUNTIME is '{runtime}': this host runs Python apps.")


def resolve(text: str, where: str) -> str:
    """Replace each `%NAME%` by the setting of that name; raises HostError naming the binding (`where`)."""

    def setting(match: re.Match[str]) -> str:
        value = os.environ.get(match[1])
        if value is None:
            raise HostError(f"{where} refers to the setting {match[1]}, which is not set.")
        return value

    return _REFERENCE.sub(setting, text)


def storage_connection(name: str, where: str) -> str:
    """The connection string that a binding's `connection` names; raises HostError when there is none."""
    name = resolve(name, where) or "AzureWebJobsStorage"
    for candidate in (f"AzureWebJobs{name}", name):
        if value := os.environ.get(candidate):
            return _DEVELOPMENT_STORAGE if value.strip().rstrip(";") == "UseDevelopmentStorage=true" else value
    identity = sorted(key for key in os.environ if key.startswith((f"{name}__", f"AzureWebJobs{name}__")))
    if identity:
        raise HostError(
            f"{where} uses the connection {name}, which is set by identity ({identity[0]}). "
            f"The local host wants a connection string: set {name} to the storage emulator's."
        )
    raise HostError(f"{where} uses the connection {name}: set {name} to a storage connection string.")


def is_disabled(function: str) -> bool:
    """Whether the setting `AzureWebJobs.<function>.Disabled` turns a function off, as in Azure."""
    names = (f"AzureWebJobs.{function}.Disabled", f"AzureWebJobs_{function}_Disabled")
    return any(os.environ.get(name, "").lower() in ("1", "true") for name in names)
