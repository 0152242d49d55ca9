"""The pretend sign-in as a browser meets it: the picker, its answers, sessions, and the sign-out."""

import base64
import hashlib
import re

import pytest

from tests.integration.standins.browser import PORTAL_CLIENT, SCOPE, Browser, answered, choices, number
from tests.integration.standins.servers import PORTAL, StandIn

NORTHWIND, FABRIKAM = "11111111-aaaa-4bbb-8ccc-000000000001", "22222222-aaaa-4bbb-8ccc-000000000002"
CONTOSO = "33333333-aaaa-4bbb-8ccc-000000000001"
OF_NORTHWIND, OF_FABRIKAM = ["Olivia Berg", "Max Stein", "Nora Quist"], ["Farid Noor", "Mira Lund"]


@pytest.fixture
def browser(entra: StandIn) -> Browser:
    return Browser(entra)


@pytest.mark.parametrize(
    ("authority", "people"),
    [
        ("organizations", OF_NORTHWIND + OF_FABRIKAM),
        ("common", OF_NORTHWIND + OF_FABRIKAM),
        (NORTHWIND, OF_NORTHWIND),
        (FABRIKAM.upper(), OF_FABRIKAM),
        (CONTOSO, []),
    ],
)
def test_the_picker_offers_the_people_of_the_authority(entra: StandIn, authority: str, people: list[str]) -> None:
    assert list(choices(Browser(entra, authority).ask())) == people


def test_the_picker_says_who_is_who_and_what_it_is(browser: Browser) -> None:
    page = browser.ask().text
    assert page.startswith('<!doctype html><html lang="en">')
    for text in ("pretend sign-in", "Northwind Voice", "max.stein@northwind-voice.example", "Onboarding.Monitor"):
        assert text in page
    assert page.count("No role") == 1


def test_the_picker_runs_no_script_and_posts_to_itself_and_the_portal_alone(browser: Browser) -> None:
    page = browser.ask()
    (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", f"style-src 'sha256-{digest}'", "form-action 'self' http://localhost:4074"} <= {
        *policy
    }
    assert page.headers["Cache-Control"] == "no-store"


def test_who_is_picked_comes_back_with_a_code_and_the_state(browser: Browser) -> None:
    answer = answered(browser.pick("Max Stein"))
    assert set(answer) == {"code", "state"}
    assert answer["state"] == "the state"
    assert set(answered(browser.pick("Max Stein", prompt="login", state=None))) == {"code"}


def test_the_answer_comes_in_the_fragment_on_request(browser: Browser) -> None:
    assert set(answered(browser.pick("Max Stein", response_mode="fragment"), "#")) == {"code", "state"}
    refused = answered(browser.ask(prompt="login", response_mode="fragment", code_challenge=None), "#")
    assert number(refused) == 9002325


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"client_id": "a0000000-0000-4000-8000-000000000009"}, "AADSTS700016"),
        ({"client_id": None}, "AADSTS900144"),
        ({"redirect_uri": "http://localhost:4074/other"}, "AADSTS50011"),
        ({"redirect_uri": "http://localhost:4074"}, "AADSTS50011"),
        ({"redirect_uri": "https://evil.example/<b>"}, "&lt;b&gt;"),
        ({"redirect_uri": None}, "AADSTS900144"),
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_portals(
    browser: Browser, changes: dict[str, str | None], told: str
) -> None:
    page = browser.ask(**changes)
    assert (page.status_code, "Location" in page.headers) == (400, False)
    assert told in page.text
    assert "form-action 'none'" in page.headers["Content-Security-Policy"]


def test_a_tenant_that_does_not_exist_is_told_on_the_page(entra: StandIn) -> None:
    page = Browser(entra, "00000000-aaaa-4bbb-8ccc-000000000000").ask()
    assert page.status_code == 400
    assert "AADSTS90002" in page.text


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"response_type": "token"}, "unsupported_response_type", 70005),
        ({"response_type": None}, "unsupported_response_type", 70005),
        ({"response_mode": "form_post"}, "invalid_request", 70007),
        ({"prompt": "login consent"}, "invalid_request", 90023),
        ({"code_challenge": None}, "invalid_request", 9002325),
        ({"code_challenge": "short"}, "invalid_request", 9002325),
        ({"code_challenge_method": "plain"}, "invalid_request", 9002325),
        ({"code_challenge_method": None}, "invalid_request", 9002325),
        ({"scope": f"openid {SCOPE} User.Read"}, "invalid_scope", 70011),
        ({"scope": "openid profile"}, "invalid_scope", 70011),
        ({"scope": None}, "invalid_scope", 70011),
    ],
)
def test_any_other_fault_is_told_to_the_portal(
    browser: Browser, changes: dict[str, str | None], error: str, code: int
) -> None:
    answer = answered(browser.ask(**changes))
    assert (answer["error"], number(answer), answer["state"]) == (error, code, "the state")


