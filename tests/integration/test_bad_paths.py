"""Addresses that lead nowhere, for every call: wrong ids in every place, queries, cursors, other methods."""

import base64
import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from local.callers import Caller, operator
from shared.web.calls import allowed
from shared.web.contract import Page, contract
from tests.integration.asking import CALLS, Asking, ids_of
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import FABRIKAM, Onboarding, good, new_customer, refused, unique
from tests.integration.untouched import OPERATOR_CALLS, assert_unchanged, look, ready, sent, still, untouched

WITH_ID = [name for name, call in CALLS.items() if "{" in call.path]
INVITATIONS = [name for name in WITH_ID if CALLS[name].path.startswith("api/invitations/")]
SERVICES = [name for name in WITH_ID if CALLS[name].path.startswith("api/services/")]
CUSTOMERS = [name for name in WITH_ID if CALLS[name].path.startswith("api/customers/")]
LISTS = [name for name, call in CALLS.items() if any(isinstance(one, Page) for one in contract(call).answers.values())]


@pytest.fixture(scope="module")
def waiting(running_cloud: LocalCloud) -> Onboarding:
    """A service that waits for its administrator, and that no test here changes."""
    return still(running_cloud)


def segment(asked: Asking) -> str:
    """The name of what stands in the call's path."""
    return asked.call.path.partition("{")[2].partition("}")[0]


# As they stand in an address, made from the right one.
WRONG_IDS: dict[str, Callable[[str], str]] = {
    "of nothing": lambda _: "f" * 24,
    "without its last character": lambda right: right[:-1],
    "without its first character": lambda right: right[1:],
    "with a character more": lambda right: f"{right}0",
    "in upper case": str.upper,
    "with another first letter": lambda right: f"g{right[1:]}",
    "with a blank behind it": lambda right: f"{right}%20",
    "with a blank before it": lambda right: f"%20{right}",
    "with a line break": lambda right: f"{right}%0A",
    "with a full stop": lambda right: f"{right}.",
    "with a colon": lambda right: f"service:{right}",
    "with an escaped slash": lambda right: f"{right}%2Fevents",
    "with an escaped slash at its end": lambda right: f"{right}%2F",
    "out of a folder": lambda right: f"..%2F{right}",
    "with a backslash": lambda right: f"..%5C{right}",
    "with a question mark": lambda right: f"{right}%3F",
    "with a hash": lambda right: f"{right}%23",
    "escaped twice": lambda right: f"%25{ord(right[0]):x}{right[1:]}",
    "with a zero-width space": lambda right: f"{right}%E2%80%8B",
    "in full width": lambda right: "".join(chr(ord(one) + 0xFEE0) for one in right),
    "in Arabic digits": lambda right: "".join(chr(ord(one) + 0x630) if one.isdigit() else one for one in right),
    "not UTF-8": lambda right: f"{right}%FF",
    "half an escape": lambda right: f"{right}%",
    "a condition": lambda _: "'%20or%20RowKey%20ge%20'",
    "a star": lambda _: "*",
    "braces": lambda _: "%7Bid%7D",
    "a number": lambda _: "0",
    "null": lambda _: "null",
    "4,000 characters": lambda _: "a" * 4000,
}


@pytest.mark.parametrize("wrong", WRONG_IDS)
@pytest.mark.parametrize("name", [name for name in WITH_ID if "{id}" in CALLS[name].path])
def test_a_wrong_id_finds_nothing(waiting: Onboarding, name: str, wrong: str) -> None:
    asked = ready(name, waiting)
    place = segment(asked)
    right = asked.ids[place]
    asked.ids = {place: WRONG_IDS[wrong](right)}
    assert asked.ids[place] != right
    untouched(asked, waiting, 404, "not-found")


@pytest.mark.parametrize("name", WITH_ID)
def test_an_id_with_a_nul_is_refused_by_the_host(waiting: Onboarding, name: str) -> None:
    asked = ready(name, waiting)
    place = segment(asked)
    bare = Caller(waiting.cloud.config.api_url)  # the host's own answer is none of the description's
    bare.headers.update(asked.caller.headers)
    asked.caller, asked.ids = bare, {place: f"{asked.ids[place]}%00"}
    reply = sent(asked, waiting)
    assert (reply.status_code, reply.content) == (400, b"")


