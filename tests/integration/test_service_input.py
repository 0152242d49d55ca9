"""What an operator may send for a service, and that whatever is refused leaves nothing behind."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.cloud import LocalCloud
from tests.integration.procedure import (
    Desk,
    Json,
    Onboarding,
    order,
    pointers,
    refused,
    unique,
)

SHORT_NAMES = [
    *(("ab", "length"), ("x" * 16, "length"), ("㎏㎏㎏㎏㎏㎏㎏㎏", "length")),
    *((f"ab{character}cd", "character") for character in '\\/:*?"<>|.'),
    *((f"ab{character}cd", "character") for character in "｜．․／＼：＊？＂＜＞"),
    *((f"ab{character}cd", "space") for character in " \t\n\u00a0\u2003\u2028\u3000"),
    *(
        (f"ab{character}cd", "invisible")
        for character in "\u0000\u0007\u200b\u200d\u202e\u2066\ufeff\u00ad\ufe0f\u3164"
    ),
    *((name, "audit") for name in ("audit", "AUDIT", "my-Audit-1", "preAuDiTpost", "ａｕｄｉｔ", "ⓐⓤⓓⓘⓣ")),
]


@pytest.mark.parametrize(("name", "rule"), SHORT_NAMES)
def test_each_rule_of_the_short_name_is_kept(desk: Desk, name: str, rule: str) -> None:
    problem = refused(desk.create(order(shortName=name)), 422, "invalid-input")
    assert pointers(problem) == {"/shortName": f"short-name-{rule}"}
    asked = desk.short_name(name)
    assert (asked["available"], asked["code"]) == (False, f"short-name-{rule}")
    assert asked["detail"] == problem["errors"][0]["detail"]
    assert desk.made() == []


def test_a_short_name_that_breaks_several_rules_hears_of_them_all(desk: Desk) -> None:
    (fault,) = refused(desk.create(order(shortName="audit . and more")), 422, "invalid-input")["errors"]
    for words in ("3 to 15 characters", "spaces", "full stop", "audit"):
        assert words in fault["detail"]


def soon(**delta: float) -> str:
    return (datetime.now(UTC) + timedelta(**delta)).isoformat()


FAULTS: list[tuple[Json, str, str]] = [
    *(({"licensedUsers": number}, "/licensedUsers", code) for number, code in [
        (0, "greater-than-equal"), (-1, "greater-than-equal"), (501, "less-than-equal"), (10**30, "less-than-equal"),
    ]),
    *(({"licensedUsers": value}, "/licensedUsers", "int-type") for value in ("5", True, None, [5])),
    ({"licensedUsers": 5.0}, "/licensedUsers", "int-type"),
    *(({"license": value}, "/license", "enum") for value in ("HostedEssentials", "hostedpro", "", 1)),
    *(({"type": value}, "/type", "enum") for value in ("OperatorConnect", "directrouting")),
    *(({"adminEmail": value}, "/adminEmail", "address") for value in (
        "", "it", "it@", "@contoso.example", "it@contoso", "it @contoso.example", "it@contoso.example\n",
        "a@b@c.example",
        "it@contoso.example, other@contoso.example", "It <it@contoso.example>", "it..x@contoso.example",
        "it@-contoso.example", f"{'x' * 65}@contoso.example", "jürgen@contoso.example",
    )),
    ({"adminEmail": f"it@{'x' * 260}.example"}, "/adminEmail", "string-too-long"),
    ({"sendLink": False}, "/sendLink", "send-link"),
    ({"sendLink": "true"}, "/sendLink", "bool-type"),
    ({"fullName": " "}, "/fullName", "blank"),
    ({"fullName": "x" * 101}, "/fullName", "string-too-long"),
    ({"fullName": "a\u202eb"}, "/fullName", "invisible-character"),
    ({"shortName": 123}, "/shortName", "string-type"),
    ({"shortName": ""}, "/shortName", "short-name-length"),
    ({"shortName": "x" * 65}, "/shortName", "string-too-long"),
    ({"language": "xx"}, "/language", "literal-error"),
    ({"expiresAt": "tomorrow"}, "/expiresAt", "date-time"),
    ({"expiresAt": "2027-01-01T00:00:00"}, "/expiresAt", "date-time"),
    ({"expiresAt": soon(minutes=50)}, "/expiresAt", "expires-at"),
    ({"expiresAt": soon(days=31)}, "/expiresAt", "expires-at"),
    ({"expiresAt": "9999-12-31T23:59:59-23:59"}, "/expiresAt", "date-time"),
    ({"secret": "x"}, "/secret", "extra-forbidden"),
    ({"a/b~c": "x"}, "/a~1b~0c", "extra-forbidden"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "pointer", "code"), FAULTS)
def test_bad_input_is_refused_at_its_field(desk: Desk, change: Json, pointer: str, code: str) -> None:
    body = order()
    problem = refused(desk.create({**body, **change}), 422, "invalid-input")
    assert pointers(problem) == {pointer: code}
    desk.assert_nothing_was_written(body["shortName"])


def test_all_faulty_fields_are_named_at_once(desk: Desk) -> None:
    problem = refused(
        desk.create({"type": "DirectRouting", "licensedUsers": 0, "adminEmail": "x"}), 422, "invalid-input"
    )
    missing = dict.fromkeys(("/fullName", "/shortName", "/license"), "missing")
    assert pointers(problem) == {**missing, "/licensedUsers": "greater-than-equal", "/adminEmail": "address"}
    assert all(fault["detail"] for fault in problem["errors"])


def _json(**change: object) -> str:
    return json.dumps(order(**change))


BODIES: list[tuple[str | bytes, int, str]] = [
    ("", 400, "bad-request"),
    ("{", 400, "bad-request"),
    ("[]", 400, "bad-request"),
    ("null", 400, "bad-request"),
    ('"text"', 400, "bad-request"),
    (_json()[:-1] + ', "licensedUsers": 7}', 400, "bad-request"),
    (_json()[:-1] + ', "expiresAt": NaN}', 400, "bad-request"),
    (_json()[:-1] + ', "expiresAt": -Infinity}', 400, "bad-request"),
    (_json()[:-1] + ', "fullName2": "\\ud800"}', 400, "bad-request"),
    (_json().encode("utf-16"), 400, "bad-request"),
    (b"\xff" + _json().encode(), 400, "bad-request"),
    (_json()[:-1] + f', "x": {"[" * 50}{"]" * 50}}}', 400, "bad-request"),
    (_json()[:-1] + f', "x": {"[" * 20000}{"]" * 20000}}}', 400, "bad-request"),
    (_json()[:-1] + f', "licensedUsers2": {"9" * 5000}}}', 400, "bad-request"),
    (_json(fullName="x" * 65536), 413, "body-too-large"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES)
def test_a_body_that_is_no_sound_json_is_refused(desk: Desk, body: str | bytes, status: int, code: str) -> None:
    headers = {"Idempotency-Key": unique("key-"), "Content-Type": "application/json"}
    data = body.encode() if isinstance(body, str) else body
    refused(desk.operator.post(desk.path, data=data, headers=headers), status, code)
    assert desk.made() == []


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_a_body_that_is_not_called_json_is_refused(desk: Desk, media_type: str | None) -> None:
    headers = {"Idempotency-Key": unique("key-"), "Content-Type": media_type}
    reply = desk.operator.post(desk.path, data=_json().encode(), headers=headers)
    refused(reply, 415, "wrong-media-type")
    assert desk.made() == []


@pytest.mark.parametrize("key", [None, "", "short", "with blank", "k" * 129])
def test_a_creation_wants_an_idempotency_key(desk: Desk, key: str | None) -> None:
    body, headers = order(), {} if key is None else {"Idempotency-Key": key}
    refused(desk.operator.post(desk.path, json=body, headers=headers), 400, "idempotency-key-required")
    desk.assert_nothing_was_written(body["shortName"])


@pytest.mark.parametrize("customer", ["0" * 24, "x", "%23", "a%3Fb", "'"])
def test_a_service_wants_a_customer(desk: Desk, customer: str) -> None:
    body = order()
    reply = desk.operator.create(f"/api/customers/{customer}/services", unique("key-"), body)
    refused(reply, 404, "not-found")
    desk.assert_nothing_was_written(body["shortName"])


CHANGES = ("registration", "m365/validate", "complete", "cancel", "resend", "revoke", "link")


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_wants_the_etag_that_was_seen(cloud: LocalCloud, change: str) -> None:
    way = Onboarding.begin(cloud)
    way.mail()
    before = way.read()
    root = way.path if change in CHANGES[:4] else way.invitation
    path = f"{root}/{change}"
    refused(way.operator.post(path, json={}), 428, "if-match-required")
    for malformed in ("2", "*", 'W/"2"', '"x"', '"-1"', '"1", "2"', '"9999999999"'):
        refused(way.operator.change(path, malformed, {}), 400, "if-match-malformed")
    assert way.read() == before


@pytest.mark.parametrize("service", ["0" * 24, "x", "%23", "a%3Fb", "a%5Cb", "'", "%01", "x" * 1500])
def test_an_unknown_service_is_not_found(cloud: LocalCloud, service: str) -> None:
    for path in ("", "/events", "/m365"):
        refused(cloud.operator().get(f"/api/services/{service}{path}"), 404, "not-found")
    refused(cloud.operator().get(f"/api/invitations/{service}-1"), 404, "not-found")
