"""Sealing: AES-256-GCM around a value that must be stored but never read by chance.

Layout, base64url without padding: version (1 byte) | length of the key id (1) | key id | nonce (12) | ciphertext.
The associated data name the purpose and the place, so a value copied elsewhere does not open.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping

from shared.setting_values import KEY_NAME

VERSION = 1
NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2: the length GCM is specified for


class SealBroken(Exception):
    """The value cannot be opened here: damaged, moved from its place, or sealed with a key we lack."""


class KeyMissing(SealBroken):
    """The value was sealed with a key that we lack: ``key_id`` names it, as the text does. An id is no secret."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"sealed with the key {key_id!r}, which SEALING_KEYS does not hold")
        self.key_id = key_id


class Sealer:
    """Seals with the first of the keys (id → 32 bytes), opens with any of them."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self._first = next(iter(self._keys))

    def seal(self, value: str, *place: str) -> str:
        """``value`` sealed for ``place``: purpose, provider, and what else pins it down."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - cold start

        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self._keys[self._first]).encrypt(nonce, value.encode(), _bound_to(place))
        name = self._first.encode()
        return _encode(bytes([VERSION, len(name)]) + name + nonce + sealed)

    def open(self, sealed: str, *place: str) -> str:
        """The value that was sealed for the same ``place``. Raises SealBroken, KeyMissing."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - cold start
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - cold start

        name, rest = _parts(sealed)
        if name not in self._keys:
            raise KeyMissing(name)
        try:
            opened = AESGCM(self._keys[name]).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], _bound_to(place))
        except (InvalidTag, ValueError):
            raise SealBroken("damaged, or moved from its place") from None
        return opened.decode()

    def pseudonym(self, purpose: str, value: str) -> str:
        """What stands for ``value`` where nobody shall read it: HMAC-SHA256 in hex, under a key of its own.

        That key is made from the first of ours and the purpose, so a rotation gives every value another pseudonym.
        """
        key = hmac.digest(self._keys[self._first], f"pseudonym: {purpose}".encode(), hashlib.sha256)
        return hmac.digest(key, value.encode(), hashlib.sha256).hex()


def key_id(sealed: str) -> str:
    """The id of the key that ``sealed`` wants, told without opening it. Raises SealBroken for what was never sealed."""
    name, _ = _parts(sealed)
    return name


def _parts(sealed: str) -> tuple[str, bytes]:
    """The key's id, and what follows it: the nonce and the ciphertext."""
    raw = _decode(sealed)
    if len(raw) < 2 or raw[0] != VERSION:
        raise SealBroken("unknown layout")
    name, rest = raw[2 : 2 + raw[1]], raw[2 + raw[1] :]
    if len(name) < raw[1] or not KEY_NAME.fullmatch(name.decode(errors="replace")):  # it goes into logs
        raise SealBroken("unknown layout")
    return name.decode(), rest


def _bound_to(place: tuple[str, ...]) -> bytes:
    """The place with each part's length before it, so that no two places read alike."""
    parts = [part.encode() for part in place]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SealBroken("not a sealed value") from None
