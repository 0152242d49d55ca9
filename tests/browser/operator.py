"""What an operator does in the portal."""

from re import Pattern

from playwright.sync_api import Page, expect

from tests.integration.cloud import LocalCloud


def sign_in(page: Page, cloud: LocalCloud, name: str = "Olivia Berg", address: str = "/") -> None:
    """Open the portal at an address, and pick that person's account."""
    page.goto(cloud.config.portal_url + address)
    page.get_by_role("button", name=name).click()
    page.wait_for_url(f"{cloud.config.portal_url}/**")


def settle_at(page: Page, cloud: LocalCloud, address: str) -> None:
    """Sign in at an address, and wait until its page shows what it has loaded."""
    sign_in(page, cloud, address=address)
    expect(page.locator("#content h1")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)


def heading(page: Page, name: str | Pattern[str]) -> None:
    """Wait for a heading, which says that a page or a step is there."""
    expect(page.get_by_role("heading", name=name)).to_be_visible(timeout=20_000)


def choose(page: Page, menu: str, entry: str) -> None:
    """Open a menu, by its button's name, and choose an entry."""
    page.get_by_role("button", name=menu).first.click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def next_step(page: Page, name: str = "Next") -> None:
    page.get_by_role("button", name=name, exact=True).click()


def enter_names(page: Page, full_name: str, short_name: str) -> None:
    page.get_by_label("Full name").fill(full_name)
    page.get_by_label("Unique short name").fill(short_name)
    expect(page.get_by_text(f"“{short_name}” is free.")).to_be_visible()


def enter_license(page: Page, license_name: str, users: int) -> None:
    page.get_by_label(license_name).check()
    page.get_by_label("Number of licensed users").fill(str(users))


def enter_admin(page: Page, address: str) -> None:
    page.get_by_label("Send link to IT administrator for authentication").check()
    page.get_by_label("E-mail address of the tenant's service admin").fill(address)
