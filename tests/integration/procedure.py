"""The procedure's steps as short calls: one service on its way from invited to active, as its callers see it."""

import json
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import requests

from local.callers import Caller, Mail
from local.config import ROOT
from local.directory import load_directory
from local.waiting import wait_until
from tests.integration.cloud import Directory, LocalCloud

NORTHWIND, FABRIKAM = "11111111-aaaa-4bbb-8ccc-000000000001", "22222222-aaaa-4bbb-8ccc-000000000002"
SECONDS = 30.0

type Json = dict[str, Any]


@dataclass(frozen=True)
class Registered:
    """An app registration in the pretend directory: what an admin types, and the tenant's default domain."""

    tenant: str
    client: str
    secret: str
    domain: str

    @property
    def sign_in(self) -> str:
        """The check's request for a token of that tenant, as a fault of Entra matches it."""
        return f"POST /{self.tenant}/oauth2/v2.0/token"

    def typed(self, **other: object) -> Json:
        """The submission's body; `other` goes over the credential's own members."""
        credential = {"kind": "secret", "value": self.secret, **other}
        return {"tenantId": self.tenant, "clientId": self.client, "credential": credential}


def registered(number: int) -> Registered:
    """The app registration at that place of the checkout's directory."""
    directory = load_directory(ROOT / "local" / "directory.json")
    application = directory.applications[number]
    tenant = next(one for one in directory.tenants if one.id == application.home_tenant)
    return Registered(tenant.id, application.app_id, application.secrets[0].value, tenant.domains[0].name)


def in_a_tenant_of_its_own(directory: Directory, one: Registered) -> Registered:
    """The same registration, its tenant under an id that no check of another test, still under way, asks about."""
    other = str(uuid.uuid4())
    with directory.edit() as content:
        moved = json.loads(json.dumps(content).replace(one.tenant, other))
        content.update(moved)
    return replace(one, tenant=other)


CONTOSO, ADATUM, TAILSPIN_EXPIRED = map(registered, (0, 1, 2))


def unique(prefix: str = "") -> str:
    """A name that no other test uses, short enough for a short name."""
    return f"{prefix}{secrets.token_hex(4)}"


def order(**other: object) -> Json:
    """The body of a new service with a short name and an address of its own."""
    return {
        "type": "DirectRouting",
        "fullName": "Contoso voice",
        "shortName": unique("s"),
        "license": "HostedPro",
        "licensedUsers": 25,
        "adminEmail": f"{unique('it-')}@{CONTOSO.domain}",
        "sendLink": True,
        **other,
    }


def good(reply: requests.Response, status: int = 200) -> Json:
    """The JSON of a reply that must have this status."""
    assert reply.status_code == status, f"{reply.request.method} {reply.url}: {reply.status_code} {reply.text}"
    content: Json = reply.json()
    return content


def refused(reply: requests.Response, status: int, code: str) -> Json:
    """The problem document of a refusal."""
    problem = good(reply, status)
    assert problem["code"] == code, problem
    assert problem["status"] == status
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    assert problem["detail"], problem
    return problem


def pointers(problem: Json) -> dict[str, str]:
    """Each faulty field's pointer and code."""
    return {fault["pointer"]: fault["code"] for fault in problem["errors"]}


def new_customer(operator: Caller, **other: object) -> Json:
    """A customer of its own."""
    body = {"name": unique("Customer "), **other}
    return good(operator.create("/api/customers", unique("key-"), body), 201)


def listed(operator: Caller, path: str) -> list[Json]:
    """All entries of a list, over all its pages."""
    entries: list[Json] = []
    page: str | None = path
    while page:
        content = good(operator.get(page))
        entries += content["value"]
        page = content["nextLink"]
    return entries


class Desk:
    """An operator who is about to make services for a customer of their own."""

    def __init__(self, operator: Caller) -> None:
        self.operator = operator
        self.customer = new_customer(operator)
        self.path = f"/api/customers/{self.customer['id']}/services"

    def create(self, body: Json, key: str | None = None) -> requests.Response:
        return self.operator.create(self.path, key or unique("key-"), body)

    def made(self) -> list[Json]:
        return listed(self.operator, f"/api/services?customerId={self.customer['id']}")

    def short_name(self, value: str) -> Json:
        return good(self.operator.get("/api/short-names", params={"value": value}))

    def assert_nothing_was_written(self, short_name: str) -> None:
        assert self.made() == []
        assert self.short_name(short_name)["available"] is True


