"""Signs and verifies the stand-in's tokens; its keys outlive a restart, so that tokens do, too."""

import base64
import hashlib
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.directory import Application, Installation, Portal, Tenant, User

# What `wids` holds for an app without a directory role is undocumented: this one value, which no role template has, in
# the tokens that people show.
DEFAULT_WIDS = "0997a1d0-0d1d-4acb-b408-d5ca73121e90"
# "Access tokens in the Microsoft identity platform": 60 to 90 minutes, 75 on average; app-only ones here last
# an hour.
APP_TOKEN_SECONDS = 3600
USER_TOKEN_SECONDS = 75 * 60
# Undocumented: the tokens that people show are valid from five minutes before they were asked for.
BACKDATED_SECONDS = 300

type Claims = dict[str, Any]


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class SigningKey:
    """One RSA key and its public half in JWK form."""

    def __init__(self, private: rsa.RSAPrivateKey) -> None:
        self.private = private
        numbers = private.public_key().public_numbers()
        public = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.id = _base64url(hashlib.sha256(public).digest()[:20])
        self.jwk = {
            "kty": "RSA",
            "use": "sig",
            "kid": self.id,
            "x5t": self.id,
            "n": _base64url(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)),
            "e": _base64url(numbers.e.to_bytes(3)),
        }


class Issuer:
    """The token service of the one authority `authority` (scheme, host and port, no slash at the end)."""

    def __init__(self, authority: str, folder: Path) -> None:
        self.authority = authority
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.keys = [_read_key(path) for path in sorted(folder.glob("[0-9]*.pem"))]
        if not self.keys:
            self.rotate()

    def rotate(self) -> str:
        """Signs with a new key from now on and still publishes the older ones; returns the new key's id."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        path = self._folder / f"{len(self.keys):04d}.pem"
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
        part.replace(path)
        self.keys.append(SigningKey(key))
        return self.keys[-1].id

    def app_token(
        self,
        audience: str,
        tenant: Tenant,
        app: Application,
        installation: Installation,
        roles: Sequence[str],
    ) -> str:
        """An app-only access token as Graph gets it ("Access token claims reference", version 1.0 claims)."""
        claims: Claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant.id}/",
            **_lifetime(APP_TOKEN_SECONDS),
            "app_displayname": app.display_name,
            "appid": app.app_id,
            "appidacr": "1",
            "idp": f"https://sts.windows.net/{tenant.id}/",
            "idtyp": "app",
            "tid": tenant.id,
            "uti": secrets.token_urlsafe(16),
            "ver": "1.0",
            "wids": list(installation.directory_roles) or [DEFAULT_WIDS],
        }
        if installation.service_principal is not None:
            claims |= {"oid": installation.service_principal, "sub": installation.service_principal}
        if roles:
            claims["roles"] = list(roles)
        return self.sign(claims)

    def user_claims(
        self, portal: Portal, tenant_id: str, user: User, roles: Sequence[str], seconds: int = USER_TOKEN_SECONDS
    ) -> Claims:
        """The claims of a user's token for the product's own API, good for so many seconds.

        "Access token claims reference", version 2.0; "Add app roles to your application and receive them in the token":
        who has no role gets no `roles`.
        """
        pairwise = hashlib.sha256(f"{user.oid} {portal.portal_client_id}".encode()).digest()
        return {
            "aud": portal.api_client_id,
            "iss": f"{self.authority}/{tenant_id}/v2.0",
            **_lifetime(seconds),
            "azp": portal.portal_client_id,
            "azpacr": "0",
            "name": user.name,
            "oid": user.oid,
            "preferred_username": user.email,
            **({"roles": list(roles)} if roles else {}),
            "scp": portal.scope,
            "sub": _base64url(pairwise),
            "tid": tenant_id,
            "uti": secrets.token_urlsafe(16),
            "ver": "2.0",
        }

    def sign(self, claims: Claims) -> str:
        """Signs with the newest key, RS256.

        "Access tokens in the Microsoft identity platform", Validate the signature: version 1.0 has `x5t` and `kid` in
        its header, version 2.0 has `kid` alone.
        """
        key = self.keys[-1]
        names = ("kid", "x5t") if claims.get("ver") == "1.0" else ("kid",)
        return jwt.encode(claims, key.private, "RS256", headers=dict.fromkeys(names, key.id))

    def verify(self, token: str, audiences: frozenset[str]) -> Claims:
        """The claims of an unexpired token of ours for one of `audiences`; raises jwt.InvalidTokenError."""
        key_id = jwt.get_unverified_header(token).get("kid")
        key = next((one for one in self.keys if one.id == key_id), None)
        if key is None:
            raise jwt.InvalidSignatureError("unknown key")
        return jwt.decode(
            token,
            key.private.public_key(),
            algorithms=["RS256"],
            audience=audiences,
            options={"require": ["exp", "nbf", "iat", "aud", "tid"]},
        )


def _lifetime(seconds: int) -> Claims:
    now = int(datetime.now(UTC).timestamp())
    return {"iat": now - BACKDATED_SECONDS, "nbf": now - BACKDATED_SECONDS, "exp": now + seconds}


def _read_key(path: Path) -> SigningKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key")
    return SigningKey(key)
