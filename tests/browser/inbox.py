"""The admin's inbox: the mail itself in the browser, and its button."""

from playwright.sync_api import Page

from local.callers import Mail
from tests.integration.cloud import LocalCloud

BUTTON = "Click here to activate your tenant"


def open_mail(page: Page, cloud: LocalCloud, mail: Mail) -> None:
    """Show the mail as the administrator's mail program would."""
    page.goto(f"{cloud.config.inbox_url}/email/{mail.id}/html")


def press_button(page: Page) -> Page:
    """Step 8; returns the page in which the wizard opens, a new one when the mail asks for it."""
    button = page.get_by_role("link", name=BUTTON)
    if button.get_attribute("target") != "_blank":
        button.click()
        return page
    with page.expect_popup() as opened:
        button.click()
    return opened.value
