"""The wizard under conditions: slow or absent Microsoft, no network, reloads, keyboard alone, other ways of seeing."""

import re

from playwright.sync_api import Page, expect

from tests.browser import wizard
from tests.browser.conftest import Open
from tests.browser.look import Look
from tests.browser.watch import Watch
from tests.browser.wizard import Wizard
from tests.integration.cloud import Faults
from tests.integration.procedure import CONTOSO, Onboarding


def test_a_slow_check_says_what_is_waited_for_and_survives_a_reload(
    page: Page, way: Onboarding, faults: Faults, look: Look
) -> None:
    faults.entra(CONTOSO.sign_in, status=503)
    admin = Wizard(page).open(way.copy_link())
    admin.submit(CONTOSO)
    admin.shows(wizard.CHECKING)
    expect(page.locator("#since")).to_contain_text("CET")
    expect(page.locator("#waiting-for")).not_to_be_empty()
    look(page, "wizard-checking")
    assert CONTOSO.secret not in admin.kept()
    page.reload()
    admin.shows(wizard.CHECKING)
    expect(page.locator("#slow").get_by_text("Microsoft is slow today")).to_be_visible(timeout=15_000)
    look(page, "wizard-checking-slow")
    second = page.context.new_page()
    second.goto(way.cloud.config.api_url + "/invite")
    Wizard(second).shows(wizard.PASTE)
    faults.clear()
    admin.shows(wizard.DONE, 60_000)


def test_the_same_link_in_two_tabs_comes_to_one_end(page: Page, way: Onboarding, faults: Faults, watch: Watch) -> None:
    watch.expect(409, 410)
    link = way.copy_link()
    first, second = Wizard(page).open(link), Wizard(page.context.new_page()).open(link)
    faults.entra(CONTOSO.sign_in, status=503)
    second.to_form()
    first.submit(CONTOSO)
    first.shows(wizard.CHECKING)
    second.enter(CONTOSO).start.click()  # while the other tab's check runs: there is one check, and both show it
    second.shows(wizard.CHECKING)
    faults.clear()
    for tab in (first, second):
        tab.shows(wizard.DONE, 60_000)
    assert way.told().count("credentials-submitted") == 1


def test_a_tab_that_was_left_on_the_form_ends_as_the_other_one_did(page: Page, way: Onboarding, watch: Watch) -> None:
    watch.expect(409, 410)
    link = way.copy_link()
    first, second = Wizard(page).open(link), Wizard(page.context.new_page()).open(link)
    second.to_form().enter(CONTOSO)
    first.submit(CONTOSO)
    first.shows(wizard.DONE, wizard.SLOW)
    second.start.click()
    second.shows(wizard.DONE)
    assert CONTOSO.secret not in second.kept()


def test_offline_is_said_and_mended_by_itself(page: Page, way: Onboarding, watch: Watch, look: Look) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    admin = Wizard(page).open(way.copy_link()).to_form().enter(CONTOSO)
    page.context.set_offline(True)
    admin.start.click()
    expect(page.locator("#summary")).to_contain_text("You seem to be offline.")
    expect(admin.secret).to_have_value(CONTOSO.secret)
    look(page, "wizard-offline")
    page.context.set_offline(False)
    admin.start.click()
    admin.shows(wizard.DONE, wizard.SLOW)


def test_an_invitation_that_cannot_be_read_is_read_again(page: Page, way: Onboarding, watch: Watch, look: Look) -> None:
    watch.expect("ERR_FAILED")
    page.route("**/api/invitation", lambda route: route.abort())
    page.goto(way.copy_link())
    admin = Wizard(page)
    admin.shows(wizard.LOST)
    look(page, "wizard-lost")
    page.unroute("**/api/invitation")
    admin.button("Try again").click()
    admin.shows(wizard.WELCOME)


def test_the_keyboard_alone_leads_to_the_end(page: Page, way: Onboarding) -> None:
    admin = Wizard(page).open(way.copy_link())
    for target, keys in (
        (admin.button("Continue"), "Enter"),
        (admin.tenant, CONTOSO.tenant),
        (admin.client, CONTOSO.client),
        (admin.secret, CONTOSO.secret),
    ):
        tab_to(page, target.element_handle())
        if keys == "Enter":
            page.keyboard.press(keys)
            admin.shows(wizard.FORM)
        else:
            page.keyboard.type(keys)
    page.keyboard.press("Enter")
    admin.shows(wizard.DONE, wizard.SLOW)
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def tab_to(page: Page, target: object) -> None:
    """Press Tab until the element has the focus; each stop on the way shows its focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches(':focus-visible')"), "a stop that does not show its focus"
        if page.evaluate("element => element === document.activeElement", target):
            return
    raise AssertionError("the keyboard does not reach it")


def test_the_secret_is_neither_filled_in_nor_offered_for_keeping(page: Page, way: Onboarding) -> None:
    admin = Wizard(page).open(way.copy_link()).to_form()
    expect(admin.secret).to_have_attribute("autocomplete", "off")
    expect(admin.secret).to_have_attribute("type", "text")
    assert admin.secret.evaluate("field => getComputedStyle(field).webkitTextSecurity") == "disc"
    page.get_by_role("button", name=re.compile("Show the client secret")).click()
    assert admin.secret.evaluate("field => getComputedStyle(field).webkitTextSecurity") == "none"


def test_forced_colours_and_little_room_keep_everything_in_sight(open_page: Open, way: Onboarding, look: Look) -> None:
    page = open_page(forced_colors="active", reduced_motion="reduce", viewport={"width": 640, "height": 400})
    admin = Wizard(page).open(way.copy_link())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    look(page, "wizard-welcome-forced-colours")
    admin.to_form()
    look(page, "wizard-form-forced-colours")


def test_without_javascript_the_page_says_what_to_do(open_page: Open, way: Onboarding, watch: Watch) -> None:
    watch.expect("csp")  # what Chromium calls a script that is not loaded because scripts are switched off
    page = open_page(java_script_enabled=False)
    page.goto(way.copy_link())
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.locator("noscript p")).to_contain_text("This page needs JavaScript")
    expect(page.get_by_text("Reading the invitation")).to_be_hidden()


def test_times_name_the_readers_zone(open_page: Open, way: Onboarding) -> None:
    page = open_page(timezone_id="America/New_York")
    Wizard(page).open(way.copy_link())
    expect(page.locator("#open-until")).to_contain_text(re.compile(r"GMT-[45]|E[SD]T"))
