"""Entra ID, asked through MSAL: does this tenant exist, and does it accept this application and secret?

Microsoft's error code reference warns that AADSTS numbers and texts change: the OAuth ``error`` and the kind of failure
decide, a number only chooses the help text.
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

import msal

from shared.names import shown
from shared.texts import N_
from shared.waiting import Later
from validation.evidence import LONGEST_NAME, Refusal, Token, trace_id_of
from validation.outside import DISCOVERY, MicrosoftOnly, json_object

ISSUER = re.compile(r"https://[^/]+/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/v2\.0")
# RFC 6749, section 5.2; Entra's own errors come with an AADSTS number.
REFUSALS = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)
TRANSIENT = frozenset({"temporarily_unavailable", "server_error"})  # RFC 6749, section 4.1.2.1
TRANSIENT_NUMBERS = frozenset({90033, 50196})
NUMBERS = range(1, 10**9)  # AADSTS numbers have up to seven digits today
UNREADABLE = (ValueError, KeyError, AttributeError, TypeError)  # what MSAL raises for JSON that it does not expect


def resolve(authority_host: str, session: MicrosoftOnly, domain: str) -> str:
    """The id of the tenant that owns a domain, by discovery. Raises TenantUnknown, Later."""
    response = session.get(f"{authority_host}/{domain}{DISCOVERY}")
    found = ISSUER.fullmatch(str(json_object(response).get("issuer")).lower())
    if found is None:
        raise Later(N_("Microsoft's description of the tenant could not be read."))
    return found.group(1)


class Application:
    """An app registration that signs in to its tenant. New for every check: MSAL's cache would pass a dead secret."""

    def __init__(
        self, authority_host: str, session: MicrosoftOnly, tenant_id: str, client_id: str, secret: str
    ) -> None:
        """Fetches the tenant's discovery document. Raises TenantUnknown, Later.

        The host comes from our own settings, so MSAL need not ask Microsoft whether it is genuine; left to itself it
        would also ask for the host's aliases after each refusal (msal/application.py, `_get_authority_aliases`).
        """
        try:
            self._application = msal.ConfidentialClientApplication(
                client_id,
                client_credential=secret,
                authority=f"{authority_host}/{tenant_id}",
                http_client=session,
                instance_discovery=False,
            )
        except UNREADABLE:
            raise Later(N_("Microsoft's description of the tenant could not be read.")) from None

    def token(self, resource: str) -> Token | Refusal:
        """A token for ``resource`` by client credentials, or Entra's refusal. Raises Later."""
        try:
            answer = self._application.acquire_token_for_client([f"{resource}/.default"])
        except UNREADABLE:
            raise Later(N_("Microsoft's sign-in service gave an answer that could not be read.")) from None
        return _understood(answer)


def _understood(answer: Mapping[str, Any]) -> Token | Refusal:
    value = answer.get("access_token")
    if isinstance(value, str) and value:
        return Token(value, _claims(value))
    numbers = [number for number in answer.get("error_codes") or () if type(number) is int and number in NUMBERS]
    error = answer.get("error")
    if not isinstance(error, str) or error in TRANSIENT or TRANSIENT_NUMBERS.intersection(numbers):
        raise Later(N_("Microsoft's sign-in service is busy."))
    if error not in REFUSALS and not numbers:
        raise Later(N_("Microsoft's sign-in service gave an answer that we do not know."))
    return Refusal(shown(error, LONGEST_NAME), numbers[0] if numbers else None, trace_id_of(answer.get("trace_id")))


def _claims(token: str) -> Mapping[str, Any]:
    """The claims, unverified; a token that cannot be read has none."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
