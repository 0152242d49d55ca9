"""What a signed-in person's browser holds: authorization codes, refresh tokens and the session, until they end."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from local.directory import Directory, Portal, User
from local.entra.issuer import Claims, Issuer
from local.entra.refusals import RefusalError

# "Microsoft identity platform and OAuth 2.0 authorization code flow": codes expire "after about 10 minutes"; "Refresh
# tokens in the Microsoft identity platform": those of a single-page app live for 24 hours, however often they are used.
CODE_LIVES = timedelta(minutes=10)
REFRESH_TOKEN_LIVES = timedelta(hours=24)


@dataclass(frozen=True)
class SignedIn:
    """A person of a provider's tenant."""

    tenant: str
    oid: str


@dataclass(frozen=True)
class Grant:
    """What a code or a refresh token stands for. ``challenge`` and ``redirect_uri`` are a code's alone."""

    who: SignedIn
    scopes: tuple[str, ...]
    ends: datetime
    nonce: str = ""
    challenge: str = ""
    redirect_uri: str = ""


class Grants:
    """All codes, refresh tokens and sessions; they are forgotten with the process, as a browser forgets a tab."""

    def __init__(self) -> None:
        self._codes: dict[str, Grant] = {}
        self._refresh_tokens: dict[str, Grant] = {}
        self._sessions: dict[str, SignedIn] = {}
        self.token_seconds: int | None = None

    def begin_session(self, who: SignedIn) -> str:
        """The session's cookie."""
        cookie = secrets.token_urlsafe(32)
        self._sessions[cookie] = who
        return cookie

    def session(self, cookie: str) -> SignedIn | None:
        return self._sessions.get(cookie)

    def end_session(self, cookie: str) -> None:
        self._sessions.pop(cookie, None)

    def end_everything(self) -> None:
        """Nobody is signed in any more, and no refresh token works."""
        self._sessions.clear()
        self._refresh_tokens.clear()
        self._codes.clear()

    def code_for(self, grant: Grant) -> str:
        code = secrets.token_urlsafe(48)
        self._codes[code] = grant
        return code

    def redeem_code(self, form: dict[str, str]) -> Grant:
        """The grant of a code, once. Raises RefusalError: 54005 used, 70008 expired, 50148 wrong verifier."""
        grant = self._codes.pop(form.get("code", ""), None)
        if grant is None:
            text = "OAuth2 Authorization code was already redeemed, please retry with a new valid code."
            raise RefusalError(400, "invalid_grant", 54005, text)
        _refuse_expired(grant)
        if grant.redirect_uri != form.get("redirect_uri"):
            text = "Reply address does not match the one that the authorization code was issued for."
            raise RefusalError(400, "invalid_grant", 500112, text)
        # RFC 7636, section 4.6: BASE64URL-ENCODE(SHA256(ASCII(code_verifier))) == code_challenge
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if not hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), grant.challenge):
            text = "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE."
            raise RefusalError(400, "invalid_grant", 50148, text)
        return grant

    def redeem_refresh_token(self, form: dict[str, str]) -> Grant:
        """The grant of a refresh token, once: each answer carries the next one. Raises RefusalError."""
        grant = self._refresh_tokens.pop(form.get("refresh_token", ""), None)
        if grant is None:
            text = "The provided grant has expired due to it being revoked, a fresh auth token is needed."
            raise RefusalError(400, "invalid_grant", 50173, text)
        _refuse_expired(grant)
        return grant

    def tokens(self, issuer: Issuer, directory: Directory, grant: Grant) -> dict[str, object]:
        """The answer of the token endpoint. Raises RefusalError for a person who is not in the directory any more."""
        user = _find(directory, grant.who)
        access = issuer.user_claims(directory.portal, grant.who.tenant, user, list(user.roles))
        if not user.roles:
            access.pop("roles")
        if self.token_seconds is not None:
            access["exp"] = int(datetime.now(UTC).timestamp()) + self.token_seconds
        answer: dict[str, object] = {
            "token_type": "Bearer",
            "scope": " ".join(grant.scopes),
            "expires_in": access["exp"] - int(datetime.now(UTC).timestamp()),
            "access_token": issuer.sign(access),
            "id_token": issuer.sign(_id_claims(access, directory.portal, grant.nonce)),
        }
        if "offline_access" in grant.scopes:
            answer["refresh_token"] = token = secrets.token_urlsafe(64)
            self._refresh_tokens[token] = grant
        return answer

    def refreshable(self, grant: Grant) -> Grant:
        """A code's grant as its refresh tokens have it."""
        ends = datetime.now(UTC) + REFRESH_TOKEN_LIVES
        return Grant(grant.who, grant.scopes, ends, grant.nonce)


def _refuse_expired(grant: Grant) -> None:
    if datetime.now(UTC) >= grant.ends:
        text = (
            "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive "
            "authorization request."
        )
        raise RefusalError(400, "invalid_grant", 70008, text)


def _find(directory: Directory, who: SignedIn) -> User:
    provider = directory.provider(who.tenant)
    user = next((one for one in provider.users if one.oid == who.oid), None) if provider else None
    if user is None:
        raise RefusalError(400, "invalid_grant", 50034, "The user account does not exist in the directory.")
    return user


def _id_claims(access: Claims, portal: Portal, nonce: str) -> Claims:
    """ "ID token claims reference", version 2.0."""
    names = ("iss", "iat", "nbf", "exp", "name", "oid", "preferred_username", "sub", "tid", "uti", "ver")
    claims = {name: access[name] for name in names}
    return claims | {"aud": portal.portal_client_id} | ({"nonce": nonce} if nonce else {})
