"""A change whose answer is lost, or is a 5xx, is unknown: the page says so, repeats it, and nothing is done twice."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import operator as operators
from tests.browser.look import Look
from tests.browser.watch import Watch
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import Onboarding, listed, new_customer, unique

SENT = re.compile("The invitation (is on its way|was sent)")
DOUBT = "There is no answer yet. The same request is being sent again; nothing is done twice."
type Spoil = Callable[[Route], None]


def loses_the_answer(route: Route) -> None:
    route.fetch()
    route.abort("connectionreset")


def says_503_although_it_was_done(route: Route) -> None:
    route.fetch()
    route.fulfill(status=503, headers={"Access-Control-Allow-Origin": "*"}, json={})


def loses_the_request(route: Route) -> None:
    route.abort("connectionreset")


@pytest.fixture(params=[loses_the_answer, says_503_although_it_was_done, loses_the_request])
def spoil(request: pytest.FixtureRequest, watch: Watch) -> Spoil:
    watch.expect("ERR_CONNECTION_RESET", 503, 412)  # a change that was done meets its own new version
    made: Spoil = request.param
    return made


def to_the_last_step(page: Page, cloud: LocalCloud, customer: str, short_name: str) -> None:
    operators.settle_at(page, cloud, "/onboarding/customer")
    page.get_by_label("Search customers").fill(customer)
    page.get_by_label(customer, exact=True).check()
    operators.next_step(page, "Add New Tenant")
    operators.enter_names(page, "Contoso voice", short_name)
    operators.next_step(page)
    operators.enter_license(page, "Hosted Pro", 5)
    operators.next_step(page)
    operators.enter_admin(page, f"{short_name.lower()}@contoso.example")


def test_an_order_whose_answer_is_lost_is_made_once(cloud: LocalCloud, page: Page, spoil: Spoil) -> None:
    operator = cloud.operator()
    customer = new_customer(operator)
    to_the_last_step(page, cloud, customer["name"], unique("L#"))
    page.route("**/api/customers/*/services", spoil, times=1)
    operators.next_step(page)
    expect(page.get_by_text(DOUBT).first).to_be_visible()
    operators.heading(page, SENT)
    assert len(listed(operator, f"/api/services?customerId={customer['id']}")) == 1


def test_a_completion_whose_answer_is_lost_is_seen_as_it_stands(
    cloud: LocalCloud, page: Page, way: Onboarding, spoil: Spoil
) -> None:
    way.validated()
    operators.settle_at(page, cloud, f"/onboarding/{way.id}/finish")
    page.route("**/api/services/*/complete", spoil, times=1)
    operators.next_step(page, "Complete")
    operators.heading(page, "The service is active")
    assert way.told().count("completion-started") == 1


def test_an_order_without_any_answer_says_that_nobody_knows_and_is_repeated_by_hand(
    cloud: LocalCloud, page: Page, look: Look, watch: Watch
) -> None:
    operator = cloud.operator()
    customer = new_customer(operator)
    short_name = unique("L#")
    to_the_last_step(page, cloud, customer["name"], short_name)
    watch.expect("ERR_CONNECTION_RESET")
    page.route("**/api/customers/*/services", loses_the_answer, times=4)
    operators.next_step(page)
    unknown = page.get_by_role("alert").get_by_text("It is not known whether this was done")
    expect(unknown).to_be_visible(timeout=30_000)
    look(page, "portal-order-unknown")
    page.reload()  # what was typed is still there, and so is the order's key
    expect(page.get_by_label("E-mail address of the tenant's service admin")).to_have_value(
        f"{short_name.lower()}@contoso.example"
    )
    operators.next_step(page)
    operators.heading(page, SENT)
    assert len(listed(operator, f"/api/services?customerId={customer['id']}")) == 1
