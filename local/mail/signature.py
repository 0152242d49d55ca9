"""Checks the HMAC signature that azure-communication-email puts on every request (its _shared/policy.py).

"Authentication - REST (Azure Communication Services)" describes the same scheme; a request is good for 15
minutes.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from starlette.requests import Request

MAX_SKEW = timedelta(minutes=15)
SIGNED_HEADERS = "x-ms-date;host;x-ms-content-sha256"
_AUTHORIZATION = re.compile(r"HMAC-SHA256 SignedHeaders=(?P<headers>[^&]+)&Signature=(?P<signature>[A-Za-z0-9+/=]+)")
_DENIED = "Denied by the resource provider."


class SignatureError(Exception):
    """The request is not signed, or not with this key, or not now; the text is the service's."""


def check_signature(request: Request, body: bytes, access_key: str, *, any_date: bool = False) -> None:
    """Raises SignatureError unless the request carries a good signature with `access_key` (base64).

    any_date: however old, or far ahead.
    """
    date = request.headers.get("x-ms-date", "")
    if not any_date and not _is_recent(date):
        raise SignatureError(_DENIED)
    content_hash = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if request.headers.get("x-ms-content-sha256", "") != content_hash:
        raise SignatureError("Request 'x-ms-content-sha256' differs from generated content hash.")
    match = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if match is None or match["headers"] != SIGNED_HEADERS:
        raise SignatureError(_DENIED)
    host = request.headers.get("host", "")
    text = f"{request.method}\n{_path_and_query(request)}\n{date};{host};{content_hash}"
    expected = hmac.new(base64.b64decode(access_key), text.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(base64.b64encode(expected).decode(), match["signature"]):
        raise SignatureError(_DENIED)


def _path_and_query(request: Request) -> str:
    """As they stood in the request line, since that is what was signed."""
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")


def _is_recent(date: str) -> bool:
    try:
        sent = parsedate_to_datetime(date)
    except ValueError:
        return False
    if sent.tzinfo is None:
        return False
    return abs(datetime.now(UTC) - sent) <= MAX_SKEW
