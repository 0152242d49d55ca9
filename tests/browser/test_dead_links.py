"""Links that lead nowhere any more: why, and the one thing that helps."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from local.waiting import wait_until
from tests.browser import wizard
from tests.browser.look import Look
from tests.browser.watch import Watch
from tests.browser.wizard import Wizard
from tests.integration.procedure import CONTOSO, SECONDS, Onboarding, good, submit, submitted


def replaced(way: Onboarding, link: str) -> str:
    way.mail_settled()
    good(way.change(f"{way.invitation}/resend", {}))
    return link


def revoked(way: Onboarding, link: str) -> str:
    good(way.change(f"{way.invitation}/revoke"))
    return link


def declined(way: Onboarding, link: str) -> str:
    good(way.cloud.admin(link).post("/api/invitation/decline", json={}))
    return link


def expired(way: Onboarding, link: str) -> str:
    way.cloud.host.restart("+8d")
    return link


def locked(way: Onboarding, link: str) -> str:
    admin = way.cloud.admin(link)
    for _ in range(9):
        submitted(admin, CONTOSO, value="not~the.secret")
    good(submit(admin, CONTOSO, value="not~the.secret"), 202)
    wait_until(lambda: admin.get("/api/invitation").status_code == 410, SECONDS, "the lock")
    return link


def cancelled(way: Onboarding, link: str) -> str:
    good(way.change(f"{way.path}/cancel"))
    return link


@pytest.mark.parametrize(
    ("kind", "end", "heading"),
    [
        ("replaced", replaced, "There is a newer link"),
        ("revoked", revoked, "This invitation was withdrawn"),
        ("declined", declined, "This invitation was declined"),
        pytest.param("expired", expired, "This invitation has expired", marks=pytest.mark.days_later),
        ("locked", locked, "This invitation is locked"),
        ("cancelled", cancelled, "This request was cancelled"),
    ],
)
def test_a_dead_link_says_why(
    page: Page,
    way: Onboarding,
    watch: Watch,
    look: Look,
    kind: str,
    end: Callable[[Onboarding, str], str],
    heading: str,
) -> None:
    watch.expect(410)
    page.goto(end(way, way.copy_link()))
    admin = Wizard(page)
    admin.shows(heading)
    look(page, f"wizard-dead-{kind}")
    assert "invitation.token" not in admin.kept()


def test_a_new_link_can_be_asked_for(page: Page, way: Onboarding, watch: Watch, look: Look) -> None:
    watch.expect(410)
    page.goto(revoked(way, way.copy_link()))
    page.get_by_role("button", name="for a new link").click()
    expect(page.locator("#asked")).to_contain_text("decides whether to send a new link")
    look(page, "wizard-dead-asked")
    assert way.row()["linkRequestedAt"]


def test_a_used_link_shows_the_confirmation(page: Page, way: Onboarding, look: Look) -> None:
    link = way.copy_link()
    assert submitted(way.cloud.admin(link), CONTOSO)["status"] == "authenticated"
    page.goto(link)
    Wizard(page).shows(wizard.DONE)
    text = page.locator("body").inner_text()
    assert CONTOSO.tenant not in text
    assert way.email not in text
    look(page, "wizard-used")


def test_an_invitation_is_declined_with_a_reason(page: Page, way: Onboarding, look: Look) -> None:
    admin = Wizard(page).open(way.copy_link())
    admin.button("Decline this request").first.click()
    admin.shows(wizard.DECLINE)
    look(page, "wizard-decline")
    page.get_by_label("Reason").fill("We have another provider.")
    page.get_by_role("button", name="Decline", exact=True).click()
    admin.shows(wizard.DECLINED)
    look(page, "wizard-declined")


@pytest.mark.parametrize("form", ["code", "whole link"])
def test_without_its_fragment_the_page_takes_a_pasted_code_or_link(
    page: Page, way: Onboarding, look: Look, form: str
) -> None:
    link = way.copy_link()
    address, _, code = link.partition("#")
    page.goto(address)
    admin = Wizard(page)
    admin.shows(wizard.PASTE)
    look(page, "wizard-paste")
    page.get_by_label("Link or code").fill(code if form == "code" else link)
    page.get_by_role("button", name="Open the invitation").click()
    admin.shows(wizard.WELCOME)


def test_a_link_that_was_cut_off_says_so(page: Page, way: Onboarding, look: Look) -> None:
    page.goto(way.copy_link()[:-5])
    Wizard(page).shows(wizard.PASTE)
    expect(page.locator("#paste-why")).to_contain_text("cut off")
    look(page, "wizard-cut-off")


def test_a_code_of_no_invitation_is_named_so(page: Page, way: Onboarding, watch: Watch, look: Look) -> None:
    watch.expect(401)
    link = way.copy_link()
    page.goto(link[:-1] + ("A" if link[-1] != "A" else "Q"))
    Wizard(page).shows(wizard.PASTE)
    expect(page.locator("#paste-why")).to_contain_text("belongs to no invitation")
    look(page, "wizard-unknown-code")
