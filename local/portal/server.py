"""The server of the portal's static files: its arguments, its one route."""

import argparse
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
        file = site.file(request.url.path)
        if file is None:
            return PlainTextResponse("There is no such file.", 404)
        if request.headers.get("if-none-match") == file.headers["ETag"]:
            return Response(status_code=304, headers=file.headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.compressed, headers=file.headers | {"Content-Encoding": "gzip"})
        return Response(file.content, headers=file.headers)

    return RefuseOtherHosts(Starlette(routes=[Route("/{path:path}", answer)]))


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
