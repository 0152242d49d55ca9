"""Somebody has got hold of the table and moves sealed values about: none opens elsewhere, none is sent to anybody."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from local.waiting import wait_until
from tests.attacks.stored import Key, body_of, planted
from tests.integration.cloud import Directory, Faults, LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    FABRIKAM,
    NORTHWIND,
    SECONDS,
    Json,
    Onboarding,
    check_ended,
    failed_item,
    good,
    in_a_tenant_of_its_own,
    submit,
    submitted,
    view_of,
)
from tests.integration.test_mail import held

OPENED = "The stored client secret can no longer be opened on our side."
ASKED = r"* /(.*/oauth2/v2.0/token|.*openid-configuration|v1.0/)"  # whatever a check asks Entra and Graph

type Sealed = Mapping[str, str]


def raw(sealed: str) -> bytes:
    return base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))


def text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def behind_the_key_id(content: bytes) -> bytes:
    """Nonce and ciphertext (`shared/sealing.py`)."""
    return content[2 + content[1] :]


def own(change: Callable[[bytes], bytes]) -> Callable[[Sealed], str]:
    """The service's own sealed secret, with its bytes changed."""
    return lambda sealed: text(change(raw(sealed["own"])))


TAMPERED: dict[str, Callable[[Sealed], str]] = {
    "another service's secret": lambda sealed: sealed["of another service"],
    "another provider's secret": lambda sealed: sealed["of another provider"],
    "a link's": lambda sealed: sealed["a link"],
    "the secret in clear": lambda _: CONTOSO.secret,
    "nothing": lambda _: "",
    "no base64": lambda sealed: f"{sealed['own'][:-1]}!",
    "twice": lambda sealed: sealed["own"] * 2,
    "cut to its version": own(lambda content: content[:1]),
    "cut within its key id": own(lambda content: content[:4]),
    "cut to its key id": own(lambda content: content[: 2 + content[1]]),
    "cut within its nonce": own(lambda content: content[: 2 + content[1] + 6]),
    "cut to its nonce": own(lambda content: content[: 2 + content[1] + 12]),
    "cut within its tag": own(lambda content: content[:-1]),
    "of another version": own(lambda content: b"\x02" + content[1:]),
    "of version 0": own(lambda content: b"\x00" + content[1:]),
    "with an empty key id": own(lambda content: b"\x01\x00" + behind_the_key_id(content)),
    "with a key id beyond its end": own(lambda content: b"\x01\xff" + content[2:]),
    "with a key id that is no text": own(lambda content: b"\x01\x02\xff\xfe" + behind_the_key_id(content)),
    "with a bit of its nonce flipped": own(lambda content: flipped(content, 2 + content[1])),
    "with a bit of its value flipped": own(lambda content: flipped(content, 2 + content[1] + 12)),
    "with a bit of its tag flipped": own(lambda content: flipped(content, len(content) - 1)),
}


ANOTHER_KEY = own(lambda content: b"\x01\x05other" + behind_the_key_id(content))


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def service_key(way: Onboarding) -> Key:
    return (NORTHWIND, f"service:{way.id}")


def credential(body: dict[str, Any]) -> dict[str, Any]:
    """The credential that a service's row holds: its registration's, or that of the proposal under check."""
    found: dict[str, Any] = (body.get("registration") or body["invitation"]["proposal"])["credential"]
    return found


@pytest.fixture(scope="module")
def connected(running_cloud: LocalCloud) -> Onboarding:
    """A service whose registration was added."""
    running_cloud.mend()
    return Onboarding.begin(running_cloud, NORTHWIND).added()


@pytest.fixture(scope="module")
def sealed(running_cloud: LocalCloud, connected: Onboarding) -> Sealed:
    """Sealed values of several places, under good seals."""
    another, elsewhere = (Onboarding.begin(running_cloud, provider).added() for provider in (NORTHWIND, FABRIKAM))
    faults = Faults(running_cloud)
    _, due = held(running_cloud, faults)
    return {
        "own": credential(body_of(running_cloud, service_key(connected)))["sealed"],
        "of another service": credential(body_of(running_cloud, service_key(another)))["sealed"],
        "of another provider": credential(body_of(running_cloud, (FABRIKAM, f"service:{elsewhere.id}")))["sealed"],
        "a link": body_of(running_cloud, (NORTHWIND, due))["note"]["token"],
    }


@contextmanager
def with_sealed(way: Onboarding, value: str) -> Iterator[None]:
    """The service's row holds that value as its sealed secret."""
    key, cloud = service_key(way), way.cloud
    body = body_of(cloud, key)
    before = credential(body)["sealed"]
    try:
        credential(body)["sealed"] = value
        planted(cloud, key, body=json.dumps(body))
        yield
    finally:
        body = body_of(cloud, key)
        if body.get("registration"):
            credential(body)["sealed"] = before
            planted(cloud, key, body=json.dumps(body))


