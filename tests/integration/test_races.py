"""Every race that the procedure knows, both ways round and at once: who wins, and what the other one is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from invitations.operations.mails import send_mail
from shared.kinds import Kind
from shared.minted import mint
from shared.platform import Platform
from shared.sweep import sweep
from tests.integration.contenders import NEW_NAME, PARTS, bring_to
from tests.integration.overlapping import Contender, Order, Scene

# Two who decide on the same service, or the same customer

# For each stage: two who decided; what is told, and the refusal of whoever came second (after the slash), when the
# first one commits first, and when the second one does. Nothing for the latter: the same.
ADDED = "customer-pinned registration-added"
RACES: dict[str, list[tuple[str, str, str, str]]] = {
    "pending": [
        ("resend", "submit", "invitation-resent / link-replaced", "credentials-submitted / stale"),
        ("revoke", "submit", "invitation-revoked / link-revoked", "credentials-submitted / stale"),
        ("extend", "submit", "invitation-extended credentials-submitted", "credentials-submitted / stale"),
        ("copy link", "submit", "link-copied credentials-submitted", "credentials-submitted / stale"),
        ("decline", "submit", "invitation-declined / link-declined", "credentials-submitted invitation-declined"),
        ("cancel", "submit", "service-cancelled / link-cancelled", "credentials-submitted / stale"),
        ("submit", "submit refused", "credentials-submitted / check-in-progress", ""),
        ("decline", "decline", "invitation-declined / link-declined", ""),
        ("resend", "expiry", "invitation-resent", "invitation-expired / stale"),
        ("revoke", "expiry", "invitation-revoked", "invitation-expired / stale"),
        ("extend", "expiry", "invitation-extended", "invitation-expired / stale"),
        ("copy link", "expiry", "link-copied invitation-expired", "invitation-expired / stale"),
        ("decline", "expiry", "invitation-declined", "invitation-expired / link-expired"),
        ("cancel", "expiry", "service-cancelled", "invitation-expired / stale"),
        ("submit", "expiry", "credentials-submitted", "invitation-expired / link-expired"),
        ("change", "change", "service-changed / stale", ""),
        ("resend", "resend", "invitation-resent / stale", ""),
        ("rename", "order another", "customer-changed service-created", ""),
        ("archive", "order another", "customer-archived service-created", ""),
        ("rename", "rename", "customer-changed / stale", ""),
        ("rename", "new customer", "customer-changed / customer-name-taken", "customer-created / customer-name-taken"),
    ],
    "validating": [
        ("resend", "check", "invitation-resent check-superseded", "authenticated / stale"),
        ("revoke", "check", "invitation-revoked check-superseded", "authenticated / stale"),
        ("extend", "check", "invitation-extended authenticated", "authenticated / stale"),
        ("copy link", "check", "link-copied authenticated", "authenticated / stale"),
        ("decline", "check", "invitation-declined check-superseded", "authenticated / link-used"),
        ("cancel", "check", "service-cancelled check-superseded", "authenticated / stale"),
        ("expiry", "check", "authenticated", ""),
    ],
    "validating, to be refused": [
        ("revoke", "check", "invitation-revoked check-superseded", "credentials-refused / stale"),
        ("expiry", "check", "credentials-refused", ""),
    ],
    "validating, without Microsoft": [
        ("revoke", "check", "invitation-revoked", "check-waits / stale"),
        ("decline", "check", "invitation-declined", "check-waits invitation-declined"),
    ],
    "authenticated": [
        ("add", "resend", f"{ADDED} / stale", "invitation-resent / stale"),
        ("add", "revoke", f"{ADDED} / stale", "invitation-revoked / stale"),
        ("add", "cancel", f"{ADDED} / stale", "service-cancelled / stale"),
        ("add", "expiry", ADDED, "invitation-expired / stale"),
        ("add", "add", f"{ADDED} / stale", ""),
        ("add", "rename", f"{ADDED} / stale", f"customer-changed {ADDED}"),
        ("add", "archive", f"{ADDED} / stale", f"customer-archived {ADDED}"),
        ("add", "pin another tenant", f"{ADDED} / stale", "customer-changed / tenant-not-this-customers"),
    ],
    "authenticated, pinned": [
        ("add", "archive", "customer-archived registration-added", ""),
        (
            "add",
            "pin another tenant",
            "customer-changed registration-added",
            "customer-changed / tenant-not-this-customers",
        ),
    ],
    "answered again": [
        ("add", "disconnect", "registration-replaced / stale", "service-disconnected / stale"),
        ("add", "validate", "registration-replaced / stale", "validation-started / stale"),
    ],
    "answered again, being validated": [
        ("add", "check", "registration-replaced check-superseded", "validation-passed / stale"),
    ],
    "validating again": [
        ("disconnect", "check", "service-disconnected check-superseded", "authenticated / stale"),
    ],
    "open again": [
        ("disconnect", "submit", "service-disconnected / link-cancelled", "credentials-submitted / stale"),
    ],
    "added": [
        ("validate", "validate", "validation-started", ""),
    ],
    "validated": [
        ("complete", "complete", "completion-started", ""),
        ("complete", "validate", "completion-started", "validation-started / wrong-state"),
        ("complete", "reinitiate", "completion-started / stale", "invitation-reinitiated / stale"),
        ("complete", "cancel", "completion-started / stale", "service-cancelled / stale"),
    ],
    "creating": [
        ("cancel", "check", "service-cancelled check-superseded", "service-activated / stale"),
    ],
    "nothing": [
        ("order", "order", "service-created / short-name-taken", ""),
        ("order once", "order once", "service-created", ""),
        ("new customer", "new customer", "customer-created / customer-name-taken", ""),
    ],
    "archived": [
        (
            "restore as",
            "new customer",
            "customer-restored / customer-name-taken",
            "customer-created / customer-name-taken",
        ),
    ],
    "active": [
        ("validate", "disconnect", "validation-started / stale", "service-disconnected / stale"),
        ("reinitiate", "disconnect", "invitation-reinitiated / stale", "service-disconnected / stale"),
        ("reinitiate", "reinitiate", "invitation-reinitiated / stale", ""),
    ],
    "ordered, without the e-mail service": [
        ("mail", "resend", "mail-waits / stale", "invitation-resent"),
        ("mail", "revoke", "mail-waits / stale", "invitation-revoked"),
    ],
    "ordered": [
        ("mail", "resend", "mail-sent / stale", "invitation-resent mail-sent"),
        ("mail", "revoke", "mail-sent / stale", "invitation-revoked mail-sent"),
        ("mail", "cancel", "mail-sent / stale", "service-cancelled mail-sent"),
        ("mail", "copy link", "mail-sent / stale", "link-copied mail-sent"),
        ("mail", "expiry", "mail-sent invitation-expired", "invitation-expired mail-sent"),
    ],
}
CASES = [(stage, *case) for stage, cases in RACES.items() for case in cases]


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize(
    ("stage", "one", "other", "if_one", "if_other"),
    CASES,
    ids=[f"{case[0]}: {case[1]} and {case[2]}" for case in CASES],
)
def test_whoever_comes_second_decides_on_what_the_first_one_left(
    scene: Scene, stage: str, one: str, other: str, if_one: str, if_other: str, order: Order
) -> None:
    bring_to(scene, stage)
    before = scene.rows("event:")
    first, second = PARTS[one](scene), PARTS[other](scene)
    scene.race(first, second, order)
    told = scene.told(before)
    assert (first.met, second.met) == (True, True), "they did not overlap"
    in_order, refused_other = split(if_one)
    other_way, refused_one = split(if_other or if_one)
    ends = {Order.FIRST: (in_order, "", refused_other), Order.SECOND: (other_way, refused_one, "")}
    assert (told, said(first), said(second)) in ([ends[order]] if order in ends else ends.values())
    assert_nothing_lost(scene)


def split(ending: str) -> tuple[str, str]:
    """What is told, and the refusal of whoever came second."""
    told, _, refusal = ending.partition(" / ")
    return told, refusal


def said(contender: Contender) -> str:
    """What somebody was refused with, in the table's words."""
    return "stale" if contender.refusal == "changed-meanwhile" else contender.refusal or ""


