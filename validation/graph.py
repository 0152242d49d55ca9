"""Microsoft Graph: the tenant's organisation, and the application with its secrets."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.names import shown
from shared.patterns import DOMAIN
from shared.texts import N_, Text
from shared.waiting import Later
from validation.evidence import (
    LONGEST_NAME,
    ApplicationRecord,
    Organization,
    Secret,
    Token,
    Unreadable,
    trace_id_of,
)
from validation.outside import MicrosoftOnly, json_object

LONGEST_DOMAIN = 253  # RFC 1035, section 2.3.4, without the root's dot


class Graph:
    """Graph as the application that holds ``token``. Everything raises Later where Graph does not answer."""

    def __init__(self, host: str, session: MicrosoftOnly, token: Token) -> None:
        self._host, self._session, self._token = host, session, token

    def organization(self) -> Organization | Unreadable:
        """``GET /organization``: the tenant as it names itself."""
        answer = self._get("/v1.0/organization?$select=id,displayName,verifiedDomains")
        if answer is None:
            raise Later(N_("Microsoft Graph gave no organisation."))
        return answer if isinstance(answer, Unreadable) else _organization(answer)

    def application(self, client_id: str) -> ApplicationRecord | Unreadable | None:
        """``GET /applications(appId=…)``; None when the object lives in another tenant.

        That the application may not read itself is normal: it takes Application.Read.All.
        """
        answer = self._get(f"/v1.0/applications(appId='{client_id}')?$select=displayName,passwordCredentials")
        if answer is None or isinstance(answer, Unreadable):
            return answer
        listed = answer.get("passwordCredentials")
        secrets = (_secret(entry) for entry in (listed if isinstance(listed, list) else ()))
        return ApplicationRecord(_text(answer.get("displayName")), tuple(filter(None, secrets)))

    def _get(self, path: str) -> dict[str, Any] | Unreadable | None:
        headers = {"Authorization": f"Bearer {self._token.value}", "Accept": "application/json"}
        response = self._session.get(self._host + path, headers=headers)
        if response.status_code in (401, 403):
            return Unreadable(trace_id_of(response.headers.get("request-id")))
        if response.status_code == 404:
            return None
        if response.status_code != 200:
            raise Later(Text(N_("Microsoft Graph answered {status}."), {"status": str(response.status_code)}))
        return json_object(response)


def _organization(answer: Mapping[str, Any]) -> Organization:
    listed = answer.get("value")
    record = listed[0] if isinstance(listed, list) and listed else None
    if not isinstance(record, dict) or not isinstance(record.get("id"), str):
        raise Later(N_("Microsoft Graph gave no organisation."))
    domains = record.get("verifiedDomains")
    names = (
        domain.get("name") for domain in (domains if isinstance(domains, list) else ()) if isinstance(domain, dict)
    )
    verified = tuple(name.lower() for name in names if isinstance(name, str) and _is_domain(name))
    return Organization(record["id"].lower(), _text(record.get("displayName")), verified)


def _secret(entry: object) -> Secret | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("hint"), str):
        return None
    try:
        ends = datetime.fromisoformat(str(entry.get("endDateTime")))
    except ValueError:
        return None
    return Secret(entry["hint"], ends if ends.tzinfo else ends.replace(tzinfo=UTC))


def _is_domain(name: str) -> bool:
    return len(name) <= LONGEST_DOMAIN and DOMAIN.fullmatch(name) is not None


def _text(value: object) -> str:
    return shown(value, LONGEST_NAME) if isinstance(value, str) else ""
