"""The procedure's 21 steps, as an operator and an administrator walk them, each at a browser of their own."""

import re

from playwright.sync_api import Page, expect

from tests.browser import inbox, wizard
from tests.browser import operator as operators
from tests.browser.conftest import Open
from tests.browser.look import Look
from tests.browser.tally import Tally
from tests.browser.wizard import Wizard
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import CONTOSO, unique


class Walk:
    """The two people's pages, and what is noted of them."""

    def __init__(self, cloud: LocalCloud, open_page: Open, look: Look, tally: Tally) -> None:
        self.cloud, self.look, self.tally = cloud, look, tally
        self.operator: Page = open_page()
        self.admin: Page = open_page()
        self.short_name = unique("W#")
        self.address = f"it-{self.short_name[2:]}@contoso.example".lower()

    def step(self, *numbers: int) -> None:
        self.tally.steps.update(numbers)


def test_an_operator_and_an_administrator_walk_through_all_21_steps(
    cloud: LocalCloud, open_page: Open, look: Look, tally: Tally
) -> None:
    walk = Walk(cloud, open_page, look, tally)
    _order(walk)
    _answer(walk)
    _add(walk)
    _complete(walk)
    _validate(walk)
    assert tally.steps == set(range(1, 22))


def _order(walk: Walk) -> None:
    operator, look, step = walk.operator, walk.look, walk.step
    operators.sign_in(operator, walk.cloud)
    operators.heading(operator, "Services")
    operators.choose(operator, "Add Service", "Direct Routing")
    step(1)
    operator.get_by_label("Contoso", exact=True).check()
    look(operator, "portal-order-customer")
    step(2)
    operators.next_step(operator, "Add New Tenant")
    step(3)
    operators.enter_names(operator, "Contoso voice", walk.short_name)
    look(operator, "portal-order-service")
    step(4)
    operators.next_step(operator)
    operators.enter_license(operator, "Hosted Pro", 25)
    look(operator, "portal-order-licence")
    step(5, 6)
    operators.next_step(operator)
    operators.enter_admin(operator, walk.address)
    look(operator, "portal-order-administrator")
    operators.next_step(operator)
    operators.heading(operator, re.compile("The invitation (is on its way|was sent)"))
    look(operator, "portal-order-sent")
    step(7)


def _answer(walk: Walk) -> None:
    mail = inbox.open_inbox(walk.admin, walk.cloud, walk.cloud.inbox.wait_for_mail(walk.address))
    admin = Wizard(inbox.press_button(walk.admin, mail))
    admin.shows(wizard.WELCOME)
    walk.step(8)
    admin.submit(CONTOSO)
    walk.step(9)
    admin.shows(wizard.DONE, wizard.SLOW)
    walk.step(10)


def _add(walk: Walk) -> None:
    operator, look, step, short_name = walk.operator, walk.look, walk.step, walk.short_name
    operator.get_by_role("link", name="Pending Invitations").first.click()
    row = operator.get_by_role("row").filter(has=operator.get_by_role("rowheader", name=short_name))
    expect(row.get_by_role("cell", name="true", exact=True)).to_be_visible(timeout=20_000)
    look(operator, "portal-invitations")
    step(11)
    operators.choose(operator, "Add Service", "Direct Routing")
    operators.heading(operator, "Onboard a customer")
    operator.get_by_role("navigation", name="Steps").get_by_role("link", name="Pending Invitations").click()
    step(12, 13)
    operator.get_by_role("link", name=f"Add: {short_name}").click()
    operators.heading(operator, "Add the registration")
    match = operator.get_by_text("The invited address's domain is one of the tenant's verified domains.").first
    expect(match).to_be_visible()
    look(operator, "portal-registration")
    step(14)
    operators.next_step(operator)
    operators.heading(operator, "The credentials are valid")
    look(operator, "portal-validation")
    step(15)


def _complete(walk: Walk) -> None:
    operator, look, step = walk.operator, walk.look, walk.step
    operators.next_step(operator)
    operators.heading(operator, "Complete the service")
    look(operator, "portal-finish")
    step(16)
    operators.next_step(operator, "Complete")
    step(17)
    operators.heading(operator, "The service is active")
    look(operator, "portal-active")
    step(18)


def _validate(walk: Walk) -> None:
    operator, look, step = walk.operator, walk.look, walk.step
    operator.get_by_role("link", name="Open the service").click()
    operators.heading(operator, "Values")
    look(operator, "portal-service-overview")
    step(19)
    operator.get_by_role("link", name="M365 Configuration").click()
    expect(operator.get_by_text("Client Secret Days Until Expire")).to_be_visible()
    step(20)
    before = operator.get_by_role("status").filter(has_text="Last checked").inner_text()
    assert "Works." in before
    checked = operator.expect_response(lambda reply: reply.url.endswith("/m365/validate"))
    with checked as reply:
        operator.get_by_role("button", name="Validate Authentication").click()
    assert reply.value.status == 202
    expect(
        operator.get_by_role("listitem").filter(has_text="Sign-in of the application").get_by_text("Passed")
    ).to_be_visible()
    expect(operator.get_by_role("status").filter(has_text="Works.")).to_be_visible(timeout=20_000)
    look(operator, "portal-m365")
    step(21)
    operator.get_by_role("link", name="Events").click()
    expect(operator.get_by_text("Registration added")).to_be_visible()
    look(operator, "portal-events")
