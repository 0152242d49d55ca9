"""The portal's static server, on a small site and on the portal's own configuration."""

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from local.directory import load_directory
from tests.integration.standins.servers import ROOT, StandIn, free_port, running
from tests.integration.standins.test_start_and_end import refused_start

SCRIPT = "console.log('the portal');\n" * 50
PLACE = ("--api", "http://localhost:4071", "--authority", "http://localhost:4075/organizations/v2.0")
DIRECTORY = ROOT / "local" / "directory.json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built site of three files, with the portal's own configuration."""
    site = tmp_path_factory.mktemp("dist")
    (site / "assets").mkdir()
    (site / "assets" / "portal-ABC.js").write_text(SCRIPT)
    (site / "index.html").write_text("<!doctype html><title>Portal</title>")
    (site / "icon.svg").write_text("<svg/>")
    shutil.copy(ROOT / "portal" / "public" / "staticwebapp.config.json", site)
    (site.parent / "outside.js").write_text("no part of it")
    return site


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[StandIn]:
    options = ("--folder", folder, "--directory", DIRECTORY, *PLACE)
    with running("portal", free_port(), *options, scheme="http") as standin:
        yield standin


@pytest.mark.parametrize(
    ("path", "media_type", "cached"),
    [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/services/abc/m365?state=active", "text/html; charset=utf-8", "no-cache"),
        ("/icon.svg", "image/svg+xml", "no-cache"),
        ("/config.json", "application/json", "no-cache"),
        ("/assets/portal-ABC.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
    ],
)
def test_an_address_answers_with_its_type_and_how_long_it_may_be_kept(
    site: StandIn, path: str, media_type: str, cached: str
) -> None:
    reply = site.get(path)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, media_type)
    assert reply.headers["Cache-Control"] == cached
    if media_type.startswith("text/html"):
        assert "<title>Portal</title>" in reply.text


@pytest.mark.parametrize(
    "path",
    [
        "/assets/portal-OLD.js",
        "/assets/",
        "/favicon.ico",
        "/robots.txt",
        "/deep/er.json",
        "/staticwebapp.config.json",
        "/..%2foutside.js",
        "/assets/..%2f..%2foutside.js",
        "/%00.js",
    ],
)
def test_a_file_that_is_missing_is_no_page_and_is_not_kept(site: StandIn, path: str) -> None:
    reply = site.get(path)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (404, "no-cache")
    assert "Content-Security-Policy" in reply.headers


def test_every_answer_carries_the_security_headers_of_the_portals_configuration(site: StandIn) -> None:
    headers = json.loads((ROOT / "portal" / "public" / "staticwebapp.config.json").read_text())["globalHeaders"]
    for path in ("/", "/assets/portal-ABC.js", "/nothing.js"):
        sent = site.get(path).headers
        for name in set(headers) - {"Cache-Control", "Content-Security-Policy"}:
            assert sent[name] == headers[name]
        policy = dict(part.partition(" ")[::2] for part in sent["Content-Security-Policy"].split("; "))
        assert policy["connect-src"] == "'self' http://localhost:4071 http://localhost:4075"
        for name in ("default-src", "base-uri", "form-action", "frame-ancestors"):
            assert policy[name] == "'none'"
        assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'")
        assert policy["require-trusted-types-for"] == "'script'"


def test_config_json_names_this_place(site: StandIn) -> None:
    portal = load_directory(DIRECTORY).portal
    assert site.get("/config.json").json() == {
        "api": "http://localhost:4071",
        "authority": "http://localhost:4075/organizations/v2.0",
        "clientId": portal.portal_client_id,
        "scope": f"api://{portal.api_client_id}/{portal.scope}",
    }


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br", "gzip"), ("br, gzip;q=0.5", "gzip"), ("gzip;q=0", None), ("identity", None), ("br", None)],
)
def test_files_are_compressed_for_those_who_take_it(site: StandIn, accepted: str, encoding: str | None) -> None:
    with requests.get(
        f"{site.url}/assets/portal-ABC.js", headers={"Accept-Encoding": accepted}, stream=True, timeout=10
    ) as reply:
        raw = reply.raw.read()
    assert (reply.headers.get("Content-Encoding"), reply.headers["Vary"]) == (encoding, "Accept-Encoding")
    assert int(reply.headers["Content-Length"]) == len(raw)
    assert (gzip.decompress(raw) if encoding else raw).decode() == SCRIPT
    assert (len(raw) < len(SCRIPT) / 2) == bool(encoding)


def test_who_has_the_file_already_is_not_sent_it_again(site: StandIn, folder: Path) -> None:
    first = site.get("/")
    etag = first.headers["ETag"]
    for named in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        reply = site.get("/", If_None_Match=named)
        assert (reply.status_code, reply.content) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary", "Content-Security-Policy"):
            assert reply.headers[name] == first.headers[name]
    page = folder / "index.html"
    before = page.read_text()
    try:
        page.write_text(before + "<p>A new build")
        reply = site.get("/", If_None_Match=etag)
        assert (reply.status_code, "A new build" in reply.text) == (200, True)
    finally:
        page.write_text(before)


def test_head_has_the_headers_alone_and_nothing_can_be_changed(site: StandIn) -> None:
    head = requests.head(f"{site.url}/assets/portal-ABC.js", headers={"Accept-Encoding": "identity"}, timeout=10)
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(len(SCRIPT)), b"")
    assert requests.post(f"{site.url}/", timeout=10).status_code == 405


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example"])
def test_another_host_name_is_refused(site: StandIn, host: str) -> None:
    assert site.get("/", Host=host).status_code == 421


def test_a_rule_of_the_configuration_holds_as_static_web_apps_says(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "dist"
    shutil.copytree(folder, own)
    rules = {
        "navigationFallback": {"rewrite": "/index.html"},
        "routes": [
            {"route": "/assets/*.{css,js}", "headers": {"X-First": "yes", "X-Global": ""}},
            {"route": "/assets/*", "headers": {"X-Second": "no"}},
        ],
        "globalHeaders": {"X-Global": "everywhere"},
        "mimeTypes": {".svg": "text/plain"},
    }
    (own / "staticwebapp.config.json").write_text(json.dumps(rules))
    options = ("--folder", own, "--directory", DIRECTORY, *PLACE)
    with running("portal", free_port(), *options, scheme="http") as standin:
        script, page, icon = (standin.get(path).headers for path in ("/assets/portal-ABC.js", "/", "/icon.svg"))
        assert {name for name in script if name.startswith("x-")} == {"x-first"}
        assert page["X-Global"] == "everywhere"
        assert icon["Content-Type"].startswith("text/plain")
        assert "<title>Portal</title>" in standin.get("/assets/other.js").text


def test_without_a_built_portal_it_says_how_to_build_it(tmp_path: Path) -> None:
    options = ("--port", free_port(), "--folder", tmp_path, "--directory", DIRECTORY, *PLACE)
    code, lines = refused_start("portal", *options)
    assert (code, len(lines)) == (2, 1)
    assert "make setup" in lines[0]
