"""The server of the portal's static files: its arguments, its one route."""

import argparse
import re
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from local.directory import DirectoryError, load_directory
from local.portal.site import Site, SiteError
from local.standin import RefuseOtherHosts, StartError, serve_http


def build(site: Site) -> ASGIApp:
    """The whole site as one ASGI application."""

    async def answer(request: Request) -> Response:
        found = site.answer(request.scope["path"])
        if found.content is None:
            return PlainTextResponse("There is no such file.", 404, found.headers)
        if _named(found.headers["ETag"], request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=found.headers)
        if _takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(found.compressed(), headers=found.headers | {"Content-Encoding": "gzip"})
        return Response(found.content, headers=found.headers)

    return RefuseOtherHosts(Starlette(routes=[Route("/{path:path}", answer)]))


def _named(etag: str, if_none_match: str) -> bool:
    """RFC 9110, section 13.1.2: the weak comparison with each tag of the list."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags


def _takes_gzip(accept_encoding: str) -> bool:
    """RFC 9110, section 12.5.3; `*` is left aside."""
    for coding in accept_encoding.lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() == "gzip":
            return re.fullmatch(r"\s*q=0(\.0*)?\s*", weight) is None
    return False


def main(argv: list[str]) -> int:
    """Serves until it is told to end; returns the exit code. Raises StartError when it cannot start."""
    arguments = _parse(argv)
    try:
        portal = load_directory(arguments.directory).portal
        site = Site(
            arguments.folder,
            {"api": arguments.api, "authority": _origin(arguments.authority)},
            {
                "api": arguments.api,
                "authority": arguments.authority,
                "clientId": portal.portal_client_id,
                "scope": f"api://{portal.api_client_id}/{portal.scope}",
            },
        )
    except (DirectoryError, SiteError) as error:
        raise StartError(str(error)) from None
    return serve_http("portal", build(site), arguments.port)


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.portal", description="The portal's static files.")
    parser.add_argument("--port", type=int, required=True, help="http port on 127.0.0.1")
    parser.add_argument("--folder", type=Path, required=True, help="the built portal")
    parser.add_argument("--directory", type=Path, required=True, help="the pretend directory, which has the client id")
    parser.add_argument("--api", required=True, help="the API's origin")
    parser.add_argument("--authority", required=True, help="where people sign in, as a browser reaches it")
    return parser.parse_args(argv)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
