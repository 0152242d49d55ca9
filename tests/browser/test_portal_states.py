"""The portal's pages in the states that are no page of their own: offline, no answer, no role, ended session."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import operator as operators
from tests.browser.look import Look
from tests.browser.watch import Watch
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import Onboarding

PAGES = {
    "services": "/services",
    "invitations": "/invitations",
    "order": "/onboarding/customer",
    "service": "/services/{id}",
    "m365": "/services/{id}/m365",
    "events": "/services/{id}/events",
    "registration": "/onboarding/{id}/registration",
}


@pytest.fixture(scope="module")
def shown() -> list[Onboarding]:
    return []


@pytest.fixture
def service(cloud: LocalCloud, shown: list[Onboarding]) -> str:
    """The id of a service that waits for its administrator; the same one for the whole module."""
    if not shown:
        shown.append(Onboarding.begin(cloud))
        shown[0].mail()
    return str(shown[0].read()["id"])


def at(cloud: LocalCloud, page: Page, path: str) -> None:
    page.goto(cloud.config.portal_url + path)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_goes_on_by_itself_after_a_time_offline(
    name: str, cloud: LocalCloud, page: Page, look: Look, watch: Watch, service: str
) -> None:
    operators.settle_at(page, cloud, PAGES[name].format(id=service))
    watch.expect("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline").first).to_be_visible()
    look(page, f"portal-{name}-offline")
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline")).to_have_count(0)


@pytest.mark.parametrize("name", PAGES)
def test_an_ended_session_keeps_the_page_and_leads_back_to_it(
    name: str, cloud: LocalCloud, page: Page, look: Look, watch: Watch, service: str
) -> None:
    path = PAGES[name].format(id=service)
    operators.settle_at(page, cloud, path)
    watch.expect(400)  # the authority refuses the refresh token
    cloud.entra().post("/control/end-sessions", json={})
    page.evaluate(EXPIRE)
    page.evaluate("dispatchEvent(new Event('online'))")  # what makes a page look again at once
    again = page.get_by_role("button", name="Sign in again").first
    expect(again).to_be_visible()
    look(page, f"portal-{name}-session-ended")
    again.click()
    page.get_by_role("button", name="Olivia Berg").click()
    page.wait_for_url(cloud.config.portal_url + path)


# The tab's own clock has run on: its token counts as expired.
EXPIRE = """() => {
  for (const key of Object.keys(sessionStorage).filter((one) => one.startsWith("oidc.user:")))
    sessionStorage.setItem(key, JSON.stringify({ ...JSON.parse(sessionStorage.getItem(key)), expires_at: 1 }));
}"""


def test_a_token_that_ends_is_renewed_without_anybody_noticing(cloud: LocalCloud, page: Page) -> None:
    operators.sign_in(page, cloud)
    operators.heading(page, "Services")
    page.evaluate(EXPIRE)
    with page.expect_response(lambda reply: reply.url.endswith("/token")) as renewed:
        page.get_by_role("link", name="Pending Invitations").click()
    assert renewed.value.status == 200
    operators.heading(page, "Pending Invitations")
    expect(page.get_by_role("button", name="Sign in again")).to_have_count(0)


def test_a_monitor_sees_everything_and_is_offered_no_change(
    cloud: LocalCloud, page: Page, look: Look, service: str
) -> None:
    operators.sign_in(page, cloud, "Max Stein")
    operators.heading(page, "Services")
    expect(page.get_by_text("Monitor, may look only")).to_be_visible()
    expect(page.get_by_role("button", name="Add Service")).to_have_count(0)
    look(page, "portal-services-monitor")
    at(cloud, page, f"/services/{service}")
    operators.heading(page, "Invitation")
    for name in ("Resend", "Copy link", "Extend", "Revoke", "Change", "Cancel the service"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    look(page, "portal-service-monitor")
    at(cloud, page, "/onboarding/customer")
    expect(page.get_by_text("only an operator can onboard a customer")).to_be_visible()
    look(page, "portal-order-monitor")


def test_somebody_without_a_role_is_told_whom_to_ask(cloud: LocalCloud, page: Page, look: Look, watch: Watch) -> None:
    watch.expect(403)
    operators.sign_in(page, cloud, "Nora Quist")
    operators.heading(page, "You have no role here")
    look(page, "portal-no-role")


def test_signing_out_ends_the_session_and_says_so(cloud: LocalCloud, page: Page, look: Look) -> None:
    operators.sign_in(page, cloud)
    operators.heading(page, "Services")
    page.evaluate("sessionStorage.setItem('typed', 'it@contoso.example')")
    operators.choose(page, "Olivia Berg", "Sign out")
    operators.heading(page, "You are signed out")
    assert page.evaluate("Object.keys(sessionStorage)") == ["signed-out"]
    look(page, "portal-signed-out")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Pick an account")).to_be_visible()
    look(page, "entra-picker")


def test_an_address_that_names_nothing_says_so(cloud: LocalCloud, page: Page, look: Look, watch: Watch) -> None:
    watch.expect(404)
    operators.sign_in(page, cloud, address="/nowhere")
    operators.heading(page, "There is nothing here")
    look(page, "portal-not-found")
    at(cloud, page, f"/services/{'0' * 24}")
    expect(page.get_by_role("link", name="To the services")).to_be_visible()


def test_a_host_that_is_away_is_waited_for(cloud: LocalCloud, page: Page, look: Look, watch: Watch) -> None:
    watch.expect("ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET", "ERR_SOCKET_NOT_CONNECTED")
    operators.sign_in(page, cloud)
    operators.heading(page, "Services")
    cloud.host.kill()
    page.reload()
    expect(page.get_by_role("heading", name="TenantLink does not answer")).to_be_visible(timeout=30_000)
    look(page, "portal-no-answer")
    cloud.host.start()
    page.get_by_role("button", name="Try again").click()
    operators.heading(page, "Services")


def test_a_short_name_says_while_it_is_typed_what_is_wrong_with_it(cloud: LocalCloud, page: Page, look: Look) -> None:
    operators.sign_in(page, cloud, address="/onboarding/service")
    page.get_by_label("Unique short name").fill("my audit.1")
    expect(page.get_by_text("The short name must not contain the word audit")).to_be_visible()
    expect(page.get_by_role("button", name="Next")).to_have_attribute("aria-disabled", "true")
    look(page, "portal-order-service-refused")
    page.reload()
    expect(page.get_by_label("Unique short name")).to_have_value("my audit.1")


LOOK_AGAIN = "dispatchEvent(new Event('online'))"  # what makes a page refresh at once


def test_a_filter_that_is_chosen_while_the_list_loads_is_followed(cloud: LocalCloud, page: Page, service: str) -> None:
    operators.settle_at(page, cloud, "/services")
    held: list[Route] = []
    page.route("**/api/services", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handlers
    with page.expect_request("**/api/services"):
        page.evaluate(LOOK_AGAIN)
    page.get_by_label("State").select_option("active")
    # At once, not with the next refresh, which comes after ten seconds.
    with page.expect_request("**/api/services?state=active", timeout=5_000):
        held[0].continue_()
    expect(page.get_by_role("cell", name="Invited")).to_have_count(0)


def test_a_session_that_ends_while_a_name_is_typed_says_so(cloud: LocalCloud, page: Page, watch: Watch) -> None:
    operators.settle_at(page, cloud, "/onboarding/service")
    watch.expect(400)  # the authority refuses the refresh token
    cloud.entra().post("/control/end-sessions", json={})
    page.evaluate(EXPIRE)
    page.get_by_label("Unique short name").fill("Typed1")
    page.get_by_role("button", name="Sign in again").click()
    page.get_by_role("button", name="Olivia Berg").click()
    expect(page.get_by_label("Unique short name")).to_have_value("Typed1")
    expect(page.get_by_text("“Typed1” is free.")).to_be_visible()


def test_an_act_on_what_has_changed_is_shown_anew_and_can_be_repeated(
    cloud: LocalCloud, page: Page, look: Look, watch: Watch
) -> None:
    way = Onboarding.begin(cloud)
    way.mail_settled()
    row = way.row()
    operators.settle_at(page, cloud, f"/invitations?q={row['shortName']}")
    watch.expect(412)
    operators.choose(page, f"Actions: {row['shortName']}", "Resend")
    assert way.change(f"/api/invitations/{row['id']}/link").status_code == 200
    dialog = page.get_by_role("dialog")
    with page.expect_response("**/api/invitations"):
        dialog.get_by_role("button", name="Resend").click()
    expect(dialog.get_by_text("This has changed meanwhile")).to_be_visible()
    look(page, "portal-resend-changed")
    dialog.get_by_role("button", name="Resend").click()
    expect(dialog.get_by_text("A new link is on its way")).to_be_visible()
    look(page, "portal-resend-done")
