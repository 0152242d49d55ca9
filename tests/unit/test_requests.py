"""Requests: what is not JSON of ours is refused, every fault at once, and none of them repeats what was sent."""

import json
from typing import Any

import pytest

from invitations.models import Filters, Submission
from onboarding.models.customers import NewCustomer
from onboarding.models.services import NewService, ServiceFilters, ShortNameQuestion
from shared.problems import InvalidInput, Problem
from shared.web import requests
from shared.web.requests import body, idempotency_key, if_match, query
from tests.attacks.searching import forms
from tests.unit.builders import CLIENT, SECRET, TENANT, request

ORDER: dict[str, Any] = {
    "type": "DirectRouting",
    "fullName": "Contoso Bristol",
    "shortName": "Contoso-1",
    "license": "HostedPro",
    "licensedUsers": 25,
    "adminEmail": "it@contoso.com",
}
SUBMISSION: dict[str, Any] = {
    "tenantId": TENANT,
    "clientId": CLIENT,
    "credential": {"kind": "secret", "value": SECRET},
}


def text(content: object, old: str = "", new: str = "") -> bytes:
    return json.dumps(content).replace(old, new).encode()


def nested(levels: int) -> bytes:
    return b'{"name":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def faults(content: object, model: Any = NewService) -> dict[str, str]:
    """Pointer → code of every fault in that body."""
    with pytest.raises(InvalidInput) as refused:
        body(request(content), model)
    return {fault.pointer: fault.code for fault in refused.value.faults}


UNREADABLE = {
    "nothing": b"",
    "no JSON": b"name=Contoso",
    "half of it": b'{"name": "Contoso"',
    "two values": b"{}{}",
    "not UTF-8": '{"name": "M\u00fcller"}'.encode("latin-1"),
    "UTF-16": '{"name": "Contoso"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + text({"name": "Contoso"}),
    "a list": b"[]",
    "a text": b'"Contoso"',
    "a number": b"5",
    "null": b"null",
    "NaN": b'{"name": NaN}',
    "Infinity": b'{"name": Infinity}',
    "minus Infinity": b'{"name": -Infinity}',
    "a field twice": b'{"name": "Contoso", "name": "Fabrikam"}',
    "a field twice, escaped": b'{"name": "Contoso", "n\\u0061me": "Fabrikam"}',
    "a field twice, further in": b'{"name": {"a": 1, "a": 1}}',
    "a number of 5000 digits": b'{"name": ' + b"9" * 5000 + b"}",
    "a lone surrogate": b'{"name": "Con\\ud800toso"}',
    "21 levels": nested(21),
    "30,000 levels": nested(30_000),
}


@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_not_one_plain_json_object_is_a_bad_request(raw: bytes) -> None:
    with pytest.raises(requests.BadRequest):
        body(request(raw), NewCustomer)


def test_twenty_levels_are_still_read() -> None:
    assert faults(nested(20), NewCustomer) == {"/name": "string-type"}


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_not() -> None:
    most = text({"name": "Contoso"}).ljust(64 * 1024)
    assert body(request(most), NewCustomer).name == "Contoso"
    with pytest.raises(requests.BodyTooLarge):
        body(request(most + b" "), NewCustomer)


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=utf-8", " application/json ;x=y"]
)
def test_json_may_carry_parameters(media_type: str) -> None:
    assert body(request({"name": "Contoso"}, {"Content-Type": media_type}), NewCustomer).name == "Contoso"


@pytest.mark.parametrize(
    "headers",
    [{}, *({"Content-Type": kind} for kind in ("", "text/plain", "text/json", "application/jsonp", "application/*"))],
    ids=lambda headers: headers.get("Content-Type", "missing"),
)
def test_another_media_type_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(requests.WrongMediaType):
        body(request({"name": "Contoso"}, headers), NewCustomer)


@pytest.mark.parametrize("users", ["5", 5.0, 1e2, True, None, [5], {"n": 5}, 0, -1, 501, 10**30], ids=repr)
def test_a_number_is_a_whole_number_in_its_bounds(users: object) -> None:
    assert set(faults(ORDER | {"licensedUsers": users})) == {"/licensedUsers"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fullName", 5),
        ("fullName", None),
        ("fullName", ["Contoso"]),
        ("type", "directrouting"),
        ("license", "HostedEssentials+"),
        ("sendLink", False),
        ("sendLink", "true"),
        ("sendLink", 1),
        ("language", "tlh"),
        ("expiresAt", 1_796_000_000),
        ("expiresAt", "2026-12-01"),
        ("expiresAt", "2026-12-01T09:30:00"),
    ],
)
def test_a_loose_type_is_refused(field: str, value: object) -> None:
    assert set(faults(ORDER | {field: value})) == {f"/{field}"}


@pytest.mark.parametrize("field", ["full_name", "FullName", "state", "", "a/b", "~"])
def test_an_unknown_field_is_named_by_a_json_pointer(field: str) -> None:
    pointer = "/" + field.replace("~", "~0").replace("/", "~1")
    assert faults(ORDER | {field: "x"}) == {pointer: "extra-forbidden"}


def test_all_faults_are_told_at_once() -> None:
    bad = {"type": "x", "shortName": "a b", "license": "y", "licensedUsers": 501, "adminEmail": "z", "extra": 1}
    assert faults(bad) == {
        "/type": "enum",
        "/fullName": "missing",
        "/shortName": "short-name-space",
        "/license": "enum",
        "/licensedUsers": "less-than-equal",
        "/adminEmail": "address",
        "/extra": "extra-forbidden",
    }


