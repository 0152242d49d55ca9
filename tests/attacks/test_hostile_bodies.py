"""Somebody sends bodies to use up memory, time or connections; others are served meanwhile, and nothing is written.

What a body's content must be is in `tests/integration/test_bad_bodies.py`, its framing in `test_bad_framing.py`.
"""

import gzip
import json
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from tests.attacks.operations import Operation, operations, path_of, request
from tests.attacks.stored import nothing_changes
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import NORTHWIND, Onboarding, good, refused
from tests.integration.untouched import still

APP_LIMIT, HOST_LIMIT = 64 * 1024, 128 * 1024  # the app's own, and FUNCTIONS_REQUEST_BODY_SIZE_LIMIT
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def waiting(running_cloud: LocalCloud) -> Onboarding:
    """A service that waits for its administrator, and that no test here changes."""
    return still(running_cloud)


def with_body(cloud: LocalCloud) -> list[Operation]:
    """Every operation that the document gives a body."""
    found = [one for one in operations(cloud) if one.example is not None]
    assert len(found) > 8
    return found


def head(operation: Operation, way: Onboarding, *lines: str) -> bytes:
    """A good request's head by whoever may make it."""
    caller = way.admins[-1] if operation.by_link else way.operator
    return "\r\n".join(
        [
            f"{operation.method} {path_of(operation, way)} HTTP/1.1",
            "Host: localhost",
            f"Authorization: {caller.headers['Authorization']!s}",
            'If-Match: "999999999"',
            "Content-Type: application/json",
            "Connection: close",
            *lines,
            "",
            "",
        ]
    ).encode()


def status_of(cloud: LocalCloud, request: bytes, rest: Iterable[bytes] = ()) -> tuple[int, bytes]:
    """The answer's status and body; who is refused while still sending may find the connection closed."""
    with socket.create_connection(("127.0.0.1", cloud.config.ports.api), timeout=30) as connection:
        received = b""
        try:
            connection.sendall(request)
            for part in rest:
                connection.sendall(part)
        except OSError:
            pass
        try:
            while part := connection.recv(65536):
                received += part
        except OSError:
            pass
    return (int(received.split(b" ", 2)[1]) if received else 0), received.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    ("size", "status", "code"),
    [
        (APP_LIMIT, 412, None),
        (APP_LIMIT + 1, 413, "body-too-large"),
        (HOST_LIMIT, 413, "body-too-large"),
        (HOST_LIMIT + 1, 413, None),
        (10 * MEGABYTE, 413, None),
    ],
)
def test_a_large_body_is_refused_by_the_app_and_a_huge_one_by_the_host(
    cloud: LocalCloud, waiting: Onboarding, size: int, status: int, code: str | None
) -> None:
    """The host answers without a document, and before the app or its worker sees any of it."""
    (operation,) = (one for one in with_body(cloud) if one.name == "change_service")
    body = json.dumps(operation.example).encode().ljust(size)
    with nothing_changes(waiting):
        told, content = status_of(cloud, head(operation, waiting, f"Content-Length: {size}") + body)
    assert told == status
    assert status == 412 or (json.loads(content)["code"] if content else None) == code


def test_every_operation_with_a_body_has_both_limits(cloud: LocalCloud, waiting: Onboarding) -> None:
    with nothing_changes(waiting):
        for operation in with_body(cloud):
            for size, is_told in ((APP_LIMIT + 1, True), (HOST_LIMIT + 1, False)):
                body = json.dumps(operation.example).encode().ljust(size)
                key = "Idempotency-Key: attack-of-the-bodies"
                told, content = status_of(cloud, head(operation, waiting, key, f"Content-Length: {size}") + body)
                assert (told, bool(content)) == (413, is_told), operation.name


def test_whoever_is_nobody_is_told_so_and_nothing_about_what_they_sent(cloud: LocalCloud, waiting: Onboarding) -> None:
    for operation in with_body(cloud):
        nonsense = "Invitation nonsense" if operation.by_link else "Bearer nonsense"
        code = "invalid-link" if operation.by_link else "not-signed-in"
        refused(request(replace(operation, example={"x": 1}), waiting, nonsense), 401, code)


def test_a_body_that_is_announced_as_huge_is_refused_before_it_comes(cloud: LocalCloud, waiting: Onboarding) -> None:
    for operation in with_body(cloud):
        begun = time.monotonic()
        told, _ = status_of(cloud, head(operation, waiting, f"Content-Length: {10 * MEGABYTE}"))
        assert told == 413
        assert time.monotonic() - begun < 10


