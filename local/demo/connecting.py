"""Steps 11 to 21: the operator adds the registration, completes the wizard, and looks after the service."""

from typing import Any

from local.demo.story import CHECK_SECONDS, StepError, Story, answer, counted, expect, listed
from local.waiting import wait_until


def sees_authenticated(story: Story) -> str:
    row = _row(story)
    expect(row["deviceAuthenticated"] is True, "Device Authenticated true", row["deviceAuthenticated"])
    expect(row["adminEmail"] == story.admin_email, story.admin_email, row["adminEmail"])
    return f"Pending Invitations: Device Authenticated is true for {row['shortName']}"


def reopens_wizard(story: Story) -> str:
    state = story.reload()["state"]
    expect(state == "authenticated", "the state authenticated", state)
    return f"opens the onboarding wizard again: the service is {state}"


def opens_pending(story: Story) -> str:
    row = _row(story)
    expect(row["serviceId"] == story.service["id"], story.service["id"], row["serviceId"])
    return "presses Pending Invitations: the invitation is listed"


def adds_registration(story: Story) -> str:
    proposal = story.reload()["proposal"]
    _expect_registration(story, proposal)
    expect(
        proposal["domainMatch"] == "match",
        "an invited address of the tenant's domain",
        proposal["domainMatch"],
    )
    body = {"tenantId": proposal["tenantId"], "clientId": proposal["clientId"]}
    reply = story.operator.change(f"{story.service_path}/registration", story.service["etag"], body)
    story.service = answer(reply, 200, "the service with its registration")
    _expect_registration(story, story.service["proposal"])
    story.expect_no_secret()
    status = story.service["invitation"]["status"]
    expect(status == "accepted", "an accepted invitation", status)
    name, tenant = proposal["applicationName"], proposal["tenantName"]
    return f"adds {name} ({proposal['clientId']}) of {tenant}; no secret is shown"


def validates_again(story: Story) -> str:
    m365 = _validate(story)
    state = story.reload()["state"]
    expect(state == "validated", "the state validated", state)
    return f"presses Next: validated again, now: {counted(m365['check'])}"


def goes_on(story: Story) -> str:
    m365 = answer(story.operator.get(f"{story.service_path}/m365"), 200, "the validated credentials")
    expect(m365["applicationId"] == story.registration.app_id, story.registration.app_id, m365["applicationId"])
    return "presses Next"


def completes(story: Story) -> str:
    reply = story.operator.change(f"{story.service_path}/complete", story.service["etag"])
    service = answer(reply, 202, "a creation that has begun")
    expect(service["state"] in {"creating", "active"}, "the state creating", service["state"])
    expect(reply.headers.get("Location", "").endswith(story.service_path), story.service_path, reply.headers)
    return f"completes the wizard: the service is {service['state']}"


def sees_created(story: Story) -> str:
    def created() -> bool:
        service = story.reload()
        if service["state"] not in {"creating", "active"}:
            raise StepError("the state active", f"{service['state']} ({service['reason']})")
        return bool(service["state"] == "active")

    wait_until(created, CHECK_SECONDS, "the creation of the service", every=0.2)
    active = listed(
        story.operator,
        f"/api/services?customerId={story.customer['id']}&state=active",
        lambda entry: entry["id"] == story.service["id"],
    )
    expect(active, "the service among the active ones", "none")
    return f"sees that {story.service['shortName']} was created at {story.service['activatedAt']}"


def opens_service(story: Story) -> str:
    state = story.reload()["state"]
    expect(state == "active", "the state active", state)
    return f"opens Direct Routing, Edit Service: {story.service['shortName']}"


def opens_m365(story: Story) -> str:
    m365 = answer(story.operator.get(f"{story.service_path}/m365"), 200, "M365 Configuration")
    expect(m365["tenantId"] == story.tenant.id, story.tenant.id, m365["tenantId"])
    expect(m365["applicationId"] == story.registration.app_id, story.registration.app_id, m365["applicationId"])
    story.check_id = m365["check"]["id"]
    return f"opens M365 Configuration: {m365['tenantName']}, {m365['applicationName']}"


def validates_authentication(story: Story) -> str:
    expected = {story.days_left()}
    m365 = _validate(story, other_than=story.check_id)
    expected.add(story.days_left())  # midnight may pass meanwhile
    days = m365["secretDaysUntilExpire"]
    expect(days in expected, f"{' or '.join(map(str, expected))} days until the secret expires", days)
    expect(m365["secretExpiresSource"] == "graph", "the source graph", m365["secretExpiresSource"])
    story.expect_no_secret()
    return f"Validate Authentication: {counted(m365['check'])}; Client Secret Days Until Expire: {days}"


def _row(story: Story) -> dict[str, Any]:
    row = listed(story.operator, "/api/invitations", lambda entry: entry["serviceId"] == story.service["id"])
    if row is None:
        raise StepError(f"{story.short_name} in Pending Invitations", "none")
    return row


def _expect_registration(story: Story, shown: dict[str, Any] | None) -> None:
    if shown is None:
        raise StepError("the details of the registration", "none")
    got = (shown["tenantId"], shown["clientId"], shown["tenantName"], shown["secretHint"])
    tenant, registration = story.tenant, story.registration
    wanted = (tenant.id, registration.app_id, tenant.display_name, story.secret[:3])
    expect(got == wanted, str(wanted), got)


def _validate(story: Story, *, other_than: str | None = None) -> dict[str, Any]:
    path = f"{story.service_path}/m365"
    begun = answer(story.operator.change(f"{path}/validate", story.reload()["etag"]), 202, "a check that has begun")
    expect(begun["check"]["id"] != other_than, "a new check", "the last one")
    return story.await_check(path, story.operator, other_than=other_than)
