"""The evidence before a registration is added: whose tenant it is, in words; a doubtful one needs a ticked sentence."""

import re

from playwright.sync_api import Page, expect

from tests.browser import operator as operators
from tests.browser.look import Look
from tests.integration.cloud import Directory, LocalCloud
from tests.integration.procedure import CONTOSO, Onboarding, Registered, in_a_tenant_of_its_own

TICK = "Tick that the tenant is the customer's."


def at_registration(page: Page, cloud: LocalCloud, way: Onboarding) -> None:
    operators.settle_at(page, cloud, f"/onboarding/{way.id}/registration")


def change_secret(directory: Directory, one: Registered, value: str) -> None:
    with directory.edit() as content:
        application = next(each for each in content["applications"] if each["appId"] == one.client)
        application["secrets"][0]["value"] = value


def adds_only_what_is_acknowledged(page: Page, look: Look, name: str) -> None:
    button = page.get_by_role("button", name="Next", exact=True)
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_have_accessible_description(TICK)
    button.click(force=True)  # nothing keeps a person from pressing it; nothing comes of it
    operators.heading(page, "Add the registration")
    look(page, name)
    page.get_by_label(re.compile("I have made sure that the tenant")).check()
    expect(page.get_by_text(TICK)).to_have_count(0)
    button.click()
    operators.heading(page, "The credentials are valid")


def test_a_tenant_without_the_invited_domain_is_added_once_somebody_answers_for_it(
    cloud: LocalCloud, page: Page, look: Look
) -> None:
    way = Onboarding.begin(cloud, adminEmail="it@elsewhere.example").authenticated()
    at_registration(page, cloud, way)
    differs = "The invited address's domain is none of the tenant's verified domains."
    expect(page.get_by_text(differs).first).to_be_visible()
    adds_only_what_is_acknowledged(page, look, "portal-registration-differs")


def test_a_tenant_whose_domains_cannot_be_read_is_no_match(
    cloud: LocalCloud, page: Page, look: Look, directory: Directory
) -> None:
    own = in_a_tenant_of_its_own(directory, CONTOSO)
    with directory.edit() as content:
        next(one for one in content["tenants"] if one["id"] == own.tenant)["domains"] = []
    way = Onboarding.begin(cloud).authenticated(own)
    at_registration(page, cloud, way)
    expect(page.get_by_text("Whether the invited address belongs to this tenant cannot be told.")).to_be_visible()
    adds_only_what_is_acknowledged(page, look, "portal-registration-unknown")


def test_a_tenant_that_another_customer_has_is_named(
    cloud: LocalCloud, page: Page, look: Look, directory: Directory
) -> None:
    own = in_a_tenant_of_its_own(directory, CONTOSO)
    other = Onboarding.begin(cloud).added(own)
    way = Onboarding.begin(cloud).authenticated(own)
    at_registration(page, cloud, way)
    expect(page.get_by_text(f"This tenant is connected for {other.customer['name']} already.")).to_be_visible()
    look(page, "portal-registration-other-customer")


def test_before_the_administrator_has_answered_there_is_nothing_to_add(
    cloud: LocalCloud, page: Page, look: Look, way: Onboarding
) -> None:
    at_registration(page, cloud, way)
    expect(page.get_by_text("There is no registration to add yet.")).to_be_visible()
    look(page, "portal-registration-none")
    way.authenticated()
    operators.heading(page, "Add the registration")


def test_credentials_that_no_longer_work_are_named_and_validated_again(
    cloud: LocalCloud, page: Page, look: Look, directory: Directory
) -> None:
    own = in_a_tenant_of_its_own(directory, CONTOSO)
    way = Onboarding.begin(cloud).authenticated(own)
    change_secret(directory, own, "another-secret-that-was-made-since")
    at_registration(page, cloud, way)
    operators.next_step(page)
    operators.heading(page, "The validation did not pass")
    look(page, "portal-validation-failed")
    change_secret(directory, own, own.secret)
    operators.next_step(page, "Validate again")
    operators.heading(page, "The credentials are valid")
