"""The wizard's page as it is served: its size over the wire, its codings, and its one script made of many modules."""

import gzip
import json
import re
import subprocess
from pathlib import Path

import pytest

from invitations.assets import FOLDER, Asset, asset, page, takes_gzip
from invitations.rendering import script_texts
from shared.languages.catalogs import languages
from shared.problems import NotFound

BUDGET = 26_000  # bytes of page, style and script; what is left of 30,000 is for heads and for the one call
TEXTS = re.compile(r'<script type="application/json" id="texts">(.*?)</script>', re.DOTALL)


@pytest.mark.parametrize("code", languages())
def test_a_first_visit_is_small_in_every_language(code: str) -> None:
    parts = [page(code, compressed=True), asset("wizard.css", compressed=True), asset("wizard.js", compressed=True)]
    assert sum(len(part.content) for part in parts) < BUDGET


@pytest.mark.parametrize("name", ["wizard.css", "wizard.js", "page"])
def test_what_is_compressed_is_the_same_under_another_etag(name: str) -> None:
    plain, compressed = (
        page("de", compressed=c) if name == "page" else asset(name, compressed=c) for c in (False, True)
    )
    assert gzip.decompress(compressed.content) == plain.content
    assert plain.etag != compressed.etag
    assert (plain.headers.get("Content-Encoding"), compressed.headers["Content-Encoding"]) == (None, "gzip")
    assert all("Accept-Encoding" in one.headers["Vary"] for one in (plain, compressed))
    assert plain.media_type == compressed.media_type


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("br, gzip ;q=0.001", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("x-not-gzip", False),
        ("gzipped", False),
    ],
)
def test_gzip_is_sent_to_those_who_take_it(header: str, takes: bool) -> None:
    assert takes_gzip(header) is takes


def test_the_script_has_every_module_once_and_node_can_read_it(tmp_path: Path) -> None:
    script = asset("wizard.js").content.decode()
    for module in FOLDER.glob("*.js"):
        for name in re.findall(r"^export (?:async )?(?:function|const) (\w+)", module.read_text(), re.MULTILINE):
            assert len(re.findall(rf"^(?:async )?(?:function|const) {name}\b", script, re.MULTILINE)) == 1, name
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
    assert "/**" not in script
    file = tmp_path / "wizard.mjs"  # a module: two names that are the same stop it
    file.write_text(script)
    ran = subprocess.run(["node", "--check", file], capture_output=True, text=True, check=False)  # noqa: S607
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("name", ["api.js", "index.html", "wizard.JS", "../assets.py", ""])
def test_nothing_else_is_served(name: str) -> None:
    with pytest.raises(NotFound):
        asset(name)


def text(served: Asset) -> str:
    return served.content.decode()


@pytest.mark.parametrize("code", languages())
def test_the_page_is_in_one_language_and_links_to_the_others(code: str) -> None:
    html = text(page(code))
    assert f'<html lang="{code}">' in html
    assert page(code).headers["Content-Language"] == code
    for other in languages():
        assert f'href="/invite?language={other}" lang="{other}" hreflang="{other}"' in html
    assert re.findall(r'lang="(\w+)" hreflang="\w+" aria-current="true"', html) == [code]
    assert len({page(each).etag for each in languages()}) == len(languages())


@pytest.mark.parametrize("code", languages())
def test_the_scripts_texts_travel_in_the_page(code: str) -> None:
    (found,) = TEXTS.findall(text(page(code)))
    assert json.loads(found) == script_texts(code)
    assert "<" not in found


@pytest.mark.parametrize("code", languages())
def test_every_language_has_the_same_elements_with_a_provider_and_a_service_to_fill_in(code: str) -> None:
    def elements(language: str) -> list[str]:
        return sorted(re.findall(r"<[a-z]+|data-slot=\"\w+\"| id=\"[\w-]+\"", TEXTS.sub("", text(page(language)))))

    assert elements(code) == elements("en")
