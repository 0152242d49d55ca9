"""Somebody kept an old link: after every end it opens nothing, writes nothing, and harms no newer invitation."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from invitations import problems
from invitations.problems import DeadLink
from local.callers import Caller
from shared.problems import Problem
from tests.attacks.stored import Rows, about, nothing_changes
from tests.integration.asking import asking
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import CONTOSO, NORTHWIND, Onboarding, good, refused, submitted, view_of
from tests.integration.test_refused_states import (
    OPENING,
    cancelled_link,
    declined_link,
    locked_link,
    replaced_link,
    revoked_link,
    taken_back_link,
    used_link,
)


def resent_link(way: Onboarding) -> Caller:
    """The link of a mail after which another one was sent."""
    link = way.admin(way.mail().link)
    good(way.change(f"{way.invitation}/resend", {}))
    way.mail(2)
    return link


def copied_before_a_resend(way: Onboarding) -> Caller:
    link = way.admin()
    good(way.change(f"{way.invitation}/resend", {}))
    return link


def used_and_added(way: Onboarding) -> Caller:
    link = used_link(way)
    good(way.add())
    return link


def used_and_undone(way: Onboarding) -> Caller:
    """A resend wiped what this link had led to."""
    link = used_link(way)
    good(way.change(f"{way.invitation}/resend", {}))
    return link


def of_a_disconnected_service(way: Onboarding) -> Caller:
    way.active()
    good(way.change(f"{way.path}/disconnect"))
    return way.admins[-1]


def of_the_invitation_before(way: Onboarding) -> Caller:
    """The next invitation is open, with a link of its own."""
    way.added().reinitiated()
    old = way.admins[-1]
    way.admin()
    return old


type End = tuple[Callable[[Onboarding], Caller], type[Problem]]
ENDS: dict[str, End] = {
    "replaced by a newer copy": (replaced_link, problems.LinkReplaced),
    "replaced by a newer mail": (resent_link, problems.LinkReplaced),
    "a copy, replaced by a mail": (copied_before_a_resend, problems.LinkReplaced),
    "revoked": (revoked_link, problems.LinkRevoked),
    "declined": (declined_link, problems.LinkDeclined),
    "locked": (locked_link, problems.LinkLocked),
    "cancelled": (cancelled_link, problems.LinkCancelled),
    "used": (used_link, problems.LinkUsed),
    "used, and its registration added": (used_and_added, problems.LinkUsed),
    "used, and undone": (used_and_undone, problems.LinkReplaced),
    "disconnected": (of_a_disconnected_service, problems.LinkUsed),
    "re-initiated": (of_the_invitation_before, problems.LinkReplaced),
    "taken back": (taken_back_link, problems.LinkRevoked),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_link_after_its_end_opens_nothing_and_writes_nothing(cloud: LocalCloud, way: Onboarding, end: str) -> None:
    prepare, problem = ENDS[end]
    holder = prepare(way)
    way.mail_settled()
    replayed(way, holder, problem)


@pytest.mark.days_later
def test_a_link_after_its_time_opens_nothing_and_later_cannot_even_be_asked_about(
    cloud: LocalCloud, way: Onboarding
) -> None:
    way.mail()
    holder = way.admin()
    cloud.sign_in_for(timedelta(days=50), NORTHWIND)
    cloud.host.restart("+8d")
    way.operator = cloud.operator()
    way.until(lambda one: one["invitation"]["status"] == "expired", "the invitation's end")
    assert refused(holder.get("/api/invitation"), 410, "link-expired")["canRequest"] is True
    replayed(way, holder, problems.LinkExpired)
    cloud.host.restart("+40d")
    with nothing_changes(way):
        refused(asking("request_link", way, holder).send(), 410, "link-too-old")


def replayed(way: Onboarding, holder: Caller, problem: type[Problem]) -> None:
    """All four calls with this link, some of them twice."""
    with nothing_changes(way):
        for name in (*OPENING, *OPENING):
            reply = asking(name, way, holder).send()
            if name == "open_invitation" and problem is problems.LinkUsed:
                assert good(reply)["status"] == "authenticated"  # the confirmation, which opens no form
            else:
                refused(reply, problem.status, problem.code)
    asked_for_another(way, holder, may=issubclass(problem, DeadLink) and waits(way))


def waits(way: Onboarding) -> bool:
    """Whether the service's invitation still waits for somebody, as the operator's list shows it."""
    row = way.pending()
    return row is not None and not row["deviceAuthenticated"]


def asked_for_another(way: Onboarding, holder: Caller, *, may: bool) -> None:
    """*Ask for a new link*: where it may be asked for at all, one flag once, and nothing else."""
    before = about(way)
    reply = asking("request_link", way, holder).send()
    if not may:
        assert reply.status_code in (409, 410)
        assert about(way) == before
        return
    good(reply)
    assert changed(before, about(way)) == {"invitation.link_requested_at", "updated_at", "version"}
    with nothing_changes(way):
        good(asking("request_link", way, holder).send())


def changed(before: Rows, after: Rows) -> set[str]:
    """The fields of the service that differ; beside it only its open row is rewritten, and one event is new."""
    touched = {key for key in after if before.get(key) != after[key]}
    assert before.keys() <= after.keys()
    assert sorted(key[1].partition(":")[0] for key in touched) == ["event", "open", "service"]
    (service,) = (key for key in touched if key[1].startswith("service:"))
    old, new = (flat(json.loads(rows[service][1]["body"])) for rows in (before, after))
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def flat(content: dict[str, Any]) -> dict[str, Any]:
    """The service's fields, and its invitation's as `invitation.…`."""
    inner = {f"invitation.{name}": value for name, value in content["invitation"].items()}
    return {name: value for name, value in content.items() if name != "invitation"} | inner


@pytest.mark.parametrize("end", ["replaced by a newer mail", "re-initiated", "used, and undone"])
def test_an_old_link_takes_nothing_from_the_live_invitation(cloud: LocalCloud, way: Onboarding, end: str) -> None:
    """The old one is tried again and again; the newest still opens the form, with all its tries, and does its work."""
    old = ENDS[end][0](way)
    way.mail_settled()
    living = way.admin()
    for _ in range(12):
        for name in OPENING:
            assert asking(name, way, old).send().status_code == 410
    view = view_of(living)
    assert (view["status"], view["triesLeft"]) == ("pending", 10)
    assert submitted(living, CONTOSO)["status"] == "authenticated"
