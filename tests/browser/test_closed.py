"""What the pages keep from other sites, and from whoever sits down at the same computer afterwards."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import operator as operators
from tests.browser import wizard
from tests.browser.conftest import Open
from tests.browser.wizard import Wizard
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import CONTOSO, FABRIKAM, Onboarding

BAR = "getComputedStyle(document.querySelector('.bar')).backgroundColor"
FETCHED = "([url, mode]) => fetch(url, {mode}).then((reply) => reply.type, () => 'refused')"
SCRIPT = """url => new Promise((resolve) => {
    const script = Object.assign(document.createElement('script'), {src: url});
    script.onload = () => resolve('loaded');
    script.onerror = () => resolve('refused');
    document.head.append(script);
})"""
FRAME = """url => new Promise((resolve) => {
    const frame = Object.assign(document.createElement('iframe'), {src: url});
    frame.onload = () => resolve(frame.contentDocument === null);
    document.body.append(frame);
})"""


class _EvilSite(BaseHTTPRequestHandler):
    """One page without any policy, and a script that anybody may embed."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html")
        self.end_headers()
        if not self.path.endswith(".js"):
            self.wfile.write(b"<!doctype html><title>Evil</title><body>")

    @override
    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def evil() -> Iterator[str]:
    """Another site's origin, on this machine as the app's is."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _EvilSite) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture
def elsewhere(browser: Browser, evil: str) -> Iterator[Page]:
    """A page of another site."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(evil)
        yield page


def test_another_site_neither_reads_nor_embeds_what_the_app_answers(
    elsewhere: Page, evil: str, cloud: LocalCloud
) -> None:
    own = evil.replace("localhost", "127.0.0.1")  # another origin, too, which keeps nothing to itself
    assert elsewhere.evaluate(FETCHED, [f"{own}/x.js", "no-cors"]) == "opaque"
    assert elsewhere.evaluate(SCRIPT, f"{own}/x.js") == "loaded"
    for path in ("/api/health", "/api/openapi.json", "/invite", "/invite/wizard.js"):
        for mode in ("cors", "no-cors"):
            assert elsewhere.evaluate(FETCHED, [cloud.config.api_url + path, mode]) == "refused", (path, mode)
    for script in (f"{cloud.config.api_url}/invite/wizard.js", f"{cloud.config.portal_url}/icon.svg"):
        assert elsewhere.evaluate(SCRIPT, script) == "refused"


@pytest.mark.parametrize("place", ["wizard", "portal", "api"])
def test_another_site_s_frame_shows_nothing_of_ours(elsewhere: Page, cloud: LocalCloud, place: str) -> None:
    config = cloud.config
    addresses = {
        "wizard": f"{config.api_url}/invite",
        "portal": config.portal_url,
        "api": f"{config.api_url}/api/health",
    }
    assert elsewhere.evaluate(FRAME, addresses[place])
    (frame,) = elsewhere.frames[1:]
    assert frame.url.startswith("chrome-error:")


def test_a_window_that_opened_the_wizard_has_no_hold_on_it(elsewhere: Page, way: Onboarding) -> None:
    with elsewhere.expect_popup() as popup:
        elsewhere.evaluate("url => { window.opened = open(url) }", way.copy_link())
    Wizard(popup.value).shows(wizard.WELCOME)
    assert popup.value.evaluate("opener === null")
    assert elsewhere.evaluate("opened.closed")


def test_back_shows_nothing_that_was_typed(page: Page, way: Onboarding) -> None:
    kept: list[bool] = []
    network = page.context.new_cdp_session(page)
    network.on("Network.responseReceived", lambda event: _note_document(event, kept))
    network.send("Network.enable")
    admin = Wizard(page).open(way.copy_link()).to_form().enter(CONTOSO)
    page.goto("about:blank")
    page.go_back()
    admin.shows(wizard.FORM)
    assert kept == [False, False], "the page came out of the browser's cache"
    for field in (admin.tenant, admin.client, admin.secret):
        expect(field).to_have_value("")
    assert CONTOSO.secret not in admin.kept()


def _note_document(event: dict[str, Any], kept: list[bool]) -> None:
    if event["type"] == "Document" and event["response"]["url"].endswith("/invite"):
        kept.append(event["response"]["fromDiskCache"])


def test_who_signs_in_after_another_sees_nothing_of_what_that_one_typed(cloud: LocalCloud, page: Page) -> None:
    place, typed = "/onboarding/customer", "Confidential Holding"
    operators.sign_in(page, cloud, address=place)
    page.get_by_text("Add a customer", exact=True).click()
    page.get_by_label("Name of the new customer").fill(typed)
    page.reload()
    expect(page.get_by_label("Name of the new customer")).to_have_value(typed)
    operators.choose(page, "Olivia Berg", "Use another account")
    page.get_by_role("button", name="Farid Noor").click()
    expect(page.get_by_label("Name of the new customer")).to_have_value("")
    assert typed not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


def test_a_sign_in_that_was_not_asked_for_here_is_refused_and_asks_entra_for_nothing(
    cloud: LocalCloud, page: Page
) -> None:
    """Somebody lures an operator into a session of another account: with a code of theirs, and a state."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{cloud.config.portal_url}/?code=of-another-account&state=of-another-tab")
    operators.heading(page, "The sign-in did not work")
    assert not [url for url in asked if "/oauth2/" in url or "/api/" in url]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_invitation_appears_in_its_provider_s_colours(open_page: Open, cloud: LocalCloud, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    way = Onboarding.begin(cloud, FABRIKAM)
    page.add_init_script(
        f"""addEventListener("DOMContentLoaded", () => new MutationObserver(() => {{
            if (!document.getElementById("welcome").hidden) window.first ??= {BAR};
        }}).observe(document.getElementById("welcome"), {{attributes: true}}))"""
    )
    Wizard(page).open(way.copy_link())
    assert page.evaluate("first") == page.evaluate(BAR) == "rgb(138, 31, 92)"


def test_an_invitation_appears_without_its_colours_when_they_do_not_come(open_page: Open, way: Onboarding) -> None:
    page = open_page()
    page.route("**/invite/colors-*", lambda _: None)
    Wizard(page).open(way.copy_link()).to_form()
