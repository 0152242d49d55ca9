"""One local cloud and one browser for each pytest process; every page that a test opens is watched."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from local.config import ROOT
from tests.browser.chromium import launched
from tests.browser.look import Look
from tests.browser.tally import Tally
from tests.browser.watch import Watch
from tests.integration.cloud import LocalCloud

PICTURES = ROOT / ".local" / "screenshots"
PATIENCE = 15_000  # milliseconds that a page may take to show what is expected of it
TALLY = pytest.StashKey[Tally]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--readme-pictures", type=Path, help="renew the README's pictures in this folder")


type Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with launched() as running:
        yield running


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    return pytestconfig.stash.setdefault(TALLY, Tally())


@pytest.fixture(scope="session")
def look(tally: Tally, pytestconfig: pytest.Config) -> Look:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return Look(PICTURES, tally, pytestconfig.getoption("--readme-pictures"))


@pytest.fixture
def watch(cloud: LocalCloud, tally: Tally) -> Iterator[Watch]:
    """Fails the test at its end for what a page did that the test did not declare."""
    config = cloud.config
    origins = (config.api_url, config.inbox_url, config.portal_url, config.entra_browser_url)
    watch = Watch(frozenset(origins), tally)
    yield watch
    assert not watch.complaints, "\n".join(watch.complaints)


@pytest.fixture
def open_page(browser: Browser, watch: Watch, tally: Tally) -> Iterator[Open]:
    """Opens an empty page in a profile of its own; keyword arguments are those of Playwright's `new_context`."""
    contexts: list[BrowserContext] = []

    def opened(**options: object) -> Page:
        wanted = {"locale": "en-GB", "timezone_id": "Europe/Berlin", "viewport": {"width": 1280, "height": 800}}
        context = browser.new_context(**{**wanted, **options})  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    tally.add("journeys")
    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Open) -> Page:
    return open_page()


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None and TALLY in session.config.stash:
        output["browser"] = session.config.stash[TALLY].as_json()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    config, output = getattr(node, "config", None), getattr(node, "workeroutput", {})
    if config is not None and "browser" in output:
        config.stash.setdefault(TALLY, Tally()).take(**output["browser"])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if TALLY in config.stash:
        terminalreporter.write_line(config.stash[TALLY].line())
