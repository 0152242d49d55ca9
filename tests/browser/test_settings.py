"""M365 Configuration: health in one sentence, what is missing and what breaks without it, a check that takes long."""

from playwright.sync_api import Page, expect

from tests.browser import operator as operators
from tests.browser.look import Look
from tests.integration.cloud import Directory, Faults, LocalCloud
from tests.integration.procedure import CONTOSO, Onboarding, Registered, in_a_tenant_of_its_own

LONG = 60_000  # milliseconds until a check that Microsoft did not answer is tried again and ends


def grant(directory: Directory, one: Registered, *permissions: str) -> None:
    """Let the application hold these permissions, and no others."""
    with directory.edit() as content:
        application = next(each for each in content["applications"] if each["appId"] == one.client)
        application["tenants"][one.tenant]["roles"] = list(permissions)


def validate(page: Page) -> None:
    page.get_by_role("button", name="Validate Authentication").click()


def test_a_slow_validation_says_what_it_waits_for_and_goes_on_without_its_reader(
    cloud: LocalCloud, page: Page, look: Look, faults: Faults, directory: Directory
) -> None:
    own = in_a_tenant_of_its_own(directory, CONTOSO)
    way = Onboarding.begin(cloud).active(own)
    faults.entra(own.sign_in, status=503)
    operators.settle_at(page, cloud, f"/services/{way.id}/m365")
    validate(page)
    expect(page.get_by_text("Started at")).to_be_visible()
    look(page, "portal-m365-checking")
    page.reload()
    expect(page.get_by_text("Microsoft is slow today.")).to_be_visible(timeout=30_000)
    look(page, "portal-m365-slow")
    faults.clear()
    health = page.get_by_role("status").filter(has_text="Works.")
    expect(health).to_contain_text("Last checked", timeout=LONG)


def test_a_permission_that_was_taken_away_is_named_with_what_breaks_without_it(
    cloud: LocalCloud, page: Page, look: Look, directory: Directory
) -> None:
    own = in_a_tenant_of_its_own(directory, CONTOSO)
    way = Onboarding.begin(cloud).active(own)
    grant(directory, own)
    operators.settle_at(page, cloud, f"/services/{way.id}/m365")
    expect(page.get_by_role("status").filter(has_text="Works.")).to_be_visible()
    validate(page)
    expect(page.get_by_role("status").filter(has_text="Does not work.")).to_be_visible(timeout=20_000)
    missing = page.get_by_role("listitem").filter(has_text="Organization.Read.All")
    expect(missing.get_by_text("Without it the tenant's name and verified domains cannot be read")).to_be_visible()
    expect(page.get_by_text("The service stays active")).to_have_count(0)
    look(page, "portal-m365-refused")
    assert way.read()["state"] == "active"


def test_a_secret_whose_end_nobody_knows_says_why(
    cloud: LocalCloud, page: Page, look: Look, directory: Directory
) -> None:
    own = in_a_tenant_of_its_own(directory, CONTOSO)
    grant(directory, own, "Organization.Read.All")
    way = Onboarding.begin(cloud).active(own)
    operators.settle_at(page, cloud, f"/services/{way.id}/m365")
    expect(page.get_by_role("status").filter(has_text="When the secret expires is unknown.")).to_be_visible()
    why = page.get_by_text("the application may not read its own secrets")
    expect(why.first).to_be_visible()
    look(page, "portal-m365-expiry-unknown")
