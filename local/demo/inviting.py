"""Steps 1 to 10: an operator invites, the tenant's administrator answers."""

import re
import secrets
from typing import Any

from local.callers import admin
from local.demo.story import MAIL_SECONDS, StepError, Story, answer, counted, expect, listed, refused
from local.waiting import wait_until


def opens_services(story: Story) -> str:
    me = answer(story.operator.get("/api/me"), 200, "who is signed in")
    expect(me["role"] == "operator", "the role operator", me["role"])
    answer(story.operator.get("/api/services"), 200, "the Services page")
    return f"{me['user']['name']} of {me['provider']['name']} opens Services and picks Direct Routing"


def chooses_customer(story: Story) -> str:
    name = story.tenant.display_name
    customer = listed(story.operator, f"/api/customers?name={name}", lambda entry: entry["name"] == name)
    if customer is None:
        raise StepError(f"the customer {name} in the list", "none")
    story.customer = customer
    return f"chooses the customer {name}"


def opens_wizard(story: Story) -> str:
    customer = answer(story.operator.get(f"/api/customers/{story.customer['id']}"), 200, "the customer")
    expect(customer["name"] == story.customer["name"], story.customer["name"], customer["name"])
    return f"opens the onboarding wizard for {customer['name']}"


def enters_names(story: Story) -> str:
    for value, available in ((story.short_name, True), ("my-Audit-1", False), ("a.b", False)):
        found = answer(story.operator.get("/api/short-names", params={"value": value}), 200, "a short name's state")
        expect(found["available"] is available, f"{value} {'free' if available else 'refused'}", found)
    return f"enters “{story.full_name}” and the short name {story.short_name}, which is free"


def selects_license(story: Story) -> str:
    refused(_create(story, license="HostedEssentials"), "/license")
    return "selects the licence Hosted Pro (another one is refused)"


def selects_users(story: Story) -> str:
    refused(_create(story, licensedUsers=501), "/licensedUsers")
    return "selects 25 licensed users (501 are refused)"


def sends_link(story: Story) -> str:
    before = len(story.inbox.mails(story.admin_email))
    story.service = answer(_create(story), 201, "a new service")
    expect(story.service["state"] == "invited", "the state invited", story.service["state"])
    expect(story.service["shortName"] == story.short_name, story.short_name, story.service["shortName"])
    story.mail = story.inbox.wait_for_mail(story.admin_email, count=before + 1, seconds=MAIL_SECONDS)

    def noted() -> Any:
        invitation = story.reload()["invitation"]
        return invitation["emailState"] == "sent" and invitation["emailSentCount"] == 1

    wait_until(noted, MAIL_SECONDS, "the state “sent” of the mail", every=0.2)
    return f"e-mail sent to {story.admin_email}"


def opens_link(story: Story) -> str:
    mail = story.mail
    if mail is None:
        raise StepError("a mail", "none")
    expect("Click here to activate your tenant" in mail.html, "the button in the mail", mail.subject)
    expect(mail.link in mail.text, "the same link in the mail's text part", "another text")
    story.admin = admin(mail.link)
    assets = _load_page(story)
    view = answer(story.admin.get("/api/invitation"), 200, "the invitation")
    expect(view["status"] == "pending", "a pending invitation, whatever was opened before", view["status"])
    expect(view["service"]["fullName"] == story.full_name, story.full_name, view["service"]["fullName"])
    return f"opens the link in the mail: {view['provider']['name']} asks; the page and its {assets} files load"


def starts_authentication(story: Story) -> str:
    credential = {"kind": "secret", "value": story.secret}
    body = {"tenantId": story.tenant.id, "clientId": story.registration.app_id, "credential": credential}
    view = answer(_admin(story).post("/api/invitation/submission", json=body), 202, "a check that has begun")
    expect(view["status"] in {"validating", "authenticated"}, "a check under way", view["status"])
    return "enters tenant id, client id and client secret, starts the authentication"


def sees_confirmation(story: Story) -> str:
    view = story.await_check("/api/invitation", _admin(story))
    expect(view["status"] == "authenticated", "the status authenticated", view["status"])
    for private in (story.tenant.id, story.registration.app_id, story.admin_email, story.secret):
        expect(private not in str(view), "a confirmation without ids and addresses", f"one with {private}")
    return f"sees that the app registration is valid: {counted(view['check'])}"


def _create(story: Story, **other: object) -> Any:
    body: dict[str, object] = {
        "type": "DirectRouting",
        "fullName": story.full_name,
        "shortName": story.short_name,
        "license": "HostedPro",
        "licensedUsers": 25,
        "adminEmail": story.admin_email,
        "sendLink": True,
    }
    path = f"/api/customers/{story.customer['id']}/services"
    return story.operator.create(path, secrets.token_hex(16), body | other)


def _load_page(story: Story) -> int:
    """Load the wizard's page and what it names, as a browser does. Returns how many files it named."""
    caller = _admin(story)
    page = caller.get("/invite")
    expect(page.status_code == 200, "the wizard's page", page.status_code)
    names = sorted(set(re.findall(r'(?:src|href)="(/invite/[^"#]+)"', page.text)))
    expect(names, "a page that names its files", "none")
    for name in names:
        status = caller.get(name).status_code
        expect(status == 200, f"{name} (200)", status)
    return len(names)


def _admin(story: Story) -> Any:
    if story.admin is None:
        raise StepError("an administrator with a link", "none")
    return story.admin
