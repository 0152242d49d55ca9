"""Entra's refusals: the OAuth error, the AADSTS number and the text of each, and the body they come in.

"The page" is "Microsoft Entra authentication and authorization error codes": its sample is the body, and its first
table says what each OAuth error stands for. Which number goes with which OAuth error is not on it: that, and a wording
that is not the page's, is as people quote the answer in the public issue named beside it. The HTTP status by OAuth
error: RFC 6749, section 5.2.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse

from local.directory import TokenRefusal

POLICY_ID = "6f1c2b3a-0000-4000-8000-000000000001"


@dataclass(eq=False)
class RefusalError(Exception):
    """Entra says no. `suberror`, `claims` and `retry_after` (seconds) accompany a few refusals only."""

    status: int
    error: str
    code: int
    text: str
    suberror: str | None = None
    claims: str | None = None
    retry_after: int | None = None


def traced(refusal: RefusalError, correlation_id: str | None = None) -> dict[str, object]:
    """The refusal as the page's sample has it, with the ids that name this one answer."""
    trace_id, correlation_id = str(uuid4()), correlation_id or str(uuid4())
    timestamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    # The page's sample has line breaks between the description's parts; answers of today have blanks
    # (james-gould/azure-keyvault-emulator issue 324).
    return {
        "error": refusal.error,
        "error_description": f"AADSTS{refusal.code}: {refusal.text} Trace ID: {trace_id} Correlation ID: "
        f"{correlation_id} Timestamp: {timestamp}",
        "error_codes": [refusal.code],
        "timestamp": timestamp,
        "trace_id": trace_id,
        "correlation_id": correlation_id,
    }


def answer(refusal: RefusalError, request: Request) -> JSONResponse:
    """The refusal as a reply to that request; the caller's client-request-id becomes its correlation id."""
    body = traced(refusal, request.headers.get("client-request-id"))
    body["error_uri"] = f"{request.url.scheme}://{request.url.netloc}/error?code={refusal.code}"
    if refusal.suberror is not None:
        body["suberror"] = refusal.suberror
    if refusal.claims is not None:
        body["claims"] = refusal.claims
    # Headers of a refusal are undocumented: chosen as those of a token (RFC 6749, section 5.1), and MSAL reads none
    # but Retry-After (msal/throttled_http_client.py).
    headers = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache", "x-ms-request-id": str(body["trace_id"])}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    return JSONResponse(body, refusal.status, headers)


def listed(refusal: TokenRefusal) -> RefusalError:
    """The refusal that the directory lists for an application, its number and text from the page.

    429 and 5xx with an OAuth error in the body are undocumented: chosen because MSAL takes them for a throttled or
    failing service, with Retry-After (msal/throttled_http_client.py).
    """
    return RefusalError(refusal.status, refusal.error, refusal.number, refusal.text, retry_after=refusal.retry_after)


def method_not_accepted(method: str) -> RefusalError:
    """AADSTS900561, in the page's words. 400 and the OAuth error are undocumented: RFC 6749's for a bad request."""
    text = f"The endpoint only accepts POST requests. Received a {method} request."
    return RefusalError(400, "invalid_request", 900561, text)


def tenant_not_found(tenant: str) -> RefusalError:
    """AADSTS90002, as Azure/azure-cli issue 22145 quotes it from discovery, which MSAL reads as any 4xx there."""
    return RefusalError(
        400,
        "invalid_tenant",
        90002,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing "
        "into the correct cloud. Check with your subscription administrator, this may happen if there are "
        "no active subscriptions for the tenant.",
    )


def tenant_malformed(tenant: str) -> RefusalError:
    """AADSTS900023, not on the page: azure-sdk-for-net's TROUBLESHOOTING.md and, for a name without a dot,
    microsoft/Analysis-Services issue 194. The OAuth error is undocumented: chosen because the request is at fault.
    """
    return RefusalError(
        400,
        "invalid_request",
        900023,
        f"Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain.",
    )


def tenant_missing() -> RefusalError:
    """AADSTS50059, for client credentials sent to `common` or `organizations` (AzureAD/microsoft-identity-web
    issue 462); its OAuth error: AzureAD/microsoft-authentication-library-for-python issue 141.
    """
    return RefusalError(
        400,
        "invalid_request",
        50059,
        "No tenant-identifying information found in either the request or implied by any provided credentials.",
    )


