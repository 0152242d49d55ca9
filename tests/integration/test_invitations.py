"""The invitation: resend, revoke, copy, expire, and what its links say from then on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.waiting import wait_until
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    FABRIKAM,
    SECONDS,
    Json,
    Onboarding,
    good,
    listed,
    refused,
    submit,
    submitted,
    unique,
    view_of,
)

NEVER = "0 0 0 1 1 *"


def dead(way: Onboarding, link: str, code: str) -> Json:
    """The problem that a dead link answers with, to whoever opens it or submits through it."""
    holder = way.cloud.admin(link)
    problem = refused(holder.get("/api/invitation"), 410, code)
    assert refused(submit(holder, CONTOSO), 410, code) == problem
    assert datetime.fromisoformat(problem["at"]) <= datetime.now(UTC) + timedelta(days=31)
    assert problem["provider"]["name"] == "Northwind Voice"
    assert problem["provider"]["contact"]["phone"]
    assert way.email not in str(problem)
    return problem


def test_an_invitation_shows_who_asks_for_what(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud, FABRIKAM)
    view = view_of(way.admin())
    assert view["status"] == "pending"
    assert view["provider"]["name"] == "Fabrikam Telecom"
    assert "--accent: #8a1f5c" in cloud.anybody().get(view["provider"]["styles"]).text
    assert view["service"] == {"fullName": "Contoso voice"}
    assert (view["triesLeft"], view["check"]) == (10, None)
    assert "Organization.Read.All" in [permission["name"] for permission in view["permissions"]]
    for private in (way.id, way.customer["id"], way.email, way.customer["name"], "Farid"):
        assert private not in str(view)


def test_resend_kills_the_old_links_and_says_so(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    first, copied = way.mail().link, way.copy_link()
    row = good(way.change(f"{way.invitation}/resend", {}))
    assert (row["status"], row["emailState"], row["emailSentCount"]) == ("pending", "queued", 1)
    second = way.mail(count=2).link
    assert second != first
    for link in (first, copied):
        assert "newer" in dead(way, link, "link-replaced")["detail"]
    assert view_of(way.admin(second))["status"] == "pending"
    ends = {(link["channel"], link["why"]) for link in good(way.operator.get(way.invitation))["links"]}
    assert ends == {("copy", "replaced"), ("mail", "replaced"), ("mail", None)}
    assert way.told() == ["service-created", "link-copied", "invitation-resent"]


def test_resend_may_go_to_another_address(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    first = way.mail()
    address = f"{unique('other-')}@contoso.example"
    refused(way.change(f"{way.invitation}/resend", {"adminEmail": "nobody"}), 422, "invalid-input")
    row = good(way.change(f"{way.invitation}/resend", {"adminEmail": address}))
    assert row["adminEmail"] == way.read()["invitation"]["adminEmail"] == address
    assert cloud.inbox.wait_for_mail(address).link != first.link
    assert len(cloud.inbox.mails(way.email)) == 1


def test_resend_undoes_a_proposal_and_gives_fresh_tries(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    admin = way.admin()
    assert submitted(admin, CONTOSO, value="Wrong~but.long-enough")["triesLeft"] == 9
    used = way.copy_link()
    assert submitted(way.admin(used), CONTOSO)["status"] == "authenticated"
    row = good(way.change(f"{way.invitation}/resend", {}))
    assert (row["status"], row["deviceAuthenticated"], row["channel"]) == ("pending", False, None)
    service = way.read()
    assert (service["state"], service["proposal"], service["invitation"]["triesLeft"]) == ("invited", None, 10)
    dead(way, used, "link-replaced")
    refused(way.add(), 409, "not-authenticated")


def test_revoke_kills_every_link_and_resend_revives(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    mailed, copied = way.mail().link, way.copy_link()
    row = good(way.change(f"{way.invitation}/revoke"))
    assert (row["status"], row["reason"]["code"]) == ("revoked", "revoked")
    for link in (mailed, copied):
        dead(way, link, "link-revoked")
    refused(way.change(f"{way.invitation}/revoke"), 409, "invitation-not-open")
    refused(way.change(f"{way.invitation}/link"), 409, "invitation-not-open")
    assert way.row()["status"] == "revoked"
    assert good(way.change(f"{way.invitation}/resend", {}))["status"] == "pending"
    assert view_of(way.admin(way.mail(count=2).link))["status"] == "pending"
    dead(way, mailed, "link-revoked")


def test_revoke_undoes_a_proposal_and_nobody_reads_its_confirmation(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    link = way.copy_link()
    submitted(way.admin(link), CONTOSO)
    good(way.change(f"{way.invitation}/revoke"))
    service = way.read()
    assert (service["state"], service["proposal"]) == ("invited", None)
    dead(way, link, "link-revoked")


def test_a_copied_link_tells_its_channel_at_authentication(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    way.mail()
    reply = way.change(f"{way.invitation}/link")
    content = good(reply)
    assert content["link"].startswith(f"{cloud.config.api_url}/invite#")
    assert content["expiresAt"] == way.read()["invitation"]["expiresAt"]
    assert reply.headers["ETag"] == content["etag"] == way.read()["etag"]
    submitted(way.admin(content["link"]), CONTOSO)
    service = way.read()
    assert service["proposal"]["channel"] == service["invitation"]["channel"] == "copy"
    assert way.events()[-1]["details"] == {"channel": "copy"}
    assert [event["by"] for event in way.events() if event["what"] == "credentials-submitted"] == [
        {"kind": "admin", "name": "link: copy", "id": None}
    ]


def test_the_mailed_link_tells_its_channel_at_authentication(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    way.copy_link()
    submitted(way.admin(way.mail().link), CONTOSO)
    assert way.read()["proposal"]["channel"] == way.row()["channel"] == "mail"


def test_copying_again_replaces_the_copied_link_alone(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    mailed, first, second = way.mail().link, way.copy_link(), way.copy_link()
    dead(way, first, "link-replaced")
    assert view_of(way.admin(mailed)) == view_of(way.admin(second))


@pytest.mark.parametrize("change", ["resend", "revoke", "link"])
def test_a_change_of_a_state_that_nobody_has_any_more_is_refused(cloud: LocalCloud, change: str) -> None:
    way = Onboarding.begin(cloud)
    way.mail()
    stale = way.read()["etag"]
    way.copy_link()
    before = way.read()
    refused(way.operator.change(f"{way.invitation}/{change}", stale, {}), 412, "changed-meanwhile")
    assert way.read() == before


def test_of_two_changes_of_one_state_at_once_exactly_one_happens(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    way.mail()
    etag, callers = way.read()["etag"], [cloud.operator() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda caller: caller.change(f"{way.invitation}/revoke", etag), callers))
    assert sorted(reply.status_code for reply in replies) == [200, 412, 412, 412]
    assert way.told() == ["service-created", "invitation-revoked"]


@pytest.mark.parametrize(
    "invitation", ["{}", "{}-2", "{}-01x", "{}-", "-1", "{}-70000", "{}-0", "{}-٣", "x-1", "%23-1", "{}-1-1"]
)
def test_an_invitation_that_does_not_exist_is_not_found(cloud: LocalCloud, invitation: str) -> None:
    way = Onboarding.begin(cloud)
    path = f"/api/invitations/{invitation.format(way.id)}"
    refused(way.operator.get(path), 404, "not-found")
    for change in ("resend", "revoke", "link"):
        refused(way.operator.change(f"{path}/{change}", '"1"', {}), 404, "not-found")


def test_pending_invitations_can_be_filtered(cloud: LocalCloud) -> None:
    waiting, answered = Onboarding.begin(cloud), Onboarding.begin(cloud)
    answered.authenticated()

    def ids(query: str) -> set[str]:
        rows = listed(waiting.operator, f"/api/invitations?{query}")
        return {row["serviceId"] for row in rows} & {waiting.id, answered.id}

    assert ids("") == {waiting.id, answered.id}
    assert ids("status=pending") == ids("deviceAuthenticated=false") == {waiting.id}
    assert ids("status=authenticated") == ids("deviceAuthenticated=true") == {answered.id}
    assert ids(f"customerId={waiting.customer['id']}") == {waiting.id}
    assert ids(f"customerId={waiting.customer['id']}&status=authenticated") == set()
    assert ids(f"customerId={waiting.customer['id']}' or PartitionKey ne '") == set()
    for query in ("status=x", "deviceAuthenticated=maybe", "state=pending"):
        refused(waiting.operator.get(f"/api/invitations?{query}"), 422, "invalid-input")


def test_an_invitation_expires_and_resend_revives_it(cloud: LocalCloud) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=65)).isoformat()
    silent, answered = Onboarding.begin(cloud, expiresAt=soon), Onboarding.begin(cloud, expiresAt=soon)
    link, used = silent.mail().link, answered.copy_link()
    submitted(answered.admin(used), CONTOSO)

    # The timer is late: the link is refused all the same.
    cloud.restart("+2h", SWEEP_SCHEDULE=NEVER)
    for way in (silent, answered):
        way.operator = cloud.operator()
    dead(silent, link, "link-expired")
    assert silent.row()["status"] == "pending"
    refused(silent.change(f"{silent.invitation}/link"), 409, "invitation-not-open")

    cloud.host.restart("+2h")
    service = silent.until(lambda one: one["invitation"]["status"] == "expired", "the expiry")
    assert service["state"] == "invited"
    assert service["invitation"]["reason"]["code"] == "expired"
    assert silent.events()[-1] == {**silent.events()[-1], "what": "invitation-expired", "by": _SYSTEM}
    dead(silent, link, "link-expired")
    assert answered.row()["status"] == "authenticated", "what was answered does not expire in time for the answer"

    row = good(silent.change(f"{silent.invitation}/resend", {}))
    assert row["status"] == "pending"
    assert datetime.fromisoformat(row["expiresAt"]) > datetime.now(UTC) + timedelta(days=7)
    assert view_of(silent.admin(silent.mail(count=2).link))["status"] == "pending"
    dead(silent, link, "link-expired")


@pytest.mark.days_later
def test_what_nobody_adds_within_30_days_expires_and_its_secret_is_wiped(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    link = way.copy_link()
    submitted(way.admin(link), CONTOSO)
    assert _seals(cloud, way) == 1
    cloud.restart("+31d")
    way.operator = cloud.operator()
    service = way.until(lambda one: one["invitation"]["status"] == "expired", "the expiry")
    assert (service["state"], service["proposal"]) == ("invited", None)
    assert "30 days" in service["invitation"]["reason"]["detail"]
    assert _seals(cloud, way) == 0
    dead(way, link, "link-expired")
    refused(way.add(), 409, "not-authenticated")


def test_an_invitation_leaves_the_list_by_add_and_cannot_be_changed_any_more(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud).added()
    wait_until(lambda: way.pending() is None, SECONDS, "the end of its row")
    for change in ("resend", "revoke"):
        refused(way.change(f"{way.invitation}/{change}", {}), 409, "invitation-closed")
    refused(way.change(f"{way.invitation}/link"), 409, "invitation-closed")
    shown = good(way.operator.get(way.invitation))
    assert (shown["status"], shown["deviceAuthenticated"]) == ("accepted", True)


_SYSTEM: Json = {"kind": "system", "name": "TenantLink", "id": None}


def _seals(cloud: LocalCloud, way: Onboarding) -> int:
    """How many sealed secrets the service's row holds."""
    (row,) = [row for row in cloud.rows() if row["RowKey"] == f"service:{way.id}"]
    body: Any = row["body"]
    return int(body.count('"sealed"'))