def assert_nothing_lost(scene: Scene) -> None:
    """Every row is as it must be, now and when all that is owed is done; and no mail went out twice."""
    assert scene.broken(settled=False) == []
    scene.settle()
    assert scene.broken(settled=True) == []
    assert max(scene.outside.sends.values(), default=1) == 1


@pytest.mark.parametrize("order", Order)
def test_a_short_name_is_free_once_its_service_is_cancelled_and_not_before(scene: Scene, order: Order) -> None:
    bring_to(scene, "pending")
    cancelled, ordered = PARTS["cancel"](scene), PARTS["order"](scene)
    scene.race(cancelled, ordered, order)
    assert cancelled.refusal is None
    assert said(ordered) in {Order.FIRST: [""], Order.SECOND: ["short-name-taken"]}.get(order, ["", "short-name-taken"])
    assert_nothing_lost(scene)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("same", [True, False], ids=["of one tenant", "of two tenants"])
def test_the_first_of_two_adds_for_one_customer_pins_it(scene: Scene, same: bool, order: Order) -> None:
    bring_to(scene, "another tenant proposed")
    first = PARTS["add another tenant"](scene)
    bring_to(scene, "another tenant proposed" if same else "authenticated")
    second = PARTS["add another tenant" if same else "add"](scene)
    scene.race(first, second, order)
    refusals = {said(first), said(second)} - {""}
    assert refusals == (set() if same else {"tenant-not-this-customers"})
    assert_nothing_lost(scene)


