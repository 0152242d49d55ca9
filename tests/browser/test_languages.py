"""The wizard in the language of its reader's browser, or in the one that its reader chooses."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.look import Look
from tests.browser.watch import Watch
from tests.browser.wizard import DONE, SLOW, Wizard
from tests.integration.procedure import CONTOSO, Onboarding, good


@pytest.mark.parametrize(("locale", "lang"), [("de-DE", "de"), ("fr-FR", "fr"), ("es-ES", "es"), ("pt-BR", "en")])
def test_the_wizard_speaks_the_browsers_language(
    open_page: Open, way: Onboarding, look: Look, locale: str, lang: str
) -> None:
    page = open_page(locale=locale)
    page.goto(way.copy_link())
    expect(page.locator("#choice-form")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", lang)
    look(page, f"wizard-welcome-{locale}")


def choose(page: Page, language: str) -> None:
    """Press a language at the foot of the page."""
    page.get_by_role("contentinfo").get_by_role("link", name=language, exact=True).click()


def test_another_language_keeps_the_invitation_the_step_and_the_ids_but_never_the_secret(
    page: Page, way: Onboarding, look: Look
) -> None:
    admin = Wizard(page).open(way.copy_link()).to_form().enter(CONTOSO)
    choose(page, "Deutsch")
    admin.shows("Geben Sie die Werte Ihrer App-Registrierung ein")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#tenantId")).to_have_value(CONTOSO.tenant)
    expect(page.locator("#clientId")).to_have_value(CONTOSO.client)
    expect(page.locator("#secret")).to_have_value("")
    assert CONTOSO.secret not in admin.kept()
    look(page, "wizard-form-chosen-de")
    page.locator("#secret").fill("not~the.secret")
    page.get_by_role("button", name="Authentifizierung starten").click()
    admin.shows("Die Prüfung wurde nicht bestanden", SLOW)
    told = "Microsoft nimmt diesen geheimen Clientschlüssel für diese Anwendung nicht an."
    expect(page.locator("#refused-items .failure-detail")).to_have_text(told)
    expect(page.locator("#tries-left")).to_have_text("9 Versuche sind noch übrig.")
    look(page, "wizard-refused-de")
    page.reload()
    admin.shows("Die Prüfung wurde nicht bestanden")


def test_another_language_keeps_a_reason_that_was_typed(page: Page, way: Onboarding) -> None:
    Wizard(page).open(way.copy_link())
    page.get_by_role("button", name="Decline this request").first.click()
    page.get_by_label("Reason").fill("We have another provider.")
    choose(page, "Deutsch")
    expect(page.locator("#reason")).to_have_value("We have another provider.")
    expect(page.locator("#reason")).to_be_visible()


def test_an_end_can_be_read_in_another_language_and_leaves_nothing_behind(page: Page, way: Onboarding) -> None:
    admin = Wizard(page).open(way.copy_link())
    admin.submit(CONTOSO)
    admin.shows(DONE, SLOW)
    for language, heading in (("Français", "L’inscription d’application est valide"), ("English", DONE)):
        choose(page, language)
        admin.shows(heading)
        assert "invitation.token" not in admin.kept()


def test_a_dead_link_tells_why_in_another_language(page: Page, way: Onboarding, watch: Watch) -> None:
    watch.expect(410)
    link = way.copy_link()
    good(way.change(f"{way.invitation}/revoke"))
    page.goto(link)
    admin = Wizard(page)
    admin.shows("This invitation was withdrawn")
    choose(page, "Español")
    admin.shows("Esta invitación se ha retirado")
    expect(page.get_by_role("button", name="Pedir un enlace nuevo a Northwind Voice")).to_be_visible()
    assert "invitation.token" not in admin.kept()