def test_an_id_of_something_else_finds_nothing(waiting: Onboarding) -> None:
    others = {"service": waiting.id, "customer": waiting.customer["id"], "invitation": f"{waiting.id}-1"}
    for kind, names in (("service", SERVICES), ("customer", CUSTOMERS), ("invitation", INVITATIONS)):
        for name in names:
            for wrong in {**others, kind: "f" * 24}.values():
                asked = ready(name, waiting, ids={"id": wrong})
                untouched(asked, waiting, 404, "not-found")


@pytest.fixture(scope="module")
def theirs(running_cloud: LocalCloud) -> Onboarding:
    """A service of the other provider, whose mail is sent."""
    running_cloud.mend()
    way = Onboarding.begin(running_cloud, FABRIKAM)
    way.mail()
    return way


@pytest.mark.parametrize("name", [name for name in WITH_ID if "{id}" in CALLS[name].path])
def test_what_is_another_provider_s_is_not_there_and_stays(waiting: Onboarding, theirs: Onboarding, name: str) -> None:
    asked = ready(name, theirs)
    asked.caller = waiting.operator
    untouched(asked, theirs, 404, "not-found")


NUMBERS = ["0", "00", "01", "-1", "+1", "2", "65535", "65536", "99999", "100000", "1.0", "1e0", "0x1", "%D9%A1",
           "%EF%BC%91", "1%20", "1%0A", "1-1", "", "%2D1"]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", INVITATIONS)
def test_an_invitation_has_one_number(waiting: Onboarding, name: str, number: str) -> None:
    asked = ready(name, waiting, ids={"id": f"{waiting.id}-{number}"})
    untouched(asked, waiting, 404, "not-found")


def test_an_earlier_invitation_cannot_be_reached(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud).added().reinitiated()
    way.mail_settled()
    for name in INVITATIONS:
        untouched(ready(name, way, ids={"id": f"{way.id}-1"}), way, 404, "not-found")
        assert ready(name, way).ids == {"id": f"{way.id}-2"}


# Addresses with gaps and dots: what is meant depends on the rest, but nothing is changed


def exactly(caller: Caller, method: str, path: str, headers: dict[str, str]) -> requests.Response:
    """A request for this very path: no dot, no slash is put in order on the way."""
    prepared = caller.prepare_request(requests.Request(method, caller.base_url, headers=headers, data=b"{}"))
    prepared.url = caller.base_url + path
    return caller.send(prepared, allow_redirects=False, timeout=10)


@pytest.mark.parametrize("gap", ["", ".", "..", "%2e", "%2E%2e", "%2e.", "..//", "/."])
@pytest.mark.parametrize("name", WITH_ID)
def test_a_gap_or_dots_for_an_id_change_nothing(waiting: Onboarding, name: str, gap: str) -> None:
    asked = ready(name, waiting)
    look(asked, waiting)
    caller = operator(waiting.cloud.config.api_url, waiting.cloud.token("operator"))
    path = "/" + asked.call.path.format(**{segment(asked): gap})
    method = asked.call.methods[0]
    headers = {"Content-Type": "application/json", "If-Match": asked.etag, "Idempotency-Key": asked.key}
    reply = exactly(caller, method, path, headers)
    assert reply.status_code in ((200, 404) if method == "GET" else (404, 405)), reply.text
    assert_unchanged(asked, waiting)


# Queries

