"""What a first visit costs over the wire, with an empty cache: bytes of heads and bodies, and round trips."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from shared.languages.catalogs import languages
from tests.browser import operator as operators
from tests.browser.conftest import Open
from tests.browser.tally import Tally
from tests.browser.wizard import Wizard
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import Onboarding

WIZARD_BYTES = 30_000
PORTAL_BYTES = 120_000


@dataclass
class Traffic:
    """What came from where: the addresses asked for, and the bytes of each answer as the network brought them."""

    urls: dict[str, str] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)

    def size(self, origin: str) -> int:
        """Bytes from one origin."""
        return sum(size for request, size in self.bytes.items() if self.urls.get(request, "").startswith(f"{origin}/"))

    def calls(self, origin: str) -> list[str]:
        """The API's answers, in their order."""
        return [url for url in self.urls.values() if url.startswith(f"{origin}/api/")]


@contextmanager
def traffic(page: Page) -> Iterator[Traffic]:
    """Note the page's traffic as Chromium's network reports it."""
    seen = Traffic()
    network = page.context.new_cdp_session(page)
    network.on(
        "Network.responseReceived", lambda event: seen.urls.update({event["requestId"]: event["response"]["url"]})
    )
    network.on(
        "Network.loadingFinished",
        lambda event: seen.bytes.update({event["requestId"]: int(event["encodedDataLength"])}),
    )
    network.send("Network.enable")
    yield seen
    network.detach()


def test_the_wizard_is_ready_after_one_call(page: Page, way: Onboarding) -> None:
    link, api = way.copy_link(), way.cloud.config.api_url
    with traffic(page) as seen:
        Wizard(page).open(link)
    assert seen.calls(api) == [f"{api}/api/invitation"]


@pytest.mark.parametrize("code", languages())
def test_the_wizard_is_small_in_every_language(open_page: Open, way: Onboarding, tally: Tally, code: str) -> None:
    link, api, page = way.copy_link(), way.cloud.config.api_url, open_page(locale=code)
    with traffic(page) as seen:
        page.goto(link)
        expect(page.locator("#choice-form")).to_be_visible()
        page.wait_for_load_state("networkidle")
    size = seen.size(api)
    tally.wire["wizard"] = max(size, tally.wire.get("wizard", 0))
    assert 0 < size < WIZARD_BYTES


def test_the_portal_is_small(page: Page, cloud: LocalCloud, tally: Tally) -> None:
    with traffic(page) as seen:
        operators.sign_in(page, cloud)
        expect(page.get_by_role("heading", level=1, name="Services")).to_be_visible()
        page.wait_for_load_state("networkidle")
    tally.wire["portal"] = seen.size(cloud.config.portal_url)
    assert 0 < tally.wire["portal"] < PORTAL_BYTES
