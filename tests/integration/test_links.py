"""The link and its page: opening changes nothing, and whoever guesses a link learns nothing."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from tests.integration.cloud import LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    FABRIKAM,
    NORTHWIND,
    Onboarding,
    refused,
    submit,
    view_of,
)


def test_mail_scanners_change_nothing(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    link = way.mail().link
    before, happened = way.read(), way.events()
    page, scanner = link.partition("#")[0], cloud.admin(link)

    def scan(number: int) -> int:
        method, path = (("HEAD", page), ("GET", page), ("GET", "/api/invitation"))[number % 3]
        return scanner.request(method, path, headers={"User-Agent": f"Scanner/{number}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(scan, range(60))) == {200}
    assert way.read() == before
    assert way.events() == happened
    assert view_of(way.admin(link))["status"] == "pending"


@pytest.mark.parametrize("name", ["", "/wizard.js", "/wizard.css", "/icon.svg"])
def test_the_page_is_served_alike_to_get_and_head(cloud: LocalCloud, name: str) -> None:
    got, head = (cloud.anybody().request(method, f"/invite{name}") for method in ("GET", "HEAD"))
    assert (got.status_code, head.status_code, head.content) == (200, 200, b"")
    assert head.headers.get("ETag") == got.headers.get("ETag")


@pytest.mark.parametrize("name", ["nothing.js", "..%2Ffunctions.py", "%2E%2E%2Fmail.py", "x.py", "index.HTML"])
def test_what_is_no_file_of_the_page_is_not_found(cloud: LocalCloud, name: str) -> None:
    refused(cloud.anybody().get(f"/invite/{name}"), 404, "not-found")


def _rewritten(change: Callable[[bytearray], object]) -> Callable[[str], str]:
    def rewrite(token: str) -> str:
        raw = bytearray(base64.urlsafe_b64decode(token))
        change(raw)
        return base64.urlsafe_b64encode(bytes(raw)).decode()

    return rewrite


def _put(start: int, content: bytes) -> Callable[[bytearray], object]:
    def put(raw: bytearray) -> None:
        raw[start : start + len(content)] = content

    return put


WRONG_TOKENS: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "cut off": lambda token: token[:-4],
    "with a tail": lambda token: f"{token}AAAA",
    "not base64": lambda token: f"{token[:40]}!{token[41:]}",
    "with a blank": lambda token: f"{token[:40]} {token[41:]}",
    "of another alphabet": lambda token: f"{token[:40]}+/{token[42:]}",
    "of another version": _rewritten(_put(0, b"\x02")),
    "of the other provider": _rewritten(_put(1, UUID(FABRIKAM).bytes)),
    "of no provider": _rewritten(_put(1, UUID(CONTOSO.tenant).bytes)),
    "of no service": _rewritten(_put(17, b"\x00" * 12)),
    "with another secret": _rewritten(_put(31, b"\x00" * 32)),
    "with another last byte": _rewritten(lambda raw: _put(62, bytes([raw[62] ^ 1]))(raw)),
}


@pytest.mark.parametrize("wrong", WRONG_TOKENS)
def test_whoever_guesses_a_link_learns_nothing(cloud: LocalCloud, wrong: str) -> None:
    way = Onboarding.begin(cloud, NORTHWIND)
    address, _, token = way.copy_link().partition("#")
    before = way.read()["invitation"]["triesLeft"]
    guesser = cloud.admin(f"{address}#{WRONG_TOKENS[wrong](token)}")
    told = cloud.admin(f"{address}#nonsense").get("/api/invitation")
    expected = refused(told, 401, "invalid-link")
    for reply in (guesser.get("/api/invitation"), submit(guesser, CONTOSO)):
        assert refused(reply, 401, "invalid-link") == expected
        headers = [{name.lower(): value for name, value in one.headers.items()} for one in (reply, told)]
        assert {**headers[0], "date": ""} == {**headers[1], "date": ""}
    assert reply.headers["WWW-Authenticate"] == "Invitation"
    assert way.read()["invitation"]["triesLeft"] == before


@pytest.mark.parametrize("scheme", ["Bearer", "Basic", ""])
def test_a_link_is_no_other_kind_of_identity(cloud: LocalCloud, scheme: str) -> None:
    token = Onboarding.begin(cloud).copy_link().partition("#")[2]
    reply = cloud.anybody().get("/api/invitation", headers={"Authorization": f"{scheme} {token}".strip()})
    refused(reply, 401, "invalid-link")
    for path in ("/api/services", "/api/invitations"):
        refused(cloud.anybody().get(path, headers={"Authorization": f"Invitation {token}"}), 401, "not-signed-in")
