"""The wizard in the language of its reader's browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.look import Look
from tests.integration.procedure import Onboarding


@pytest.mark.parametrize(("locale", "lang"), [("de-DE", "de"), ("fr-FR", "fr"), ("es-ES", "es"), ("pt-BR", "en")])
def test_the_wizard_speaks_the_browsers_language(
    open_page: Open, way: Onboarding, look: Look, locale: str, lang: str
) -> None:
    page = open_page(locale=locale)
    page.goto(way.copy_link())
    expect(page.locator("#choice-form")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", lang)
    look(page, f"wizard-welcome-{locale}")