def test_chunks_without_end_are_cut_off(cloud: LocalCloud, waiting: Onboarding) -> None:
    """100 MB in chunks: the host gives up behind its limit, and reads no more."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1600):
            sent += len(chunk)
            yield chunk

    (operation,) = (one for one in with_body(cloud) if one.name == "submit_registration")
    with nothing_changes(waiting):
        told, _ = status_of(cloud, head(operation, waiting, "Transfer-Encoding: chunked"), chunks())
    assert told in (0, 413)  # 0 where the connection was closed while we still sent
    assert told or sent < 50 * MEGABYTE


def test_a_compressed_body_is_never_unpacked(cloud: LocalCloud, waiting: Onboarding) -> None:
    """64 KB of it would be more than 50 MB."""
    bomb = gzip.compress(b" " * (50 * MEGABYTE), 9)
    assert len(bomb) < APP_LIMIT
    with nothing_changes(waiting):
        for operation in with_body(cloud):
            lines = ("Content-Encoding: gzip", "Idempotency-Key: attack-of-the-bodies", f"Content-Length: {len(bomb)}")
            begun = time.monotonic()
            told, _ = status_of(cloud, head(operation, waiting, *lines) + bomb)
            assert told == 415, operation.name
            assert time.monotonic() - begun < 10


# Slow callers


@contextmanager
def slow_callers(cloud: LocalCloud, waiting: Onboarding, how_many: int) -> Iterator[list[socket.socket]]:
    """So many who have begun a good request and go on with it byte by byte."""
    (operation,) = (one for one in with_body(cloud) if one.name == "submit_registration")
    begun = head(operation, waiting, "Content-Length: 200") + b"{"
    with ExitStack() as stack:
        address = ("127.0.0.1", cloud.config.ports.api)
        slow = [stack.enter_context(socket.create_connection(address, timeout=30)) for _ in range(how_many)]
        for connection in slow:
            connection.sendall(begun)
        yield slow


def test_others_are_served_while_many_send_a_byte_at_a_time(cloud: LocalCloud, waiting: Onboarding) -> None:
    """Three times as many as the worker has threads: who has not sent the whole request holds none of them."""
    with nothing_changes(waiting), slow_callers(cloud, waiting, 100) as slow:
        for _ in range(10):
            for connection in slow:
                connection.sendall(b" ")
            begun = time.monotonic()
            good(cloud.operator(NORTHWIND).get("/api/me"))
            assert good(waiting.admins[-1].get("/api/invitation"))["status"] == "pending"
            assert time.monotonic() - begun < 10


def test_a_caller_who_leaves_in_the_middle_leaves_nothing_behind(cloud: LocalCloud, waiting: Onboarding) -> None:
    with nothing_changes(waiting):
        with slow_callers(cloud, waiting, 50):
            pass
        assert good(waiting.admins[-1].get("/api/invitation"))["triesLeft"] == 10


def test_a_head_that_never_ends_keeps_nobody_waiting(cloud: LocalCloud, waiting: Onboarding) -> None:
    with ExitStack() as stack:
        address = ("127.0.0.1", cloud.config.ports.api)
        slow = [stack.enter_context(socket.create_connection(address, timeout=30)) for _ in range(100)]
        for number in range(5):
            for connection in slow:
                connection.sendall(b"POST /api/invitation/submission HTTP/1.1\r\n" if not number else b"X-A: b\r\n")
            good(cloud.operator(NORTHWIND).get("/api/me"))


# Heads beyond all measure


HEADS = {
    "1,000 headers": [f"X-{number}: y" for number in range(1000)],
    "a header of 1 MB": [f"X-Long: {'y' * MEGABYTE}"],
    "a header without a name": [": y"],
    "a header without a colon": ["nonsense"],
    "a folded header": ["X-A: b", " c"],
    "a header with NUL": ["X-A: b\0c"],
    "a name beyond ASCII": ["X-\u00fc: y"],
}


@pytest.mark.parametrize("what", HEADS)
def test_a_head_beyond_all_measure_is_refused_or_does_nothing(
    cloud: LocalCloud, waiting: Onboarding, what: str
) -> None:
    with nothing_changes(waiting):
        for operation in with_body(cloud):
            lines = [*HEADS[what], "Idempotency-Key: short", "Content-Length: 2"]
            told, _ = status_of(cloud, head(operation, waiting, *lines) + b"[]")
            assert told in (0, 400, 413, 431), operation.name
    good(cloud.operator(NORTHWIND).get("/api/me"))


@pytest.mark.parametrize("length", [10_000, 100_000, MEGABYTE])
def test_an_endless_address_is_refused(cloud: LocalCloud, waiting: Onboarding, length: int) -> None:
    for target in ("/api/" + "a" * length, "/api/services?cursor=" + "a" * length, "/" + "a/" * (length // 2)):
        request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        told, content = status_of(cloud, request)
        assert told in (0, 400, 401, 404, 413, 414, 431)
        assert len(content) < 2000, "an answer that repeats the address"
    good(cloud.operator(NORTHWIND).get("/api/me"))
