"""The local cloud's certificates: a throw-away authority, a server certificate for localhost, a bundle."""

import fcntl
import ipaddress
import os
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

REUSE_WHILE_VALID_FOR = timedelta(days=7)
_AUTHORITY_LIFETIME = timedelta(days=365)
_SERVER_LIFETIME = timedelta(days=90)
_LOOPBACK = ipaddress.ip_address("127.0.0.1")


@dataclass(frozen=True)
class Certificates:
    """Paths of PEM files; `bundle` is the system's roots and our authority, for clients to trust."""

    ca: Path
    bundle: Path
    cert: Path
    key: Path


def ensure_certificates(data: Path) -> Certificates:
    """Returns usable certificates under `data`/tls; makes or renews what has less than seven days left.

    The authority may sign for localhost and 127.0.0.1 only (name constraints), so that a leaked key opens
    nothing else. The bundle starts from REQUESTS_CA_BUNDLE or SSL_CERT_FILE where they name a file, else from
    the system's roots.
    """
    folder = data / "tls"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    paths = Certificates(folder / "ca.pem", folder / "bundle.pem", folder / "server.pem", folder / "server-key.pem")
    with _locked(folder / ".lock"):
        if not _usable(paths):
            _renew(paths, folder / "ca-key.pem")
        _write(paths.bundle, _trusted_roots(paths.bundle) + b"\n" + paths.ca.read_bytes(), 0o644)
    return paths


@contextmanager
def _locked(path: Path) -> Generator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _usable(paths: Certificates) -> bool:
    try:
        authority = x509.load_pem_x509_certificate(paths.ca.read_bytes())
        server = x509.load_pem_x509_certificate(paths.cert.read_bytes())
        key = serialization.load_pem_private_key(paths.key.read_bytes(), None)
        server.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False
    soon = datetime.now(UTC) + REUSE_WHILE_VALID_FOR
    fresh = min(authority.not_valid_after_utc, server.not_valid_after_utc) > soon
    return fresh and key.public_key() == server.public_key()


def _renew(paths: Certificates, authority_key_path: Path) -> None:
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key)
    server_key = ec.generate_private_key(ec.SECP256R1())
    server = _server(server_key, authority, authority_key)
    _write(authority_key_path, _pem(authority_key), 0o600)
    _write(paths.key, _pem(server_key), 0o600)
    _write(paths.cert, server.public_bytes(serialization.Encoding.PEM), 0o644)
    _write(paths.ca, authority.public_bytes(serialization.Encoding.PEM), 0o644)


def _builder(name: str, key: ec.EllipticCurvePrivateKey, lifetime: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = "TenantLink local authority (throw-away)"
    only_this_machine = x509.NameConstraints(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_network(_LOOPBACK))], None
    )
    return (
        _builder(name, key, _AUTHORITY_LIFETIME)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(only_this_machine, critical=True)
        .sign(key, hashes.SHA256())
    )


def _server(
    key: ec.EllipticCurvePrivateKey, authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    # Python 3.13 verifies with VERIFY_X509_STRICT (RFC 5280): key identifiers, key usage and constraints must
    # be there.
    authority_id = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(_LOOPBACK)])
    return (
        _builder("localhost", key, _SERVER_LIFETIME)
        .issuer_name(authority.subject)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_id), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(names, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _trusted_roots(own_bundle: Path) -> bytes:
    named = (os.environ.get("REQUESTS_CA_BUNDLE"), os.environ.get("SSL_CERT_FILE"))
    candidates = [Path(name) for name in named if name]
    # Under a local cloud the variables name our own bundle: starting from that would let it grow with every
    # renewal.
    candidates = [path for path in candidates if path.resolve() != own_bundle.resolve()]
    candidates += [Path(ssl.get_default_verify_paths().openssl_cafile), Path(certifi.where())]
    return next(path.read_bytes() for path in candidates if path.is_file())


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Replaces the file in one step, and never lets it be readable by others in between."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    part.replace(path)
