"""What Entra refuses, and what the page says to it: each refusal tells what to do, and asks for the secret alone."""

import uuid
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser import wizard
from tests.browser.look import Look
from tests.browser.wizard import Wizard
from tests.integration.procedure import CONTOSO, TAILSPIN_EXPIRED, Onboarding, Registered, registered

GONE_TENANT = "66666666-aaaa-4bbb-8ccc-000000000001"

REFUSALS = {
    "secret-wrong": replace(CONTOSO, secret=CONTOSO.secret[:-3] + "xyz"),
    "secret-expired": TAILSPIN_EXPIRED,
    "tenant-gone": replace(CONTOSO, tenant=GONE_TENANT),
    "application-unknown": replace(CONTOSO, client=str(uuid.UUID(int=0xB99))),
    "application-disabled": registered(3),
    "no-service-principal": registered(4),
    "conditional-access": registered(5),
    "permission-missing": registered(6),
    "token-without-principal": registered(7),
    "unknown-reason": registered(11),
    "no-teams-service": registered(12),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_says_what_to_do_and_asks_for_the_secret_again(
    page: Page, way: Onboarding, look: Look, kind: str
) -> None:
    values: Registered = REFUSALS[kind]
    admin = Wizard(page).open(way.copy_link())
    admin.submit(values)
    admin.shows(wizard.REFUSED, wizard.SLOW)
    expect(page.get_by_role("heading", name="What to do").first).to_be_visible()
    expect(page.get_by_role("listitem").filter(visible=True).first).to_be_visible()
    expect(page.locator("#tries-left")).to_contain_text("tries are left")
    expect(admin.tenant).to_have_value(values.tenant)
    expect(admin.client).to_have_value(values.client)
    expect(admin.secret).to_have_value("")
    assert values.secret not in admin.kept()
    look(page, f"wizard-refused-{kind}")


def test_after_a_refusal_only_the_secret_is_entered_again(page: Page, way: Onboarding) -> None:
    admin = Wizard(page).open(way.copy_link())
    admin.submit(REFUSALS["secret-wrong"])
    admin.shows(wizard.REFUSED, wizard.SLOW)
    admin.secret.fill(CONTOSO.secret)
    admin.start.click()
    admin.shows(wizard.DONE, wizard.SLOW)


def test_wrong_values_are_named_at_their_fields_before_anything_is_sent(
    page: Page, way: Onboarding, look: Look
) -> None:
    admin = Wizard(page).open(way.copy_link()).to_form()
    admin.tenant.fill("{contoso}")
    admin.client.fill("12345")
    admin.secret.fill(str(uuid.uuid4()))
    admin.start.click()
    expect(page.locator("#summary")).to_be_focused()
    for field in (admin.tenant, admin.client, admin.secret):
        expect(field).to_have_attribute("aria-invalid", "true")
    look(page, "wizard-form-errors")
    page.get_by_role("link", name="Application (Client) ID:").click()
    expect(admin.client).to_be_focused()
