"""A browser at the pretend sign-in: it keeps cookies, but goes nowhere by itself."""

import base64
import hashlib
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import requests

from tests.integration.standins.servers import PORTAL, StandIn

API_CLIENT, PORTAL_CLIENT = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002"
SCOPE = f"api://{API_CLIENT}/Onboarding.Access"
ORIGIN = PORTAL.rstrip("/")
VERIFIER = "a-verifier-of-at-least-forty-three-characters"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "client_id": PORTAL_CLIENT,
    "redirect_uri": PORTAL,
    "response_type": "code",
    "scope": f"openid profile offline_access {SCOPE}",
    "state": "the state",
    "nonce": "the nonce",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
REDEEMED = {"client_id": PORTAL_CLIENT, "redirect_uri": PORTAL, "code_verifier": VERIFIER}


def without(parameters: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
    """The parameters with these changes; None takes one away."""
    return {name: value for name, value in (parameters | changes).items() if value is not None}


class Browser:
    """One person's browser, at one authority of the stand-in."""

    def __init__(self, entra: StandIn, authority: str = "organizations") -> None:
        self.endpoints = f"{entra.url}/{authority}/oauth2/v2.0"
        self.session = requests.Session()

    def ask(self, **changes: str | None) -> requests.Response:
        """What the authorization endpoint answers to the portal's request with these changes."""
        return self._get("authorize", without(ASKED, changes))

    def pick(self, name: str, **changes: str | None) -> requests.Response:
        """The same, and then the press of a person's button."""
        page = self.ask(**changes)
        return self.post(page, choices(page)[name])

    def post(self, page: requests.Response, user: str) -> requests.Response:
        """The picker's form."""
        return self.session.post(page.url, {"user": user}, allow_redirects=False, timeout=10)

    def code(self, name: str = "Olivia Berg", **changes: str | None) -> str:
        """A fresh code for that person."""
        return answered(self.pick(name, **changes))["code"]

    def redeem(self, origin: str | None = ORIGIN, **changes: str | None) -> requests.Response:
        """What the token endpoint answers to a script of that origin; a code unless changes name another grant."""
        form = without(REDEEMED | {"grant_type": "authorization_code"}, changes)
        headers = {} if origin is None else {"Origin": origin}
        return requests.post(f"{self.endpoints}/token", form, headers=headers, timeout=10)

    def refresh(self, token: str, **changes: str | None) -> requests.Response:
        return self.redeem(grant_type="refresh_token", refresh_token=token, **changes)

    def tokens(self, name: str = "Olivia Berg", **changes: str | None) -> dict[str, Any]:
        """What that person's sign-in comes to."""
        reply = self.redeem(code=self.code(name, **changes))
        assert reply.status_code == 200, reply.text
        content: dict[str, Any] = reply.json()
        return content

    def sign_out(self, **parameters: str) -> requests.Response:
        return self._get("logout", parameters)

    def _get(self, endpoint: str, parameters: dict[str, str]) -> requests.Response:
        return self.session.get(f"{self.endpoints}/{endpoint}", params=parameters, allow_redirects=False, timeout=10)


def choices(page: requests.Response) -> dict[str, str]:
    """The picker's people and the values of their buttons."""
    assert page.status_code == 200
    found = re.findall(r'<button name="user" value="([^"]+)"[^>]*><b>(.*?)</b>', page.text)
    return {unescape(name): value for value, name in found}


def answered(reply: requests.Response, mark: str = "?") -> dict[str, str]:
    """What the portal is told by a redirect."""
    assert reply.status_code == 303, reply.text
    place = reply.headers["Location"]
    assert place.startswith(PORTAL + mark)
    parts = urlsplit(place)
    return dict(parse_qsl(parts.query if mark == "?" else parts.fragment, strict_parsing=True))


def number(refusal: dict[str, Any]) -> int:
    """The AADSTS number of a refusal's description."""
    found = re.match(r"AADSTS(\d+): ", refusal["error_description"])
    assert found is not None
    return int(found[1])


def claims(entra: StandIn, token: str, audience: str) -> dict[str, Any]:
    """The claims of a token for that audience whose signature the published keys verify."""
    keys = jwt.PyJWKSet.from_dict(entra.get("/common/discovery/v2.0/keys").json())
    verified: dict[str, Any] = jwt.decode(
        token, keys[jwt.get_unverified_header(token)["kid"]], ["RS256"], audience=audience
    )
    return verified
