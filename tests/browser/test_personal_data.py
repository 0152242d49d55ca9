"""*Delete personal data*: what goes is said before, is gone from every page after, and what happened stays readable."""

from playwright.sync_api import Locator, Page, expect

from local.waiting import wait_until
from tests.browser import operator as operators
from tests.browser.conftest import Open
from tests.browser.look import Look
from tests.browser.watch import Watch
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import SECONDS, Onboarding, good, unique

DONE = "The personal data was deleted. What happened, and when, stays readable."
WHO = "Olivia Berg"


def erase(page: Page, look: Look, name: str) -> Locator:
    """Open the dialog, look at it, and delete; returns the facts that stand on the service's page then."""
    page.get_by_role("button", name="Delete personal data").click()
    dialog = page.get_by_role("dialog", name="Delete this service's personal data")
    expect(dialog.get_by_text("This cannot be undone.")).to_be_visible()
    look(page, name)
    dialog.get_by_role("button", name="Delete personal data").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#content").get_by_text(DONE)).to_be_visible()
    expect(page.get_by_role("button", name="Delete personal data")).to_have_count(0)
    return page.locator(".facts")


def names_gone(way: Onboarding) -> None:
    """Wait until the owed work has taken the operators' names out of the history."""
    wait_until(lambda: all(event["by"]["name"] != WHO for event in way.events()), SECONDS, "a history without names")


def test_a_cancelled_service_loses_its_people_and_keeps_its_history(
    cloud: LocalCloud, page: Page, open_page: Open, way: Onboarding, look: Look
) -> None:
    way.mail_settled()
    operators.settle_at(page, cloud, f"/services/{way.id}")
    expect(page.get_by_role("button", name="Delete personal data")).to_have_count(0)
    page.get_by_role("button", name="Cancel the service").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the service").click()
    expect(page.get_by_text(f"The service was cancelled by {WHO}.")).to_be_visible()
    look(page, "portal-personal-data-kept")
    monitor = open_page()
    operators.sign_in(monitor, cloud, "Max Stein", f"/services/{way.id}")
    operators.heading(monitor, "Invitation")
    expect(monitor.get_by_role("button", name="Delete personal data")).to_have_count(0)

    facts = erase(page, look, "portal-erase-ended")
    expect(facts.get_by_text("deleted", exact=True)).to_be_visible()
    expect(page.get_by_text("The service was cancelled by an operator.")).to_be_visible()
    expect(page.get_by_text(way.email)).to_have_count(0)
    look(page, "portal-personal-data-erased")

    names_gone(way)
    page.get_by_role("link", name="Events").click()
    expect(page.get_by_role("cell", name="Personal data deleted")).to_be_visible()
    expect(page.get_by_role("row", name="Service cancelled").get_by_role("cell", name="An operator")).to_be_visible()
    expect(page.get_by_role("cell", name=WHO)).to_have_count(0)
    look(page, "portal-events-erased")

    short_name = way.read()["shortName"]
    page.goto(f"{cloud.config.portal_url}/services?q={short_name}")
    expect(page.get_by_role("row", name=short_name).get_by_text("Cancelled")).to_be_visible()
    assert "null" not in page.locator("#content").inner_text()
    look(page, "portal-services-erased")


def test_a_resend_asks_for_the_address_that_was_deleted(
    cloud: LocalCloud, page: Page, way: Onboarding, look: Look, watch: Watch
) -> None:
    way.mail_settled()
    good(way.change(f"{way.invitation}/revoke"))
    operators.settle_at(page, cloud, f"/services/{way.id}")
    erase(page, look, "portal-erase-revoked")

    short_name = way.read()["shortName"]
    page.goto(f"{cloud.config.portal_url}/invitations?q={short_name}")
    row = page.get_by_role("row", name=short_name)
    expect(row.get_by_role("cell", name="deleted", exact=True)).to_be_visible()
    expect(row.get_by_role("cell", name="An operator", exact=True)).to_be_visible()
    look(page, "portal-invitations-erased")

    operators.choose(page, f"Actions: {short_name}", "Resend")
    dialog = page.get_by_role("dialog")
    address = dialog.get_by_label("E-mail address")
    expect(address).to_be_focused()
    expect(dialog.get_by_text("A new link goes to the address that you enter.")).to_be_visible()
    look(page, "portal-resend-erased")
    watch.expect(422)
    dialog.get_by_role("button", name="Resend").click()
    expect(address).to_have_attribute("aria-invalid", "true")
    look(page, "portal-resend-erased-refused")

    another = f"{unique('it-')}@contoso.example"
    address.fill(another)
    dialog.get_by_role("button", name="Resend").click()
    expect(dialog.get_by_text(f"A new link is on its way to {another}.")).to_be_visible()
    assert cloud.inbox.wait_for_mail(another).link
    assert way.row()["adminEmail"] == another


def test_a_service_in_use_keeps_its_tenant_and_is_connected_anew_at_an_address_that_is_typed(
    cloud: LocalCloud, page: Page, way: Onboarding, look: Look
) -> None:
    way.active()
    way.mail_settled()
    operators.settle_at(page, cloud, f"/services/{way.id}")
    erase(page, look, "portal-erase-active")
    look(page, "portal-personal-data-erased-active")
    page.goto(f"{cloud.config.portal_url}/onboarding/{way.id}/registration")
    expect(page.locator(".facts").get_by_text("deleted", exact=True)).to_be_visible()
    expect(page.locator(".facts").get_by_text("contoso.example").first).to_be_visible()
    look(page, "portal-registration-erased")
    page.goto(f"{cloud.config.portal_url}/services/{way.id}/m365")
    page.get_by_role("button", name="Re-initiate Authentication Flow").click()
    dialog = page.get_by_role("dialog", name="Re-initiate Authentication Flow")
    expect(dialog.get_by_label("E-mail address")).to_have_value("")
    dialog.get_by_label("E-mail address").fill(way.email)
    dialog.get_by_role("button", name="Re-initiate Authentication Flow").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert way.read()["invitation"]["adminEmail"] == way.email
