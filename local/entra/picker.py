"""The pages of the pretend sign-in: who one wants to be, why it is not possible, and that one is signed out."""

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from local.directory import Provider, User

STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 "Segoe UI", system-ui, sans-serif;
  --page: light-dark(#ffffff, #1c1c1c); --text: light-dark(#1b1b1b, #f3f3f3); --quiet: light-dark(#5c5c5c, #b5b5b5);
  --line: light-dark(#7a7a7a, #9a9a9a); --hover: light-dark(#f0f0f0, #2c2c2c); --ring: light-dark(#0f5ea8, #8ec8ff); }
body { margin: 0; background: var(--page); color: var(--text); }
main { max-width: 30rem; margin: 8vh auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.3; }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
ul { list-style: none; margin: 0; padding: 0; }
button { display: block; width: 100%; margin: 0 0 .5rem; padding: .6rem .8rem; font: inherit; text-align: start;
  color: inherit; background: none; border: 1px solid var(--line); border-radius: 4px; cursor: pointer; }
button:hover { background: var(--hover); }
button:focus-visible { outline: 3px solid var(--ring); outline-offset: 2px; }
b { display: block; font-weight: 600; }
small { display: block; font-size: .875rem; color: var(--quiet); }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def picker(providers: Iterable[Provider], redirect_uri: str, hint: str) -> HTMLResponse:
    """Every user of these tenants as a button of one form. `hint`: the e-mail address whose button has the focus."""
    told = "<p>This is the local cloud's pretend sign-in: choose who you are. No password is asked for.</p>"
    groups = "".join(_group(number, provider, hint) for number, provider in enumerate(providers))
    body = f'<form method="post">{groups}</form>' if groups else "<p>This tenant has nobody who could sign in.</p>"
    return _page("Pick an account", told + body, form_target=redirect_uri)


def refused(description: str) -> HTMLResponse:
    """Why nobody can sign in, for want of an address that it could be told to."""
    return _page("Sign-in is not possible", f"<p>{escape(description)}</p>", status=400)


def signed_out() -> HTMLResponse:
    return _page("You are signed out", "<p>You can close this window.</p>")


def _group(number: int, provider: Provider, hint: str) -> str:
    users = "".join(f"<li>{_choice(provider, user, hint)}</li>" for user in provider.users)
    name = f'<h2 id="tenant-{number}">{escape(provider.display_name)}</h2>'
    return f'<section aria-labelledby="tenant-{number}">{name}<ul>{users}</ul></section>'


def _choice(provider: Provider, user: User, hint: str) -> str:
    roles = ", ".join(user.roles) or "No role"
    focus = " autofocus" if user.email.lower() == hint.lower() else ""
    lines = f"<b>{escape(user.name)}</b> <small>{escape(user.email)}</small> <small>{escape(roles)}</small>"
    return f'<button name="user" value="{provider.id}/{user.oid}"{focus}>{lines}</button>'


def _page(title: str, body: str, *, status: int = 200, form_target: str = "") -> HTMLResponse:
    # Browsers hold what a form's answer redirects to against form-action, too.
    target = urlsplit(form_target)
    targets = f"'self' {target.scheme}://{target.netloc}" if form_target else "'none'"
    policy = (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; img-src data:; form-action {targets}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(html, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})
