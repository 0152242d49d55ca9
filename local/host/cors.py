"""The platform's CORS: preflight answered by the host, for the origins of local.settings.json only.

An origin is compared as a whole and letter by letter, as ASP.NET Core does: browsers send it in lower case, without a
slash at its end, and so it is kept here.
"""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response


class Cors:
    """`Host.CORS` (origins, or `*`, which goes without credentials) and `Host.CORSCredentials`."""

    def __init__(self, origins: Iterable[str], *, credentials: bool = False) -> None:
        self._origins = frozenset(origin.removesuffix("/").lower() for origin in origins)
        self._credentials = credentials

    def preflight(self, request: Request) -> Response | None:
        """The answer to a preflight request, None for any other request or when no CORS is configured."""
        wanted = request.headers.get("access-control-request-method")
        if not self._origins or request.method != "OPTIONS" or not wanted or "origin" not in request.headers:
            return None
        reply = Response(status_code=204)
        allowed = self.headers(request)
        if allowed:
            reply.headers.update(allowed)
            reply.headers["access-control-allow-methods"] = wanted
            if names := request.headers.get("access-control-request-headers"):
                reply.headers["access-control-allow-headers"] = names
        return reply

    def headers(self, request: Request) -> dict[str, str]:
        """What the reply to a request gets; empty for an origin that is not allowed."""
        origin = request.headers.get("origin")
        if origin is None:
            return {}
        if "*" in self._origins:
            return {"access-control-allow-origin": "*"}
        if origin not in self._origins:
            return {}
        headers = {"access-control-allow-origin": origin, "vary": "Origin"}
        if self._credentials:
            headers["access-control-allow-credentials"] = "true"
        return headers
