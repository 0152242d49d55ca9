"""Whoever answers in the place of our storage, or with Entra's signing keys, leads nobody away.

Redirects of checks and of mails are in `test_lying_microsoft.py` and `test_lying_mail_service.py`.
"""

import socket
from dataclasses import replace

import pytest

from local.tls import ensure_certificates
from shared.store import StoreUnavailable, open_store
from shared.web.auth import KeysUnavailable, SigningKeys
from tests.attacks.liar import liar
from tests.integration.cloud import Faults, LocalCloud
from tests.unit.builders import settings

STATUSES = {301: "Moved Permanently", 302: "Found", 307: "Temporary Redirect", 308: "Permanent Redirect"}


def elsewhere(foreign: socket.socket) -> str:
    """The address of `foreign`, which fails the test for any connection."""
    return f"https://localhost:{foreign.getsockname()[1]}/elsewhere"


@pytest.mark.parametrize("status", STATUSES)
def test_redirected_signing_keys_are_no_keys(
    cloud: LocalCloud, faults: Faults, foreign: socket.socket, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", cloud.bundle)
    faults.entra("GET /common/discovery/v2.0/keys", status=status, headers={"Location": elsewhere(foreign)})
    with pytest.raises(KeysUnavailable):
        SigningKeys(cloud.config.entra_url).key("any")
    assert faults.used() == 1


@pytest.mark.parametrize("status", STATUSES)
def test_a_redirected_row_goes_nowhere(
    cloud: LocalCloud, foreign: socket.socket, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", cloud.bundle)
    certificates = ensure_certificates(cloud.config.data)
    location = f"Location: {elsewhere(foreign)}"
    with liar(certificates, b"", location, status=f"{status} {STATUSES[status]}") as storage:
        connection = f"TableEndpoint={storage.origin}/a;AccountName=a;AccountKey=a2V5"
        with pytest.raises(StoreUnavailable):
            open_store(replace(settings(), data_connection=connection))
    assert storage.asked == ["POST /a/Tables HTTP/1.1"]
