"""The admin's wizard from the mail's button to its end."""

from playwright.sync_api import Page, expect

from tests.browser import inbox, wizard
from tests.browser.look import Look
from tests.browser.tally import Tally
from tests.browser.wizard import Wizard
from tests.integration.procedure import CONTOSO, Onboarding


def test_the_mail_leads_through_the_wizard_to_its_confirmation(
    page: Page, way: Onboarding, look: Look, tally: Tally
) -> None:
    inbox.open_mail(page, way.cloud, way.mail())
    look(page, "mail")
    admin = Wizard(inbox.press_button(page, page))
    admin.shows(wizard.WELCOME)
    expect(admin.button("Continue")).to_be_visible()
    assert "#" not in admin.page.url
    look(admin.page, "wizard-welcome")
    tally.steps.add(8)
    admin.to_form()
    look(admin.page, "wizard-form")
    admin.enter(CONTOSO).start.click()
    tally.steps.add(9)
    admin.shows(wizard.DONE, wizard.SLOW)
    look(admin.page, "wizard-done")
    assert way.read()["invitation"]["deviceAuthenticated"] is True
    kept = admin.kept()
    assert CONTOSO.secret not in kept
    assert "invitation.token" not in kept
    tally.steps.add(10)