@dataclass
class Onboarding:
    """One service of one customer, with the callers who work on it, and what a test has last seen of each of its
    sides.
    """

    cloud: LocalCloud
    operator: Caller
    customer: Json
    id: str
    email: str
    admins: list[Caller] = field(default_factory=list)
    number: int = 1
    seen: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def begin(
        cls, cloud: LocalCloud, provider: str | None = None, *, customer: Json | None = None, **other: object
    ) -> Self:
        """Steps 1 to 7, for a customer of its own if none is given. `other` goes over the order."""
        operator = cloud.operator(provider)
        customer = customer or new_customer(operator)
        body = order(**other)
        made = good(operator.create(f"/api/customers/{customer['id']}/services", unique("key-"), body), 201)
        return cls(cloud, operator, customer, made["id"], body["adminEmail"])

    @property
    def path(self) -> str:
        return f"/api/services/{self.id}"

    @property
    def invitation(self) -> str:
        """The path of its present invitation."""
        return f"/api/invitations/{self.id}-{self.number}"

    def read(self) -> Json:
        return good(self.operator.get(self.path))

    def row(self) -> Json:
        """Its row on the Pending Invitations page; fails when it has none."""
        row = self.pending()
        assert row is not None
        return row

    def pending(self) -> Json | None:
        rows = listed(self.operator, "/api/invitations")
        return next((row for row in rows if row["serviceId"] == self.id), None)

    def events(self) -> list[Json]:
        return listed(self.operator, f"{self.path}/events")

    def told(self) -> list[str]:
        """What happened, in order, without the mail, whose moment is its own."""
        return [event["what"] for event in self.events() if not event["what"].startswith("mail-")]

    def change(self, path: str, body: Mapping[str, object] | None = None) -> requests.Response:
        """POST a change of the newest state; a mail that is noted meanwhile is no reason to give up."""

        def changed() -> requests.Response | None:
            reply = self.operator.change(path, self.read()["etag"], body)
            return None if reply.status_code == 412 else reply

        return wait_until(changed, SECONDS, f"a change through {path}")

    def mail_settled(self) -> Json:
        """The service once its mail is sent, or not wanted any more: nothing of it changes by itself then."""
        return self.until(lambda service: service["invitation"]["emailState"] != "queued", "the end of its mail")

    def reinitiated(self) -> Self:
        """*Re-initiate Authentication Flow*: its next invitation is open."""
        good(self.change(f"{self.path}/invitations", {"adminEmail": self.email}), 201)
        self.number += 1
        return self

    def until(self, holds: Callable[[Json], object], what: str, seconds: float = SECONDS) -> Json:
        """Poll the service until something holds for it."""

        def look() -> Json | None:
            service = self.read()
            return service if holds(service) else None

        return wait_until(look, seconds, what)

    def mail(self, count: int = 1) -> Mail:
        """The newest mail, once so many have arrived and are noted as sent."""
        mail = self.cloud.inbox.wait_for_mail(self.email, count=count, seconds=SECONDS)
        self.until(lambda service: service["invitation"]["emailSentCount"] >= count, f"the note of mail {count}")
        return mail

    def copy_link(self) -> str:
        link: str = good(self.change(f"{self.invitation}/link"))["link"]
        return link

    def admin(self, link: str | None = None) -> Caller:
        """Whoever holds the link; without one, a link that the operator copies now."""
        caller = self.cloud.admin(link or self.copy_link())
        self.admins.append(caller)
        return caller

    def add(self, registered: Registered = CONTOSO, **other: object) -> requests.Response:
        """Step 14 with these ids."""
        body = {"tenantId": registered.tenant, "clientId": registered.client, **other}
        return self.change(f"{self.path}/registration", body)

    def authenticated(self, registered: Registered = CONTOSO, **typed: object) -> Self:
        """Steps 8 to 10."""
        admin = self.admin()
        view = submitted(admin, registered, **typed)
        assert view["status"] == "authenticated", view["check"]
        return self

    def added(self, registered: Registered = CONTOSO) -> Self:
        """Steps 8 to 14."""
        self.authenticated(registered)
        good(self.add(registered, acknowledged=True))
        return self

    def validate(self) -> Json:
        """Step 15 or 21, to its end: the Microsoft 365 page."""
        good(self.change(f"{self.path}/m365/validate"), 202)
        return self.checked()

    def checked(self) -> Json:
        """The Microsoft 365 page, once the check under way has ended."""

        def ended() -> Json | None:
            m365 = good(self.operator.get(f"{self.path}/m365"))
            return m365 if m365["check"]["finishedAt"] else None

        return wait_until(ended, SECONDS, "the end of the check")

    def validated(self, registered: Registered = CONTOSO) -> Self:
        """Steps 8 to 15."""
        check = self.added(registered).validate()["check"]
        assert check["outcome"] == "passed", check
        return self

    def complete(self) -> Json:
        """Steps 16 to 18, to their end: the service."""
        good(self.change(f"{self.path}/complete"), 202)
        return self.until(lambda service: service["state"] != "creating", "the end of the creation")

    def active(self, registered: Registered = CONTOSO) -> Self:
        """The whole procedure up to step 18."""
        service = self.validated(registered).complete()
        assert service["state"] == "active", service
        return self


def view_of(admin: Caller) -> Json:
    """What the admin's page shows."""
    return good(admin.get("/api/invitation"))


def submit(admin: Caller, registered: Registered, **typed: object) -> requests.Response:
    """Step 9. `typed` goes over the credential's members."""
    return admin.post("/api/invitation/submission", json=registered.typed(**typed))


def submitted(admin: Caller, registered: Registered, **typed: object) -> Json:
    """Step 9 to the end of its check: what the page shows then."""
    good(submit(admin, registered, **typed), 202)
    return check_ended(admin)


def check_ended(admin: Caller, seconds: float = SECONDS) -> Json:
    """What the admin's page shows once no check is under way."""

    def ended() -> Json | None:
        view = view_of(admin)
        return view if view["status"] != "validating" else None

    return wait_until(ended, seconds, "the end of the check")


def failed_item(view: Json) -> Json:
    """The first failed item of a view's check."""
    return next(item for item in view["check"]["items"] if item["state"] == "failed")
