"""The watch over the pages sees what it is there for; without that, its silence would say nothing."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.look import examined
from tests.browser.tally import Tally
from tests.browser.watch import Watch
from tests.integration.cloud import LocalCloud


@pytest.mark.parametrize(
    ("kind", "deed"),
    [
        ("console_errors", "console.error('broken')"),
        ("console_errors", "setTimeout(() => { throw new Error('uncaught') })"),
        ("console_errors", "fetch('/api/invitation').catch(() => {})"),
        ("foreign_requests", "location.assign('http://tracker.invalid/')"),
        ("csp_reports", "document.body.append(Object.assign(document.createElement('style'), {textContent: 'a {}'}))"),
    ],
)
def test_what_a_page_must_not_do_is_noted(browser: Browser, cloud: LocalCloud, kind: str, deed: str) -> None:
    watch = Watch(frozenset({cloud.config.api_url}), Tally())
    with browser.new_context() as context:
        watch.over(context)
        page = context.new_page()
        page.goto(f"{cloud.config.api_url}/invite")
        page.get_by_role("heading", level=1).wait_for()
        assert not watch.complaints
        page.evaluate(f"() => {{ {deed}; }}")
        for _ in range(100):
            if watch.tally.counts[kind]:
                break
            page.wait_for_timeout(20)
        assert watch.tally.counts[kind], watch.complaints


def test_a_fault_of_the_page_is_found_by_axe(page: Page, cloud: LocalCloud) -> None:
    page.goto(f"{cloud.config.api_url}/invite")
    page.get_by_role("heading", level=1).wait_for()
    assert examined(page) == []
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert any(fault.startswith("html-has-lang") for fault in examined(page))
