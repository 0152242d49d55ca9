"""CORS as the platform answers it, for the origins of local.settings.json.

The rules are those of ASP.NET Core's CORS, which Azure Functions Core Tools use with any header and any method
(Startup.cs of azure-functions-core-tools); Learn, "Code and test Azure Functions locally", CORS and CORSCredentials.
"""

import json
from pathlib import Path

import pytest
import requests

from tests.integration.host.conftest import StartHost
from tests.integration.host.running import RunningHost, copy_app

PORTAL, EVIL = "http://portal.example", "http://portal.example.evil"
FOREIGN = (
    EVIL, "https://portal.example", "http://portal.example:81", "http://portal.example:80", "http://sub.portal.example",
    "http://notportal.example", "http://portal.exampl", "http://portal.example.", "http://portal.example/",
    "http://PORTAL.example", "HTTP://portal.example", "http://user@portal.example", "http://portal.example, http://x.example",
    "//portal.example", "portal.example", "null", "*",
)  # fmt: skip
ASKED = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "if-match"}


def start(start_host: StartHost, folder: Path, host: dict[str, object]) -> RunningHost:
    app = copy_app("replies", folder)
    (app / "local.settings.json").write_text(json.dumps({"Host": host}), "utf-8")
    return start_host(app, {}).ready()


def granted(reply: requests.Response) -> dict[str, str]:
    """The CORS headers of a reply, without their common beginning."""
    beginning = "access-control-"
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return {name.removeprefix(beginning): value for name, value in headers.items() if name.startswith(beginning)}


def test_named_origins_are_allowed_exactly(start_host: StartHost, tmp_path: Path) -> None:
    host = start(start_host, tmp_path, {"CORS": f"{PORTAL}/, http://other.example"})
    preflight = host.call("OPTIONS", "/v1/plain", headers={"Origin": PORTAL, **ASKED})
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert granted(preflight) == {"allow-origin": PORTAL, "allow-methods": "PUT", "allow-headers": "if-match"}
    assert granted(host.call("OPTIONS", "/nowhere", headers={"Origin": PORTAL, **ASKED}))["allow-origin"] == PORTAL
    for origin in FOREIGN:
        refused = host.call("OPTIONS", "/v1/plain", headers={"Origin": origin, **ASKED})
        assert (refused.status_code, granted(refused)) == (204, {})
        assert granted(host.get("/v1/plain", headers={"Origin": origin})) == {}
    for path in ("/v1/plain", "/v1/status/500", "/nowhere"):
        reply = host.get(path, headers={"Origin": PORTAL})
        assert (granted(reply), reply.headers["vary"]) == ({"allow-origin": PORTAL}, "Origin")
    assert granted(host.get("/v1/plain")) == {}


def test_the_command_line_adds_origins(start_host: StartHost, tmp_path: Path) -> None:
    app = copy_app("replies", tmp_path)
    (app / "local.settings.json").write_text(json.dumps({"Host": {"CORS": PORTAL}}), "utf-8")
    host = start_host(app, {}, "--cors", "http://localhost:4074, http://other.example/").ready()
    for origin in (PORTAL, "http://localhost:4074", "http://other.example"):
        assert granted(host.get("/v1/plain", headers={"Origin": origin})) == {"allow-origin": origin}
    assert granted(host.get("/v1/plain", headers={"Origin": EVIL})) == {}


def test_a_preflight_grants_every_header_and_is_kept_no_longer_than_browsers_do_unasked(
    start_host: StartHost, tmp_path: Path
) -> None:
    host = start(start_host, tmp_path, {"CORS": PORTAL})
    names = "authorization,content-type,idempotency-key,if-match"
    for method in ("GET", "POST", "PATCH", "DELETE"):
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": names}
        reply = host.call("OPTIONS", "/v1/plain", headers={"Origin": PORTAL, **asked})
        assert granted(reply) == {"allow-origin": PORTAL, "allow-methods": method, "allow-headers": names}


def test_headers_are_exposed_only_when_the_app_says_so(start_host: StartHost, tmp_path: Path) -> None:
    host = start(start_host, tmp_path, {"CORS": PORTAL})
    assert "expose-headers" not in granted(host.get("/v1/plain", headers={"Origin": PORTAL}))
    reply = host.get("/v1/headers", headers={"Origin": PORTAL})
    assert granted(reply) == {"allow-origin": PORTAL, "expose-headers": "ETag"}
    assert reply.headers["vary"] == "Accept, Origin"


def test_credentials_are_allowed_for_named_origins(start_host: StartHost, tmp_path: Path) -> None:
    host = start(start_host, tmp_path, {"CORS": PORTAL, "CORSCredentials": True})
    for reply in (
        host.get("/v1/plain", headers={"Origin": PORTAL}),
        host.call("OPTIONS", "/v1/plain", headers={"Origin": PORTAL, **ASKED}),
    ):
        assert (granted(reply)["allow-origin"], granted(reply)["allow-credentials"]) == (PORTAL, "true")
    assert granted(host.get("/v1/plain", headers={"Origin": EVIL})) == {}


def test_a_star_allows_every_origin(start_host: StartHost, tmp_path: Path) -> None:
    host = start(start_host, tmp_path, {"CORS": "*"})
    assert granted(host.get("/v1/plain", headers={"Origin": EVIL})) == {"allow-origin": "*"}
    assert granted(host.call("OPTIONS", "/v1/plain", headers={"Origin": EVIL, **ASKED}))["allow-origin"] == "*"


@pytest.mark.parametrize("host_settings", [{}, {"CORS": ""}])
def test_without_origins_options_is_a_method_like_any_other(
    start_host: StartHost, tmp_path: Path, host_settings: dict[str, object]
) -> None:
    host = start(start_host, tmp_path, host_settings)
    assert host.call("OPTIONS", "/v1/plain", headers={"Origin": PORTAL, **ASKED}).status_code == 404
    assert granted(host.get("/v1/plain", headers={"Origin": PORTAL})) == {}
