"""Entra's refusals of people who sign in through a browser: at the authorization endpoint, and for codes and refresh
tokens.

"The page" is, as in `refusals.py`, "Microsoft Entra authentication and authorization error codes". Which OAuth error
stands for what: "Microsoft identity platform and OAuth 2.0 authorization code flow", its two tables of error codes.
"""

from datetime import datetime

from local.entra.refusals import RefusalError


def redirect_uri_unregistered(uri: str, app_id: str) -> RefusalError:
    """AADSTS50011; its wording of today is in MicrosoftDocs/SupportArticles-docs, error-code-AADSTS50011."""
    text = (
        f"The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for the "
        f"application '{app_id}'. Make sure the redirect URI sent in the request matches one added to your application."
    )
    return RefusalError(400, "invalid_request", 50011, text)


def response_type_unsupported(kind: str) -> RefusalError:
    """AADSTS70005; the page says "returned" where an app requests."""
    text = f"The app requested an unsupported response type '{kind}'."
    return RefusalError(400, "unsupported_response_type", 70005, text)


def response_mode_unsupported(mode: str) -> RefusalError:
    """AADSTS70007. Entra knows form_post too, which is not offered here: no page of the portal could read it."""
    return RefusalError(400, "invalid_request", 70007, f"'{mode}' is not a supported value of 'response_mode'.")


def prompt_unsupported() -> RefusalError:
    """AADSTS90023, for several values at once, too: opencloud-eu/desktop issue 871."""
    return RefusalError(400, "invalid_request", 90023, "Unsupported 'prompt' value.")


def challenge_missing() -> RefusalError:
    """AADSTS9002325, on the sign-in page: thobach/MMM-MicrosoftToDo issue 27. `plain`, which Entra takes, is refused
    alike: the portal has no need of it.
    """
    text = "Proof Key for Code Exchange is required for cross-origin authorization code redemption."
    return RefusalError(400, "invalid_request", 9002325, text)


def nobody_signed_in() -> RefusalError:
    """AADSTS50058 with its OAuth error: microsoft/service-fabric-explorer issue 148."""
    text = "A silent sign-in request was sent but no user is signed in."
    return RefusalError(400, "login_required", 50058, text)


def user_unknown() -> RefusalError:
    """AADSTS50034, in the page's words. Its OAuth error is undocumented: chosen as that of a grant that is over."""
    text = "To sign into this application, the account must be added to the directory."
    return RefusalError(400, "invalid_grant", 50034, text)


def origin_missing() -> RefusalError:
    """AADSTS9002327: sidebase/nuxt-auth issue 301."""
    text = "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests."
    return RefusalError(400, "invalid_request", 9002327, text)


def origin_foreign() -> RefusalError:
    """AADSTS9002326: vippsas/vipps-ecom-api issue 246."""
    text = "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type."
    return RefusalError(400, "invalid_request", 9002326, text)


def grant_malformed() -> RefusalError:
    """AADSTS9002313, for a code as for a refresh token: MicrosoftDocs/azure-docs issue 63819,
    Azure-Samples/ms-identity-dotnet-webapi-azurefunctions issue 3.
    """
    return RefusalError(400, "invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")


def code_redeemed() -> RefusalError:
    """AADSTS54005, in the page's words; its OAuth error: davidjrh/dnn.azureadprovider issue 17."""
    text = (
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing "
        "refresh token."
    )
    return RefusalError(400, "invalid_grant", 54005, text)


def code_expired() -> RefusalError:
    """AADSTS70008: snok/django-auth-adfs issue 245."""
    text = "The provided authorization code or refresh token has expired due to inactivity."
    return RefusalError(400, "invalid_grant", 70008, text)


def redirect_uri_differs(given: str, first: str) -> RefusalError:
    """AADSTS500112; the wording, which had another number then: PartnerCenterSamples/Reseller-Web-Application issue 73.
    Its OAuth error is undocumented: RFC 6749, section 5.2, names this case for invalid_grant.
    """
    text = (
        f"The reply address '{given}' does not match the reply address '{first}' provided when requesting "
        "Authorization code."
    )
    return RefusalError(400, "invalid_grant", 500112, text)


def verifier_missing() -> RefusalError:
    """AADSTS50148: pennersr/django-allauth issue 2916, which sent no verifier."""
    text = "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE."
    return RefusalError(400, "invalid_grant", 50148, text)


def verifier_wrong() -> RefusalError:
    """AADSTS501481: GillesZunino/insomnia-plugin-azure-ad-authentication issue 14."""
    text = "The Code_Verifier does not match the code_challenge supplied in the authorization request."
    return RefusalError(400, "invalid_grant", 501481, text)


def refresh_token_expired(issued: datetime) -> RefusalError:
    """AADSTS700084: AzureAD/microsoft-authentication-library-for-js issues 6765 and 4693."""
    text = (
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of "
        "1.00:00:00, which cannot be extended. It is now expired and a new sign in request must be sent by the SPA to "
        f"the sign in page. The token was issued on {issued:%Y-%m-%dT%H:%M:%S.%fZ}."
    )
    return RefusalError(400, "invalid_grant", 700084, text, suberror="bad_token")


def refresh_token_revoked() -> RefusalError:
    """AADSTS50173, in the page's words."""
    text = "The provided grant has expired due to it being revoked, and a fresh auth token is needed."
    return RefusalError(400, "invalid_grant", 50173, text)