CREDENTIAL = SUBMISSION["credential"]
WITH_SECRET = {
    "in a misspelt field": SUBMISSION | {"credential": {"kind": "secret", "vaule": SECRET}},
    "in the wrong field": SUBMISSION | {"tenantId": SECRET, "clientId": SECRET},
    "as the kind": SUBMISSION | {"credential": CREDENTIAL | {"kind": SECRET}},
    "as the expiry": SUBMISSION | {"credential": CREDENTIAL | {"expiresOn": SECRET}},
    "with a blank": SUBMISSION | {"credential": CREDENTIAL | {"value": f"{SECRET} "}},
    "too long": SUBMISSION | {"credential": CREDENTIAL | {"value": SECRET * 20}},
    "in a list": SUBMISSION | {"credential": CREDENTIAL | {"value": [SECRET]}},
    "as the credential": SUBMISSION | {"credential": SECRET},
    "beside the credential": SUBMISSION | {"credential": None, "clientSecret": SECRET},
    "as a field's name": SUBMISSION | {SECRET: "x"},
    "as the name of a field of the credential": SUBMISSION | {"credential": CREDENTIAL | {SECRET: "x"}},
    "right, beside a wrong id": SUBMISSION | {"clientId": "x"},
    "right, with the same id twice": SUBMISSION | {"tenantId": CLIENT},
}


@pytest.mark.parametrize("content", WITH_SECRET.values(), ids=WITH_SECRET.keys())
def test_no_fault_repeats_what_was_sent(content: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        body(request(content), Submission)
    assert refused.value.faults
    told = repr((refused.value.faults, refused.value.detail, refused.value.args, refused.value.members))
    assert not [form for form in forms(SECRET) if form in told]
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_secret_shows_in_no_representation_of_its_submission() -> None:
    read = body(request(SUBMISSION), Submission)
    assert read.credential.value == SECRET
    assert SECRET not in f"{read} {read!r} {read.credential!r}"


def test_letters_of_any_script_arrive_as_they_were_sent() -> None:
    name = "Stra\u00dfe \u65e5\u672c \U0001f600 #%'&+~@"
    assert body(request(text({"name": name})), NewCustomer).name == name
    assert body(request(json.dumps({"name": name}, ensure_ascii=False).encode()), NewCustomer).name == name


@pytest.mark.parametrize(("value", "version"), [('"0"', 0), ('"7"', 7), (' "12" ', 12), ('"999999999"', 999_999_999)])
def test_if_match_gives_the_version_that_was_seen(value: str, version: int) -> None:
    assert if_match(request(headers={"If-Match": value})) == version


def test_a_change_without_if_match_is_told_to_send_it() -> None:
    with pytest.raises(requests.IfMatchRequired) as refused:
        if_match(request(headers={}))
    assert (refused.value.status, refused.value.code) == (428, "if-match-required")


@pytest.mark.parametrize(
    "value", ["", "*", "7", 'W/"7"', '"7", "8"', '"x"', '""', '"-1"', '"\u0661"', '"7"x', '"' + "9" * 10 + '"']
)
def test_an_if_match_that_is_no_etag_of_ours_is_refused(value: str) -> None:
    with pytest.raises(requests.IfMatchMalformed):
        if_match(request(headers={"If-Match": value}))


@pytest.mark.parametrize(
    "key", ["k" * 8, "k" * 128, "5b6c9f1e-5a77-4a43-9a3b-0c7f5c1f9d10", " !#$%&'*+~^_`|. ".strip() * 1]
)
def test_an_idempotency_key_has_8_to_128_visible_characters(key: str) -> None:
    assert idempotency_key(request(headers={"Idempotency-Key": key})) == key


@pytest.mark.parametrize(
    "headers",
    [
        {},
        *(
            {"Idempotency-Key": key}
            for key in ("", "k" * 7, "k" * 129, "with a blank", "k" * 7 + "\u00fc", "k" * 7 + "\0")
        ),
    ],
    ids=lambda headers: repr(headers.get("Idempotency-Key", "missing"))[:24],
)
def test_a_creation_without_a_good_idempotency_key_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(requests.IdempotencyKeyRequired):
        idempotency_key(request(headers=headers))


def test_a_query_is_read_by_its_model() -> None:
    asked = query(request(customerId="c1", state="active", cursor="abc"), ServiceFilters)
    assert (asked.customer_id, asked.state, asked.cursor) == ("c1", "active", "abc")
    assert query(request(status="pending", deviceAuthenticated="false"), Filters).columns == {
        "status": "pending",
        "deviceAuthenticated": False,
    }


@pytest.mark.parametrize(
    ("model", "params"),
    [
        (ServiceFilters, {"state": "broken"}),
        (ServiceFilters, {"states": "active"}),
        (ServiceFilters, {"customer_id": "c1"}),
        (Filters, {"deviceAuthenticated": "perhaps"}),
        (ShortNameQuestion, {}),
        (ShortNameQuestion, {"value": "x" * 65}),
    ],
    ids=["unknown value", "unknown name", "our own spelling", "no boolean", "missing", "too long"],
)
def test_a_query_that_is_wrong_is_refused(model: Any, params: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        query(request(None, None, **params), model)


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (requests.BadRequest, 400),
        (requests.BodyTooLarge, 413),
        (requests.WrongMediaType, 415),
        (InvalidInput, 422),
        (requests.IfMatchRequired, 428),
        (requests.IfMatchMalformed, 400),
        (requests.IdempotencyKeyRequired, 400),
    ],
)
def test_each_fault_of_a_request_has_its_status(problem: type[Problem], status: int) -> None:
    assert problem().status == status
    assert problem().detail
