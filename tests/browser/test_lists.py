"""The two lists: empty, filtered, longer than a page, and refreshed under the reader's eyes."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import operator as operators
from tests.browser.look import Look
from tests.integration.asking import in_minutes
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import Desk, good, order

LOOK_AGAIN = "dispatchEvent(new Event('online'))"  # what makes a page refresh at once


def emptied(route: Route) -> None:
    """The API's own answer to a list, with nothing in it."""
    if route.request.method == "OPTIONS":
        route.continue_()
    else:
        route.fulfill(response=route.fetch(), json={"value": [], "nextLink": None})


@pytest.mark.parametrize(
    ("path", "title", "purpose"),
    [
        ("/services", "Services", "A service connects a customer's Microsoft 365 tenant to your platform."),
        ("/invitations", "Pending Invitations", "Invitations that wait for somebody stand here"),
    ],
)
def test_an_empty_list_says_what_it_is_for_and_offers_the_first_step(
    cloud: LocalCloud, page: Page, look: Look, path: str, title: str, purpose: str
) -> None:
    page.route(f"{cloud.config.api_url}/api{path}*", emptied)  # other journeys fill the lists
    operators.sign_in(page, cloud, "Farid Noor", path)
    operators.heading(page, title)
    expect(page.get_by_text(purpose)).to_be_visible()
    look(page, f"portal-{path[1:]}-empty")
    page.get_by_role("region").or_(page.locator(".empty")).get_by_role("button", name="Add Service").last.click()
    page.get_by_role("menuitem", name="Direct Routing").last.click()
    operators.heading(page, "Onboard a customer")


@pytest.mark.parametrize("path", ["/services", "/invitations"])
def test_filters_that_find_nothing_are_cleared_with_one_press(
    cloud: LocalCloud, page: Page, look: Look, desk: Desk, path: str
) -> None:
    good(desk.create(order()), 201)
    operators.settle_at(page, cloud, f"{path}?customerId={desk.customer['id']}")
    page.get_by_label("Search").fill("no such name")
    expect(page.get_by_text("Nothing matches these filters.")).to_be_visible()
    assert "q=no+such+name" in page.url
    look(page, f"portal-{path[1:]}-nothing-found")
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    assert page.url == cloud.config.portal_url + path


def test_an_invitation_that_expires_soon_is_found_by_its_filter(cloud: LocalCloud, page: Page, desk: Desk) -> None:
    soon, later = (order(expiresAt=in_minutes(60 * hours)) for hours in (30, 80))
    for one in (soon, later):
        good(desk.create(one), 201)
    operators.settle_at(page, cloud, f"/invitations?customerId={desk.customer['id']}")
    expect(page.get_by_role("rowheader")).to_have_count(2)
    page.get_by_label("Expires within 2 days").check()
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(page.get_by_role("rowheader", name=soon["shortName"])).to_be_visible()
    page.reload()
    expect(page.get_by_label("Expires within 2 days")).to_be_checked()
    expect(page.get_by_role("rowheader")).to_have_count(1)


def test_a_long_list_comes_in_parts_and_a_refresh_keeps_the_reader_s_place(
    cloud: LocalCloud, page: Page, look: Look, desk: Desk
) -> None:
    made = [good(desk.create(order()), 201)["shortName"] for _ in range(52)]
    operators.settle_at(page, cloud, f"/services?customerId={desk.customer['id']}")
    expect(page.get_by_text("50 rows loaded, and there are more.")).to_be_visible()
    look(page, "portal-services-many")
    page.get_by_role("button", name="Load more").click()
    expect(page.get_by_text("52 rows loaded.")).to_be_visible()
    reader = page.get_by_role("link", name=made[0], exact=True)
    reader.focus()
    newest = good(desk.create(order()), 201)["shortName"]
    page.evaluate(LOOK_AGAIN)
    expect(page.get_by_role("link", name=newest, exact=True)).to_be_attached()
    expect(page.get_by_text("53 rows loaded.")).to_be_visible()
    expect(reader).to_be_focused()
    expect(reader).to_be_in_viewport()
