"""The wizard's page as it is served: its size over the wire, its codings, its one script made of many modules, and the
providers' colours.
"""

import gzip
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from invitations import assets
from invitations.assets import FOLDER, Asset, asset, page, takes_gzip
from invitations.models import inviter
from invitations.rendering import script_texts
from shared.languages.catalogs import languages
from shared.problems import NotFound
from shared.settings import Settings
from tests.unit.builders import PROVIDER, environment, settings

FILES = ("wizard.css", "wizard.js", "icon.svg")
BUDGET = 26_000  # bytes of the page and its files; what is left of 30,000 is for heads and for the one call
TEXTS = re.compile(r'<script type="application/json" id="texts">(.*?)</script>', re.DOTALL)


@pytest.mark.parametrize("code", languages())
def test_a_first_visit_is_small_in_every_language(code: str) -> None:
    parts = [page(code, compressed=True), *(asset(name, compressed=True) for name in FILES)]
    assert sum(len(part.content) for part in parts) < BUDGET


@pytest.mark.parametrize("name", [*FILES, "page"])
def test_what_is_compressed_is_the_same_in_fewer_bytes(name: str) -> None:
    plain, compressed = (
        page("de", compressed=c) if name == "page" else asset(name, compressed=c) for c in (False, True)
    )
    assert gzip.decompress(compressed.content) == plain.content
    assert (plain.headers.get("Content-Encoding"), compressed.headers["Content-Encoding"]) == (None, "gzip")
    assert all("Accept-Encoding" in one.headers["Vary"] for one in (plain, compressed))
    assert plain.media_type == compressed.media_type


def test_the_page_is_kept_nowhere() -> None:
    headers = page("en").headers
    assert headers["Cache-Control"] == "no-store"
    assert "ETag" not in headers


@pytest.mark.parametrize("name", FILES)
def test_a_file_may_be_kept_and_is_asked_about_at_each_visit_by_an_etag_of_its_coding(name: str) -> None:
    kept = [asset(name, compressed=compressed).headers for compressed in (False, True)]
    assert {headers["Cache-Control"] for headers in kept} == {"no-cache"}
    assert kept[0]["ETag"] != kept[1]["ETag"]


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
    assert not re.search("(^|;) *// ", script, re.MULTILINE)
    file = tmp_path / "wizard.mjs"  # a module: two names that are the same stop it
    file.write_text(script)
    ran = subprocess.run(["node", "--check", file], capture_output=True, text=True, check=False)  # noqa: S607
    assert ran.returncode == 0, ran.stderr


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Two providers, the second one disabled and in the colours that the settings give without being asked."""
    providers = json.loads(environment()["PROVIDERS"])
    providers[0]["colors"] = {"accent": "#8A1F5C", "onAccent": "#ffffff"}
    made = settings(PROVIDERS=json.dumps(providers))
    monkeypatch.setattr(assets, "settings", lambda: made)
    asset.cache_clear()
    yield made
    asset.cache_clear()


def test_a_provider_s_colours_are_a_style_sheet_made_of_the_settings(configured: Settings) -> None:
    assert inviter(configured.providers[0]).styles == "/invite/colors-8a1f5c-ffffff.css"
    served = asset("colors-8a1f5c-ffffff.css")
    assert text(served) == ":root { --accent: #8a1f5c; --on-accent: #ffffff; }\n"
    assert served.media_type == "text/css; charset=utf-8"
    assert served.headers["Cache-Control"] == "no-cache"
    assert served.headers["ETag"] != asset("colors-0f5ea8-ffffff.css").headers["ETag"]


def test_the_links_of_a_disabled_provider_still_show_its_colours(configured: Settings) -> None:
    assert configured.providers[1].disabled
    assert "--accent: #0f5ea8" in text(asset("colors-0f5ea8-ffffff.css"))


@pytest.mark.parametrize(
    "name",
    [
        "colors-8a1f5d-ffffff.css",
        "colors-ffffff-8a1f5c.css",
        "colors-8A1F5C-ffffff.css",
        "colors-8a1f5c-ffffff.css\n",
        "colors-8a1f5c.css",
        "colors-8a1f5c-ffffff",
        "colors-#8a1f5c-#ffffff.css",
        "colors-red;}*{}-ffffff.css",
        f"colors-{PROVIDER}.css",
    ],
)
@pytest.mark.usefixtures("configured")
def test_colours_that_no_provider_has_are_not_served(name: str) -> None:
    with pytest.raises(NotFound):
        asset(name)


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("name", ["api.js", "index.html", "wizard.JS", "../assets.py", ""])
def test_nothing_else_is_served(name: str) -> None:
    with pytest.raises(NotFound):
        asset(name)


@pytest.mark.parametrize("module", sorted(FOLDER.glob("*.js")), ids=lambda module: module.stem)
def test_no_text_of_the_script_goes_over_lines_whose_indentation_is_left_out(module: Path) -> None:
    assert [line for line in module.read_text().splitlines() if line.count("`") % 2] == []


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
    assert len({page(each).content for each in languages()}) == len(languages())


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
