"""HTTP on the wire: bodies of every kind, statuses, headers, malformed requests, connections that stay or break."""

import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.integration.host.running import APPS, RunningHost, exchange, wait_until


@pytest.fixture(scope="module")
def replies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    """The app `replies`, whose route prefix is `v1`, with a limit of 1,000 bytes for bodies."""
    environment = {"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1000"}
    host = RunningHost(APPS / "replies", tmp_path_factory.mktemp("replies"), environment).ready()
    yield host
    host.stop()


def raw(head: str, body: bytes = b"") -> bytes:
    """A request whose head is these lines; its connection ends with the reply."""
    lines = [*head.strip().splitlines(), "Connection: close", "", ""]
    return "\r\n".join(line.strip() for line in lines).encode("latin-1") + body


def seen(host: RunningHost, head: str, body: bytes = b"") -> dict[str, Any]:
    """The reply to a raw request for `seen`: what the function saw of it."""
    content: dict[str, Any] = json.loads(exchange(host.port, raw(head, body)).partition(b"\r\n\r\n")[2])
    return content


def test_repeated_headers_are_joined_and_empty_values_stay(replies: RunningHost) -> None:
    """GrpcMessageConversionExtensions.cs of azure-functions-host, for what the worker asks of it (its capabilities)."""
    headers = seen(replies, "GET /v1/seen HTTP/1.1\nHost: here\nX-A: 1\nx-a: 2\nX-Empty:\nCookie: a=1; b=2")["headers"]
    assert headers == {"host": "here", "x-a": "1,2", "x-empty": "", "cookie": "a=1; b=2", "connection": "close"}


def test_a_body_that_comes_in_chunks_does_not_reach_the_function(replies: RunningHost) -> None:
    """azure-functions-host issue 4926: the host hands on only bodies whose length the request announces."""
    head = "POST /v1/seen HTTP/1.1\nHost: here\nTransfer-Encoding: chunked"
    assert seen(replies, head, b"5\r\nhello\r\n0\r\n\r\n")["body"] == ""
    assert replies.wait_for_line(r"POST /v1/seen → 200 .*came in chunks: the function gets none, as in Azure")


@pytest.mark.parametrize(("size", "status"), [(0, 200), (1000, 200), (1001, 413)])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_beyond_the_limit_is_refused(replies: RunningHost, size: int, status: int, is_chunked: bool) -> None:
    """Learn, "App settings reference for Azure Functions", FUNCTIONS_REQUEST_BODY_SIZE_LIMIT.

    413 is what Kestrel's exception carries: dotnet/aspnetcore issue 49365.
    """
    body = [b"x" * size] if size else []
    assert replies.call("POST", "/v1/seen", data=iter(body) if is_chunked else b"".join(body)).status_code == status


def test_a_client_that_waits_for_100_gets_it_before_it_sends(replies: RunningHost) -> None:
    """RFC 9110, 10.1.1."""
    head = raw("POST /v1/seen HTTP/1.1\nHost: here\nContent-Length: 5\nExpect: 100-continue")
    with socket.create_connection(("127.0.0.1", replies.port), timeout=10) as connection:
        connection.sendall(head)
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"hello")
        reply = b"".join(iter(lambda: connection.recv(65536), b""))
    assert reply.startswith(b"HTTP/1.1 200 ")
    assert b'"body": "hello"' in reply


@pytest.mark.parametrize("status", [200, 201, 299, 308, 404, 418, 503, 599])
def test_a_status_is_sent_as_returned(replies: RunningHost, status: int) -> None:
    """Learn, "Azure Functions HTTP trigger"; measured on azure-functions-runtime 1.3.0."""
    reply = replies.get(f"/v1/status/{status}", allow_redirects=False)
    assert (reply.status_code, reply.content) == (status, b"x")


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_status_without_a_body_is_sent_without_one(replies: RunningHost, status: int) -> None:
    """RFC 9110, 15.3.5, 15.3.6 and 15.4.5."""
    head, _, body = exchange(replies.port, raw(f"GET /v1/status/{status} HTTP/1.1\nHost: here")).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert body == b""


