"""Microsoft as a test meets it: its endpoints as faults match them, and where a fault takes effect."""

import json
import socket
from typing import cast

from tests.integration.cloud import LocalCloud
from tests.integration.procedure import CONTOSO, Json

DISCOVERY = r"GET /<tenant>/v2.0/.well-known/openid-configuration"
TOKEN = r"POST /<tenant>/oauth2/v2.0/token"
ORGANIZATION = "GET /v1.0/organization"
APPLICATIONS = "GET /v1.0/applications"
DOCUMENT = {"authorization_endpoint": "<base>/<tenant>/oauth2/v2.0/authorize", "issuer": "<base>/<tenant>/v2.0"}


def described(token_endpoint: object) -> Json:
    """The fault of a discovery document that names this token endpoint."""
    return {"status": 200, "body": {**DOCUMENT, "token_endpoint": token_endpoint}}


class Place:
    """Where a fault takes effect: one tenant of the pretend Entra, and the foreign server."""

    def __init__(self, cloud: LocalCloud, foreign: socket.socket, tenant: str = CONTOSO.tenant) -> None:
        port = str(foreign.getsockname()[1])
        base = cloud.config.entra_url
        self._names = {"base": base, "tenant": tenant, "port": port, "foreign": f"https://localhost:{port}/token"}

    def filled[T](self, template: T) -> T:
        text = json.dumps(template)
        for name, value in self._names.items():
            text = text.replace(f"<{name}>", value)
        return cast(T, json.loads(text))
