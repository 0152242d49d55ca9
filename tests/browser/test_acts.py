"""What an operator does about an invitation or a service: each act says before what will happen, and to whom."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import operator as operators
from tests.browser import wizard
from tests.browser.conftest import Open
from tests.browser.look import Look
from tests.browser.watch import Watch
from tests.browser.wizard import Wizard
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import Json, Onboarding


@pytest.fixture
def row(way: Onboarding) -> Json:
    """Its row on the Pending Invitations page, once its mail is sent and nothing changes by itself."""
    way.mail_settled()
    return way.row()


type Choose = Callable[[str], None]


@pytest.fixture
def choose(cloud: LocalCloud, page: Page, row: Json) -> Choose:
    """Opens an act on that row."""
    operators.settle_at(page, cloud, f"/invitations?q={row['shortName']}")
    return lambda act: operators.choose(page, f"Actions: {row['shortName']}", act)


# What a browser does that was told not to let pages write to the clipboard.
CLOSED = """() => {
  navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"));
}"""


def press(dialog: Locator, name: str) -> None:
    dialog.get_by_role("button", name=name, exact=True).click()


def local(page: Page, distance: timedelta) -> str:
    """A time from now as the reader's date field has it."""
    now: str = page.evaluate("new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString()")
    return (datetime.fromisoformat(now) + distance).strftime("%Y-%m-%dT%H:%M")


def test_an_invitation_is_extended_within_its_limits(
    page: Page, way: Onboarding, choose: Choose, look: Look, watch: Watch
) -> None:
    choose("Extend")
    dialog = page.get_by_role("dialog")
    look(page, "portal-extend")
    watch.expect(422)
    dialog.get_by_label("Open until").fill(local(page, timedelta(days=90)))
    press(dialog, "Extend")
    expect(dialog.get_by_label("Open until")).to_have_attribute("aria-invalid", "true")
    look(page, "portal-extend-refused")
    wanted = local(page, timedelta(days=20))
    dialog.get_by_label("Open until").fill(wanted)
    press(dialog, "Extend")
    expect(dialog.get_by_text("The invitation is open until")).to_be_visible()
    press(dialog, "Close")
    expect(page.get_by_role("cell", name="in 20 days")).to_be_visible()
    assert datetime.fromisoformat(way.row()["expiresAt"]) > datetime.now().astimezone() + timedelta(days=19)


def test_a_revoked_invitation_opens_nothing_and_is_revived_by_a_resend_in_another_language(
    cloud: LocalCloud, page: Page, open_page: Open, way: Onboarding, choose: Choose, look: Look, watch: Watch
) -> None:
    link = way.mail().link
    choose("Revoke")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"{way.email} can no longer answer")).to_be_visible()
    look(page, "portal-revoke")
    press(dialog, "Revoke the invitation")
    expect(dialog.get_by_text("The invitation is revoked.")).to_be_visible()
    press(dialog, "Close")
    expect(page.get_by_role("cell", name="Revoked")).to_be_visible()
    watch.expect(410)
    admin = open_page()
    admin.goto(link)
    expect(admin.get_by_role("heading", level=1)).to_contain_text("withdrawn")
    choose("Resend")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Language of the e-mail").select_option(label="Deutsch")
    look(page, "portal-resend")
    press(dialog, "Resend")
    expect(dialog.get_by_text(f"A new link is on its way to {way.email}.")).to_be_visible()
    mail = cloud.inbox.wait_for_mail(way.email, count=2)
    assert mail.subject.startswith("Verbinden Sie")
    admin.goto(mail.link)
    Wizard(admin).shows(wizard.WELCOME)


def pasted(page: Page, cloud: LocalCloud) -> str:
    """What the clipboard holds, asked elsewhere: no script of the portal may read it."""
    page.goto(cloud.config.inbox_url)
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_a_link_is_copied_to_the_clipboard_and_leaves_the_e_mail_s_alive(
    cloud: LocalCloud, open_page: Open, row: Json, look: Look
) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    operators.settle_at(page, cloud, f"/invitations?q={row['shortName']}")
    operators.choose(page, f"Actions: {row['shortName']}", "Copy link")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The link is in the clipboard.")).to_be_visible()
    look(page, "portal-link-copied")
    copied = pasted(open_page(permissions=["clipboard-read", "clipboard-write"]), cloud)
    assert copied.startswith(f"{cloud.config.api_url}/invite#")
    assert copied not in page.content()
    for link in (copied, cloud.inbox.wait_for_mail(row["adminEmail"]).link):
        admin = open_page()
        admin.goto(link)
        Wizard(admin).shows(wizard.WELCOME)


def test_where_the_clipboard_is_closed_the_link_is_shown_for_copying(
    page: Page, choose: Choose, look: Look, cloud: LocalCloud
) -> None:
    page.evaluate(CLOSED)
    choose("Copy link")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Link")).to_have_value(re.compile(re.escape(f"{cloud.config.api_url}/invite#")))
    expect(dialog.get_by_label("Link")).to_be_focused()
    look(page, "portal-link-shown")
    press(dialog, "Close")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Actions:")).to_be_focused()


def test_an_order_is_cancelled_after_a_look_at_what_goes(
    cloud: LocalCloud, page: Page, way: Onboarding, look: Look
) -> None:
    short_name = way.mail_settled()["shortName"]
    operators.settle_at(page, cloud, f"/services/{way.id}")
    page.get_by_role("button", name="Cancel the service").click()
    dialog = page.get_by_role("dialog", name="Cancel this service")
    expect(dialog.get_by_text(f"the short name {short_name} is free again")).to_be_visible()
    look(page, "portal-cancel")
    for leave in ("Back", "Escape") * 3:
        press(dialog, leave) if leave == "Back" else page.keyboard.press(leave)
        expect(page.get_by_role("button", name="Cancel the service")).to_be_focused()
        page.keyboard.press("Enter")  # however soon after it was closed
        expect(dialog).to_be_visible()
    press(dialog, "Cancel the service")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Cancelled").first).to_be_visible()
    look(page, "portal-cancelled")
    assert way.read()["state"] == "cancelled"


def test_an_active_service_is_disconnected_and_connected_again_by_an_invitation_in_another_language(
    cloud: LocalCloud, page: Page, way: Onboarding, look: Look
) -> None:
    way.active()
    way.mail_settled()
    operators.settle_at(page, cloud, f"/services/{way.id}")
    page.get_by_role("button", name="Disconnect the service").click()
    dialog = page.get_by_role("dialog", name="Disconnect this service")
    expect(dialog.get_by_text("the client secret is wiped")).to_be_visible()
    look(page, "portal-disconnect")
    press(dialog, "Disconnect the service")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Disconnected").first).to_be_visible()
    look(page, "portal-disconnected")
    page.get_by_role("link", name="M365 Configuration").click()
    operators.heading(page, "The service is disconnected")
    look(page, "portal-m365-disconnected")
    page.get_by_role("button", name="Re-initiate Authentication Flow").click()
    dialog = page.get_by_role("dialog", name="Re-initiate Authentication Flow")
    expect(dialog.get_by_label("E-mail address")).to_have_value(way.email)
    dialog.get_by_label("Language of the e-mail").select_option(label="Français")
    look(page, "portal-reinitiate")
    press(dialog, "Re-initiate Authentication Flow")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert cloud.inbox.wait_for_mail(way.email, count=2).subject.startswith("Connectez votre")
    assert way.read()["state"] == "invited"
