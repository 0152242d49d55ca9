"""One walk through the procedure: who takes part, what they have learned so far, and what they expect."""

import base64
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

from local.callers import Caller, Inbox, Mail, operator, problem
from local.config import Config
from local.directory import Application, Directory, Tenant, load_directory
from local.token import fetch_token
from local.waiting import wait_until

# Longer than the slowest check that is allowed to succeed; a walk normally waits for seconds.
CHECK_SECONDS = 90.0
MAIL_SECONDS = 60.0


class StepError(Exception):
    """A step did not do what the procedure says."""

    def __init__(self, expected: str, got: object) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = str(got)


@dataclass
class Story:
    """The people, what they know before they begin, and what each step adds for the next ones."""

    config: Config
    directory: Directory
    operator: Caller
    inbox: Inbox
    tenant: Tenant
    registration: Application
    admin_email: str
    short_name: str
    full_name: str
    # added on the way
    customer: dict[str, Any] = field(default_factory=dict)
    service: dict[str, Any] = field(default_factory=dict)
    mail: Mail | None = None
    admin: Caller | None = None
    check_id: str | None = None

    @property
    def secret(self) -> str:
        return self.registration.secrets[0].value

    @property
    def service_path(self) -> str:
        return f"/api/services/{self.service['id']}"

    def days_left(self) -> int:
        """The days until the secret's end, from the directory."""
        now = datetime.now(UTC)
        ends = self.registration.secrets[0].ends_at(now)
        if ends is None:
            raise StepError("a secret with an end in the directory", "none")
        return (ends - now).days

    def reload(self) -> dict[str, Any]:
        """Read the service again."""
        self.service = answer(self.operator.get(self.service_path), 200, "the service")
        return self.service

    def expect_no_secret(self) -> None:
        """The client secret is in no reply so far, and in no log of the cloud."""
        forms = (self.secret, base64.b64encode(self.secret.encode()).decode())
        for caller in (self.operator, self.admin):
            for reply in caller.replies if caller else []:
                if any(form in reply for form in forms):
                    raise StepError("no client secret in any reply", f"one in that to {reply.splitlines()[0]}")
        for log in (self.config.data / "logs").glob("*.log"):
            if any(form in log.read_text(encoding="utf-8", errors="replace") for form in forms):
                raise StepError("no client secret in any log", f"one in {log}")

    def await_check(self, path: str, caller: Caller, *, other_than: str | None = None) -> dict[str, Any]:
        """Poll until the check at `path` has ended. Returns what was read last, with its `check`."""

        def ended() -> dict[str, Any] | None:
            view = answer(caller.get(path), 200, "the state of the check")
            check = view["check"]
            fresh = check is not None and (other_than is None or check["id"] != other_than)
            return view if fresh and check["finishedAt"] else None

        view = wait_until(ended, CHECK_SECONDS, "the end of the check", every=0.2)
        if view["check"]["outcome"] != "passed":
            failed = [
                f"{item['title']}: {item['detail']}" for item in view["check"]["items"] if item["state"] == "failed"
            ]
            raise StepError("a check that passed", f"{view['check']['outcome']} ({'; '.join(failed) or 'no reason'})")
        return view


def begin(config: Config) -> Story:
    """The cast: the first provider's operator, and the administrator of Contoso with a good registration."""
    directory = load_directory(config.directory)
    tenant = next(one for one in directory.tenants if one.display_name == "Contoso")
    registration = next(one for one in directory.applications if tenant.id in one.tenants)
    domain = next(one.name for one in tenant.domains if one.is_default)
    provider = directory.providers[0]
    return Story(
        config=config,
        directory=directory,
        operator=operator(config.api_url, fetch_token(config, "operator", provider.id)),
        inbox=Inbox(config.inbox_url),
        tenant=tenant,
        registration=registration,
        admin_email=f"it@{domain}",
        # Unique, so that a demo can be repeated; with a character that is special in URLs and table keys.
        short_name=f"Demo#{secrets.token_hex(4)}",
        full_name="Contoso voice, Köln & Berlin",
    )


def expect(condition: object, expected: str, got: object) -> None:
    """Raises StepError unless the condition holds."""
    if not condition:
        raise StepError(expected, got)


def answer(reply: requests.Response, status: int, what: str) -> Any:
    """The JSON of a reply with that status. Raises StepError for another one."""
    if reply.status_code != status:
        raise StepError(f"{what} ({status})", problem(reply))
    return reply.json()


def refused(reply: requests.Response, pointer: str) -> None:
    """A reply must be a refusal (422) that points at this field."""
    expect(reply.status_code == 422, f"a refusal (422) of {pointer}", problem(reply))
    pointers = [fault["pointer"] for fault in reply.json().get("errors", [])]
    expect(pointer in pointers, f"a refusal that points at {pointer}", pointers)


def counted(check: dict[str, Any]) -> str:
    """How many of a check's items passed, in words."""
    passed = sum(item["state"] == "passed" for item in check["items"])
    return f"{passed} of {len(check['items'])} items passed"


def listed(caller: Caller, path: str, found: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """The first entry of a list, over all its pages, for which `found` holds."""
    return next((entry for entry in _entries(caller, path) if found(entry)), None)


def _entries(caller: Caller, path: str) -> Iterator[dict[str, Any]]:
    page: str | None = path
    while page:
        content = answer(caller.get(page), 200, f"the list {path}")
        yield from content["value"]
        page = content["nextLink"]
