"""Both ends of every rule of a field, for every call that has such a field: the last good value and the first bad one.

A good value is sent beside an unknown field, for which alone the request is refused.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from shared.web.contract import contract
from tests.integration.asking import CALLS
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import CONTOSO, Onboarding, good, new_customer, order, pointers, submitted, unique
from tests.integration.untouched import WITH_BODY, Place, changed, good_body, places, ready, still, unknown, untouched

GUID = "3F2504E0-4F89-41D3-9A0C-0305E82C3301"
GUID_REFUSED = ["x", GUID[:-1], f"{GUID[:-1]}g", f"{GUID[:-1]}\n", GUID.replace("-", ""), "..", "٣" + GUID[1:]]
GUID_TOO_LONG = [f"{{{GUID}}}", f"urn:uuid:{GUID}", f"{GUID}0", f" {GUID}"]
LABEL = "x" * 61
TONGA = timezone(timedelta(hours=14))
DOMAIN_189 = f"{LABEL}.{LABEL}.{LABEL}.exa"
UNSEEN = ["a\u202eb", "a\u2066b", "a\u200bb", "a\ufeffb", "a\u0000b", "a\nb", "a\u2028b", "\u0301", "\u3164"]


def soon(zone: timezone = UTC, **delta: float) -> Callable[[], str]:
    """A time from now on, as it is when the test asks."""
    return lambda: (datetime.now(UTC) + timedelta(**delta)).astimezone(zone).isoformat(timespec="seconds")


def day(**delta: float) -> Callable[[], str]:
    return lambda: (datetime.now(UTC) + timedelta(**delta)).date().isoformat()


def spelt(old: str, new: str) -> Callable[[], str]:
    """A good time, written in another way."""
    return lambda: soon(days=3)().replace(old, new)


NAMES: dict[str, list[Any]] = {
    "": ["x", "x" * 100, "  x  ", "\u00e9" * 100, "e\u0301", "\u65e5\u672c\u901a\u4fe1",
         "O'Brien; --", "\U0001f600", "a/b\\c", "x" + "\u0301" * 8],
    "string-too-short": [""],
    "string-too-long": ["x" * 101, "x" * 100 + " ", "\u65e5" * 101],
    "blank": [" ", " " * 100, "\u00a0\u2003\u3000", "\t\n"],
    "invisible-character": [*UNSEEN, "\u200b"],
    "piled-marks": ["x" + "\u0301" * 9],
}  # fmt: skip
# Field → code → values; no code for what is taken. A field of one call alone is called `call/field`.
ENDS: dict[str, dict[str, list[Any]]] = {
    "name": NAMES,
    "fullName": NAMES,
    "shortName": {
        "": ["abc", "x" * 15, "1-2", "\ufb01ab", "#%'&+~@_-", "aud_it", "aidut",
             "\u65e5\u672c\u901a"],
        "short-name-length": ["ab", "x" * 16, "", "a\u0301b", "x" * 14 + "\u338f", "\u338f" * 8],
        "string-too-long": ["x" * 65],
        "short-name-audit": ["audit", "AUDIT", "xAuDiTx",
                             "\uff41\uff55\uff44\uff49\uff54", "\u24d0\u24e4\u24d3\u24d8\u24e3"],
        "short-name-character": ["abc.", "a\uff5cbc", "a\u2024bc", "a/bc", "a?bc"],
        "short-name-space": ["a bc", "abc\n", "\u3000abc", "\u00a0abc"],
        "short-name-invisible": ["a\u200bbc", "a\u202ebc", "a\u0000bc", "\ufeffabc", "\u0301\u0301\u0301"],
    },
    "licensedUsers": {
        "": [1, 500],
        "greater-than-equal": [0, -1, -(10**30)],
        "less-than-equal": [501, 2**31, 10**30],
    },
    "adminEmail": {
        "": [f"{'x' * 64}@{DOMAIN_189}", f"{'x' * 64}@contoso.example", "a@b.cd",
             "o'hara+x@contoso.example", "IT@CONTOSO.EXAMPLE"],
        "string-too-long": [f"{'x' * 64}@x{DOMAIN_189}"],
        "address": [
            f"{'x' * 65}@contoso.example", f"it@{'x' * 64}.example", "it@contoso.e", "it@contoso", "it@[127.0.0.1]",
            "it@contoso.example.", ".it@contoso.example", '"it"@contoso.example', "=?utf-8?q?x=2c?=@contoso.example",
            "it@contoso.example\r\nBcc: x@y.example",
            "it@c\u00f6ntoso.example", "\u202eit@contoso.example", "it\u0000@contoso.example", " it@contoso.example",
            "", " ",
        ],
    },
    "expiresAt": {
        "": [
            soon(minutes=61), soon(days=29, hours=23, minutes=59), soon(TONGA, minutes=61),
            soon(timezone(timedelta(hours=-11, minutes=-30)), minutes=61), spelt("+00:00", "Z"),
            spelt("+00:00", ".123456Z"),
        ],
        "expires-at": [
            soon(minutes=44), soon(minutes=-61), soon(days=30, minutes=1), soon(TONGA, minutes=44),
            "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
        ],
        "date-time": [
            "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
            spelt("+00:00", ""), spelt("T", " "), spelt("T", "t"), spelt("+00:00", "z"), spelt("+00:00", "+0000"),
            spelt("+00:00", ".1234567Z"), spelt("+00:00", "[UTC]"), day(days=3), "tomorrow", "", "P3D", "1796000000",
            "2027-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-12-01T24:00:01Z",
            "2026-12-01T23:59:61Z", "2026-12-01T12:60:00Z", "2026-12-01T12:00:00+24:00", "2026-12-01T12:00:00+12:60",
        ],
    },
    "tenantId": {"": [GUID, GUID.lower()], "guid": [*GUID_REFUSED, "common", "contoso.example", "../x"],
                 "string-too-long": GUID_TOO_LONG},
    "clientId": {"": [GUID, GUID.lower()], "guid": GUID_REFUSED, "string-too-long": GUID_TOO_LONG},
    "submit_registration/tenantId": {
        "": [GUID, "contoso.example", "CONTOSO.Example", f"{LABEL}.{DOMAIN_189}",
             "x." * 123 + "example", "common.example"],
        "tenant": [*GUID_REFUSED[:-3], "common", "COMMON", "organizations", "consumers", "../x", "..", f"{{{GUID}}}",
                   "contoso", "contoso.example/x", "contoso.example%2fx", "https://contoso.example",
                   f"{'x' * 64}.example"],
        "string-too-long": ["x." * 124 + "exampl"],
    },
    "value": {
        "": ["x" * 8, "x" * 256, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"],
        "string-too-short": ["", "x" * 7],
        "string-too-long": ["x" * 257],
        "secret": ["umlaut-\u00fc", "with a blank", "x" * 8 + "\n", "x" * 8 + "\u0000", "x" * 8 + "\u007f",
                   "\u200b" * 8, "\uff58" * 8],
        "secret-id": [GUID, GUID.lower()],
    },
    "expiresOn": {
        "": [day(), day(days=1), "9999-12-31"],
        "date-past": [day(days=-1), "0001-01-01"],
        "date": [
            "0000-01-01", "10000-01-01", "2027-02-29", "2027-1-1", "20270101", "31.12.2027", "", "never",
            "1830297600", "+1830297600", "1830297600000", "2028-01-01T00:00:00",
        ],
    },
    "reason": {
        "": ["x", "x" * 500, "two\nlines", "\u65e5" * 500],
        "string-too-short": [""],
        "string-too-long": ["x" * 501],
        "reason": [" ", "\n" * 500, "a\u202eb", "a\u200bb", "a\u0000b", "x" + "\u0301" * 9],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def waiting(running_cloud: LocalCloud) -> Onboarding:
    """A service that waits for its administrator, and that no test here changes."""
    return still(running_cloud)


def fields() -> list[tuple[str, Place, str]]:
    """Each call's fields, and the entry of `ENDS` that is theirs."""
    found = []
    for name in WITH_BODY:
        model = contract(CALLS[name]).body
        assert model is not None
        for place in places(model):
            of_its_own = f"{name}/{place.names[-1]}"
            found.append((name, place, of_its_own if of_its_own in ENDS else place.names[-1]))
    return found