@pytest.mark.parametrize("user", ["", NORTHWIND, f"{NORTHWIND}/f0000000-0000-4000-8000-000000000003", "x/y"])
def test_somebody_who_was_not_offered_cannot_be_picked(entra: StandIn, user: str) -> None:
    browser = Browser(entra, NORTHWIND)
    assert number(answered(browser.post(browser.ask(), user))) == 50034
    foreign = choices(Browser(entra, FABRIKAM).ask())["Farid Noor"]
    assert number(answered(browser.post(browser.ask(), foreign))) == 50034


def test_without_a_session_nobody_is_signed_in_silently(browser: Browser) -> None:
    answer = answered(browser.ask(prompt="none"))
    assert (answer["error"], number(answer)) == ("login_required", 50058)


def test_a_session_signs_its_person_in_again_without_asking(browser: Browser) -> None:
    first = browser.pick("Olivia Berg")
    flags = {part.strip().lower() for part in first.headers["Set-Cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    for prompt in (None, "none", "consent"):
        again = browser.ask(prompt=prompt)
        assert answered(again)["code"] != answered(first)["code"]
        assert "Set-Cookie" not in again.headers


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_a_prompt_asks_in_spite_of_a_session(browser: Browser, prompt: str) -> None:
    browser.pick("Olivia Berg")
    assert "Max Stein" in choices(browser.ask(prompt=prompt))


def test_a_session_is_nobodys_at_another_tenant(entra: StandIn) -> None:
    browser = Browser(entra)
    browser.pick("Olivia Berg")
    browser.endpoints = browser.endpoints.replace("organizations", FABRIKAM)
    assert list(choices(browser.ask())) == OF_FABRIKAM
    assert answered(browser.ask(prompt="none"))["error"] == "login_required"


def test_a_hint_at_somebody_else_asks_with_that_button_in_focus(browser: Browser) -> None:
    browser.pick("Olivia Berg")
    hint = "Max.Stein@northwind-voice.example"
    (focused,) = re.findall(r"<button[^>]* autofocus><b>(.*?)</b>", browser.ask(login_hint=hint).text)
    assert focused == "Max Stein"
    assert answered(browser.ask(login_hint=hint, prompt="none"))["error"] == "login_required"
    assert "code" in answered(browser.ask(login_hint="olivia.berg@northwind-voice.example"))


def test_signing_out_ends_the_session_and_leads_to_the_portal(browser: Browser) -> None:
    browser.pick("Olivia Berg")
    reply = browser.sign_out(post_logout_redirect_uri=PORTAL, state="some", client_id=PORTAL_CLIENT)
    assert answered(reply) == {"state": "some"}
    assert answered(browser.ask(prompt="none"))["error"] == "login_required"
    assert browser.sign_out(post_logout_redirect_uri=PORTAL).headers["Location"] == PORTAL


@pytest.mark.parametrize("asked", [{}, {"post_logout_redirect_uri": "https://evil.example/"}])
def test_signing_out_without_the_portals_address_says_so_on_the_page(browser: Browser, asked: dict[str, str]) -> None:
    cookie = browser.pick("Olivia Berg").cookies
    reply = browser.sign_out(**asked)
    assert (reply.status_code, "Location" in reply.headers) == (200, False)
    assert "You are signed out" in reply.text
    browser.session.cookies.update(cookie)  # the cookie itself is worth nothing any more
    assert answered(browser.ask(prompt="none"))["error"] == "login_required"


def test_a_test_can_end_every_session(entra: StandIn, browser: Browser) -> None:
    browser.pick("Olivia Berg")
    assert entra.post("/control/end-sessions", {}).status_code == 200
    assert answered(browser.ask(prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize("authority", ["organizations", NORTHWIND])
def test_discovery_names_both_endpoints_to_scripts_of_any_origin(entra: StandIn, authority: str) -> None:
    document = entra.get(f"/{authority}/v2.0/.well-known/openid-configuration", Origin="https://any.example")
    assert document.headers["Access-Control-Allow-Origin"] == "*"
    endpoints = Browser(entra, authority).endpoints
    assert document.json()["authorization_endpoint"] == f"{endpoints}/authorize"
    assert document.json()["end_session_endpoint"] == f"{endpoints}/logout"
    assert entra.get("/common/discovery/v2.0/keys").headers["Access-Control-Allow-Origin"] == "*"
