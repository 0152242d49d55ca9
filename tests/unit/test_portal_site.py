"""How the portal's files are served locally: as its own configuration for a static host says."""

import gzip
import json
from pathlib import Path

import pytest

from local.config import ROOT
from local.portal.site import Site, SiteError

ORIGINS = {"api": "http://localhost:1", "authority": "http://localhost:2"}
SETTINGS = {"api": "http://localhost:1", "clientId": "c"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>page")
    (tmp_path / "assets" / "portal-1.js").write_text("script")
    rules = (ROOT / "portal" / "public" / "staticwebapp.config.json").read_text()
    (tmp_path / "staticwebapp.config.json").write_text(rules)
    (tmp_path.parent / "secret.txt").write_text("outside")
    return Site(tmp_path, ORIGINS, SETTINGS)


@pytest.mark.parametrize("path", ["/", "/index.html", "/services", "/services/f99e/m365", "/onboarding/customer"])
def test_every_page_is_the_one_page(site: Site, path: str) -> None:
    file = site.file(path)
    assert file is not None
    assert file.content == b"<!doctype html>page"
    assert file.headers["Content-Type"] == "text/html; charset=utf-8"
    assert file.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/assets/portal-2.js", "/other.json", "/staticwebapp.config.json", "/missing.svg"])
def test_a_file_that_is_missing_is_not_the_page(site: Site, path: str) -> None:
    assert site.file(path) is None


def test_nothing_outside_the_folder_is_served(site: Site) -> None:
    file = site.file("/../secret.txt")
    assert file is None or file.content == b"<!doctype html>page"


def test_built_files_may_be_kept_for_good_and_compressed(site: Site) -> None:
    file = site.file("/assets/portal-1.js")
    assert file is not None
    assert "immutable" in file.headers["Cache-Control"]
    assert file.headers["Content-Type"].startswith("text/javascript")
    assert gzip.decompress(file.compressed) == file.content == b"script"


def test_the_policy_names_where_the_page_may_ask_and_nothing_else(site: Site) -> None:
    file = site.file("/")
    assert file is not None
    policy = file.headers["Content-Security-Policy"]
    assert "connect-src 'self' http://localhost:1 http://localhost:2;" in policy
    assert "%" not in policy
    assert "'unsafe" not in policy


def test_its_settings_are_answered_from_the_arguments(site: Site) -> None:
    file = site.file("/config.json")
    assert file is not None
    assert json.loads(file.content) == SETTINGS


def test_a_missing_build_says_how_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="make setup builds it"):
        Site(tmp_path, ORIGINS, SETTINGS)