@pytest.mark.parametrize("order", Order)
def test_a_service_that_was_ordered_while_its_customer_was_renamed_gets_the_new_name(
    scene: Scene, order: Order
) -> None:
    """Its creation has read the old name, and stands only after the first look of the work that spreads the new one."""
    rename = PARTS["rename"](scene)

    def rename_and_spread(platform: Platform) -> None:
        rename.act(platform)
        scene.worker(Kind.RENAME)(platform)

    ordered, renamed = PARTS["order"](scene), Contender(rename_and_spread)
    scene.race(ordered, renamed, order)
    assert_nothing_lost(scene)
    (service,) = scene.services()
    assert service.customer_name == NEW_NAME


# Deliveries and sweeps


DELIVERIES = [
    ("ordered", "mail", "mail-sent"),
    ("validating", "check", "authenticated"),
    ("being validated", "check", "validation-passed"),
    ("creating", "check", "service-activated"),
    ("pending", "expiry", "invitation-expired"),
    ("renamed", "spread name", "customer-renamed"),
]


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize(("stage", "part", "told"), DELIVERIES)
def test_a_message_that_is_delivered_twice_at_once_is_worked_on_once(
    scene: Scene, stage: str, part: str, told: str, order: Order
) -> None:
    bring_to(scene, stage)
    before, asked = scene.rows("event:"), scene.outside.calls
    first, second = (replace(PARTS[part](scene), at=1) for _ in range(2))
    scene.race(first, second, order)
    assert_both_had_a_part(first, second)
    assert scene.told(before) == told
    assert scene.outside.calls - asked <= 1
    assert_nothing_lost(scene)


def assert_both_had_a_part(*contenders: Contender) -> None:
    """They overlapped, and whoever came second found an end of its own."""
    assert [(one.met, said(one)) for one in contenders] == [(True, "")] * 2


def sweeping(scene: Scene, at: int = 1, after: timedelta = timedelta(minutes=2)) -> Contender:
    """A sweep that is held at one of the rows that it moves."""
    now = mint().now + after
    return Contender(lambda platform: sweep(platform.store, [scene.provider], now), at)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize(("one", "other"), [(1, 1), (1, 3), (2, 2)])
def test_of_two_sweeps_at_once_each_row_is_moved_by_one_and_its_worker_woken(
    scene: Scene, one: int, other: int, order: Order
) -> None:
    for _ in range(4):
        bring_to(scene, "ordered")
    mails = {work.work_id for work in scene.owed(Kind.MAIL)}
    first, second = sweeping(scene, one), sweeping(scene, other)
    scene.race(first, second, order)
    assert_both_had_a_part(first, second)
    assert [work.sweeps for work in scene.owed(Kind.MAIL)] == [1] * 4
    woken = [message for _, message in (*first.result, *second.result)]
    assert len(woken) == 4
    for message in woken:
        send_mail(scene.platform, message, mint())
    assert set(scene.outside.sends) == mails
    assert_nothing_lost(scene)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize(("stage", "part", "told"), DELIVERIES[:4])
@pytest.mark.parametrize("at", [1, 2], ids=["as it claims", "as it is done"])
def test_a_worker_that_meets_the_sweep_loses_nothing(
    scene: Scene, stage: str, part: str, told: str, at: int, order: Order
) -> None:
    """The sweep wakes another worker, for work that this one had claimed long ago: its lease was over."""
    bring_to(scene, stage)
    before = scene.rows("event:")
    working, other = replace(PARTS[part](scene), at=at), sweeping(scene, after=timedelta(minutes=2) * at)
    scene.race(working, other, order)
    assert_both_had_a_part(working, other)
    scene.settle()
    assert scene.told(before) == told
    assert_nothing_lost(scene)
