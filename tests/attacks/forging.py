"""Operator tokens as a forger makes them: any header, any claims, signed with any key or none at all."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from local.entra.issuer import Issuer, SigningKey
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import NORTHWIND

OWN_KEY = SigningKey(rsa.generate_private_key(public_exponent=65537, key_size=2048))
CURVE_KEY = ec.generate_private_key(ec.SECP256R1())

type Json = dict[str, Any]


def part(content: object) -> str:
    """One part of a token."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Forger:
    """Somebody with a good operator token before them. ``genuine`` is the issuer's own key: only a leak gives that."""

    claims: Json
    genuine: SigningKey

    @classmethod
    def of(cls, cloud: LocalCloud) -> "Forger":
        claims = jwt.decode(cloud.token("operator", NORTHWIND), options={"verify_signature": False})
        issuer = Issuer(cloud.config.entra_url, cloud.config.data / "entra" / "entra-keys")
        return cls(claims, issuer.keys[-1])

    def issued(self, **claims: object) -> str:
        """Signed as the issuer does, with other claims; None takes one away."""
        return self.signed(claims)

    def signed(
        self,
        claims: Json | None = None,
        *,
        key: Any = None,
        algorithm: str = "RS256",
        header: Json | None = None,
    ) -> str:
        """Signed with any key and header; without them as the issuer does."""
        content = {name: value for name, value in (self.claims | (claims or {})).items() if value is not None}
        names = {"typ": "JWT", "kid": self.genuine.id} | (header or {})
        named = {name: value for name, value in names.items() if value is not None}
        # Below PyJWT's own look at the claims, so that any can be signed.
        return jwt.PyJWS().encode(json.dumps(content).encode(), key or self.genuine.private, algorithm, headers=named)

    def unsigned(self, algorithm: object = "none", signature: str = "") -> str:
        header = {"alg": algorithm, "typ": "JWT", "kid": self.genuine.id}
        return f"{part(header)}.{part(self.claims)}.{signature}"

    def raw(self, header: Json, claims: object = None) -> str:
        """Signed with the issuer's own key under a header that no library would write."""

        content = f"{part(header)}.{part(self.claims if claims is None else claims)}"
        signature = self.genuine.private.sign(content.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{content}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"

    def hs256(self, secret: bytes) -> str:
        """A mac instead of a signature, where a verifier takes the algorithm from the token."""
        content = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': self.genuine.id})}.{part(self.claims)}"
        mac = hmac.new(secret, content.encode(), hashlib.sha256).digest()
        return f"{content}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    def public(self, encoding: serialization.Encoding) -> bytes:
        """The issuer's published key, which everybody can read."""
        key = self.genuine.private.public_key()
        return key.public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)

    def with_other_claims(self, **claims: object) -> str:
        """Other claims under a good token's signature."""
        header, _, signature = self.signed().split(".")
        return f"{header}.{part(self.claims | claims)}.{signature}"


def seconds_from_now(seconds: int) -> int:
    """A time as a claim has it."""
    return int(time.time()) + seconds
