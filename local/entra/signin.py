"""What a browser meets: the authorization endpoint with its user picker, and the end of the session.

"Microsoft identity platform and OAuth 2.0 authorization code flow", Request an authorization code, has the parameters
and the answers; "OpenID Connect on the Microsoft identity platform", Send a sign-out request, the sign-out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from local.directory import DirectoryFile, Provider
from local.entra import picker, refusals, sign_in_refusals
from local.entra.grants import Grant, Grants, SignedIn
from local.entra.person_tokens import OPENID_SCOPES, api_scope, check_scopes
from local.entra.refusals import RefusalError

COOKIE = "pretend-entra-session"
ANY_ORGANISATION = ("common", "organizations")
S256 = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Asked:
    """A checked authorization request."""

    tenant: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str | None
    prompt: str
    login_hint: str


class SignIn:
    """The endpoints that a browser is sent to. `redirect_uris` take answers and, signed out, people."""

    def __init__(self, directory: DirectoryFile, grants: Grants, redirect_uris: frozenset[str]) -> None:
        self._directory = directory
        self._grants = grants
        self._redirect_uris = redirect_uris

    def routes(self) -> list[Route]:
        """Authorization and sign-out, for one tenant or for any."""
        return [
            Route("/{tenant}/oauth2/v2.0/authorize", self._authorize, methods=["GET", "POST"]),
            Route("/{tenant}/oauth2/v2.0/logout", self._logout),
        ]

    async def _authorize(self, request: Request) -> Response:
        """The picker posts to the address that it was asked for with, so that there is no other state to keep."""
        tenant, given = request.path_params["tenant"], dict(request.query_params)
        try:
            redirect_uri = self._answerable(tenant, given)
        except RefusalError as refusal:
            return picker.refused(str(refusals.traced(refusal)["error_description"]))
        state = {"state": given["state"]} if "state" in given else {}
        try:
            asked = self._checked(tenant, redirect_uri, given)
            picked = await self._picked(request, asked)
            who = picked or self._signed_in(request, asked)
        except RefusalError as refusal:
            told = refusals.traced(refusal)
            return _back(given, {"error": told["error"], "error_description": told["error_description"], **state})
        if who is None:
            return picker.picker(self._providers(tenant), redirect_uri, asked.login_hint)
        grant = Grant(who, asked.scopes, redirect_uri, asked.challenge, asked.nonce, datetime.now(UTC))
        reply = _back(given, {"code": self._grants.new_code(grant), **state})
        if picked is not None:
            reply.set_cookie(COOKIE, self._grants.begin_session(who), httponly=True, samesite="lax", path="/")
        return reply

    def _answerable(self, tenant: str, given: dict[str, str]) -> str:
        """Where the answer goes. Raises RefusalError where there is no such place, so that the page has to tell it."""
        if tenant.lower() not in ANY_ORGANISATION and self._directory.current().tenant(tenant) is None:
            raise refusals.tenant_not_found(tenant)
        for name in ("client_id", "redirect_uri"):
            if not given.get(name):
                raise refusals.parameter_missing(name)
        app_id = given["client_id"]
        if app_id.lower() != self._directory.current().portal.portal_client_id:
            raise refusals.application_not_found(app_id, tenant)
        if given["redirect_uri"] not in self._redirect_uris:
            raise sign_in_refusals.redirect_uri_unregistered(given["redirect_uri"], app_id)
        return given["redirect_uri"]

    def _checked(self, tenant: str, redirect_uri: str, given: dict[str, str]) -> Asked:
        """Raises RefusalError."""
        if given.get("response_type") != "code":
            raise sign_in_refusals.response_type_unsupported(given.get("response_type", ""))
        if given.get("response_mode", "query") not in ("query", "fragment"):
            raise sign_in_refusals.response_mode_unsupported(given["response_mode"])
        if given.get("prompt", "") not in ("", "login", "none", "consent", "select_account"):
            raise sign_in_refusals.prompt_unsupported()
        challenge = given.get("code_challenge", "")
        if given.get("code_challenge_method") != "S256" or not S256.fullmatch(challenge):
            raise sign_in_refusals.challenge_missing()
        scopes, api = tuple(given.get("scope", "").split()), api_scope(self._directory.current().portal)
        check_scopes(scopes, (*OPENID_SCOPES, api), api)
        prompt, hint = given.get("prompt", ""), given.get("login_hint", "")
        return Asked(tenant, redirect_uri, scopes, challenge, given.get("nonce"), prompt, hint)

    async def _picked(self, request: Request, asked: Asked) -> SignedIn | None:
        """Who was picked on the page. Raises RefusalError for somebody who is not on it."""
        if request.method != "POST":
            return None
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        tenant, _, oid = form.get("user", "").partition("/")
        for provider in self._providers(asked.tenant):
            if provider.id == tenant and oid in {user.oid for user in provider.users}:
                return SignedIn(tenant, oid)
        raise sign_in_refusals.user_unknown()

    def _signed_in(self, request: Request, asked: Asked) -> SignedIn | None:
        """Whose session it is, if nobody needs to be asked. Raises RefusalError where nobody may be asked.

        What a hint does to the session of somebody else is undocumented: here it asks. Consent is given by everybody.
        """
        if asked.prompt in ("login", "select_account"):
            return None
        who = self._grants.session(request.cookies.get(COOKIE, ""))
        for provider in self._providers(asked.tenant):
            for user in provider.users:
                if who == SignedIn(provider.id, user.oid) and asked.login_hint.lower() in ("", user.email.lower()):
                    return who
        if asked.prompt == "none":
            raise sign_in_refusals.nobody_signed_in()
        return None

    def _providers(self, tenant: str) -> list[Provider]:
        name = tenant.lower()
        return [one for one in self._directory.current().providers if name in ANY_ORGANISATION or one.id == name]

    async def _logout(self, request: Request) -> Response:
        # A registered post_logout_redirect_uri is gone to, else the page says it. That `state` goes along is OpenID
        # Connect RP-Initiated Logout 1.0, section 2.
        given = dict(request.query_params)
        self._grants.end_session(request.cookies.get(COOKIE, ""))
        if given.get("post_logout_redirect_uri") in self._redirect_uris:
            state = {"state": given["state"]} if "state" in given else {}
            reply: Response = _back({"redirect_uri": given["post_logout_redirect_uri"]}, state)
        else:
            reply = picker.signed_out()
        reply.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        return reply


def _back(given: dict[str, str], answer: Mapping[str, object]) -> RedirectResponse:
    """To the redirect URI; 303, so that a browser that has posted the picker comes with GET."""
    mark = "#" if given.get("response_mode") == "fragment" else "?"
    address = given["redirect_uri"] + (mark + urlencode(answer) if answer else "")
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})