@pytest.mark.parametrize("status", [99, 100, 101, 199, 600, 1000])
def test_a_status_that_no_reply_can_have_is_a_500_and_named(replies: RunningHost, status: int) -> None:
    """RFC 9110, 15: 100 to 199 are no final answers, and there is nothing beyond 599."""
    reply = replies.get(f"/v1/status/{status}")
    assert (reply.status_code, reply.content) == (500, b"")
    assert replies.wait_for_line(f"/v1/status/{status} → 500 .*the status {status} is none that a reply can have")


def test_headers_of_the_reply_are_the_functions(replies: RunningHost) -> None:
    """Measured on azure-functions-runtime 1.3.0: of a repeated header the last one is sent."""
    reply = replies.get("/v1/headers")
    assert reply.text == "four"
    assert reply.headers["content-length"] == "4"
    assert (reply.headers["location"], reply.headers["vary"], reply.headers["x-twice"]) == ("/there", "Accept", "2")


@pytest.mark.parametrize("path", ["/api/exit", "/api/bad-header"])
def test_an_exit_or_an_impossible_header_is_a_500_and_the_host_lives_on(sample: RunningHost, path: str) -> None:
    """Measured on azure-functions-runtime 1.3.0 (an exit is let through); RFC 9110, 5.5 (header values)."""
    assert sample.get(path).status_code == 500
    assert sample.get("/api/text").status_code == 200


def test_a_big_reply_arrives_whole(replies: RunningHost) -> None:
    size = 20_000_000
    reply = replies.get(f"/v1/big/{size}")
    assert (len(reply.content), reply.headers["content-length"]) == (size, str(size))
    assert not reply.content.strip(b"x")


@pytest.mark.parametrize(
    "request_",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /v1/seen HTTP/1.1\r\n\r\n",
        b"GET /v1/seen HTTP/1.1\r\nHost: here\r\nA name: x\r\n\r\n",
        b"GET /v1/seen HTTP/1.1\r\nHost: here\r\nContent-Length: many\r\n\r\n",
        b"GET /v1/seen%00 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n",
    ],
)
def test_a_malformed_request_is_a_400_and_the_host_lives_on(replies: RunningHost, request_: bytes) -> None:
    """RFC 9112, 2.2, 3.2 and 5."""
    assert exchange(replies.port, request_).startswith(b"HTTP/1.1 400 ")
    assert replies.get("/v1/plain").status_code == 200


def test_a_connection_stays_open_and_http_1_0_closes_it(replies: RunningHost) -> None:
    """RFC 9112, 9.3."""
    one = b"GET /v1/plain HTTP/1.1\r\nHost: here\r\n\r\n"
    last = raw("GET /v1/plain HTTP/1.1\nHost: here")
    assert exchange(replies.port, one + one + last).count(b"HTTP/1.1 200 ") == 3
    assert exchange(replies.port, b"GET /v1/plain HTTP/1.0\r\n\r\n").count(b" 200 ") == 1


def test_replies_on_one_connection_do_not_wait_for_the_network(sample: RunningHost) -> None:
    """With Nagle's algorithm each took 40 ms."""
    durations = []
    with requests.Session() as session:
        for _ in range(15):
            began = time.monotonic()
            session.get(f"{sample.url}/api/text", timeout=5)
            durations.append(time.monotonic() - began)
    assert sorted(durations)[3] < 0.035


def test_a_function_goes_on_when_its_client_has_gone(replies: RunningHost) -> None:
    """azure-functions-host issue 8873, azure-functions-python-worker issue 1097."""
    with socket.create_connection(("127.0.0.1", replies.port), timeout=10) as connection:
        connection.sendall(raw("GET /v1/patient HTTP/1.1\nHost: here"))
        wait_until((replies.notes / "began").exists, "the function's begin")
    (replies.notes / "go").touch()
    wait_until((replies.notes / "finished").exists, "the function's end")
    assert replies.get("/v1/plain").status_code == 200
    assert not re.search("Traceback|Exception in ASGI", replies.output)
