"""What every answer tells browsers: policies by directive, what may be kept, and https outside this machine."""

import re
from collections.abc import Callable

import pytest
import requests

from shared.languages.catalogs import languages
from tests.integration.cloud import LocalCloud

FILES = ("wizard.css", "wizard.js", "icon.svg", "colors-8a1f5c-ffffff.css")
PAGE_POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "connect-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["'none'"],
}
CLOSED_POLICY = {"default-src": ["'none'"], "frame-ancestors": ["'none'"]}
ALWAYS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
SWITCHED_OFF = re.compile(r"[a-z-]+=\(\)(,[a-z-]+=\(\))*")


def policy_of(reply: requests.Response) -> dict[str, list[str]]:
    """The one Content-Security-Policy, by directive; each stands in it once and opens nothing in general."""
    directives = [part.split() for part in reply.headers["Content-Security-Policy"].split(";")]
    policy = {name: sources for name, *sources in directives}
    assert len(policy) == len(directives)
    for name, sources in policy.items():
        for source in sources:
            own = source in ("'none'", "'self'", "'script'") or (name == "trusted-types" and source == "lit-html")
            assert own or ORIGIN.fullmatch(source), f"{name} {source}"
    return policy


def again(path: str) -> Callable[[LocalCloud], requests.Response]:
    """Who has the file already asks for it."""

    def ask(cloud: LocalCloud) -> requests.Response:
        caller = cloud.anybody()
        return caller.get(path, headers={"If-None-Match": caller.get(path).headers["ETag"]})

    return ask


def asking(method: str, path: str) -> Callable[[LocalCloud], requests.Response]:
    return lambda cloud: cloud.anybody().request(method, path)


# Every kind of answer of the app, with its status.
ANSWERS: dict[str, tuple[int, Callable[[LocalCloud], requests.Response]]] = {
    **{f"{method} {name}": (200, asking(method, f"/invite/{name}")) for name in FILES for method in ("GET", "HEAD")},
    **{f"{name} again": (304, again(f"/invite/{name}")) for name in FILES},
    "no file": (404, asking("GET", "/invite/nothing.js")),
    "colours of nobody": (404, asking("GET", "/invite/colors-000000-ffffff.css")),
    "reply": (200, lambda cloud: cloud.operator().get("/api/me")),
    "health": (200, asking("GET", "/api/health")),
    "description": (200, asking("GET", "/api/openapi.json")),
    "not signed in": (401, asking("GET", "/api/me")),
    "no link": (401, asking("GET", "/api/invitation")),
    "not found": (404, lambda cloud: cloud.operator().get(f"/api/services/{'0' * 24}")),
    "no such address": (404, asking("GET", "/api/nothing")),
    "no such method": (405, asking("DELETE", "/api/me")),
}
PAGES = {f"{method} {code}": (200, asking(method, f"/invite?language={code}"))
         for code in languages() for method in ("GET", "HEAD")}  # fmt: skip


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_page_is_closed_to_everything_but_its_own_files(cloud: LocalCloud, method: str, code: str) -> None:
    reply = cloud.anybody().request(method, f"/invite?language={code}")
    assert reply.status_code == 200
    assert policy_of(reply) == PAGE_POLICY
    assert {name: reply.headers[name] for name in ALWAYS} == ALWAYS
    assert reply.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert SWITCHED_OFF.fullmatch(reply.headers["Permissions-Policy"])


def test_the_page_is_kept_nowhere_whoever_asks_for_it_again(cloud: LocalCloud) -> None:
    for sent in (
        {},
        {"If-None-Match": "*"},
        {"If-None-Match": '"x"'},
        {"If-Modified-Since": "Tue, 24 Nov 2026 09:30:00 GMT"},
    ):
        reply = cloud.anybody().get("/invite", headers=sent)
        assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-store")
        assert reply.text.startswith("<!doctype html>")
        assert {"ETag", "Last-Modified", "Expires"}.isdisjoint(reply.headers)


def test_the_page_has_no_script_style_or_handler_within_it_and_names_no_other_host(cloud: LocalCloud) -> None:
    html = cloud.anybody().get("/invite").text
    scripts = re.findall(r"<script ([^>]*)>", html)
    assert scripts == ['type="module" src="/invite/wizard.js"', 'type="application/json" id="texts"']
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html, re.IGNORECASE)
    addresses = re.findall(r'\s(?:src|href|action|formaction|data|poster)="([^"]*)"', html)
    assert addresses
    assert [one for one in addresses if not re.match(r"/invite[/?]|#|https://entra\.microsoft\.com", one)] == []


@pytest.mark.parametrize("name", ANSWERS)
def test_every_other_answer_is_closed_altogether(cloud: LocalCloud, name: str) -> None:
    status, ask = ANSWERS[name]
    reply = ask(cloud)
    assert reply.status_code == status
    assert policy_of(reply) == CLOSED_POLICY
    assert {header: reply.headers[header] for header in ALWAYS} == ALWAYS
    is_file = status in (200, 304) and any(file in name for file in FILES)
    assert reply.headers["Cache-Control"] == ("no-cache" if is_file else "no-store")


def test_on_this_machine_no_browser_is_held_to_https(cloud: LocalCloud) -> None:
    for name, (_, ask) in {**ANSWERS, **PAGES}.items():
        assert "Strict-Transport-Security" not in ask(cloud).headers, name


def test_elsewhere_every_answer_holds_browsers_to_https(cloud: LocalCloud) -> None:
    cloud.host.restart(PUBLIC_BASE_URL="https://connect.tenantlink.example")
    for name, (_, ask) in {**ANSWERS, **PAGES}.items():
        assert ask(cloud).headers.get("Strict-Transport-Security") == "max-age=31536000", name


@pytest.mark.parametrize("path", ["/", "/services/abc", "/icon.svg", "/config.json", "/assets/nothing.js", "/x.js"])
def test_the_portal_s_files_are_closed_to_everything_but_the_api_and_the_sign_in(cloud: LocalCloud, path: str) -> None:
    reply = requests.get(cloud.config.portal_url + path, timeout=10)
    reached = ["'self'", cloud.config.api_url, cloud.config.entra_browser_url]
    assert policy_of(reply) == PAGE_POLICY | {"connect-src": reached, "trusted-types": ["lit-html"]}
    assert {name: reply.headers[name] for name in ALWAYS} == ALWAYS
    assert reply.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert reply.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert reply.headers["Permissions-Policy"] == cloud.anybody().get("/invite").headers["Permissions-Policy"]
