"""What a page must not do while a person uses it: complain, break, call other hosts, or meet its own policy."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from tests.browser.tally import Tally

REPORT = "CSP report: "
LISTEN = f"""addEventListener("securitypolicyviolation", (event) =>
  console.error("{REPORT}" + event.violatedDirective + " " + event.blockedURI + " " + event.sample));"""
STATUS = re.compile(r"status of (\d{3})|net::(ERR_[A-Z_]+)")


@dataclass
class Watch:
    """One test's pages. `expected` names the statuses and network errors (`410`, `ERR_INTERNET_DISCONNECTED`) that the
    test provokes: Chromium logs each of them as an error.
    """

    origins: frozenset[str]
    tally: Tally
    expected: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of this context from its first request on."""
        context.add_init_script(LISTEN)
        context.on("page", self._page)

    def expect(self, *what: int | str) -> None:
        self.expected |= {str(one) for one in what}

    def _page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._note("console_errors", f"uncaught: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if message.text.startswith(REPORT):
            self._note("csp_reports", message.text)
            return
        met = STATUS.search(message.text)
        if met is None or (met[1] or met[2]) not in self.expected:
            self._note("console_errors", f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" not in self.origins:
            self._note("foreign_requests", f"request to another host: {request.url}")

    def _failed(self, request: Request) -> None:
        # A page that is left aborts what it has asked for; that harms nobody.
        error = (request.failure or "").removeprefix("net::")
        if error != "ERR_ABORTED" and error not in self.expected:
            self._note("console_errors", f"failed: {request.method} {request.url}: {error}")

    def _note(self, kind: str, text: str) -> None:
        self.tally.add(kind)
        self.complaints.append(text)
