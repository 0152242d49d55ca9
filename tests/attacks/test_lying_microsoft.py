"""Whoever answers in Microsoft's name wants the secret sent elsewhere, or our memory and time: neither is had."""

import gzip
import json
import socket
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from local.callers import Caller
from local.tls import ensure_certificates
from local.waiting import wait_until
from shared.languages.translations import ENGLISH
from shared.waiting import Later
from tests.attacks.liar import liar
from tests.conftest import Examined
from tests.integration.cloud import Directory, Faults, LocalCloud
from tests.integration.microsoft import APPLICATIONS, DISCOVERY, ORGANIZATION, TOKEN, Place, described
from tests.integration.procedure import (
    CONTOSO,
    SECONDS,
    Json,
    Onboarding,
    check_ended,
    good,
    in_a_tenant_of_its_own,
    submit,
    view_of,
)
from validation.evidence import ApplicationRecord, Organization, trace_id_of

ENDPOINTS = {
    "discovery": DISCOVERY,
    "the token endpoint": TOKEN,
    "the organisation": ORGANIZATION,
    "the application": APPLICATIONS,
}
REDIRECTS = (300, 301, 302, 303, 307, 308)
MEGABYTE = 1024 * 1024


# Elsewhere: `foreign` listens there, and fails the test for any connection.


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_redirect_is_no_answer_and_leads_nobody_away(
    cloud: LocalCloud, faults: Faults, foreign: socket.socket, examined: Examined, endpoint: str, status: int
) -> None:
    place = Place(cloud, foreign)
    where = {"Location": "<foreign>", "Refresh": "0; url=<foreign>"}
    faults.entra(place.filled(ENDPOINTS[endpoint]), status=status, headers=place.filled(where), body="<a href=''>")
    with pytest.raises(Later) as caught:
        examined()
    assert "redirect" in ENGLISH.say(caught.value.words)
    assert faults.used() == 1
    faults.clear()
    assert examined().organization


TOKEN_ENDPOINTS = {
    "of a foreign host": "<foreign>",
    "without TLS": "http://localhost:<port>/token",
    "of a host that only begins like ours": "https://localhost.evil.example/token",
    "with a foreign host behind ours": "<base>@localhost:<port>/token",
    "with a foreign host behind our name": "https://localhost:x@localhost:<port>/token",
    "with a foreign host behind a backslash": "https://localhost:<port>\\@localhost/token",
    "of our name and a foreign port": "https://LOCALHOST:<port>/token",
    "of our address by number": "https://127.0.0.1:<port>/token",
    "of no scheme": "//localhost:<port>/token",
    "of another scheme": "ftp://localhost:<port>/token",
    "with a line break": "https://localhost:<port>/\r\nX: y",
}


@pytest.mark.parametrize("endpoint", TOKEN_ENDPOINTS)
def test_a_token_endpoint_elsewhere_gets_no_secret(
    cloud: LocalCloud, faults: Faults, foreign: socket.socket, examined: Examined, endpoint: str
) -> None:
    place = Place(cloud, foreign)
    faults.entra(place.filled(DISCOVERY), **place.filled(described(TOKEN_ENDPOINTS[endpoint])))
    faults.entra(place.filled(TOKEN), delaySeconds=0.01)
    with pytest.raises(Later) as caught:
        examined()
    words = ENGLISH.say(caught.value.words)
    assert "foreign" in words or "description" in words
    assert faults.used() == 1, "not even ours gets it then"


def test_graph_s_next_link_is_not_followed(
    cloud: LocalCloud, faults: Faults, foreign: socket.socket, examined: Examined
) -> None:
    place = Place(cloud, foreign)
    more = dict.fromkeys(("@odata.nextLink", "@odata.context", "@odata.deltaLink"), "<foreign>")
    organization = {"id": CONTOSO.tenant, "displayName": "Contoso", "verifiedDomains": [], **more}
    application = {"displayName": "App", "passwordCredentials": [], "passwordCredentials@odata.nextLink": "<foreign>"}
    faults.entra(ORGANIZATION, status=200, body=place.filled({"value": [organization], **more}))
    faults.entra(APPLICATIONS, status=200, body=place.filled({**application, **more}))
    evidence = examined()
    assert evidence.organization == Organization(CONTOSO.tenant, "Contoso", ())
    assert evidence.application == ApplicationRecord("App", ())


@pytest.mark.parametrize("endpoint", ["discovery", "the token endpoint"])
def test_in_the_running_app_a_redirect_is_waited_out_and_costs_no_try(
    cloud: LocalCloud, faults: Faults, foreign: socket.socket, directory: Directory, way: Onboarding, endpoint: str
) -> None:
    registered = in_a_tenant_of_its_own(directory, CONTOSO)
    place = Place(cloud, foreign, registered.tenant)
    admin: Caller = way.admin()
    headers = place.filled({"Location": "<foreign>"})
    faults.entra(place.filled(ENDPOINTS[endpoint]), status=307, headers=headers, times=1)
    good(submit(admin, registered), 202)
    words = wait_until(lambda: view_of(admin)["check"]["waitingFor"], SECONDS, "what the page says")
    assert "redirect, which we do not follow" in words
    view = check_ended(admin)
    assert (view["status"], view["triesLeft"]) == ("authenticated", 10)


# Memory and time


def nested(levels: int, opening: str = "[") -> str:
    return opening * levels


