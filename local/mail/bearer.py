"""Checks the Microsoft Entra token of a client without an access key, such as a managed identity.

"Authentication - REST (Azure Communication Services)", Azure RBAC authentication; azure-communication-email asks for
the scope named here (its _shared/auth_policy_utils.py). The role assignment that the real service also wants is no
part of a token: here every application's token does.
"""

import asyncio
import functools

import jwt

SCOPE = "https://communication.azure.com//.default"
AUDIENCE = SCOPE.removesuffix("/.default")


class BearerError(Exception):
    """The token is none of the authority's for this service, or not valid now."""


class BearerTokens:
    """Verifies tokens with the keys that `authority` publishes (scheme, host and port); None means none at all."""

    def __init__(self, authority: str | None) -> None:
        self._authority = authority

    async def check(self, token: str) -> None:
        """Raises BearerError unless the token is good."""
        if self._authority is None:
            raise BearerError("This stand-in knows no authority.")
        try:
            # It asks over the network, which must not hold up the other requests.
            key = await asyncio.to_thread(self._keys.get_signing_key_from_jwt, token)
            jwt.decode(token, key, ["RS256"], audience=AUDIENCE, options={"require": ["exp", "nbf", "oid", "tid"]})
        except jwt.PyJWTError as error:
            raise BearerError(str(error)) from None

    @functools.cached_property
    def _keys(self) -> jwt.PyJWKClient:
        return jwt.PyJWKClient(f"{self._authority}/common/discovery/v2.0/keys", timeout=5)