CASES = [
    (name, place, code, value)
    for name, place, key in fields()
    for code, values in ENDS.get(key, {}).items()
    for value in values
]


@pytest.mark.parametrize(
    ("name", "place", "code", "value"), CASES, ids=lambda part: part.pointer if isinstance(part, Place) else None
)
def test_a_rule_holds_to_its_last_value_and_no_further(
    waiting: Onboarding, name: str, place: Place, code: str, value: Any
) -> None:
    asked = ready(name, waiting)
    sent = value() if callable(value) else value
    asked.body = {**changed(good_body(asked), place.names, sent), "colour": "blue"}
    told = pointers(untouched(asked, waiting, 422, "invalid-input"))
    told = {pointer: found for pointer, found in told.items() if pointer not in unknown(name)}
    assert set(told) == ({place.pointer} if code else set())
    assert not code or code == told[place.pointer]


def test_a_service_may_be_as_long_and_as_short_as_its_rules_allow(cloud: LocalCloud) -> None:
    address = f"{'x' * 63}@{DOMAIN_189}"  # the local inbox takes 253 characters of the 254
    longest = order(fullName="x" * 100, shortName="\u65e5" * 15, licensedUsers=500, adminEmail=address)
    shortest = order(fullName="x", shortName="~'#", licensedUsers=1, adminEmail="a@b.cd")
    customer = new_customer(cloud.operator(), name="\u65e5" * 72 + unique())
    for body in (longest, shortest):
        way = Onboarding.begin(cloud, customer=customer, **body)
        assert body.items() >= {name: way.read()[name] for name in ("fullName", "shortName", "licensedUsers")}.items()
        assert cloud.inbox.wait_for_mail(body["adminEmail"]).link
        good(way.change(f"{way.path}/cancel"))


def test_a_reason_of_500_characters_reaches_the_operator(way: Onboarding) -> None:
    good(way.admin().post("/api/invitation/decline", json={"reason": "\u65e5" * 500}))
    assert way.row()["reason"]["detail"].endswith(f": {'\u65e5' * 500}")


def test_a_secret_of_256_characters_is_asked_about(way: Onboarding) -> None:
    view = submitted(way.admin(), CONTOSO, value="~" * 256)
    assert (view["status"], view["triesLeft"]) == ("pending", 9)


def test_every_free_text_and_number_has_its_ends_here() -> None:
    closed = {"type", "license", "language", "kind", "credential", "sendLink", "archived", "acknowledged"}
    assert {key for *_, key in fields()} == ENDS.keys() | closed