QUERIES = [
    *("colour=blue", "Cursor=x", "customer_id=x", "cursor%5B%5D=x", "$filter=1%20eq%201", "$top=1000", "limit=5"),
    *("=x", "a=b;c=d", "%00=x", "%FF=x", "__proto__=x"),
]
FILTERS: dict[str, list[tuple[str, str]]] = {
    "state": [(value, "enum") for value in (
        "broken", "Active", "active,active", "active'", "active' or '1' eq '1", "null", " active", "active\0", "*",
    )],
    "status": [(value, "enum") for value in ("broken", "PENDING", "pending,revoked", "pending' or true", "ne pending")],
    "deviceAuthenticated": [(value, "bool-parsing") for value in ("perhaps", "true,true", "2", "-1", "true'", "null")],
    "linkRequested": [(value, "bool-parsing") for value in ("perhaps", "true,false", "ne false")],
    "attention": [(value, "bool-parsing") for value in ("perhaps", "True", "mail-failed")],
    "archived": [(value, "bool-parsing") for value in ("perhaps", "false,true", "{}")],
    "customerId": [("x" * 65, "string-too-long")],
    "name": [("x" * 101, "string-too-long"), ("\u65e5" * 101, "string-too-long")],
    "value": [("x" * 65, "string-too-long")],
}  # fmt: skip
WITH_QUERY = [name for name, call in CALLS.items() if contract(call).query]


def filters() -> list[tuple[str, str, str, str]]:
    """Each list's own filters with each wrong value, and the code of its fault."""
    found = []
    for name in WITH_QUERY:
        model = contract(CALLS[name]).query
        assert model is not None
        for field in (str(one.alias) for one in model.model_fields.values() if one.alias != "cursor"):
            found += [(name, field, value, code) for value, code in FILTERS[field]]
    return found


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("name", WITH_QUERY)
def test_an_unknown_query_is_refused(waiting: Onboarding, name: str, query: str) -> None:
    path = "/" + CALLS[name].path.format(id=waiting.id)
    problem = refused(waiting.operator.get(f"{path}?{query}&value=abc"), 422, "invalid-input")
    assert "extra-forbidden" in [fault["code"] for fault in problem["errors"]]


@pytest.mark.parametrize(("name", "field", "value", "code"), filters())
def test_a_filter_takes_its_own_values_alone(waiting: Onboarding, name: str, field: str, value: str, code: str) -> None:
    problem = refused(ready(name, waiting, query={field: value}).send(), 422, "invalid-input")
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [(f"/{field}", code)]


@pytest.mark.parametrize("value", ["' or 1 eq 1 or customer eq '", "'", "@customer", "\0", "%", "*", "a\nb", "\u202e"])
@pytest.mark.parametrize(("name", "field"), [
    ("list_services", "customerId"), ("list_invitations", "customerId"), ("list_customers", "name"),
])  # fmt: skip
def test_a_filter_is_a_value_and_no_condition(waiting: Onboarding, name: str, field: str, value: str) -> None:
    assert good(ready(name, waiting, query={field: value}).send()) == {"value": [], "nextLink": None}


@pytest.mark.parametrize("query", ["cursor=", "cursor", "&&", "%", "?"])
@pytest.mark.parametrize("name", LISTS)
def test_a_query_without_a_value_asks_for_nothing(waiting: Onboarding, name: str, query: str) -> None:
    path = "/" + CALLS[name].path.format(**ids_of(CALLS[name], waiting))
    assert good(waiting.operator.get(f"{path}?{query}")) == good(waiting.operator.get(path))


