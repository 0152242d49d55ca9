"""Who is calling: operators by an Entra v2 access token, checked here and nowhere else.

The claims are checked as "Access tokens in the Microsoft identity platform" lists them. All tenants share their signing
keys, so only issuer and tenant together tell who issued a token: ``tid`` must be a configured provider, and ``iss`` is
exactly that tenant's issuer.
"""

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import azure.functions as func

from shared.actors import Actor, ActorKind
from shared.names import shown
from shared.problems import Problem

if TYPE_CHECKING:
    from shared.settings import Provider, Settings

SCOPE = "Onboarding.Access"
LEEWAY_SECONDS = 60
KEYS_LIVE_SECONDS, KEYS_READ_SECONDS, KEYS_PAUSE_SECONDS = 24 * 3600, 3, 10
REQUIRED = ("exp", "nbf", "iss", "aud", "tid", "oid")
LONGEST_NAME = 100


class Role(StrEnum):
    """App roles of the registration: one writes, the other reads."""

    OPERATOR = "Onboarding.Operator"
    MONITOR = "Onboarding.Monitor"


class NotSignedIn(Problem):
    status, code, title = 401, "not-signed-in", "Please sign in"
    detail = "A valid access token for this API is needed. Sign in again, then repeat."


class NotAllowed(Problem):
    status, code, title = 403, "not-allowed", "Your role does not allow this"
    detail = "This needs the role Onboarding.Operator. Ask whoever manages roles in your organisation."


class ProviderDisabled(Problem):
    status, code, title = 403, "provider-disabled", "Your organisation's access is switched off"
    detail = "Ask TenantLink's support to switch it on again. Nothing is lost."


class KeysUnavailable(Problem):
    status, code, title = 503, "sign-in-unavailable", "Sign-in cannot be checked now"
    detail = "Microsoft's signing keys could not be read. Nothing is lost; please try again in a moment."
    retry_after = 5


@dataclass(frozen=True)
class Operator:
    """Who calls, for which provider. The actor is (``tid``, ``oid``); ``name`` is what the token calls the person."""

    provider: "Provider"
    oid: str
    name: str
    role: Role

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.OPERATOR, self.name, self.provider.id, self.oid)


def reader(req: func.HttpRequest) -> Operator:
    """Whoever may read. Raises NotSignedIn, NotAllowed, ProviderDisabled, KeysUnavailable."""
    from shared.settings import settings  # noqa: PLC0415 - cold start

    return _operator(settings(), _claims(settings(), req))


def writer(req: func.HttpRequest) -> Operator:
    """Whoever may change things. Raises as `reader` does."""
    operator = reader(req)
    if operator.role is not Role.OPERATOR:
        raise NotAllowed
    return operator


def _operator(settings: "Settings", claims: Mapping[str, Any]) -> Operator:
    provider = settings.provider(str(claims["tid"]))
    if provider is None:
        raise NotSignedIn
    if provider.disabled:
        raise ProviderDisabled
    roles = claims.get("roles")
    held = [role for role in Role if isinstance(roles, list) and role.value in roles]
    if not held:
        raise NotAllowed("Your account has no role in TenantLink. Ask whoever manages roles in your organisation.")
    return Operator(provider, str(claims["oid"]), _name(claims.get("name")), held[0])


def _name(claim: object) -> str:
    """What the person is called: whoever manages the directory types it, and everybody reads it in the events."""
    return (shown(claim, LONGEST_NAME) if isinstance(claim, str) else "") or "An operator"


def _claims(settings: "Settings", req: func.HttpRequest) -> Mapping[str, Any]:
    import jwt  # noqa: PLC0415 - cold start

    token = _bearer(req)
    try:
        header = jwt.get_unverified_header(token)
        # Looked at before any key is asked for: a forged token shall not make us call Entra.
        unverified = jwt.decode(token, options={"verify_signature": False})
        if header.get("alg") != "RS256" or "crit" in header or not _issued_for_us(settings, unverified):
            raise NotSignedIn
        return jwt.decode(
            token,
            _signing_keys(settings.authority_host).key(header.get("kid")),
            algorithms=["RS256"],
            audience=settings.api_client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": list(REQUIRED), "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise NotSignedIn from None


def _issued_for_us(settings: "Settings", claims: Mapping[str, Any]) -> bool:
    tid, scopes = claims.get("tid"), claims.get("scp")
    return (
        isinstance(tid, str)
        and claims.get("aud") == settings.api_client_id
        and settings.provider(tid) is not None
        and claims.get("iss") == f"{settings.authority_host}/{tid}/v2.0"
        and claims.get("ver") == "2.0"
        and isinstance(scopes, str)
        and SCOPE in scopes.split(" ")
        and claims.get("azp") in settings.portal_client_ids
        and isinstance(claims.get("oid"), str)
    )


class SigningKeys:
    """Entra's signing keys, from the configured host alone. An unknown key id refreshes them, seldom."""

    def __init__(self, authority_host: str) -> None:
        import jwt  # noqa: PLC0415 - cold start

        self._unknown: tuple[type[Exception], ...] = (jwt.PyJWKClientError,)
        self._unreachable = (jwt.PyJWKClientConnectionError, jwt.PyJWKSetError, ValueError)
        self._failed_until = 0.0
        self._seen: dict[str, Any] = {}  # keys that Entra published; they stay good while it does not answer
        self._client = jwt.PyJWKClient(
            f"{authority_host}/common/discovery/v2.0/keys",
            lifespan=KEYS_LIVE_SECONDS,
            timeout=KEYS_READ_SECONDS,
            cooldown_duration=KEYS_PAUSE_SECONDS,
        )

    def key(self, key_id: object) -> Any:
        """The public key with that id. Raises NotSignedIn when Entra has none, KeysUnavailable when it cannot say.

        After a failed fetch nobody waits for another one for a while, and keys that were seen before still count.
        """
        if not isinstance(key_id, str):
            raise NotSignedIn
        if time.monotonic() < self._failed_until:
            return self._remembered(key_id)
        try:
            self._seen[key_id] = key = self._client.get_signing_key(key_id).key
        except self._unreachable:
            self._failed_until = time.monotonic() + KEYS_PAUSE_SECONDS
            return self._remembered(key_id)
        except self._unknown:
            raise NotSignedIn from None
        return key

    def _remembered(self, key_id: str) -> Any:
        if key_id not in self._seen:
            raise KeysUnavailable
        return self._seen[key_id]


@functools.cache
def _signing_keys(authority_host: str) -> SigningKeys:
    return SigningKeys(authority_host)


def _bearer(req: func.HttpRequest) -> str:
    scheme, _, token = req.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.isascii() or len(token) > 16_384:
        raise NotSignedIn
    return str(token.strip())
