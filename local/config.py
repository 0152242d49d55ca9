"""Where the local cloud listens and keeps its data, and what the app has to be told about it.

Everything comes from `LOCAL_*` variables; without them a cloud takes the ports that the documentation names.
"""

import os
import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Azurite's account and key are published with it; they protect nothing.
AZURITE_ACCOUNT = "devstoreaccount1"
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class ConfigError(Exception):
    """What a person has to change before the local cloud can do what was asked, in one sentence."""


@dataclass(frozen=True)
class Ports:
    """A TCP port on 127.0.0.1 for each server; the field `api` is set by the variable `LOCAL_API_PORT`."""

    api: int = 7071
    entra: int = 7072
    mail: int = 7073
    portal: int = 7074
    entra_http: int = 7075
    inbox: int = 1080
    smtp: int = 1025
    blob: int = 10000
    queue: int = 10001
    table: int = 10002

    def named(self) -> dict[str, int]:
        """The ports by the name of the variable that sets them."""
        return {variable_of(field.name): getattr(self, field.name) for field in fields(self)}


def variable_of(port: str) -> str:
    """The name of the environment variable that sets a port: `api` gives `LOCAL_API_PORT`."""
    return f"LOCAL_{port.upper()}_PORT"


@dataclass(frozen=True)
class Config:
    """One local cloud: the checkout it runs, its data folder, its pretend directory, its ports."""

    data: Path
    directory: Path
    ports: Ports
    root: Path = ROOT

    @property
    def api_url(self) -> str:
        return f"http://localhost:{self.ports.api}"

    @property
    def entra_url(self) -> str:
        return f"https://localhost:{self.ports.entra}"

    @property
    def entra_browser_url(self) -> str:
        """Entra as a browser reaches it: by plain http, because it does not know the throw-away authority."""
        return f"http://localhost:{self.ports.entra_http}"

    @property
    def portal_url(self) -> str:
        return f"http://localhost:{self.ports.portal}"

    @property
    def mail_url(self) -> str:
        return f"https://localhost:{self.ports.mail}"

    @property
    def inbox_url(self) -> str:
        return f"http://localhost:{self.ports.inbox}"

    @property
    def azurite(self) -> str:
        """The connection string of this cloud's Azurite."""
        services = {"Blob": self.ports.blob, "Queue": self.ports.queue, "Table": self.ports.table}
        endpoints = "".join(
            f"{name}Endpoint=http://127.0.0.1:{port}/{AZURITE_ACCOUNT};" for name, port in services.items()
        )
        account = f"AccountName={AZURITE_ACCOUNT};AccountKey={AZURITE_KEY};"
        return f"DefaultEndpointsProtocol=http;{account}{endpoints}"

    def variables(self) -> dict[str, str]:
        """The `LOCAL_*` variables that describe this cloud, for a process that works with it."""
        ports = {variable: str(port) for variable, port in self.ports.named().items()}
        return {"LOCAL_DATA": str(self.data), "LOCAL_DIRECTORY": str(self.directory), **ports}

    def app_settings(self, mail_key: str, bundle: Path) -> dict[str, str]:
        """The settings of the app that depend on this cloud.

        They win over the settings file and the caller's environment, in which a login shell often sets MAIL.
        mail_key: the e-mail stand-in's access key, base64. bundle: the authorities that the app shall trust.
        """
        return {
            "AzureWebJobsStorage": self.azurite,
            "Data": self.azurite,
            "PUBLIC_BASE_URL": self.api_url,
            "AUTHORITY_HOST": self.entra_url,
            "GRAPH_HOST": self.entra_url,
            "MAIL": f"endpoint={self.mail_url}/;accesskey={mail_key}",
            "REQUESTS_CA_BUNDLE": str(bundle),
            "SSL_CERT_FILE": str(bundle),
        }


def from_environment(environment: Mapping[str, str] = os.environ) -> Config:
    """The cloud that the `LOCAL_*` variables describe. Raises ConfigError for a port that is none."""
    data = Path(environment.get("LOCAL_DATA") or ROOT / ".local")
    directory = Path(environment.get("LOCAL_DIRECTORY") or ROOT / "local" / "directory.json")
    ports = Ports(**{field.name: _port(environment, variable_of(field.name), field.default) for field in fields(Ports)})
    _refuse_doubles(ports)
    return Config(data=data.absolute(), directory=directory.absolute(), ports=ports)


def _port(environment: Mapping[str, str], variable: str, default: object) -> int:
    text = environment.get(variable) or str(default)
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise ConfigError(f"{variable} is “{text}”; it must be a port, a number from 1 to 65535.")


def _refuse_doubles(ports: Ports) -> None:
    owners: dict[int, str] = {}
    for variable, port in ports.named().items():
        other = owners.setdefault(port, variable)
        if other != variable:
            raise ConfigError(f"{other} and {variable} are both {port}; each server needs a port of its own.")


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(among: range = range(20000, 32000)) -> Ports:
    """Ports on which nothing listens; by default below those that systems give to outgoing connections."""
    candidates = (port for port in random.sample(among, len(among)) if is_free(port))
    return Ports(**{field.name: next(candidates) for field in fields(Ports)})
