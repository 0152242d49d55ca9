"""What comes in over HTTP, field by field: each rule at both of its ends."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from pydantic import BaseModel, ValidationError

from invitations.models import Resend, Submission
from onboarding.models.customers import NewCustomer
from onboarding.models.registrations import AddedRegistration
from onboarding.models.services import NewService
from tests.unit.builders import CLIENT, NOW, SECRET, TENANT

ORDER: dict[str, Any] = {
    "type": "DirectRouting",
    "fullName": "Contoso Bristol",
    "shortName": "Contoso-1",
    "license": "HostedPro",
    "licensedUsers": 25,
    "adminEmail": "it@contoso.com",
}
SUBMISSION: dict[str, Any] = {"tenantId": TENANT, "clientId": CLIENT, "credential": {"kind": "secret", "value": SECRET}}


@pytest.fixture(autouse=True)
def _at_a_fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def code(model: type[BaseModel], content: dict[str, Any]) -> str:
    """The code of the one fault in that content, or "" when it is accepted."""

    try:
        model.model_validate_json(json.dumps(content))
    except ValidationError as error:
        (fault,) = error.errors(include_input=False, include_url=False, include_context=False)
        return fault["type"].replace("_", "-")
    return ""


NAMES = [
    ("x", ""),
    ("x" * 100, ""),
    ("", "string-too-short"),
    ("x" * 101, "string-too-long"),
    ("\u2764\ufe0f Care", ""),
    ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", ""),
    ("\u200d\ufe0f", "invisible-character"),
    ("\u0300\u0301", "invisible-character"),
    ("Con\u2800toso", "invisible-character"),
    ("   ", "blank"),
    ("\u3000", "blank"),
    ("  Contoso  ", ""),
    ("Contoso Ltd. (UK) & Co <b>", ""),
    ("\u65e5\u672c", ""),
    ("Con\u200btoso", "invisible-character"),
    ("Con\u202etoso", "invisible-character"),
    ("Con\ntoso", "invisible-character"),
    ("Con\0toso", "invisible-character"),
    ("Con\u2028toso", "invisible-character"),
    ("Con\u00adtoso", "invisible-character"),
    ("Con\ue000toso", "invisible-character"),
]


@pytest.mark.parametrize(("name", "expected"), NAMES, ids=lambda value: repr(value)[:24])
def test_a_name_has_1_to_100_visible_characters(name: str, expected: str) -> None:
    assert code(NewCustomer, {"name": name}) == expected
    assert code(NewService, ORDER | {"fullName": name}) == expected


def test_a_name_is_trimmed() -> None:
    assert NewCustomer.model_validate({"name": "\t Contoso  Ltd \u00a0"}).name == "Contoso  Ltd"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (TENANT, ""),
        (TENANT.upper(), ""),
        (None, ""),
        ("", "guid"),
        (TENANT[:-1], "guid"),
        (TENANT + "0", "string-too-long"),
        (TENANT.replace("-", ""), "guid"),
        (f"{{{TENANT[:34]}}}", "guid"),
        ("g" + TENANT[1:], "guid"),
        ("\u0663" + TENANT[1:], "guid"),
        (TENANT[:-1] + "\n", "guid"),
        ("contoso.com", "guid"),
    ],
)
def test_a_customer_s_tenant_is_a_guid(value: str | None, expected: str) -> None:
    assert code(NewCustomer, {"name": "Contoso", "tenantId": value}) == expected


def test_ids_are_kept_in_lower_case() -> None:
    added = AddedRegistration.model_validate({"tenantId": TENANT.upper(), "clientId": CLIENT.upper()})
    assert (added.tenant_id, added.client_id, added.acknowledged) == (TENANT, CLIENT, False)


@pytest.mark.parametrize(
    ("users", "expected"),
    [(1, ""), (500, ""), (0, "greater-than-equal"), (501, "less-than-equal"), (-1, "greater-than-equal")],
)
def test_a_service_has_1_to_500_licensed_users(users: int, expected: str) -> None:
    assert code(NewService, ORDER | {"licensedUsers": users}) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("abc", ""),
        ("a" * 15, ""),
        ("ab", "short-name-length"),
        ("a" * 16, "short-name-length"),
        ("a" * 64, "short-name-length"),
        ("a" * 65, "string-too-long"),
        ("a b c", "short-name-space"),
        ("audited", "short-name-audit"),
    ],
)
def test_a_short_name_keeps_its_own_rules(name: str, expected: str) -> None:
    assert code(NewService, ORDER | {"shortName": name}) == expected


@pytest.mark.parametrize(("license_", "expected"), [("HostedPro", ""), ("HostedEssentialsPlus", ""), ("Basic", "enum")])
def test_a_service_has_one_of_two_licences(license_: str, expected: str) -> None:
    assert code(NewService, ORDER | {"license": license_}) == expected


LABEL = "a" * 63
ADDRESSES = [
    ("it@contoso.com", ""),
    ("a@b.co", ""),
    ("first.last+tag@sub.contoso.com", ""),
    ("o'brien@contoso.com", ""),
    ("#!$%&'*/=?^_`{|}~-@contoso.com", ""),
    ("it@xn--mnchen-3ya.de", ""),
    ("a" * 64 + "@contoso.com", ""),
    (f"it@{LABEL}.com", ""),
    ("a" * 64 + f"@{LABEL}.{LABEL}." + "a" * 58 + ".co", ""),
    ("a" * 65 + "@contoso.com", "address"),
    (f"it@{LABEL}a.com", "address"),
    ("a" * 64 + f"@{LABEL}.{LABEL}." + "a" * 59 + ".co", "string-too-long"),
    ("", "address"),
    ("contoso.com", "address"),
    ("@contoso.com", "address"),
    ("it@", "address"),
    ("it@contoso", "address"),
    ("it@contoso.c", "address"),
    ("it@contoso.com.", "address"),
    ("it@.contoso.com", "address"),
    ("it@contoso..com", "address"),
    ("it@-contoso.com", "address"),
    ("it@contoso-.com", "address"),
    ("it@contoso.123", "address"),
    ("it@[127.0.0.1]", "address"),
    (".it@contoso.com", "address"),
    ("it.@contoso.com", "address"),
    ("i..t@contoso.com", "address"),
    ("it@contoso.com ", "address"),
    (" it@contoso.com", "address"),
    ("it@contoso.com\n", "address"),
    ("it@contoso.com\r\nBcc: x@evil.example", "address"),
    ("it@contoso.com,x@evil.example", "address"),
    ("it@contoso.com;x@evil.example", "address"),
    ("IT <it@contoso.com>", "address"),
    ('"it"@contoso.com', "address"),
    ("it@evil@contoso.com", "address"),
    ("it@cont\u043eso.com", "address"),
    ("\u00fct@contoso.com", "address"),
]


@pytest.mark.parametrize(("address", "expected"), ADDRESSES, ids=lambda value: repr(value)[:40])
def test_an_address_is_one_plain_address(address: str, expected: str) -> None:
    assert code(NewService, ORDER | {"adminEmail": address}) == expected
    assert code(Resend, {"adminEmail": address}) == expected


def test_an_address_s_domain_is_kept_in_lower_case_and_its_name_as_it_is() -> None:
    assert Resend.model_validate({"adminEmail": "IT.Desk@Contoso.COM"}).admin_email == "IT.Desk@contoso.com"


@pytest.mark.parametrize("extreme", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_the_ends_of_the_calendar_are_refused_like_any_other_time(extreme: str) -> None:
    assert code(NewService, ORDER | {"expiresAt": extreme}) == "date-time"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-25T09:30:00Z", ""),
        ("2026-11-25T09:30:00.123456Z", ""),
        ("2026-11-25T09:30:00+02:00", ""),
        ("2026-11-25T09:30:00", "date-time"),
        ("2026-11-25T09:30Z", "date-time"),
        ("2026-11-25 09:30:00Z", "date-time"),
        ("2026-11-25", "date-time"),
        ("1795600000", "date-time"),
        ("2026-11-25T09:30:00Z\n", "date-time"),
    ],
)
def test_a_time_is_one_of_rfc_3339(text: str, expected: str) -> None:
    assert code(NewService, ORDER | {"expiresAt": text}) == expected


@pytest.mark.parametrize("text", ["2026-13-25T09:30:00Z", "2026-02-29T09:30:00Z", "2026-11-25T24:30:00Z"])
def test_a_time_that_no_calendar_has_is_refused(text: str) -> None:
    assert code(NewService, ORDER | {"expiresAt": text})


def test_the_link_must_be_sent() -> None:
    assert [code(NewService, ORDER | {"sendLink": sent}) for sent in (True, False)] == ["", "send-link"]


def test_a_time_of_any_zone_is_kept_in_utc() -> None:
    order = NewService.model_validate_json(_json(ORDER | {"expiresAt": "2026-11-25T11:30:00+02:00"}))
    assert order.expires_at == datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    assert order.expires_at is not None
    assert order.expires_at.tzinfo is UTC


def _json(content: dict[str, Any]) -> str:

    return json.dumps(content)


def test_what_an_order_leaves_out_has_its_default() -> None:
    order = NewService.model_validate_json(_json(ORDER))
    assert (order.send_link, order.expires_at, order.language) == (True, None, "en")


# The submission


@pytest.mark.parametrize(
    ("tenant", "expected"),
    [
        (TENANT, ""),
        (TENANT.upper(), ""),
        ("contoso.com", ""),
        ("Contoso.OnMicrosoft.com", ""),
        ("a.b.c.contoso.co", ""),
        ("xn--mnchen-3ya.de", ""),
        (f"{LABEL}.com", ""),
        (".".join([LABEL] * 3 + ["a" * 58, "co"]), ""),
        (".".join([LABEL] * 3 + ["a" * 59, "co"]), "string-too-long"),
        (f"{LABEL}a.com", "tenant"),
        ("common", "tenant"),
        ("Organizations", "tenant"),
        ("consumers", "tenant"),
        ("", "tenant"),
        ("contoso", "tenant"),
        ("localhost", "tenant"),
        ("127.0.0.1", "tenant"),
        ("../x", "tenant"),
        ("contoso.com/../x", "tenant"),
        ("contoso.com?x=y", "tenant"),
        ("contoso.com#x", "tenant"),
        ("contoso.com@evil.example", "tenant"),
        ("contoso.com:443", "tenant"),
        ("contoso.com\n", "tenant"),
        (" contoso.com", "tenant"),
        ("contoso..com", "tenant"),
        ("-contoso.com", "tenant"),
        ("contoso.com.", "tenant"),
        ("c\u043entoso.com", "tenant"),
        (f"{{{TENANT}}}", "tenant"),
        (f"urn:uuid:{TENANT}", "tenant"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_tenant_is_a_guid_or_a_domain_and_nothing_that_bends_a_url(tenant: str, expected: str) -> None:
    assert code(Submission, SUBMISSION | {"tenantId": tenant}) == expected


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ("x" * 8, ""),
        ("x" * 256, ""),
        ("x" * 7, "string-too-short"),
        ("x" * 257, "string-too-long"),
        ("~!@#$%^&*()_+-=[]{}|;:,.<>/?'\"\\`", ""),
        (TENANT, "secret-id"),
        (TENANT.upper(), "secret-id"),
        ("abc defgh", "secret"),
        ("abcdefgh ", "secret"),
        ("\tabcdefgh", "secret"),
        ("abcdefgh\n", "secret"),
        ("abcdefgh\u00a0", "secret"),
        ("abcdefg\u00fc", "secret"),
        ("abcdefgh\x7f", "secret"),
        ("abcdefgh\0", "secret"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_secret_has_8_to_256_plain_characters_and_is_not_its_id(secret: str, expected: str) -> None:
    assert code(Submission, SUBMISSION | {"credential": {"kind": "secret", "value": secret}}) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-24", ""),
        ("2026-11-23", "date-past"),
        ("2028-11-24", ""),
        ("2026-13-01", "date"),
        ("24.11.2027", "date"),
        ("2027-11-24T00:00:00", "date"),
        (None, ""),
    ],
)
def test_the_typed_expiry_is_a_day_from_today_on(day: str | None, expected: str) -> None:
    credential = {"kind": "secret", "value": SECRET, "expiresOn": day}
    assert code(Submission, SUBMISSION | {"credential": credential}) == expected


def test_both_ids_the_same_are_taken_for_a_slip() -> None:
    assert code(Submission, SUBMISSION | {"tenantId": CLIENT.upper()}) == "same-id"


@pytest.mark.parametrize("kind", ["certificate", "Secret", ""])
def test_a_credential_is_a_secret_for_now(kind: str) -> None:
    assert code(Submission, SUBMISSION | {"credential": {"kind": kind, "value": SECRET}}) == "enum"


@pytest.mark.parametrize(
    ("name", "expected"), [("\u65e5" * 78, ""), ("\u65e5" * 79, "name-too-long"), ("\ufdfa" * 15, "name-too-long")]
)
def test_a_customer_s_name_fits_into_a_key_and_a_service_s_need_not(name: str, expected: str) -> None:
    assert code(NewCustomer, {"name": name}) == expected
    assert code(NewService, ORDER | {"fullName": name}) == ""
