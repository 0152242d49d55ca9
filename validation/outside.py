"""The way out to Entra and Graph: configured hosts only, no redirects, no endless waits; a fault is no answer."""

import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from shared import outbound
from shared.outbound import BoundedSession
from shared.texts import N_, Text
from shared.waiting import Later, retry_after

# One check's time for all of its calls, well below functionTimeout in host.json: running out of that would cost the
# whole worker process. A call itself can take longer than asked for, since its limits count for each address and read.
SECONDS_A_CHECK = 30.0
LEAST_SECONDS = 1.0

DISCOVERY, GRAPH = "/v2.0/.well-known/openid-configuration", "/v1.0/"
ENTRA_ANSWERS = frozenset({200, 400, 401})  # RFC 6749, section 5.2
GRAPH_ANSWERS = frozenset({200, 401, 403, 404})
BUSY, UNEXPECTED = N_("Microsoft's service is busy ({status})."), N_("Microsoft's service answered {status}.")
NO_SUCH_TENANT = frozenset({"invalid_tenant", "invalid_request"})  # with AADSTS90002, AADSTS900023


class TenantUnknown(Exception):
    """Entra knows no such tenant."""


class MicrosoftOnly(BoundedSession):
    """A session that reaches the given origins and nothing else, for the time of one check.

    What is no JSON object with a status that Microsoft documents there is no answer and raises Later: a page of a proxy
    or of an outage must not cost anybody a try, and MSAL would log it. MSAL also follows redirects: a 307 at the token
    endpoint would post the client secret again, to another host.
    """

    def __init__(self, *origins: str) -> None:
        super().__init__(SECONDS_A_CHECK)
        self._allowed = {urlsplit(origin).netloc.lower() for origin in origins}
        self._ends = time.monotonic() + SECONDS_A_CHECK

    def ends(self) -> float:
        """The check's end, for each of its calls."""
        return self._ends

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Raises Later, and TenantUnknown where a tenant's discovery says so."""
        target = urlsplit(request.url or "")
        if target.scheme != "https" or target.netloc.lower() not in self._allowed:
            raise Later(N_("Microsoft's answer named a foreign address, which we do not follow."))
        left = self._ends - time.monotonic()
        if left < LEAST_SECONDS:
            raise Later(N_("Microsoft is too slow today."))
        kwargs["allow_redirects"] = False
        kwargs["timeout"] = (min(outbound.CONNECT_SECONDS, left), min(outbound.READ_SECONDS, left))
        try:
            response = super().send(request, **kwargs)
        except requests.Timeout:
            raise Later(N_("Microsoft did not answer in time.")) from None
        except requests.RequestException:
            raise Later(N_("Microsoft could not be reached.")) from None
        return _answer(response, target.path)


def _answer(response: requests.Response, path: str) -> requests.Response:
    status = response.status_code
    if 300 <= status < 400:
        raise Later(N_("Microsoft's answer was a redirect, which we do not follow."))
    if status not in (GRAPH_ANSWERS if path.startswith(GRAPH) else ENTRA_ANSWERS):
        wait = retry_after(response.headers.get("Retry-After", ""), datetime.now(UTC))
        words = BUSY if status == 429 or status >= 500 else UNEXPECTED
        raise Later(Text(words, {"status": str(status)}), wait, throttled=status == 429)
    content = json_object(response)
    if path.endswith(DISCOVERY) and status != 200:
        if status == 400 and content.get("error") in NO_SUCH_TENANT:
            raise TenantUnknown
        raise Later(N_("Microsoft's description of the tenant could not be read."))
    return response


def json_object(response: requests.Response) -> dict[str, Any]:
    """The answer's JSON object. Raises Later when it is anything else."""
    try:
        content = response.json()
    except (ValueError, RecursionError):  # ValueError alone for a number of too many digits
        content = None
    if not isinstance(content, dict):
        raise Later(N_("Microsoft's answer could not be read."))
    return content
