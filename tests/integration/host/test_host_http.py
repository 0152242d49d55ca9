"""HTTP triggers as Azure's host serves them: what a function sees, and what its answer becomes."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.host.running import RunningHost

GUID = "11111111-aaaa-4bbb-8ccc-000000000001"


def test_a_function_sees_the_request_as_it_was_made(sample: RunningHost) -> None:
    """GrpcMessageConversionExtensions.cs of azure-functions-host: what the worker gets of a request."""
    reply = sample.call("POST", f"/api/echo/N%20x/{GUID}?a=1&c=%C3%BC", data=b"\x00\xff", headers={"X-One": "1"})
    seen = reply.json()
    assert reply.status_code == 200
    assert seen["method"] == "POST"
    assert seen["url"] == f"{sample.url}/api/echo/N%20x/{GUID}?a=1&c=%C3%BC"
    assert seen["params"] == {"name": "N x", "part": GUID}
    assert seen["query"] == {"a": "1", "c": "ü"}
    assert seen["headers"]["x-one"] == "1"
    assert bytes.fromhex(seen["body"]) == b"\x00\xff"


def test_the_context_names_function_invocation_and_trace(sample: RunningHost) -> None:
    """Learn, "Python developer reference for Azure Functions", context; W3C Trace Context: same trace, new span."""
    trace = "0123456789abcdef0123456789abcdef"
    seen = sample.get("/api/echo/x", headers={"traceparent": f"00-{trace}-0123456789abcdef-01"}).json()
    assert seen["function"] == "echo"
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", seen["invocation"])
    assert re.fullmatch(f"00-{trace}-[0-9a-f]{{16}}-01", seen["trace"])
    assert "0123456789abcdef-01" not in seen["trace"].removeprefix(f"00-{trace}")


def test_repeated_query_keys_are_joined_and_empty_ones_dropped(sample: RunningHost) -> None:
    """azure-functions-python-worker issue 894, azure-functions-host pull request 3789 (empty values)."""
    assert sample.get("/api/echo/x?a=1&A=2&b=&a=3").json()["query"] == {"a": "1,2,3"}


def test_an_escaped_slash_stays_one_segment(sample: RunningHost) -> None:
    """dotnet/aspnetcore issue 2655."""
    assert sample.get("/api/echo/a%2Fb").json()["params"] == {"name": "a%2Fb"}


@pytest.mark.parametrize("path", ["/api/ECHO/x", "/API/echo/x", "/api/echo/x/"])
def test_routes_match_in_any_case_and_with_a_slash_at_the_end(sample: RunningHost, path: str) -> None:
    """Learn, "Routing in ASP.NET Core"."""
    assert sample.get(path).json()["params"] == {"name": "x"}


@pytest.mark.parametrize("path", ["/", "/echo/x", "/api/nothing", "/api/echo", "/api/echo/x/no-guid", "/admin/host"])
def test_what_no_route_takes_is_an_empty_404(sample: RunningHost, path: str) -> None:
    """azure-functions-host issue 10098."""
    reply = sample.get(path)
    assert (reply.status_code, reply.content) == (404, b"")


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/text"), ("HEAD", "/api/binary"), ("OPTIONS", "/api/text")])
def test_a_wrong_method_is_an_empty_404(sample: RunningHost, method: str, path: str) -> None:
    """azure-functions-host issues 10098 (never 405) and 11625 (HEAD)."""
    reply = sample.call(method, path)
    assert (reply.status_code, reply.content) == (404, b"")


def test_head_is_answered_where_it_is_registered(sample: RunningHost) -> None:
    """azure-functions-host issue 11625."""
    reply = sample.call("HEAD", "/api/text")
    assert (reply.status_code, reply.content, reply.headers["content-length"]) == (200, b"", "5")


def test_a_catch_all_takes_the_rest_of_the_path(sample: RunningHost) -> None:
    """Learn, "Routing in ASP.NET Core", catch-all parameters."""
    assert sample.call("POST", "/api/echo-async/x/y", data="hello").json()["rest"] == "x/y"
    assert sample.call("POST", "/api/echo-async").json()["rest"] is None


def test_a_binary_body_and_several_cookies_come_back_whole(sample: RunningHost) -> None:
    """Measured on azure-functions-runtime 1.3.0: each Set-Cookie of the reply is a cookie of its own."""
    reply = sample.get("/api/binary")
    assert reply.content == bytes(range(256))
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.raw.headers.getlist("set-cookie") == ["a=1; HttpOnly; Path=/", "b=2; Secure"]


def test_a_returned_text_is_a_plain_reply(sample: RunningHost) -> None:
    """Measured on azure-functions-runtime 1.3.0, both ways into it (test_host_worker.py)."""
    reply = sample.get("/api/text")
    assert (reply.status_code, reply.text) == (200, "plain")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_function_that_raises_is_an_empty_500_and_one_line(sample: RunningHost) -> None:
    """azure-functions-host issue 2706 (500 with nothing in it)."""
    reply = sample.get("/api/raise")
    assert (reply.status_code, reply.content) == (500, b"")
    line = sample.wait_for_line("/api/raise")
    assert "→ 500" in line
    assert "it broke" in line
    assert re.search(r"at function_app\.py:[0-9]+ in raises$", line)
    assert "Traceback" not in sample.output


def test_sync_functions_run_side_by_side_in_the_threads_of_the_setting(sample: RunningHost) -> None:
    """Learn, "App settings reference for Azure Functions", PYTHON_THREADPOOL_THREAD_COUNT."""
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda _: sample.get("/api/threads"), range(12)))
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.json() for reply in replies}) == 12


def test_log_records_carry_the_function_and_libraries_are_quiet(sample: RunningHost) -> None:
    """Measured on azure-functions-runtime 1.3.0: thread_local_storage.invocation_id names the invocation."""
    assert sample.get("/api/logs").json() == "ok"
    sample.call("POST", "/api/echo-async/x")
    assert sample.wait_for_line("  logs  in the function's own thread")
    assert sample.wait_for_line("  logs  in a thread of its own")
    assert sample.wait_for_line("  logs  warning: a library's warning")
    assert sample.wait_for_line("  echo_async  in the async function")
    assert "a request's headers" not in sample.output


def test_neither_query_nor_header_nor_body_is_printed(sample: RunningHost) -> None:
    sample.call("POST", "/api/echo/quiet?q=hidden-1", data="hidden-2", headers={"x-secret": "hidden-3"})
    assert re.search(
        r"^\d\d:\d\d:\d\d\.\d{3}  POST /api/echo/quiet → 200  \d+ ms  echo$", sample.wait_for_line("quiet")
    )
    assert "hidden" not in sample.output
