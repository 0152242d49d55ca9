"""The admin's inbox: the mail itself in the browser, and its button."""

from playwright.sync_api import FrameLocator, Page

from local.callers import Mail
from tests.integration.cloud import LocalCloud

BUTTON = "Click here to activate your tenant"


def open_mail(page: Page, cloud: LocalCloud, mail: Mail) -> None:
    """Show the mail alone, to look at it."""
    page.goto(f"{cloud.config.inbox_url}/email/{mail.id}/html")


def open_inbox(page: Page, cloud: LocalCloud, mail: Mail) -> FrameLocator:
    """Open the mail among others, in a frame, as a mail program on the web does."""
    page.goto(f"{cloud.config.inbox_url}/#/email/{mail.id}")
    return page.frame_locator("iframe.panel-html")


def press_button(page: Page, mail: Page | FrameLocator) -> Page:
    """Step 8; returns the page in which the wizard opens."""
    with page.expect_popup() as opened:
        mail.get_by_role("link", name=BUTTON).click()
    return opened.value
