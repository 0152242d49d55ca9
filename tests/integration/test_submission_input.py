"""What an admin may type in step 9, and what is refused at its field before Microsoft is asked."""

import pytest

from local.callers import Caller
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    Json,
    Onboarding,
    pointers,
    refused,
    view_of,
)

WRONG = "Wrong~secret.of-the-right_length-0123456"


FAULTY: list[tuple[Json, str, str]] = [
    *(({"tenantId": value}, "/tenantId", "tenant") for value in (
        "", "common", "Organizations", "consumers", "../x", "contoso", f"{CONTOSO.tenant}/", f" {CONTOSO.tenant}",
        f"{{{CONTOSO.tenant}}}", f"urn:uuid:{CONTOSO.tenant}", f"{CONTOSO.tenant}\n", "٣" + CONTOSO.tenant[1:],
        "contoso.example/../common", "contoso.example?x=1", "contoso.example#", "cöntoso.example", "127.0.0.1",
    )),
    ({"tenantId": f"{'x' * 260}.example"}, "/tenantId", "string-too-long"),
    ({"tenantId": 7}, "/tenantId", "string-type"),
    *(({"clientId": value}, "/clientId", "guid") for value in (
        "", "x", CONTOSO.client[:-1], f"{CONTOSO.client[:-1]}g", "contoso.example", f"{CONTOSO.client[:-2]}')",
    )),
    ({"clientId": CONTOSO.tenant}, "/clientId", "same-id"),
    *(({"credential": {"kind": "secret", "value": value}}, "/credential/value", code) for value, code in (
        ("", "string-too-short"), ("Zq7~Zq7", "string-too-short"), ("x" * 257, "string-too-long"),
        (None, "string-type"),
        ("with a blank in it", "secret"), ("umläut-secret", "secret"), ("new\nline-secret", "secret"),
        ("d0000000-0000-4000-8000-000000000001", "secret-id"), ("D0000000-0000-4000-8000-00000000000A", "secret-id"),
    )),
    *(({"credential": CONTOSO.typed(expiresOn=value)["credential"]}, "/credential/expiresOn", code) for value, code in (
        ("2020-01-01", "date-past"), ("tomorrow", "date"), ("2027-02-30", "date"),
        (5, "date"),
    )),
    ({"credential": {"kind": "certificate", "value": CONTOSO.secret}}, "/credential/kind", "enum"),
    ({"credential": CONTOSO.secret}, "/credential", "model-type"),
    ({"secret": CONTOSO.secret}, "", "extra-forbidden"),
    ({CONTOSO.secret: "x"}, "", "extra-forbidden"),
    ({"credential": {**CONTOSO.typed()["credential"], CONTOSO.secret: "x"}}, "/credential", "extra-forbidden"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "pointer", "code"), FAULTY)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(
    cloud: LocalCloud, way: Onboarding, admin: Caller, change: Json, pointer: str, code: str
) -> None:
    reply = admin.post("/api/invitation/submission", json={**CONTOSO.typed(), **change})
    problem = refused(reply, 422, "invalid-input")
    assert pointers(problem) == {pointer: code}
    value = change.get("credential", {}).get("value") if isinstance(change.get("credential"), dict) else None
    assert CONTOSO.secret not in reply.text
    assert not value or value not in reply.text
    assert cloud.owes(way.id, "check") == []
    assert "credentials-submitted" not in way.told()
    view = view_of(admin)
    assert (view["status"], view["triesLeft"], view["check"]) == ("pending", 10, None)


def test_a_misspelt_field_does_not_bring_the_secret_into_the_answer(admin: Caller) -> None:
    body = {"tenantId": CONTOSO.tenant, "clientID": CONTOSO.client, "credential": {"kind": "secret", "Value": WRONG}}
    reply = admin.post("/api/invitation/submission", json=body)
    assert set(pointers(refused(reply, 422, "invalid-input"))) == {
        "/clientId", "", "/credential/value", "/credential"
    }  # fmt: skip
    assert WRONG not in reply.text
