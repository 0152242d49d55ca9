"""What Entra and Graph tell comes in harmless and bounded: whoever rules that tenant chose it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
import requests

from shared.stored import to_json
from tests.unit.builders import TENANT, registration, service
from tests.unit.examined import WANTED, evidence, token
from tests.unit.test_hostile_text import SHOWN
from validation.entra import _understood
from validation.evidence import ApplicationRecord, Organization, Refusal, Token, Unreadable
from validation.graph import Graph
from validation.outside import MicrosoftOnly
from validation.records import DomainMatch
from validation.rules import domain_match, judge


class Answering:
    """A session that has one answer to everything."""

    def __init__(self, body: object, status: int = 200, **headers: str) -> None:
        self.answer = requests.Response()
        self.answer.status_code = status
        self.answer._content = json.dumps(body).encode()
        self.answer.headers.update(headers)

    def get(self, *_: object, **__: object) -> requests.Response:
        return self.answer


def graph(body: object, status: int = 200, **headers: str) -> Graph:
    session = cast(MicrosoftOnly, Answering(body, status, **headers))
    return Graph("https://graph.example", session, Token("t", {}))


def organization(**members: object) -> Organization:
    found = graph(
        {"value": [{"id": TENANT, "displayName": "Contoso", "verifiedDomains": [], **members}]}
    ).organization()
    assert isinstance(found, Organization)
    return found


@pytest.mark.parametrize(("text", "expected"), SHOWN, ids=lambda value: ascii(value)[:24])
def test_names_from_graph_come_in_as_they_are_shown(text: str, expected: str) -> None:
    assert organization(displayName=text).name == expected
    record = graph({"displayName": text}).application("client")
    assert isinstance(record, ApplicationRecord)
    assert record.name == expected


@pytest.mark.parametrize("value", [None, 5, ["Contoso"], {"x": 1}])
def test_what_is_no_text_is_no_name(value: object) -> None:
    assert organization(displayName=value).name == ""


NO_DOMAINS = ["", "localhost", "evil.example/login", "https://evil.example", "a b.example", "it@contoso.com",
              "-x.example", "contoso.com\n", "\u202econtoso.com", "m\u00fcnchen.example", "contoso\u3002com",
              "x." * 130 + "example", "a" * 64 + ".example", "192.0.2.1", 5, None]  # fmt: skip


@pytest.mark.parametrize("name", NO_DOMAINS, ids=lambda value: ascii(value)[:24])
def test_what_is_no_domain_is_dropped_and_the_others_stay(name: object) -> None:
    listed = [{"name": name}, {"name": "Contoso.com"}, "x", {"name": "mail.contoso.com"}]
    assert organization(verifiedDomains=listed).verified_domains == ("contoso.com", "mail.contoso.com")


def test_all_domains_of_a_large_tenant_are_compared() -> None:
    listed = [{"name": f"d{number}.example"} for number in range(5000)]
    found = organization(verifiedDomains=[*listed, {"name": "contoso.com"}])
    assert domain_match(found, "contoso.com") is DomainMatch.MATCH


TRACES = [
    ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
    ("x" * 65, None),
    ("evil.example", None),
    ("a b", None),
    ("a\n", None),
    ("", None),
]


@pytest.mark.parametrize(("given_id", "kept"), TRACES)
def test_a_trace_id_is_one_or_none(given_id: str, kept: str | None) -> None:
    refusal = _understood({"error": "invalid_client", "error_codes": [7000215], "trace_id": given_id})
    assert refusal == Refusal("invalid_client", 7000215, kept)
    assert graph({}, 403, **{"request-id": given_id}).organization() == Unreadable(kept)


@pytest.mark.parametrize("trace", [None, 5, ["x"]])
def test_a_trace_id_that_is_no_text_is_none(trace: object) -> None:
    assert _understood({"error": "invalid_client", "trace_id": trace}) == Refusal("invalid_client", None, None)


@pytest.mark.parametrize(
    ("numbers", "kept"), [([7000215], 7000215), ([10**4000, 50034], 50034), ([True], None), ([-1], None), (["5"], None)]
)
def test_an_error_number_is_of_the_usual_size(numbers: list[object], kept: int | None) -> None:
    found = _understood({"error": "invalid_client", "error_codes": numbers})
    assert isinstance(found, Refusal)
    assert found.number == kept


def test_an_unknown_error_is_kept_as_it_is_shown() -> None:
    found = _understood({"error": "x\r\n\u202e" + "y" * 500, "error_codes": [50034]})
    assert isinstance(found, Refusal)
    assert found.error == "x " + "y" * 98


@pytest.mark.parametrize("role", ["a b", "x" * 121, "\u202ex", "m\u00fc", "a\n", 'a"', "", 5, None, {"x": 1}])
def test_what_is_no_permission_is_none(role: object) -> None:
    assert Token("t", {"roles": [role, "User.Read.All"]}).texts("roles") == ("User.Read.All",)


def test_all_that_a_foreign_tenant_tells_fits_twice_into_one_row() -> None:
    """A proposal beside a registration; Azure Tables counts a property in UTF-16, 64 KiB at most."""
    wide = "\U0001f600" * 1000
    told = judge(
        evidence(
            graph=token(roles=["&" * 120] * 500, wids=["'" * 120] * 500),
            organization=organization(
                displayName=wide,
                verifiedDomains=[{"name": f"{'x' * 60}.{'y' * 60}.{'z' * 60}.d{n}.example"} for n in range(5000)],
            ),
            application=graph({"displayName": wide}).application("client"),
        ),
        WANTED,
        service().created_at + timedelta(days=1),
    )
    one = replace(registration(), findings=told.findings)
    row = to_json(service("active", registration=one, invitation__proposal=one, full_name=wide[:100]))
    assert len(row.encode("utf-16-le")) < 48 * 1024
