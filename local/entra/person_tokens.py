"""The tokens of people who signed in through a browser: the token endpoint's answer to a code or a refresh token."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.directory import Directory, DirectoryFile, Portal, User
from local.entra import refusals, sign_in_refusals
from local.entra.grants import Grant, Grants, SignedIn
from local.entra.issuer import USER_TOKEN_SECONDS, Claims, Issuer
from local.entra.refusals import RefusalError

# "Scopes and permissions in the Microsoft identity platform", OpenID Connect scopes.
OPENID_SCOPES = ("openid", "profile", "email", "offline_access")
GRANT_TYPES = ("authorization_code", "refresh_token")


def api_scope(portal: Portal) -> str:
    """The one scope of the product's own API."""
    return f"api://{portal.api_client_id}/{portal.scope}"


def check_scopes(scopes: tuple[str, ...], allowed: tuple[str, ...], api: str) -> None:
    """Raises RefusalError for a scope that is not allowed, and where the API's own is not among them: Entra would
    answer with a token for Microsoft Graph, which here would hide that the portal forgot to ask.
    """
    unknown = [scope for scope in scopes if scope not in allowed]
    if unknown or api not in scopes:
        raise refusals.scope_invalid(" ".join(unknown or scopes))


class PersonTokens:
    """`origins` are those of the portal's redirect URIs, `seconds` how long its access tokens are good for."""

    def __init__(self, directory: DirectoryFile, issuer: Issuer, grants: Grants, origins: frozenset[str]) -> None:
        self._directory = directory
        self._issuer = issuer
        self._grants = grants
        self._origins = origins
        self.seconds = USER_TOKEN_SECONDS

    def answer(self, request: Request, form: dict[str, str]) -> Response:
        """Tokens, or a refusal that the portal's script may read; other origins' refusals are raised as RefusalError.

        "Microsoft identity platform and OAuth 2.0 authorization code flow", Redirect URIs for single-page apps: without
        an `Origin` there is an error, and for an origin without such a URI no Access-Control-Allow-Origin. What is
        checked first is undocumented.
        """
        portal, app_id = self._directory.current().portal, form.get("client_id", "")
        if not app_id:
            raise refusals.parameter_missing("client_id")
        if app_id.lower() != portal.portal_client_id:
            raise refusals.application_not_found(app_id, request.path_params["tenant"])
        origin = request.headers.get("origin")
        if origin is None:
            raise sign_in_refusals.origin_missing()
        if origin not in self._origins:
            raise sign_in_refusals.origin_foreign()
        try:
            # RFC 6749, section 5.1: no token may be stored.
            answer = JSONResponse(self._redeemed(form), headers={"Cache-Control": "no-store", "Pragma": "no-cache"})
        except RefusalError as refusal:
            answer = refusals.answer(refusal, request)
        answer.headers.update({"Access-Control-Allow-Origin": origin, "Vary": "Origin"})
        return answer

    def _redeemed(self, form: dict[str, str]) -> dict[str, object]:
        if form["grant_type"] == "refresh_token":
            grant = self._grants.redeem_refresh_token(form)
        else:
            grant = self._grants.redeem_code(form)
        api = api_scope(self._directory.current().portal)
        scopes = tuple(form.get("scope", "").split()) or grant.scopes
        check_scopes(scopes, grant.scopes, api)
        return self._tokens(grant, scopes, api)

    def _tokens(self, grant: Grant, scopes: tuple[str, ...], api: str) -> dict[str, object]:
        # The same article, Successful response: `scope` holds "the scopes that the access_token is valid for", an ID
        # token comes with `openid` alone and a refresh token with `offline_access` alone.
        directory = self._directory.current()
        user = _user(directory, grant.who)
        claims = self._issuer.user_claims(directory.portal, grant.who.tenant, user, user.roles, self.seconds)
        answer: dict[str, object] = {
            "token_type": "Bearer",
            "scope": api,
            "expires_in": self.seconds,
            "access_token": self._issuer.sign(claims),
        }
        if "openid" in scopes:
            answer["id_token"] = self._issuer.sign(_id_claims(claims, directory.portal, scopes, grant.nonce))
        if "offline_access" in scopes:
            answer["refresh_token"] = self._grants.new_refresh_token(grant)
        return answer


def _user(directory: Directory, who: SignedIn) -> User:
    provider = directory.provider(who.tenant)
    users = provider.users if provider else ()
    for user in users:
        if user.oid == who.oid:
            return user
    raise sign_in_refusals.user_unknown()


def _id_claims(access: Claims, portal: Portal, scopes: tuple[str, ...], nonce: str | None) -> Claims:
    # "ID token claims reference", version 2.0; `name`, `oid` and `preferred_username` need the scope `profile`.
    names = ["iss", "iat", "nbf", "exp", "sub", "tid", "uti", "ver"]
    if "profile" in scopes:
        names += ["name", "oid", "preferred_username"]
    claims: Claims = {name: access[name] for name in names} | {"aud": portal.portal_client_id}
    if "email" in scopes:
        claims["email"] = access["preferred_username"]
    if nonce is not None:
        claims["nonce"] = nonce
    return claims
