"""The servers of a local cloud: how each is started, and the environment in which the app meets them."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from local.child import Child
from local.config import Config, ConfigError
from local.settings import mail_key, read_values
from local.tls import ensure_certificates


def app_environment(config: Config) -> dict[str, str]:
    """The environment in which the app, or a stand-in, runs against this cloud.

    Makes the throw-away certificates if they are missing. Raises ConfigError when there is no settings file.
    """
    key = mail_key(read_values(config.root))
    bundle = ensure_certificates(config.data).bundle
    return {**os.environ, **config.variables(), **config.app_settings(key, bundle)}


def exports(config: Config) -> str:
    """What `func start` or a debugger needs to run the app against this cloud, as lines for a shell."""
    environment = app_environment(config)
    names = [*config.variables(), *config.app_settings("", Path())]
    return "".join(f"export {name}={shlex.quote(environment[name])}\n" for name in names)


def azurite(config: Config) -> Child:
    ports = config.ports
    command = (
        *_node(config.root, "azurite/dist/src/azurite.js"),
        *(
            "--location",
            _folder(config, "azurite"),
            "--silent",
            "--disableTelemetry",
            "--skipApiVersionCheck",
        ),
        *("--blobHost", "127.0.0.1", "--queueHost", "127.0.0.1", "--tableHost", "127.0.0.1"),
        *("--blobPort", str(ports.blob), "--queuePort", str(ports.queue), "--tablePort", str(ports.table)),
    )
    awaited = (ports.blob, ports.queue, ports.table)
    return Child("azurite", command, _log(config, "azurite"), ports=awaited, patience=10)


def stand_ins(config: Config, *, clock: str | None = None) -> list[Child]:
    """The inbox, what stands in for Entra, Graph and the e-mail service, and the portal. clock: as for the host."""
    ports = config.ports
    certificates = ensure_certificates(config.data)
    tls = ("--cert", str(certificates.cert), "--key", str(certificates.key))
    inbox = (
        *_node(config.root, "maildev/bin/maildev"),
        *("--ip", "127.0.0.1", "--web-ip", "127.0.0.1", "--mail-directory", _folder(config, "inbox")),
        *("--smtp", str(ports.smtp), "--web", str(ports.inbox), "--silent"),
    )
    entra = (
        *(sys.executable, "-m", "local.entra", "--port", str(ports.entra), *tls),
        *("--directory", str(config.directory), "--data", _folder(config, "entra"), *_shift(clock)),
        *("--http-port", str(ports.entra_http), "--redirect-uri", f"{config.portal_url}/"),
    )
    mail = (
        *(sys.executable, "-m", "local.mail", "--port", str(ports.mail), *tls),
        *("--smtp-port", str(ports.smtp), "--data", _folder(config, "mail"), *_shift(clock)),
    )
    portal = (
        *(sys.executable, "-m", "local.portal", "--port", str(ports.portal)),
        *("--folder", str(config.root / "portal" / "dist"), "--directory", str(config.directory)),
        *("--api", config.api_url, "--authority", f"{config.entra_browser_url}/organizations/v2.0"),
    )
    return [
        Child("inbox", inbox, _log(config, "inbox"), ports=(ports.inbox, ports.smtp)),
        Child("entra", entra, _log(config, "entra")),
        Child("mail", mail, _log(config, "mail")),
        Child("portal", portal, _log(config, "portal")),
    ]


def host(config: Config, *, clock: str | None = None) -> Child:
    """The functions host with the app of this checkout. clock: what to add to its clock, such as `+10m`."""
    command = [sys.executable, "-m", "local.host", "--app", str(config.root), "--port", str(config.ports.api)]
    command += ["--cors", config.portal_url]
    return Child("host", [*command, *_shift(clock)], _log(config, "host"), patience=15)


def _shift(clock: str | None) -> list[str]:
    return [f"--clock={clock}"] if clock else []


def _folder(config: Config, name: str) -> str:
    folder = config.data / name
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


def _log(config: Config, name: str) -> Path:
    return config.data / "logs" / f"{name}.log"


def _node(root: Path, script: str) -> tuple[str, str]:
    node, path = shutil.which("node"), root / "node_modules" / script
    if node is None or not path.exists():
        raise ConfigError("Node.js or its packages are missing; make setup installs them or says what it needs.")
    return node, str(path)