def cursor(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


WRONG_CURSORS: dict[str, str] = {
    "a letter": "x",
    "a blank": " ",
    "letters": "not-a-cursor",
    "the other alphabet": "++//",
    "beyond ASCII": "\u00fc",
    "NUL": "\0",
    "a condition": "' or RowKey ge '",
    "10,000 letters": "A" * 10_000,
    "no JSON": base64.urlsafe_b64encode(b"hello").decode(),
    "no UTF-8": base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "null": cursor(None),
    "a number": cursor(5),
    "an empty list": cursor([]),
    "one key": cursor(["a"]),
    "three texts": cursor(["a", "b", "c"]),
    "two texts": cursor(["a", "b"]),
    "two numbers": cursor([1, 2]),
    "an object of three": cursor({"a": 1, "b": 2, "c": 3}),
    "a text of three": cursor("abc"),
    "an object of one": cursor({"a": 1}),
    "a lone surrogate": base64.urlsafe_b64encode(b'["\\ud800", "x"]').decode(),
    "30,000 levels": base64.urlsafe_b64encode(b"[" * 30_000).decode(),
    "twice": "W10,W10",
}


@pytest.mark.parametrize("wrong", WRONG_CURSORS)
@pytest.mark.parametrize("name", LISTS)
def test_what_is_no_cursor_is_refused(waiting: Onboarding, name: str, wrong: str) -> None:
    refused(ready(name, waiting, query={"cursor": WRONG_CURSORS[wrong]}).send(), 400, "invalid-cursor")


def test_a_cursor_goes_on_with_its_own_list_alone(cloud: LocalCloud) -> None:
    operator_ = cloud.operator()
    word = unique("Paged ")
    for number in range(51):
        new_customer(operator_, name=f"{word} {number:02}")
    following = good(operator_.get("/api/customers", params={"name": word}))["nextLink"]
    page = good(operator_.get(following))
    assert [one["name"] for one in page["value"]] == [f"{word} 50"]
    of_customers = parse_qs(urlsplit(following).query)["cursor"][0]
    for path in ("customers", "customers?name=Adatum", "customers?archived=true", "services", "invitations"):
        url = f"/api/{path}{'&' if '?' in path else '?'}cursor={of_customers}"
        refused(operator_.get(url), 400, "invalid-cursor")
    refused(cloud.operator(FABRIKAM).get(following), 400, "invalid-cursor")


def test_the_events_of_what_is_not_there_are_not_there_either(cloud: LocalCloud, waiting: Onboarding) -> None:
    for path in (
        f"/api/services/{waiting.customer['id']}/events",
        f"/api/customers/{waiting.id}/events",
        f"/api/services/{'f' * 24}/events",
    ):
        refused(waiting.operator.get(path), 404, "not-found")


# Methods

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
PATHS = sorted({call.path for call in CALLS.values() if call.path.startswith("api/")})


@pytest.mark.parametrize("path", PATHS)
def test_every_other_method_is_told_the_right_ones(waiting: Onboarding, path: str) -> None:
    before, caller = waiting.read(), operator(waiting.cloud.config.api_url, waiting.cloud.token("operator"))
    taken = allowed(path)
    ids = {"id": f"{waiting.id}-1" if "invitations/{" in path else waiting.id}
    for method in sorted({*METHODS} - {*taken}):
        reply = caller.request(method, "/" + path.format(**ids), json={}, headers={"If-Match": before["etag"]})
        refused(reply, 405, "method-not-allowed")
        assert reply.headers["Allow"].split(", ") == taken
    assert waiting.read() == before


@pytest.mark.parametrize("method", ["HEAD", "TRACE", "OPTIONS", "CONNECT", "PROPFIND", "get", "Post"])
@pytest.mark.parametrize("path", PATHS)
def test_a_method_that_the_host_does_not_know_is_an_empty_404(waiting: Onboarding, path: str, method: str) -> None:
    caller = operator(waiting.cloud.config.api_url, waiting.cloud.token("operator"))
    prepared = caller.prepare_request(requests.Request("GET", f"{caller.base_url}/{path.format(id=waiting.id)}"))
    prepared.method = method
    reply = caller.send(prepared, timeout=10)
    assert (reply.status_code, reply.content) == (404, b"")


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
@pytest.mark.parametrize("name", [name for name in OPERATOR_CALLS if contract(CALLS[name]).if_match])
def test_no_header_turns_one_method_into_another(waiting: Onboarding, name: str, header: str) -> None:
    asked = ready(name, waiting)
    look(asked, waiting)
    path = "/" + asked.call.path.format(**asked.ids)
    headers = {header: asked.call.methods[0], "If-Match": asked.etag}
    reply = waiting.cloud.anybody().get(path, headers={**waiting.operator.headers, **headers})
    assert reply.status_code in (200, 405, 409)
    assert_unchanged(asked, waiting)
