"""The admin's wizard as its reader meets it: headings, fields and buttons by their names."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.integration.procedure import Registered

WELCOME = "Connect your Microsoft 365 tenant"
FORM = "Enter the values of your app registration"
CHECKING = "Checking the app registration"
REFUSED = "The check did not pass"
UNAVAILABLE = "The check could not be finished"
DONE = "The application registration is valid"
DECLINE = "Decline this request?"
DECLINED = "The request is declined"
PASTE = "Open your invitation"
LOST = "The invitation could not be read"
SLOW = 30_000  # milliseconds that a check may take


class Wizard:
    """One page with the wizard in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.tenant = page.get_by_label("Customer Microsoft Tenant ID")
        self.client = page.get_by_label("Application (Client) ID")
        self.secret = page.get_by_role("textbox", name="Client Secret")
        self.start = page.get_by_role("button", name="Start authentication")

    def open(self, link: str) -> "Wizard":
        """Open a link and see the request."""
        self.page.goto(link)
        self.shows(WELCOME)
        expect(self.button("Continue")).to_be_visible()
        return self

    def shows(self, heading: str, milliseconds: float = 15_000) -> None:
        """Wait for the screen with this heading; the title follows it, and the focus is on it."""
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible(timeout=milliseconds)
        expect(self.page).to_have_title(re.compile(re.escape(heading)))

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def to_form(self) -> "Wizard":
        expect(self.page.get_by_role("radio", name=re.compile("Use App Registration"))).to_be_checked()
        self.button("Continue").click()
        self.shows(FORM)
        return self

    def enter(self, values: Registered) -> "Wizard":
        self.tenant.fill(values.tenant)
        self.client.fill(values.client)
        self.secret.fill(values.secret)
        return self

    def submit(self, values: Registered) -> None:
        """Step 9: from the request to the check."""
        self.to_form().enter(values).start.click()

    def kept(self) -> str:
        """Whatever this tab keeps or shows: storage, history, address, document and its fields."""
        return str(
            self.page.evaluate(
                """() => JSON.stringify([{...sessionStorage}, {...localStorage}, history.state, location.href,
                document.cookie, document.documentElement.outerHTML,
                [...document.querySelectorAll("input, textarea")].map((field) => field.value)])"""
            )
        )
