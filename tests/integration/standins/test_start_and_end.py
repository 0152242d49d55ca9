"""How the stand-ins start, refuse to start, and end; and the certificates that they start with."""

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import verification

from local.tls import Certificates, ensure_certificates
from tests.integration.standins.servers import ROOT, StandIn, command, free_port, running, wait_until


def files(certificates: Certificates) -> tuple[object, ...]:
    """The options that name the certificate."""
    return ("--cert", certificates.cert, "--key", certificates.key)


def refused_start(module: str, *options: object) -> tuple[int, list[str]]:
    """Exit code and lines of a stand-in that does not start."""
    done = subprocess.run(command(module, *options), cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly_even_with_a_request_under_way(
    tmp_path: Path, certificates: Certificates, directory_file: Path, number: int
) -> None:
    options = (*files(certificates), "--directory", directory_file, "--data", tmp_path)
    with running("entra", free_port(), *options) as standin:
        standin.post("/control/faults", {"match": "GET /common", "delaySeconds": 60})
        port = int(standin.url.rpartition(":")[2])
        context = ssl.create_default_context(cafile=str(certificates.bundle))
        with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost") as hanging:
            hanging.sendall(b"GET /common/discovery/v2.0/keys HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wait_until(lambda: standin.get("/control/faults").json()["value"][0]["used"], "request under way")
            assert standin.stop(number) == 0
        assert standin.output == [f"entra: ready on {standin.url}"]


def test_verbose_prints_one_line_a_request_without_its_query(
    tmp_path: Path, certificates: Certificates, directory_file: Path
) -> None:
    options = (*files(certificates), "--directory", directory_file, "--data", tmp_path, "--verbose")
    with running("entra", free_port(), *options) as standin:
        standin.get("/v1.0/organization?$select=private")
        standin.stop()
        assert standin.output[1:] == ["entra: GET /v1.0/organization 401"]


def test_plain_http_is_served_beside_https_on_request(
    tmp_path: Path, certificates: Certificates, directory_file: Path
) -> None:
    plain = free_port()
    options = (*files(certificates), "--directory", directory_file, "--data", tmp_path, "--http-port", plain)
    with running("entra", free_port(), *options) as standin:
        document = standin.session.get(
            f"http://localhost:{plain}/common/v2.0/.well-known/openid-configuration", timeout=10
        ).json()
        assert document["token_endpoint"].startswith(f"http://localhost:{plain}/")
        assert document["issuer"].startswith(standin.url)


@pytest.mark.parametrize("module", ["entra", "mail"])
def test_a_port_in_use_is_one_sentence(
    tmp_path: Path,
    certificates: Certificates,
    directory_file: Path,
    module: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAIL", "endpoint=https://localhost:1/;accesskey=AAAA")
    own = ("--directory", directory_file) if module == "entra" else ("--smtp-port", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        options = ("--port", port, *files(certificates), "--data", tmp_path, *own)
        code, lines = refused_start(module, *options)
    assert (code, len(lines)) == (2, 1)
    assert str(port) in lines[0]


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("applications", 0, "secrets", 0, "endDateTime"), "soon", "applications.0.secrets.0.endDateTime"),
        (("tenants", 1, "id"), "no guid", "tenants.1.id"),
        (("providers", 0, "users", 0, "roles"), ["King"], "providers.0.users.0.roles"),
        (("applications", 0, "homeTenant"), "99999999-aaaa-4bbb-8ccc-000000000001", "unknown tenant"),
    ],
)
def test_a_faulty_directory_names_the_field(
    tmp_path: Path,
    certificates: Certificates,
    directory: dict[str, Any],
    path: tuple[str | int, ...],
    value: object,
    named: str,
) -> None:
    broken = json.loads(json.dumps(directory))
    place: Any = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    file = tmp_path / "directory.json"
    file.write_text(json.dumps(broken))
    options = ("--port", free_port(), *files(certificates), "--data", tmp_path, "--directory", file)
    code, lines = refused_start("entra", *options)
    assert (code, len(lines)) == (2, 1)
    assert str(file) in lines[0]
    assert named in lines[0]


def test_the_mail_stand_in_wants_its_connection_string(
    tmp_path: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL", "nonsense")
    options = ("--port", free_port(), *files(certificates), "--data", tmp_path, "--smtp-port", 1)
    code, lines = refused_start("mail", *options)
    assert (code, len(lines)) == (2, 1)
    assert "MAIL" in lines[0]


def test_tokens_outlive_a_restart_and_follow_a_shifted_clock(
    tmp_path: Path, certificates: Certificates, directory_file: Path
) -> None:
    options = (*files(certificates), "--directory", directory_file, "--data", tmp_path)
    wanted = {"provider": "Northwind Voice", "role": "operator"}
    with running("entra", free_port(), *options) as standin:
        token = standin.post("/control/operator-token", wanted).json()["access_token"]
    with running("entra", free_port(), *options, "--clock", "+2d") as standin:
        keys = jwt.PyJWKSet.from_dict(standin.get("/common/discovery/v2.0/keys").json())
        later = standin.post("/control/operator-token", wanted).json()["access_token"]
    key = keys[jwt.get_unverified_header(token)["kid"]]
    audience = "a0000000-0000-4000-8000-000000000001"
    first = jwt.decode(token, key, ["RS256"], audience=audience)
    second = jwt.decode(later, key, ["RS256"], audience=audience, options={"verify_nbf": False, "verify_iat": False})
    assert timedelta(days=2) <= timedelta(seconds=second["iat"] - first["iat"]) < timedelta(days=2, minutes=1)


def test_the_certificate_holds_under_strict_verification(entra: StandIn, certificates: Certificates) -> None:
    context = ssl.create_default_context(cafile=str(certificates.ca))
    assert context.verify_flags & ssl.VERIFY_X509_STRICT
    port = int(entra.url.rpartition(":")[2])
    for name in ("localhost", "127.0.0.1"):
        with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname=name) as tls:
            assert tls.version() == "TLSv1.3"


def test_private_keys_are_readable_by_their_owner_only(certificates: Certificates) -> None:
    keys = [certificates.key, certificates.ca.with_name("ca-key.pem")]
    assert [path.stat().st_mode & 0o777 for path in keys] == [0o600, 0o600]


def test_certificates_are_kept_until_a_week_before_their_end(tmp_path: Path) -> None:
    first = ensure_certificates(tmp_path).cert.read_bytes()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=82)):
        assert ensure_certificates(tmp_path).cert.read_bytes() == first
    with time_machine.travel(datetime.now(UTC) + timedelta(days=84)):
        assert ensure_certificates(tmp_path).cert.read_bytes() != first


