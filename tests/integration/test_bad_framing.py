"""Requests as they stand on the wire: bodies whose length is not told, or told twice, and headers that come twice."""

import json

import pytest

from shared.web.contract import contract
from tests.integration.asking import CALLS, Asking
from tests.integration.cloud import LocalCloud
from tests.integration.host.running import exchange
from tests.integration.procedure import Onboarding
from tests.integration.untouched import (
    LINK_CALLS,
    OPERATOR_CALLS,
    WITH_BODY,
    assert_unchanged,
    good_body,
    look,
    ready,
    still,
)

GUARDED = [name for name, call in CALLS.items() if contract(call).if_match]


@pytest.fixture(scope="module")
def waiting(running_cloud: LocalCloud) -> Onboarding:
    """A service that waits for its administrator, and that no test here changes."""
    return still(running_cloud)


LENGTHS: dict[str, tuple[list[str], int]] = {
    "none": ([], 400),
    "nought": (["Content-Length: 0"], 400),
    "too short": (["Content-Length: {less}"], 400),
    "negative": (["Content-Length: -5"], 400),
    "a word": (["Content-Length: five"], 400),
    "with a sign": (["Content-Length: +{size}"], 400),
    "two": (["Content-Length: {size}", "Content-Length: {less}"], 400),
    "beyond every limit": (["Content-Length: 99999999999999999999"], 413),
    "in chunks": (["Transfer-Encoding: chunked"], 400),
    "in chunks of a told length": (["Content-Length: {size}", "Transfer-Encoding: chunked"], 400),
    "in another coding": (["Transfer-Encoding: gzip"], 400),
}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_whose_length_is_not_told_is_not_read(waiting: Onboarding, name: str, length: str) -> None:
    asked = ready(name, waiting)
    look(asked, waiting)
    body = json.dumps(good_body(asked)).encode()
    lines, status = LENGTHS[length]
    told = [line.format(size=len(body), less=len(body) - 3) for line in lines]
    content = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n" if "chunks" in length else body
    answer = raw(waiting, asked, told, content)
    assert answer.split(b" ", 2)[1] == str(status).encode(), answer
    assert_unchanged(asked, waiting)


def raw(way: Onboarding, asked: Asking, lines: list[str], content: bytes) -> bytes:
    """What comes back for this request as it stands here, byte for byte."""
    head = [
        f"{asked.call.methods[0]} /{asked.call.path.format(**asked.ids)} HTTP/1.1",
        "Host: localhost",
        f"Authorization: {asked.caller.headers['Authorization']!s}",
        f"If-Match: {asked.etag}",
        f"Idempotency-Key: {asked.key}",
        "Content-Type: application/json",
        "Connection: close",
        *lines,
    ]
    return exchange(way.cloud.config.ports.api, "\r\n".join([*head, "", ""]).encode() + content)


TWICE = [
    *((name, "Authorization: {authorization}", 401) for name in (*OPERATOR_CALLS, *LINK_CALLS)),
    *((name, "If-Match: {etag}", 400) for name in GUARDED),
    *((name, "Content-Type: text/plain", 415) for name in WITH_BODY),
]


@pytest.mark.parametrize(("name", "line", "status"), TWICE)
def test_a_header_that_comes_twice_is_not_one(waiting: Onboarding, name: str, line: str, status: int) -> None:
    asked = ready(name, waiting)
    look(asked, waiting)
    body = json.dumps(good_body(asked)).encode()
    again = line.format(authorization=asked.caller.headers["Authorization"], etag=asked.etag)
    answer = raw(waiting, asked, [again, f"Content-Length: {len(body)}"], body)
    assert answer.split(b" ", 2)[1] == str(status).encode(), answer
    assert_unchanged(asked, waiting)
