"""The authority: tenant discovery, signing keys, and the token endpoint with its client credentials flow; what people
sign in with goes on to `person_tokens.py`.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.directory import Application, DirectoryFile, Installation, Tenant
from local.entra import refusals
from local.entra.graph import GRAPH, graph_resources
from local.entra.issuer import APP_TOKEN_SECONDS, Issuer
from local.entra.person_tokens import GRANT_TYPES, PersonTokens
from local.entra.refusals import RefusalError

# "Application-based authentication in Teams PowerShell module": the second resource that the voice cmdlets
# need.
TEAMS_ADMIN_API = "48ac35b8-9aa8-4d74-927d-1f4a14a0b239"
# What azure-communication-email asks a token for (its _shared/auth_policy_utils.py).
COMMUNICATION_SERVICES = "https://communication.azure.com/"
# "OpenID Connect on the Microsoft identity platform": names that stand for any tenant, and what their documents
# have instead of its id; `consumers` is the tenant of personal accounts.
ANY_TENANT = {
    "common": "{tenantid}",
    "organizations": "{tenantid}",
    "consumers": "9188040d-6c67-4c5b-b112-36a304b66dad",
}
# AADSTS900023 is the answer to `test` as well as to `bad_name`: a tenant is named by a GUID or by a domain.
_TENANT_NAME = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")

# That scripts of any origin may read the discovery document and the keys is undocumented: MSAL.js does.
ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}

_ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

type Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Credentials:
    """What a client presents itself with; a secret that was not sent is empty."""

    client_id: str
    secret: str


class Authority:
    """The endpoints under /{tenant}."""

    def __init__(self, directory: DirectoryFile, issuer: Issuer, people: PersonTokens) -> None:
        self._directory = directory
        self._issuer = issuer
        self._people = people

    def routes(self) -> list[Route]:
        """Discovery, keys and token endpoint, for a tenant named by its id or by a verified domain."""
        return [
            Route("/{tenant}/v2.0/.well-known/openid-configuration", _refusable(self._discovery)),
            Route("/{tenant}/discovery/v2.0/keys", _refusable(self._keys)),
            Route("/{tenant}/oauth2/v2.0/token", _refusable(self._token), methods=_ANY_METHOD),
        ]

    def _find(self, name: str) -> Tenant:
        if _TENANT_NAME.fullmatch(name) is None:
            raise refusals.tenant_malformed(name)
        tenant = self._directory.current().tenant(name)
        if tenant is None:
            raise refusals.tenant_not_found(name)
        return tenant

    async def _discovery(self, request: Request) -> Response:
        # "OpenID Connect on the Microsoft identity platform": the document of one tenant names its GUID, the
        # one of `common` and `organizations` the template {tenantid} in the issuer.
        name = request.path_params["tenant"].lower()
        place = name if name in ANY_TENANT else self._find(name).id
        base = f"{request.url.scheme}://{request.url.netloc}"
        issued_for = ANY_TENANT.get(name, place)
        return JSONResponse(
            {
                "token_endpoint": f"{base}/{place}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/{place}/oauth2/v2.0/devicecode",
                "end_session_endpoint": f"{base}/{place}/oauth2/v2.0/logout",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
                "jwks_uri": f"{base}/{place}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "issuer": f"{self._issuer.authority}/{issued_for}/v2.0",
                "authorization_endpoint": f"{base}/{place}/oauth2/v2.0/authorize",
                "tenant_region_scope": None,
                "cloud_instance_name": "localhost",
                "msgraph_host": request.url.netloc,
            },
            headers=ANY_ORIGIN,
        )

    async def _keys(self, request: Request) -> Response:
        # "Access tokens in the Microsoft identity platform", Keys document and signing key issuer: the issuer beside
        # each key, a template for `common`. The document of one tenant is not shown there: chosen alike, with its GUID.
        name = request.path_params["tenant"].lower()
        issued_for = ANY_TENANT.get(name) or self._find(name).id
        issuer = f"{self._issuer.authority}/{issued_for}/v2.0"
        return JSONResponse({"keys": [key.jwk | {"issuer": issuer} for key in self._issuer.keys]}, headers=ANY_ORIGIN)

    async def _token(self, request: Request) -> Response:
        # "Microsoft identity platform and the OAuth 2.0 client credentials flow", First case: access token
        # request with a shared secret, and its successful response; headers: RFC 6749, section 5.1. `ext_expires_in`
        # is not shown there: MSAL keeps it for outages (msal/token_cache.py). What is checked first is undocumented.
        if request.method != "POST":
            raise refusals.method_not_accepted(request.method)
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        name = request.path_params["tenant"]
        if form.get("grant_type") in GRANT_TYPES:
            if name.lower() not in ANY_TENANT:
                self._find(name)
            return self._people.answer(request, form)
        if name.lower() in ANY_TENANT:
            raise refusals.tenant_missing()
        tenant = self._find(name)
        resource = _requested_resource(form)
        credentials = _presented_credentials(form, request.headers.get("authorization", ""))
        application, installation = self._sign_in(tenant, credentials)
        graph = graph_resources(self._issuer.authority)
        if resource not in (*graph, TEAMS_ADMIN_API, COMMUNICATION_SERVICES):
            raise refusals.resource_not_found(resource, tenant.display_name)
        refusal = installation.token_refusal(GRAPH if resource in graph else resource)
        if refusal is not None:
            raise refusals.listed(refusal)
        roles = installation.roles if resource in graph else ()
        token = self._issuer.app_token(resource, tenant, application, installation, roles)
        lifetime = APP_TOKEN_SECONDS - 1
        body = {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": token,
        }
        return JSONResponse(body, headers={"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"})

    def _sign_in(self, tenant: Tenant, credentials: Credentials) -> tuple[Application, Installation]:
        application = self._directory.current().application(credentials.client_id)
        installation = application.tenants.get(tenant.id) if application else None
        if application is None or installation is None:
            raise refusals.application_not_found(credentials.client_id, tenant.display_name)
        if not application.enabled:
            raise refusals.application_disabled(application.app_id, application.display_name)
        _check_secret(application, credentials.secret)
        if installation.service_principal is None and not installation.tokens_without_service_principal:
            raise refusals.principal_missing(application.app_id, tenant.id)
        if installation.conditional_access:
            raise refusals.blocked_by_conditional_access()
        return application, installation


def _refusable(handler: Handler) -> Handler:
    async def endpoint(request: Request) -> Response:
        try:
            return await handler(request)
        except RefusalError as refusal:
            return refusals.answer(refusal, request)

    return endpoint


def _requested_resource(form: dict[str, str]) -> str:
    grant = form.get("grant_type", "")
    if not grant:
        raise refusals.parameter_missing("grant_type")
    if grant != "client_credentials":
        raise refusals.grant_unsupported(grant)
    # MSAL adds the reserved OpenID scopes to interactive flows only; here they would be a second, wrong
    # value.
    scopes = form.get("scope", "").split()
    if not scopes:
        raise refusals.parameter_missing("scope")
    if len(scopes) > 1:
        raise refusals.scope_invalid(" ".join(scopes))
    resource, slash, permission = scopes[0].rpartition("/")
    if not slash or permission != ".default":
        raise refusals.scope_not_default(scopes[0])
    if not resource:
        raise refusals.scope_invalid(scopes[0])
    return resource


def _presented_credentials(form: dict[str, str], authorization: str) -> Credentials:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() == "basic":
        # RFC 6749, section 2.3.1: both halves are form-encoded before they are joined
        # (msal/oauth2cli/oauth2.py).
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise refusals.credential_missing() from None
        credentials = Credentials(unquote_plus(user), unquote_plus(password))
    else:
        credentials = Credentials(form.get("client_id", ""), form.get("client_secret", ""))
    if not credentials.client_id:
        raise refusals.parameter_missing("client_id")
    if not credentials.secret:
        raise refusals.credential_missing()
    return credentials


def _check_secret(application: Application, presented: str) -> None:
    matching = [
        secret for secret in application.secrets if hmac.compare_digest(secret.value.encode(), presented.encode())
    ]
    if not matching:
        raise refusals.secret_wrong(application.app_id)
    now = datetime.now(UTC)
    ends = [secret.ends_at(now) for secret in matching]
    if all(end is not None and end <= now for end in ends):
        raise refusals.secret_expired(application.app_id)
