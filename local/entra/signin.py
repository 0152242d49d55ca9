"""What a browser meets: the authorization endpoint with its user picker, and the end of the session.

"Microsoft identity platform and OAuth 2.0 authorization code flow" has the parameters and the answers, "OpenID Connect
on the Microsoft identity platform" the sign-out. The picker itself is ours: it asks for no password.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from local.directory import DirectoryFile, Provider, User
from local.entra.grants import CODE_LIVES, Grant, Grants, SignedIn

COOKIE = "pretend-entra-session"
S256 = re.compile(r"[A-Za-z0-9_-]{43}")
OPENID = ("openid", "profile", "email", "offline_access")

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 "Segoe UI", system-ui, sans-serif; }
body { margin: 0; background: Canvas; color: CanvasText; }
main { max-width: 28rem; margin: 8vh auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
button { display: block; width: 100%; margin: 0 0 .5rem; padding: .6rem .8rem; font: inherit; text-align: left;
  color: inherit; background: transparent; border: 1px solid GrayText; border-radius: 4px; cursor: pointer; }
button span { display: block; font-size: .875rem; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
"""


class AskedWrongly(Exception):
    """The request names no client or address that an answer could go to: it is told on the page itself."""


class Denied(Exception):
    """An error that goes back to the client: OAuth error and description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True)
class Asked:
    """A checked authorization request."""

    redirect_uri: str
    state: str
    nonce: str
    challenge: str
    scopes: tuple[str, ...]
    prompt: str
    in_fragment: bool


class SignIn:
    """The endpoints that a browser is sent to."""

    def __init__(self, directory: DirectoryFile, grants: Grants, redirect_uris: frozenset[str]) -> None:
        self._directory = directory
        self._grants = grants
        self._redirect_uris = redirect_uris

    def routes(self) -> list[Route]:
        """Authorization and sign-out, for a tenant or for any."""
        return [
            Route("/{tenant}/oauth2/v2.0/authorize", self._authorize, methods=["GET", "POST"]),
            Route("/{tenant}/oauth2/v2.0/logout", self._logout),
        ]

    async def _authorize(self, request: Request) -> Response:
        given = dict(request.query_params)
        try:
            redirect_uri = self._answerable(given)
        except AskedWrongly as wrong:
            return _page("Sign-in is not possible", f"<p>{escape(str(wrong))}</p>", status=400)
        try:
            asked = self._checked(given, redirect_uri)
            who = await self._who(request, asked)
        except Denied as denied:
            error = {"error": denied.error, "error_description": str(denied), "state": given.get("state", "")}
            return _back(redirect_uri, error, in_fragment=given.get("response_mode") == "fragment")
        if who is None:
            return self._picker(request.path_params["tenant"], asked)
        grant = Grant(who, asked.scopes, datetime.now(UTC) + CODE_LIVES, asked.nonce, asked.challenge, redirect_uri)
        answer = {"code": self._grants.code_for(grant), "state": asked.state}
        reply = _back(redirect_uri, answer, in_fragment=asked.in_fragment)
        reply.set_cookie(COOKIE, self._grants.begin_session(who), httponly=True, samesite="lax", path="/")
        return reply

    def _answerable(self, given: dict[str, str]) -> str:
        """Raises AskedWrongly where nothing may be sent back."""
        client = self._directory.current().portal.portal_client_id
        if given.get("client_id", "").lower() != client:
            raise AskedWrongly(f"AADSTS700016: There is no application {given.get('client_id', '')!r} here.")
        if given.get("redirect_uri") not in self._redirect_uris:
            raise AskedWrongly(
                f"AADSTS50011: The redirect URI {given.get('redirect_uri', '')!r} is none of the application's."
            )
        return given["redirect_uri"]

    def _checked(self, given: dict[str, str], redirect_uri: str) -> Asked:
        """Raises Denied."""
        if given.get("response_type") != "code":
            raise Denied("unsupported_response_type", "AADSTS70005: Only response_type code is taken.")
        if given.get("code_challenge_method") != "S256" or not S256.fullmatch(given.get("code_challenge", "")):
            raise Denied("invalid_request", "AADSTS9002325: Proof Key for Code Exchange is required (S256).")
        portal = self._directory.current().portal
        own = f"api://{portal.api_client_id}/{portal.scope}"
        scopes = tuple(given.get("scope", "").split())
        unknown = [scope for scope in scopes if scope not in (*OPENID, own)]
        if unknown or "openid" not in scopes:
            raise Denied(
                "invalid_scope", f"AADSTS70011: These scopes are not taken: {' '.join(unknown) or 'no openid'}."
            )
        return Asked(
            redirect_uri=redirect_uri,
            state=given.get("state", ""),
            nonce=given.get("nonce", ""),
            challenge=given["code_challenge"],
            scopes=scopes,
            prompt=given.get("prompt", ""),
            in_fragment=given.get("response_mode") == "fragment",
        )

    async def _who(self, request: Request, asked: Asked) -> SignedIn | None:
        """Who signs in: the person just picked, or the session's. Raises Denied where nobody may be asked."""
        if request.method == "POST":
            return self._picked(dict(parse_qsl((await request.body()).decode("utf-8", "replace"))))
        session = self._grants.session(request.cookies.get(COOKIE, ""))
        belongs = session is not None and session.tenant in {
            one.id for one in self._providers(request.path_params["tenant"])
        }
        if belongs and asked.prompt not in ("login", "select_account"):
            return session
        if asked.prompt == "none":
            raise Denied("login_required", "AADSTS50058: A silent sign-in request was sent but no user is signed in.")
        return None

    def _picked(self, form: dict[str, str]) -> SignedIn:
        tenant, _, oid = form.get("user", "").partition("/")
        provider = self._directory.current().provider(tenant)
        if provider is None or oid not in {user.oid for user in provider.users}:
            raise Denied("access_denied", "AADSTS50034: There is no such user.")
        return SignedIn(provider.id, oid)

    def _providers(self, tenant: str) -> list[Provider]:
        providers = self._directory.current().providers
        any_tenant = tenant.lower() in ("common", "organizations")
        return [one for one in providers if any_tenant or one.id == tenant.lower()]

    def _picker(self, tenant: str, asked: Asked) -> Response:
        groups = "".join(
            f"<h2>{escape(provider.display_name)}</h2>{''.join(_choice(provider, user) for user in provider.users)}"
            for provider in self._providers(tenant)
        )
        told = "<p>A pretend sign-in of the local cloud: choose who you are. No password is asked for.</p>"
        body = f'{told}<form method="post">{groups or "<p>Nobody can sign in to this tenant.</p>"}</form>'
        return _page("Pick an account", body, form_action=_origin(asked.redirect_uri))

    async def _logout(self, request: Request) -> Response:
        self._grants.end_session(request.cookies.get(COOKIE, ""))
        to = request.query_params.get("post_logout_redirect_uri")
        if to not in self._redirect_uris:
            reply: Response = _page("You are signed out", "<p>You can close this window.</p>")
        else:
            state = request.query_params.get("state")
            reply = _back(to, {"state": state} if state else {}, in_fragment=False)
        reply.delete_cookie(COOKIE, path="/")
        return reply


def _choice(provider: Provider, user: User) -> str:
    roles = ", ".join(user.roles) or "no role"
    return (
        f'<button name="user" value="{provider.id}/{user.oid}">{escape(user.name)}'
        f"<span>{escape(user.email)}</span><span>{escape(roles)}</span></button>"
    )


def _page(title: str, body: str, *, status: int = 200, form_action: str = "") -> HTMLResponse:
    # Browsers hold a form's redirects to form-action, too: the client's origin has to stand in it.
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {form_action}; base-uri 'none'; "
        "frame-ancestors 'none'; img-src data:"
    )
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(html, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def _back(redirect_uri: str, answer: dict[str, str], *, in_fragment: bool) -> RedirectResponse:
    text = urlencode(answer)
    joined = f"{redirect_uri}{'#' if in_fragment else '?'}{text}" if text else redirect_uri
    return RedirectResponse(joined, 303, {"Cache-Control": "no-store"})


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