def test_a_damaged_key_is_replaced_with_its_certificate(tmp_path: Path) -> None:
    paths = ensure_certificates(tmp_path)
    first = paths.cert.read_bytes()
    paths.key.write_text("damaged")
    assert ensure_certificates(tmp_path).cert.read_bytes() != first


def test_the_bundle_keeps_what_was_trusted_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted = tmp_path / "trusted.pem"
    trusted.write_text("# roots of this organisation\n")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    paths = ensure_certificates(tmp_path)
    assert paths.bundle.read_text().startswith("# roots of this organisation")
    assert paths.ca.read_text() in paths.bundle.read_text()
    # The cloud's own processes run with the variable on our bundle: it must not grow.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(paths.bundle))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert ensure_certificates(tmp_path).bundle.read_text().count(paths.ca.read_text()) == 1
    assert os.environ["REQUESTS_CA_BUNDLE"] == str(paths.bundle)


@pytest.mark.parametrize(("name", "good"), [("localhost", True), ("login.microsoftonline.com", False)])
def test_the_authority_vouches_for_this_machine_only(tmp_path: Path, name: str, good: bool) -> None:
    paths = ensure_certificates(tmp_path)
    authority = x509.load_pem_x509_certificate(paths.ca.read_bytes())
    authority_key = load_pem_private_key(paths.ca.with_name("ca-key.pem").read_bytes(), None)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
    server = x509.load_pem_x509_certificate(paths.cert.read_bytes())
    builder = x509.CertificateBuilder(server.issuer, server.subject, server.public_key(), server.serial_number)
    builder = builder.not_valid_before(server.not_valid_before_utc).not_valid_after(server.not_valid_after_utc)
    for extension in server.extensions:
        if not isinstance(extension.value, x509.SubjectAlternativeName):
            builder = builder.add_extension(extension.value, extension.critical)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    leaf = builder.sign(authority_key, hashes.SHA256())
    verifier = verification.PolicyBuilder().store(verification.Store([authority]))
    checked = verifier.build_server_verifier(x509.DNSName(name))
    with contextlib.nullcontext() if good else pytest.raises(verification.VerificationError):
        assert checked.verify(leaf, [])