@pytest.mark.parametrize("how", TAMPERED)
def test_a_secret_that_was_tampered_with_is_our_fault_and_goes_to_nobody(
    cloud: LocalCloud, faults: Faults, connected: Onboarding, sealed: Sealed, how: str
) -> None:
    faults.entra(ASKED, delaySeconds=0.01)  # a fault that does nothing but count
    surprises = cloud.host.log().count("unexpected")
    with with_sealed(connected, TAMPERED[how](sealed)):
        m365 = connected.validate()
    assert m365["check"]["outcome"] == "unavailable"
    assert [(item["name"], item["detail"]) for item in m365["check"]["items"]] == [("sign-in", OPENED)]
    assert faults.used() == 0
    assert cloud.host.log().count("unexpected") == surprises


def test_a_secret_under_a_key_that_we_lack_waits_for_that_key_and_goes_to_nobody(
    faults: Faults, connected: Onboarding, sealed: Sealed
) -> None:
    faults.entra(ASKED, delaySeconds=0.01)
    with with_sealed(connected, ANOTHER_KEY(sealed)):
        good(connected.change(f"{connected.path}/m365/validate"), 202)
        check = wait_until(lambda: waiting_check(connected), SECONDS, "the check that waits")
        assert check["waitingFor"].startswith("Something went wrong on our side.")
        assert faults.used() == 0
    good(connected.operator.post(f"/api/owed/{check['id']}/wake"))
    connected.until(lambda _: connected.told()[-1] == "validation-passed", "the check with the right key's value")


def waiting_check(way: Onboarding) -> Json | None:
    check: Json = good(way.operator.get(f"{way.path}/m365"))["check"]
    return check if check["waitingFor"] else None


def test_the_value_at_its_own_place_still_opens(faults: Faults, connected: Onboarding, sealed: Sealed) -> None:
    """Else the refusals above would prove nothing."""
    faults.entra(ASKED, delaySeconds=0.01)
    with with_sealed(connected, sealed["own"]):
        assert connected.validate()["check"]["outcome"] == "passed"
    assert faults.used() > 2


@pytest.mark.parametrize("how", ["another service's secret", "another provider's secret", "cut within its tag"])
def test_it_costs_the_administrator_no_try(
    cloud: LocalCloud, faults: Faults, directory: Directory, sealed: Sealed, how: str
) -> None:
    registered = in_a_tenant_of_its_own(directory, CONTOSO)
    way = Onboarding.begin(cloud, NORTHWIND)
    way.mail()
    admin = way.admin()
    faults.entra(registered.sign_in, status=503, retryAfter=600)
    good(submit(admin, registered), 202)
    wait_until(lambda: view_of(admin)["check"]["waitingFor"], SECONDS, "the check that waits")
    faults.clear()
    faults.entra(ASKED, delaySeconds=0.01)
    with with_sealed(way, TAMPERED[how]({**sealed, "own": credential(body_of(cloud, service_key(way)))["sealed"]})):
        (owed,) = cloud.owes(way.id, "check")
        good(way.operator.post(f"/api/owed/{owed['work']}/wake"))
        view = check_ended(admin)
    assert (view["status"], view["triesLeft"], view["check"]["outcome"]) == ("pending", 10, "unavailable")
    assert failed_item(view)["detail"] == OPENED
    assert faults.used() == 0
    assert submitted(admin, registered)["status"] == "authenticated", "entering it again is the way out"


MAILS: dict[str, Callable[[Sealed], str]] = {
    "another service's link": lambda sealed: sealed["a link"],
    "a client secret": lambda sealed: sealed["of another service"],
    "a link in clear": lambda _: "A" * 84,
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("how", MAILS)
def test_a_mail_whose_link_was_tampered_with_is_not_sent_and_says_so(
    cloud: LocalCloud, faults: Faults, sealed: Sealed, how: str
) -> None:
    way, due = held(cloud, faults)
    body = body_of(cloud, (NORTHWIND, due))
    body["note"]["token"] = MAILS[how](sealed)
    planted(cloud, (NORTHWIND, due), body=json.dumps(body))
    good(way.operator.post(f"/api/owed/{body['work_id']}/wake"))
    failed = way.until(lambda one: one["invitation"]["emailState"] == "failed", "the refusal")["invitation"]
    assert failed["emailReason"] == "The link can no longer be opened on our side. Resend the invitation."
    assert cloud.inbox.mails(way.email) == []
    good(way.change(f"{way.invitation}/resend", {}))
    assert view_of(way.admin(way.mail().link))["status"] == "pending"
