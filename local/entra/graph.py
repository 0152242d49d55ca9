"""The few Microsoft Graph calls that the product makes, with their permissions and refusals."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.directory import Application, DirectoryFile, Secret, Tenant, resolve_moment
from local.entra.issuer import Claims, Issuer

# "Get organization", "Get application", "Get servicePrincipal", Permissions: application permissions that
# suffice.
READS_ORGANIZATION = frozenset({"Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All"})
READS_APPLICATIONS = frozenset({"Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"})
GRAPH = "https://graph.microsoft.com"
GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
_ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_ALTERNATE_KEY = re.compile(r"\(appId='([^']*)'\)", re.IGNORECASE)

type Handler = Callable[[Request], Awaitable[Response]]
type Properties = dict[str, object]


def graph_resources(authority: str) -> frozenset[str]:
    """The resource names under which this stand-in issues and takes Graph tokens."""
    return frozenset({GRAPH, GRAPH_APP_ID, authority})


@dataclass(eq=False)
class GraphError(Exception):
    """Graph says no ("Microsoft Graph error responses and resource types")."""

    status: int
    code: str
    text: str
    retry_after: int | None = None


class Graph:
    """The endpoints under /v1.0."""

    def __init__(self, directory: DirectoryFile, issuer: Issuer) -> None:
        self._directory = directory
        self._issuer = issuer

    def routes(self) -> list[Route]:
        """`organization`, and application and service principal by their appId."""
        return [
            Route("/v1.0/organization", _refusable(self._organization), methods=_ANY_METHOD),
            Route("/v1.0/applications{key}", _refusable(self._application), methods=_ANY_METHOD),
            Route("/v1.0/servicePrincipals{key}", _refusable(self._service_principal), methods=_ANY_METHOD),
            Route("/v1.0/{rest:path}", _refusable(self._unknown), methods=_ANY_METHOD),
        ]

    def _authenticated(self, request: Request) -> Claims:
        # "Resolve Microsoft Graph authorization errors": 401 when the token is missing, foreign or expired. Code and
        # texts: microsoft-graph-docs issue 16208 (audience), s1t5/mail-archiver issue 267 (lifetime); "empty" and
        # "signature" stand for what is undocumented: which of its texts Graph takes for a token that is none.
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise GraphError(401, "InvalidAuthenticationToken", "Access token is empty.")
        try:
            return self._issuer.verify(token.strip(), graph_resources(self._issuer.authority))
        except jwt.ExpiredSignatureError:
            text = "Lifetime validation failed, the token is expired."
        except jwt.InvalidAudienceError:
            text = "Access token validation failure. Invalid audience."
        except jwt.InvalidTokenError:
            text = "Access token validation failure. Invalid signature."
        raise GraphError(401, "InvalidAuthenticationToken", text)

    def _permitted(self, request: Request, of: str, permissions: frozenset[str]) -> Tenant:
        claims = self._authenticated(request)
        if request.method not in ("GET", "HEAD"):
            # "Combine multiple HTTP requests using JSON batching": request 4 of its sample is answered so.
            text = "Specified HTTP method is not allowed for the request target."
            raise GraphError(405, "Request_BadRequest", text)
        tenant = self._directory.current().tenant(claims["tid"])
        if tenant is None or "oid" not in claims:
            # A token whose service principal is not there: msgraph-sdk-php issue 230, Microsoft365R issue 184.
            text = "The identity of the calling application could not be established."
            raise GraphError(401, "Authorization_IdentityNotFound", text)
        # Application permissions travel in `roles`; one of the sufficient ones is enough. The refusal is that of
        # request 3 in the same sample.
        if not permissions.intersection(claims.get("roles", [])):
            text = "Insufficient privileges to complete the operation."
            raise GraphError(403, "Authorization_RequestDenied", text)
        application = self._directory.current().application(claims["appid"])
        installation = application.tenants.get(tenant.id) if application else None
        # Listed refusals are of "Microsoft Graph error responses and resource types", HTTP status codes.
        refusal = installation.graph_refusal(of) if installation else None
        if refusal is not None:
            raise GraphError(refusal.status, refusal.code, refusal.text, refusal.retry_after)
        return tenant

    async def _organization(self, request: Request) -> Response:
        # "List organizations"; "verifiedDomain resource type"; "Use query parameters" shows the context of a $select.
        tenant = self._permitted(request, "organization", READS_ORGANIZATION)
        organization: Properties = {
            "id": tenant.id,
            "deletedDateTime": None,
            "displayName": tenant.display_name,
            "countryLetterCode": "DE",
            "tenantType": "AAD",
            "verifiedDomains": [
                {
                    "capabilities": "Email, OfficeCommunicationsOnline",
                    "isDefault": domain.is_default,
                    "isInitial": domain.is_initial,
                    "name": domain.name,
                    "type": "Managed",
                }
                for domain in tenant.domains
            ],
        }
        names, selected = _select(request, organization, "organization")
        context = f"{GRAPH}/v1.0/$metadata#organization{names}"
        return _reply(request, {"@odata.context": context, "value": [selected]})

    async def _application(self, request: Request) -> Response:
        # "Get application", by alternate key. The application object lives in its home tenant only.
        tenant = self._permitted(request, "applications", READS_APPLICATIONS)
        app_id = _app_id(request)
        application = self._directory.current().application(app_id)
        if application is None or application.home_tenant != tenant.id:
            raise _not_found(app_id)
        names, selected = _select(request, _application_properties(application), "application")
        context = f"{GRAPH}/v1.0/$metadata#applications{names}/$entity"
        return _reply(request, {"@odata.context": context} | selected)

    async def _service_principal(self, request: Request) -> Response:
        # "Get servicePrincipal", by alternate key.
        tenant = self._permitted(request, "servicePrincipals", READS_APPLICATIONS)
        app_id = _app_id(request)
        application = self._directory.current().application(app_id)
        installation = application.tenants.get(tenant.id) if application else None
        if application is None or installation is None or installation.service_principal is None:
            raise _not_found(app_id)
        principal: Properties = {
            "id": installation.service_principal,
            "accountEnabled": application.enabled,
            "appDisplayName": application.display_name,
            "appId": application.app_id,
            "appOwnerOrganizationId": application.home_tenant,
            "displayName": application.display_name,
            "servicePrincipalType": "Application",
        }
        names, selected = _select(request, principal, "servicePrincipal")
        context = f"{GRAPH}/v1.0/$metadata#servicePrincipals{names}/$entity"
        return _reply(request, {"@odata.context": context} | selected)

    async def _unknown(self, request: Request) -> Response:
        # microsoft-graph-docs issue 21648: 400 for a name that Graph does not know. One that it knows and this stand-in
        # does not is answered alike.
        self._authenticated(request)
        segment = request.path_params["rest"].partition("/")[0]
        raise GraphError(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def _refusable(handler: Handler) -> Handler:
    async def endpoint(request: Request) -> Response:
        try:
            return await handler(request)
        except GraphError as error:
            return _refuse(request, error)

    return endpoint


def _refuse(request: Request, error: GraphError) -> Response:
    request_id, client_id = _request_ids(request)
    date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    inner = {"date": date, "request-id": request_id, "client-request-id": client_id}
    body = {"error": {"code": error.code, "message": error.text, "innerError": inner}}
    headers = {"request-id": request_id, "client-request-id": client_id}
    if error.retry_after is not None:
        # "Microsoft Graph throttling guidance".
        headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        # "Claims challenges, claims requests, and client capabilities": realm and authorization_uri of a challenge.
        # That Graph names its application beside them is undocumented: as its answers to calls without a token do.
        place = f"{request.url.scheme}://{request.url.netloc}/common/oauth2/authorize"
        headers["WWW-Authenticate"] = f'Bearer realm="", authorization_uri="{place}", client_id="{GRAPH_APP_ID}"'
    return JSONResponse(body, error.status, headers)


def _reply(request: Request, body: Properties) -> Response:
    request_id, client_id = _request_ids(request)
    return JSONResponse(body, headers={"request-id": request_id, "client-request-id": client_id})


def _request_ids(request: Request) -> tuple[str, str]:
    # Both are in every answer (microsoft-graph-docs issue 4752 shows the headers); a caller that names no
    # client-request-id gets the request's own (issue 16208 there).
    request_id = str(uuid4())
    return request_id, request.headers.get("client-request-id") or request_id


def _app_id(request: Request) -> str:
    match = _ALTERNATE_KEY.fullmatch(request.path_params["key"])
    if match is None:
        # Graph would read by object id as well; this answer is the stand-in's own, for whoever writes a new call.
        raise GraphError(400, "BadRequest", "This stand-in reads by appId only: write (appId='…') after the name.")
    return match[1]


def _not_found(app_id: str) -> GraphError:
    # microsoft-graph-docs issue 6059.
    text = "does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, "Request_ResourceNotFound", f"Resource '{app_id}' {text}")


def _select(request: Request, properties: Properties, kind: str) -> tuple[str, Properties]:
    """The context's suffix and the properties that $select names; all of them without it ("Use query
    parameters").
    """
    wanted: Sequence[str] = [
        name.strip() for name in request.query_params.get("$select", "").split(",") if name.strip()
    ]
    if not wanted:
        return "", properties
    for name in wanted:
        if name not in properties:
            # msgraph-sdk-powershell issue 2103.
            text = f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
            raise GraphError(400, "BadRequest", f"{text}'microsoft.graph.{kind}'.")
    return f"({','.join(wanted)})", {name: properties[name] for name in wanted}


def _application_properties(application: Application) -> Properties:
    now = datetime.now(UTC)
    return {
        "id": application.object_id,
        "deletedDateTime": None,
        "appId": application.app_id,
        "displayName": application.display_name,
        "identifierUris": [],
        "signInAudience": "AzureADMyOrg" if len(application.tenants) == 1 else "AzureADMultipleOrgs",
        "keyCredentials": [],
        "passwordCredentials": [_password_credential(secret, now) for secret in application.secrets],
    }


def _password_credential(secret: Secret, now: datetime) -> Properties:
    # "passwordCredential resource type": secretText is only ever returned by addPassword, hint is its
    # beginning.
    ends = secret.ends_at(now)
    return {
        "customKeyIdentifier": None,
        "displayName": secret.display_name,
        "endDateTime": None if ends is None else _timestamp(ends),
        "hint": secret.value[:3],
        "keyId": secret.key_id,
        "secretText": None,
        "startDateTime": _timestamp(resolve_moment(secret.start_date_time, now)),
    }


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
