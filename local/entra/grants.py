"""What a signed-in person's browser holds: authorization codes, refresh tokens and the session, until they end."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from local.entra import refusals, sign_in_refusals

# "Microsoft identity platform and OAuth 2.0 authorization code flow": codes "typically expire after about 10 minutes".
CODE_LIVES = timedelta(minutes=10)
# "Refresh tokens in the Microsoft identity platform": 24 hours for a single-page app; later ones carry that end over.
REFRESH_TOKEN_LIVES = timedelta(hours=24)


@dataclass(frozen=True)
class SignedIn:
    """A person of a provider's tenant."""

    tenant: str
    oid: str


@dataclass(frozen=True)
class Grant:
    """What a code or a refresh token stands for. `begun` is when the code, or the first refresh token, was issued."""

    who: SignedIn
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str
    nonce: str | None
    begun: datetime


class Grants:
    """All codes, refresh tokens and sessions of this process. A code is used once; a refresh token, as Entra has it,
    works on beside those that it was exchanged for.
    """

    def __init__(self) -> None:
        self._codes: dict[str, Grant | None] = {}  # None: redeemed
        self._refresh_tokens: dict[str, Grant | None] = {}  # None: revoked
        self._sessions: dict[str, SignedIn] = {}

    def begin_session(self, who: SignedIn) -> str:
        """The new session's cookie."""
        cookie = secrets.token_urlsafe(32)
        self._sessions[cookie] = who
        return cookie

    def session(self, cookie: str) -> SignedIn | None:
        """Who signed in with that cookie."""
        return self._sessions.get(cookie)

    def end_session(self, cookie: str) -> None:
        """A sign-out: refresh tokens stay alive ("Refresh tokens in the Microsoft identity platform", Token
        revocation, single sign-out).
        """
        self._sessions.pop(cookie, None)

    def end_everything(self) -> None:
        """Nobody is signed in any more, no code and no refresh token works."""
        self._sessions.clear()
        self._codes.clear()
        self._refresh_tokens = dict.fromkeys(self._refresh_tokens)

    def new_code(self, grant: Grant) -> str:
        code = secrets.token_urlsafe(48)
        self._codes[code] = grant
        return code

    def new_refresh_token(self, grant: Grant) -> str:
        token = secrets.token_urlsafe(64)
        self._refresh_tokens[token] = grant
        return token

    def redeem_code(self, form: dict[str, str]) -> Grant:
        """The grant of a code, once. Raises RefusalError; whether a refused try uses the code up is undocumented: here
        it does not, for what is "already redeemed" has been redeemed.
        """
        code = _required(form, "code")
        if code not in self._codes:
            raise sign_in_refusals.grant_malformed()
        grant, now = self._codes[code], datetime.now(UTC)
        if grant is None:
            raise sign_in_refusals.code_redeemed()
        if now >= grant.begun + CODE_LIVES:
            raise sign_in_refusals.code_expired()
        redirect_uri = _required(form, "redirect_uri")
        if redirect_uri != grant.redirect_uri:
            raise sign_in_refusals.redirect_uri_differs(redirect_uri, grant.redirect_uri)
        _check_verifier(form.get("code_verifier", ""), grant.challenge)
        self._codes[code] = None
        return replace(grant, begun=now)

    def redeem_refresh_token(self, form: dict[str, str]) -> Grant:
        """The grant of a refresh token. Raises RefusalError."""
        token = _required(form, "refresh_token")
        if token not in self._refresh_tokens:
            raise sign_in_refusals.grant_malformed()
        grant = self._refresh_tokens[token]
        if grant is None:
            raise sign_in_refusals.refresh_token_revoked()
        if datetime.now(UTC) >= grant.begun + REFRESH_TOKEN_LIVES:
            raise sign_in_refusals.refresh_token_expired(grant.begun)
        return grant


def _required(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise refusals.parameter_missing(name)
    return form[name]


def _check_verifier(verifier: str, challenge: str) -> None:
    if not verifier:
        raise sign_in_refusals.verifier_missing()
    # RFC 7636, section 4.6: BASE64URL-ENCODE(SHA256(ASCII(code_verifier))) == code_challenge
    digest = hashlib.sha256(verifier.encode()).digest()
    if not hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge):
        raise sign_in_refusals.verifier_wrong()