def parameter_missing(name: str) -> RefusalError:
    """AADSTS900144, in the page's words; `invalid_request` is the page's word for a missing parameter."""
    return RefusalError(
        400, "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'."
    )


def grant_unsupported(grant: str) -> RefusalError:
    """AADSTS70003; the page says "returned" where an app requests. Its OAuth error has the same name there."""
    return RefusalError(400, "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant}'.")


def credential_missing() -> RefusalError:
    """AADSTS7000216, not on the page: MicrosoftDocs/azure-docs issue 30777. Its OAuth error is undocumented: chosen
    as that of 7000218, the same complaint (joelmeiller/cypress-msal-login issue 11).
    """
    return RefusalError(
        401,
        "invalid_client",
        7000216,
        "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    )


def scope_not_default(scope: str) -> RefusalError:
    """AADSTS1002012, not on the page: databricks/databricks-sql-nodejs issue 226."""
    return RefusalError(
        400,
        "invalid_scope",
        1002012,
        f"The provided value for scope {scope} is not valid. Client credential flows must have a scope "
        "value with /.default suffixed to the resource identifier (application ID URI).",
    )


def scope_invalid(scope: str) -> RefusalError:
    """AADSTS70011, whose OAuth error is in the page's sample; the wording: MicrosoftDocs/azure-docs issue 36432."""
    return RefusalError(
        400,
        "invalid_scope",
        70011,
        "The provided request must include a 'scope' input parameter. The provided value for the input "
        f"parameter 'scope' is not valid. The scope {scope} is not valid.",
    )


def resource_not_found(resource: str, tenant: str) -> RefusalError:
    """AADSTS500011, in the page's words; `invalid_resource` is the page's word for a resource nobody finds."""
    return RefusalError(
        400,
        "invalid_resource",
        500011,
        f"The resource principal named {resource} was not found in the tenant named {tenant}. This can "
        "happen if the application has not been installed by the administrator of the tenant or consented "
        "to by any user in the tenant. You might have sent your authentication request to the wrong tenant.",
    )


def application_not_found(app_id: str, tenant: str) -> RefusalError:
    """AADSTS700016: microsoft/AzureTRE issue 1475."""
    return RefusalError(
        400,
        "unauthorized_client",
        700016,
        f"Application with identifier '{app_id}' was not found in the directory '{tenant}'. This can happen "
        "if the application has not been installed by the administrator of the tenant or consented to by "
        "any user in the tenant. You may have sent your authentication request to the wrong tenant.",
    )


def application_disabled(app_id: str, name: str) -> RefusalError:
    """AADSTS7000112; wording and OAuth error: the pull request Worklytics/psoxy 74."""
    return RefusalError(400, "unauthorized_client", 7000112, f"Application '{app_id}'({name}) is disabled.")


def secret_wrong(app_id: str) -> RefusalError:
    """AADSTS7000215: Azure/sap-automation issue 418."""
    return RefusalError(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
        f"value, not the client secret ID, for a secret added to app '{app_id}'.",
    )


def secret_expired(app_id: str) -> RefusalError:
    """AADSTS7000222: liprec/vsts-release-aas issue 119."""
    return RefusalError(
        401,
        "invalid_client",
        7000222,
        f"The provided client secret keys for app '{app_id}' are expired. Visit the Azure portal to create "
        "new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials "
        "for added security: https://aka.ms/certCreds.",
    )


def principal_missing(app_id: str, tenant: str) -> RefusalError:
    """AADSTS7000229, not on the page: "Authentication Troubleshooting" of the Teams SDK shows the whole answer."""
    return RefusalError(
        401,
        "invalid_client",
        7000229,
        f"The client application {app_id} is missing service principal in the tenant {tenant}. See "
        "instructions here: https://go.microsoft.com/fwlink/?linkid=2225119",
    )


def blocked_by_conditional_access() -> RefusalError:
    """AADSTS53003, in the page's words; "Conditional Access for workload identities" says how policies reach an app.

    What else such an answer holds for an app is undocumented: chosen as for users (OfficeDev/BotBuilder-MicrosoftTeams
    issue 284, MartinIngesen/MSOLSpray issue 5, and for `claims` "Claims challenges, claims requests, and client
    capabilities").
    """
    return RefusalError(
        400,
        "invalid_grant",
        53003,
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        suberror="message_only",
        claims=json.dumps({"access_token": {"capolids": {"essential": True, "values": [POLICY_ID]}}}),
    )
