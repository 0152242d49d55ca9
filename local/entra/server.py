"""Puts the stand-in together: its routes, its state, its arguments."""

import argparse
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from local.directory import DirectoryError, DirectoryFile
from local.entra.authority import Authority
from local.entra.control import Control
from local.entra.grants import Grants
from local.entra.graph import Graph
from local.entra.issuer import Issuer
from local.entra.person_tokens import PersonTokens
from local.entra.signin import SignIn
from local.faults import Faults
from local.standin import ProtectControl, RefuseOtherHosts, StartError, argument_parser, serve, shift_clock


def build(directory: DirectoryFile, issuer: Issuer, redirect_uris: frozenset[str] = frozenset()) -> ASGIApp:
    """The whole stand-in as one ASGI application. `redirect_uris`: where the portal takes answers, of the type SPA."""
    grants = Grants()
    people = PersonTokens(directory, issuer, grants, frozenset(_origin(uri) for uri in redirect_uris))
    authority = Authority(directory, issuer, people)
    sign_in = SignIn(directory, grants, redirect_uris)
    graph = Graph(directory, issuer)
    control = Control(directory, issuer, grants, people)
    faults = Faults()
    # What no route takes is undocumented: Starlette's plain 404, and 405 with Allow (RFC 9110, sections 15.5.5 and
    # 15.5.6), chosen because nothing here asks for more than the routes have.
    routes: list[Route] = [*faults.routes(), *control.routes(), *graph.routes(), *sign_in.routes(), *authority.routes()]
    return RefuseOtherHosts(ProtectControl(faults.wrap(Starlette(routes=routes))))


def main(argv: list[str]) -> int:
    """Runs the stand-in until it is told to end; returns the exit code. Raises StartError when it cannot
    start.
    """
    arguments = _parse(argv)
    shift_clock(arguments.clock)
    try:
        directory = DirectoryFile(arguments.directory)
    except DirectoryError as error:
        raise StartError(str(error)) from None
    issuer = Issuer(f"https://localhost:{arguments.port}", arguments.data / "entra-keys")
    return serve("entra", build(directory, issuer, frozenset(arguments.redirect_uri)), arguments, arguments.http_port)


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argument_parser("entra", "A stand-in for Microsoft Entra ID and Microsoft Graph.")
    parser.add_argument("--directory", type=Path, required=True, help="tenants, registrations and users, JSON")
    parser.add_argument("--http-port", type=int, help="also answer plain http on this port of 127.0.0.1")
    parser.add_argument("--redirect-uri", action="append", default=[], help="a single-page app's; may be repeated")
    return parser.parse_args(argv)


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
