"""The callers of the app, as programs: operators with a token, the admin with a link; and the inbox."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, override

import requests

from local.waiting import wait_until

REPLY_SECONDS = 60.0


class Caller(requests.Session):
    """An HTTP session with one address and one identity; it remembers every reply, for a search for secrets.

    A redirect is returned, not followed: the API sends none, and an identity belongs to one host.
    """

    def __init__(self, base_url: str, authorization: str | None = None) -> None:
        super().__init__()
        self.base_url = base_url
        self.trust_env = False  # no proxy and no .netrc on the way to this machine
        self.replies: list[str] = []
        if authorization:
            self.headers["Authorization"] = authorization

    @override
    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """As in requests; a path is taken relative to the caller's base address."""
        if isinstance(url, str) and url.startswith("/"):
            url = self.base_url + url
        options.setdefault("timeout", REPLY_SECONDS)
        options.setdefault("allow_redirects", False)
        reply = super().request(method, url, *args, **options)
        self.replies.append(f"{method!s} {reply.url}\n{reply.headers}\n{reply.text}")
        return reply

    def change(self, path: str, etag: str, body: Mapping[str, object] | None = None) -> requests.Response:
        """POST a change of what has this ETag (as in the reply's header or its `etag` member)."""
        return self.post(path, json=body, headers={"If-Match": etag})

    def create(self, path: str, key: str, body: Mapping[str, object]) -> requests.Response:
        """POST something new under this Idempotency-Key."""
        return self.post(path, json=body, headers={"Idempotency-Key": key})


def operator(base_url: str, token: str) -> Caller:
    """Somebody at a service provider. token: an Entra access token."""
    return Caller(base_url, f"Bearer {token}")


def admin(link: str) -> Caller:
    """Whoever holds an invitation's link; the page sends what follows the `#` as its identity."""
    address, _, token = link.partition("#")
    return Caller(address.removesuffix("/invite"), f"Invitation {token}")


@dataclass(frozen=True)
class Mail:
    """A mail as it arrived in the inbox."""

    id: str
    subject: str
    sender: str
    to: tuple[str, ...]
    text: str
    html: str
    headers: Mapping[str, Any]

    @property
    def link(self) -> str:
        """The invitation's link behind the mail's button. Raises ValueError when there is none."""
        found = re.search(r'href="([^"]*/invite#[^"]+)"', self.html)
        if not found:
            raise ValueError(f"the mail “{self.subject}” to {', '.join(self.to)} has no link to an invitation")
        return html.unescape(found[1])


class Inbox:
    """What MailDev has received; its REST interface is `/email` in the 2.x versions."""

    def __init__(self, base_url: str) -> None:
        self._url = f"{base_url}/email"
        self._web = requests.Session()
        self._web.trust_env = False

    def mails(self, to: str | None = None) -> list[Mail]:
        """All mails, or those to exactly that address, in the order of their arrival."""
        reply = self._web.get(self._url, params={"to.address": to} if to else None, timeout=REPLY_SECONDS)
        reply.raise_for_status()
        return [_mail(entry) for entry in sorted(reply.json(), key=lambda entry: str(entry["time"]))]

    def wait_for_mail(self, to: str, *, count: int = 1, seconds: float = 20) -> Mail:
        """The newest mail to an address, once at least `count` have arrived there. Raises TimeoutError."""

        def arrived() -> Mail | None:
            mails = self.mails(to)
            return mails[-1] if len(mails) >= count else None

        return wait_until(arrived, seconds, f"the arrival of mail number {count} to {to}")


def _mail(entry: Mapping[str, Any]) -> Mail:
    return Mail(
        id=entry["id"],
        subject=entry.get("subject", ""),
        sender=", ".join(address["address"] for address in entry.get("from", [])),
        to=tuple(address["address"] for address in entry.get("to", [])),
        text=entry.get("text", ""),
        html=entry.get("html", "") or "",
        headers=entry.get("headers", {}),
    )


def problem(reply: requests.Response) -> str:
    """A reply in one line, for a person: status, code, and what its problem document says."""
    try:
        body = reply.json()
    except json.JSONDecodeError:
        return f"{reply.status_code} {reply.text[:200]!r}"
    if not isinstance(body, dict) or "code" not in body:
        return f"{reply.status_code} {json.dumps(body)[:400]}"
    faults = "; ".join(f"{fault.get('pointer')}: {fault.get('detail')}" for fault in body.get("errors", []))
    return f"{reply.status_code} {body['code']}: {body.get('detail', '')}{f' ({faults})' if faults else ''}"
