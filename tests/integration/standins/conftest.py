"""The stand-ins that these tests talk to, started once for each test process."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.tls import Certificates, ensure_certificates
from tests.integration.standins.servers import (
    PORTAL,
    ROOT,
    Inbox,
    StandIn,
    connection_string,
    free_port,
    running,
)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of this test process."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def certificates(data: Path) -> Iterator[Certificates]:
    """The certificates that both stand-ins serve with; the environment makes this process trust them."""
    made = ensure_certificates(data)
    with pytest.MonkeyPatch.context() as patch:
        # For requests this variable goes before a session's own `verify`.
        patch.setenv("REQUESTS_CA_BUNDLE", str(made.bundle))
        yield made


@pytest.fixture(scope="session")
def directory_file(data: Path) -> Path:
    """A copy of the sample directory that a test may edit."""
    return Path(shutil.copy(ROOT / "local" / "directory.json", data / "directory.json"))


@pytest.fixture(scope="session")
def directory(directory_file: Path) -> dict[str, Any]:
    """The sample directory as plain JSON."""
    content: dict[str, Any] = json.loads(directory_file.read_text())
    return content


@pytest.fixture(scope="session")
def entra_process(data: Path, certificates: Certificates, directory_file: Path) -> Iterator[StandIn]:
    """The Entra and Graph stand-in."""
    options = ("--cert", certificates.cert, "--key", certificates.key, "--data", data)
    with running("entra", free_port(), *options, "--directory", directory_file, "--redirect-uri", PORTAL) as standin:
        yield standin


@pytest.fixture
def entra(entra_process: StandIn) -> Iterator[StandIn]:
    """The Entra and Graph stand-in without faults, its tokens as good as Entra's."""
    yield entra_process
    entra_process.post("/control/token-lifetime", {"seconds": None})
    entra_process.session.delete(entra_process.url + "/control/faults", timeout=10)


@pytest.fixture(scope="session")
def inbox_server() -> Iterator[Inbox]:
    """Where the e-mail stand-in delivers."""
    inbox = Inbox()
    yield inbox
    inbox.close()


@pytest.fixture
def inbox(inbox_server: Inbox) -> Iterator[Inbox]:
    """The inbox, refusing nobody."""
    yield inbox_server
    inbox_server.refuse.clear()


@pytest.fixture(scope="session")
def mail_process(
    data: Path, certificates: Certificates, inbox_server: Inbox, entra_process: StandIn
) -> Iterator[StandIn]:
    """The e-mail stand-in; it takes tokens of the Entra stand-in."""
    port = free_port()
    options = ("--cert", certificates.cert, "--key", certificates.key, "--data", data / "mail")
    with running(
        "mail",
        port,
        *options,
        "--smtp-port",
        inbox_server.port,
        MAIL=connection_string(port),
        AUTHORITY_HOST=entra_process.url,
        SSL_CERT_FILE=str(certificates.bundle),
    ) as standin:
        yield standin


@pytest.fixture
def mail(mail_process: StandIn) -> Iterator[StandIn]:
    """The e-mail stand-in with its first settings and without faults."""
    yield mail_process
    mail_process.session.delete(mail_process.url + "/control/faults", timeout=10)
    mail_process.post("/control/settings", {})
