"""The way out to Entra and Graph: configured hosts only, no redirects, no endless waits; a fault is no answer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from shared.waiting import retry_after

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0


class Unavailable(Exception):
    """Microsoft could not be asked; nothing is known about the credentials.

    ``words`` is a sentence for whoever waits; ``retry_after`` is what the answer asked for; ``throttled`` marks a 429.
    """

    def __init__(self, words: str, retry_after: timedelta | None = None, *, throttled: bool = False) -> None:
        super().__init__(words)
        self.words, self.retry_after, self.throttled = words, retry_after, throttled


class MicrosoftOnly(requests.Session):
    """A session that reaches the given origins and nothing else; an answer that is no answer raises Unavailable.

    MSAL follows redirects: a 307 at the token endpoint would post the client secret again, to another host.
    """

    def __init__(self, *origins: str) -> None:
        super().__init__()
        self._allowed = {urlsplit(origin).netloc.lower() for origin in origins}

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        target = urlsplit(request.url or "")
        if target.scheme != "https" or target.netloc.lower() not in self._allowed:
            raise Unavailable("Microsoft's answer named a foreign address, which we do not follow.")
        kwargs["allow_redirects"] = False
        kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        try:
            response = super().send(request, **kwargs)
        except requests.Timeout:
            raise Unavailable("Microsoft did not answer in time.") from None
        except requests.RequestException:
            raise Unavailable("Microsoft could not be reached.") from None
        return _answer(response)


def _answer(response: requests.Response) -> requests.Response:
    status = response.status_code
    if 300 <= status < 400:
        raise Unavailable("Microsoft's answer was a redirect, which we do not follow.")
    if status >= 500 or status in (408, 429):
        wait = retry_after(response.headers.get("Retry-After", ""), datetime.now(UTC))
        raise Unavailable(f"Microsoft's service answered {status}.", wait, throttled=status == 429)
    return response


def json_object(response: requests.Response) -> dict[str, Any]:
    """The answer's JSON object. Raises Unavailable when it is anything else."""
    try:
        content = response.json()
    except (requests.JSONDecodeError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Unavailable("Microsoft's answer could not be read.")
    return content
