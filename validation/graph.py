"""Microsoft Graph: the tenant's organisation, and the application with its secrets."""

from datetime import UTC, datetime
from typing import Any

from validation.evidence import ApplicationRecord, Organization, Secret, Token
from validation.outside import MicrosoftOnly, Unavailable, json_object


class Refused(Exception):
    """Graph does not let this application read that. ``request_id`` is for Microsoft's support."""

    def __init__(self, request_id: str | None) -> None:
        super().__init__("refused")
        self.request_id = request_id


class Graph:
    """Graph as the application that holds ``token``. Everything raises Unavailable where Graph does not answer."""

    def __init__(self, host: str, session: MicrosoftOnly, token: Token) -> None:
        self._host, self._session, self._token = host, session, token

    def organization(self) -> Organization:
        """Raises Refused when the application may not read the organisation."""
        answer = self._get("/v1.0/organization?$select=id,displayName,verifiedDomains")
        listed = answer.get("value")
        record = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else None
        if record is None:
            raise Unavailable("Microsoft Graph gave no organisation.")
        domains = (domain.get("name") for domain in record.get("verifiedDomains") or () if isinstance(domain, dict))
        return Organization(
            str(record.get("id")).lower(),
            str(record.get("displayName") or ""),
            tuple(str(name).lower() for name in domains if name),
        )

    def application(self, client_id: str) -> ApplicationRecord | None:
        """The application object; None when it lives in another tenant. Raises Refused: normal, see docs/facts.md."""
        try:
            answer = self._get(f"/v1.0/applications(appId='{client_id}')?$select=displayName,passwordCredentials")
        except LookupError:
            return None
        secrets = (_secret(entry) for entry in answer.get("passwordCredentials") or ())
        return ApplicationRecord(str(answer.get("displayName") or ""), tuple(filter(None, secrets)))

    def _get(self, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token.value}", "Accept": "application/json"}
        response = self._session.get(self._host + path, headers=headers)
        if response.status_code in (401, 403):
            raise Refused(response.headers.get("request-id"))
        if response.status_code == 404:
            raise LookupError(path)
        if response.status_code != 200:
            raise Unavailable(f"Microsoft Graph answered {response.status_code}.")
        return json_object(response)


def _secret(entry: object) -> Secret | None:
    if not isinstance(entry, dict) or not entry.get("hint"):
        return None
    try:
        ends = datetime.fromisoformat(str(entry.get("endDateTime")))
    except ValueError:
        return None
    return Secret(str(entry["hint"]), ends if ends.tzinfo else ends.replace(tzinfo=UTC))
