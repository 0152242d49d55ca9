"""HTTP to the outside, bounded: in how long it takes to connect and to hear something, and in the answer's size.

The limits of requests count for each read, so drops would never end.
"""

import time
from typing import Any

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

MOST_BYTES = 4 * 1024 * 1024
PART = 64 * 1024
CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
CONNECTIONS = 32  # as many functions run at once: PYTHON_THREADPOOL_THREAD_COUNT


def transport(session: requests.Session) -> RequestsTransport:
    """The way out over that session for a client of the Azure SDK.

    azure-core takes the limits on time from the transport alone where it is given one, else they are 300 seconds. And
    it keeps ten connections: whoever comes beyond them makes another one for a single call.
    """
    for scheme in ("https://", "http://"):  # http is for the storage emulator alone
        session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
    return RequestsTransport(session=session, connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS)


class BoundedSession(requests.Session):
    """A session that reads an answer's body whole before a call returns, up to ``seconds`` from the call's start.

    Headers that come in drops are bounded by the host's functionTimeout alone. Raises requests.ReadTimeout for an
    answer that takes longer, requests.ConnectionError for one that is too large or breaks off.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def ends(self) -> float:
        """When a call that begins now must have its whole answer, on the monotonic clock."""
        return time.monotonic() + self._seconds

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        ends = self.ends()
        response = super().send(request, **{**kwargs, "stream": True})
        try:
            # Where requests keeps what it has read: azure-core asks for it through iter_content.
            response._content, response._content_consumed = _read(response, ends), True  # type: ignore[attr-defined]
        except ReadTimeoutError:
            raise requests.ReadTimeout from None
        except HTTPError:
            raise requests.ConnectionError from None
        return response


def _read(response: requests.Response, ends: float) -> bytes:
    body = bytearray()
    with response:
        while part := response.raw.read1(PART, decode_content=True):
            body += part
            if time.monotonic() > ends:
                raise requests.ReadTimeout
            if len(body) > MOST_BYTES:
                raise requests.ConnectionError
    return bytes(body)