GREEDY: dict[str, tuple[Json, str]] = {
    "100,000 lists in each other": ({"status": 200, "body": nested(100_000)}, "read"),
    "100,000 objects in each other": ({"status": 200, "body": nested(100_000, '{"a":')}, "read"),
    "more than 4 MiB": ({"status": 200, "body": " " * (5 * MEGABYTE) + "{}"}, "reached"),
    "a number of 5,000 digits": ({"status": 200, "body": f'{{"value": {"9" * 5000}}}'}, "read"),
    "Infinity, where it wants a list": ({"status": 200, "body": '{"value": Infinity}'}, "organisation"),
    "an encoding that it has not": ({"status": 200, "body": "{}", "headers": {"Content-Encoding": "gzip"}}, "reached"),
    "a charset that is none": (
        {"status": 200, "body": "[]", "headers": {"Content-Type": "application/json; charset=nonsense"}},
        "read",
    ),
}


@pytest.mark.parametrize("answer", GREEDY)
def test_an_answer_beyond_all_measure_is_none(
    cloud: LocalCloud, faults: Faults, foreign: socket.socket, examined: Examined, answer: str
) -> None:
    fault, word = GREEDY[answer]
    endpoints = [ORGANIZATION] if word == "organisation" else list(ENDPOINTS.values())
    for endpoint in endpoints:
        faults.clear()
        faults.entra(Place(cloud, foreign).filled(endpoint), **fault)
        with pytest.raises(Later) as caught:
            examined()
        assert word in ENGLISH.say(caught.value.words), endpoint


def bomb(times: int) -> bytes:
    """256 MB of blanks, compressed so often."""
    content = gzip.compress(b" " * (256 * MEGABYTE), 1)
    for _ in range(times - 1):
        content = gzip.compress(content, 9)
    return content


@pytest.fixture
def signed_in(cloud: LocalCloud, faults: Faults, foreign: socket.socket) -> None:
    """Entra gives a token for whatever stands in Graph's place."""
    token = {"token_type": "Bearer", "access_token": "x.e30.x", "expires_in": 3600}
    faults.entra(Place(cloud, foreign).filled(TOKEN), status=200, body=token)


@pytest.mark.parametrize("times", [1, 2])
def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_unpacked(
    cloud: LocalCloud, signed_in: None, examined: Examined, times: int
) -> None:
    content = bomb(times)
    encoding = ", ".join(["gzip"] * times)
    with liar(ensure_certificates(cloud.config.data), content, f"Content-Encoding: {encoding}") as server:
        tracemalloc.start()
        begun = time.monotonic()
        try:
            with pytest.raises(Later, match="reached"):
                examined(graph=server.origin)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert server.asked
        assert time.monotonic() - begun < 20
        assert peak < 40 * MEGABYTE


HEADS: dict[str, Callable[[], tuple[str, ...]]] = {
    "10,000 headers": lambda: tuple(f"X-{number}: y" for number in range(10_000)),
    "a header of 100 KB": lambda: (f"X-Long: {'y' * 100_000}",),
    "a second length": lambda: ("Content-Length: 5",),
    "no HTTP at all": lambda: ("\r\n\r\n",),
}


@pytest.mark.parametrize("head", HEADS)
def test_an_answer_with_a_head_beyond_all_measure_is_none(
    cloud: LocalCloud, signed_in: None, examined: Examined, head: str
) -> None:
    status = "" if head == "no HTTP at all" else "200 OK"
    with liar(ensure_certificates(cloud.config.data), b"[]", *HEADS[head](), status=status) as server:
        with pytest.raises(Later):
            examined(graph=server.origin)
        assert server.asked


def test_the_liar_is_believed_when_it_answers_as_graph_does(
    cloud: LocalCloud, signed_in: None, examined: Examined
) -> None:
    """Else the refusals above would prove nothing."""
    body = json.dumps({"value": [{"id": CONTOSO.tenant, "displayName": "Contoso", "verifiedDomains": []}]}).encode()
    packed = gzip.compress(body)
    with liar(ensure_certificates(cloud.config.data), packed, "Content-Encoding: gzip") as server:
        assert examined(graph=server.origin).organization == Organization(CONTOSO.tenant, "Contoso", ())


# What is shown of an answer


TRACE = str(uuid4())
NO_TRACES = [CONTOSO.secret, "", "x" * 36, f"{TRACE}\n", f" {TRACE}", TRACE * 2, f"{{{TRACE}}}", 7, None, [TRACE]]


@pytest.mark.parametrize("said", NO_TRACES, ids=lambda said: type(said).__name__)
def test_what_stands_where_an_id_of_microsoft_s_belongs_is_not_shown(said: object) -> None:
    """It might be the very secret that was sent."""
    assert trace_id_of(said) is None
    assert trace_id_of(TRACE) == TRACE


# Not Microsoft at all


@pytest.mark.parametrize("host", ["entra", "graph"])
def test_whoever_has_no_certificate_that_we_trust_is_told_nothing(
    signed_in: None, examined: Examined, tmp_path: Path, host: str
) -> None:
    """Its certificate is good in every respect but for the authority that signed it."""
    with liar(ensure_certificates(tmp_path), b"{}") as server:
        with pytest.raises(Later, match="reached"):
            examined(**{host: server.origin})
        assert server.asked == []
