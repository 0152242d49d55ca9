"""The one file that uses the worker library's internals: against Azure's own path, and against upgrades.

Measured on azure-functions-runtime 1.3.0, whose protobuf path is what Azure's host calls.
"""

import asyncio
import importlib.metadata
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from azure_functions_runtime import handle_event
from azure_functions_runtime.utils.threadpool import start_threadpool_executor, stop_threadpool_executor

from local.host import worker
from local.host.errors import HostError
from local.host.functions import Function, HttpCall, HttpReply, Outcome, Output

APP = """
import json

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def answer(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    seen = [req.method, req.url, dict(req.headers), dict(req.params), dict(req.route_params)]
    seen += [req.get_body().hex()]
    seen += [context.function_name, context.invocation_id, context.trace_context.trace_parent]
    reply = func.HttpResponse(json.dumps(seen), status_code=201, mimetype="application/json")
    reply.headers.add("X-One", "1")
    reply.headers.add("Set-Cookie", "a=1; Path=/; Secure; HttpOnly; Max-Age=60; SameSite=Strict")
    reply.headers.add("Set-Cookie", "b=2")
    return reply


@app.route("sync/{id}")
@app.queue_output(arg_name="message", queue_name="texts", connection="Data")
def in_a_thread(req: func.HttpRequest, context: func.Context, message: func.Out[str]) -> func.HttpResponse:
    message.set("a message")
    return answer(req, context)


@app.route("async/{id}")
async def on_the_loop(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return answer(req, context)


@app.route("text")
def text(req: func.HttpRequest) -> str:
    return "plain"


@app.route("raise")
def raises(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("it broke")


@app.route("none")
def none(req: func.HttpRequest) -> func.HttpResponse:
    return None
"""


class Message(SimpleNamespace):
    """Stands for any protobuf message: fields by name, and which of them is set."""

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802  protobuf's name
        return next(iter(vars(self)), None)


PROTOS = SimpleNamespace(
    TypedData=Message,
    ParameterBinding=Message,
    InvocationResponse=SimpleNamespace,
    RpcHttp=SimpleNamespace,
    RpcHttpCookie=type("RpcHttpCookie", (SimpleNamespace,), {"SameSite": SimpleNamespace(None_=0, Lax=1, Strict=2)}),
    RpcException=SimpleNamespace,
    NullableString=SimpleNamespace,
    NullableBool=SimpleNamespace,
    NullableDouble=SimpleNamespace,
    NullableTimestamp=SimpleNamespace,
    StatusResult=type("StatusResult", (SimpleNamespace,), {"Success": 1, "Failure": 0}),
)
setattr(PROTOS.RpcHttpCookie.SameSite, "None", 0)


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Function]]:
    folder = tmp_path_factory.mktemp("compared")
    (folder / "compared_app.py").write_text(APP, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON_SCRIPT_FILE_NAME", "compared_app.py")
        patch.setattr(sys, "path", [*sys.path])
        patch.setattr(handle_event, "protos", PROTOS)
        patch.chdir(Path.cwd())
        yield {one.name: one for one in worker.load_app(folder)}
    stop_threadpool_executor()


async def azures_outcome(function: Function, call: HttpCall, invocation_id: str, trace_parent: str) -> Outcome:
    """The same invocation through the path that Azure's host takes, its answer in our words."""
    http = Message(
        http=Message(
            method=call.method,
            url=call.url,
            headers=call.headers,
            query=call.query,
            params=call.params,
            body=Message(bytes=call.body),
        )
    )
    request = SimpleNamespace(
        invocation_id=invocation_id,
        function_id=function.id,
        trace_context=SimpleNamespace(trace_parent=trace_parent, trace_state="", attributes={}),
        retry_context=SimpleNamespace(retry_count=0, max_retry_count=0, exception=None),
        input_data=[Input(name=function.trigger.name, data=http)],
        trigger_metadata={},
    )
    outer = SimpleNamespace(request=SimpleNamespace(invocation_request=request))
    answer: Any = await handle_event.invocation_request(outer)
    if answer.result.status != PROTOS.StatusResult.Success:
        return Outcome(ok=False, error=answer.result.exception.message)
    outputs = [Output(one.name, one.data.string) for one in answer.output_data]
    return Outcome(ok=True, reply=reply_of(answer.return_value), outputs=outputs)


class Input(Message):
    """A parameter's binding: which one of its fields is the data."""

    def WhichOneof(self, _group: str) -> str:  # noqa: N802  protobuf's name
        return "data"


def reply_of(value: Any) -> HttpReply:
    if value.WhichOneof("data") == "string":
        return HttpReply(200, [("content-type", "text/plain; charset=utf-8")], value.string.encode())
    http = value.http
    cookies = [("set-cookie", cookie_text(cookie)) for cookie in http.cookies or []]
    return HttpReply(int(http.status_code), [*http.headers.items(), *cookies], http.body.bytes)


def cookie_text(cookie: Any) -> str:
    parts = [f"{cookie.name}={cookie.value}"]
    if cookie.http_only is not None and cookie.http_only.value:
        parts.append("HttpOnly")
    if cookie.max_age is not None:
        parts.append(f"Max-Age={cookie.max_age.value:.0f}")
    if cookie.path is not None and cookie.path.value:
        parts.append(f"Path={cookie.path.value}")
    if cookie.same_site == PROTOS.RpcHttpCookie.SameSite.Strict:
        parts.append("SameSite=Strict")
    if cookie.secure is not None and cookie.secure.value:
        parts.append("Secure")
    return "; ".join(parts)


@pytest.mark.parametrize("name", ["in_a_thread", "on_the_loop", "text", "raises", "none"])
def test_an_invocation_is_what_it_is_in_azure(functions: dict[str, Function], name: str) -> None:
    function = functions[name]
    call = HttpCall("POST", "http://here/api/x?a=1", {"x-two": "2"}, {"a": "1"}, {"id": "a b"}, "bödy\0".encode())

    async def both() -> tuple[Outcome, Outcome]:
        start_threadpool_executor()
        native = await worker.invoke(function, call, "the-id", "00-trace-span-01")
        return native, await azures_outcome(function, call, "the-id", "00-trace-span-01")

    native, azure = asyncio.run(both())
    assert (native.ok, native.reply, list(native.outputs)) == (azure.ok, azure.reply, list(azure.outputs))
    if native.ok and native.reply is not None and name in ("in_a_thread", "on_the_loop"):
        seen = json.loads(native.reply.body)
        assert seen[2:] == [
            {"x-two": "2"},
            {"a": "1"},
            {"id": "a b"},
            call.body.hex(),
            name,
            "the-id",
            "00-trace-span-01",
        ]
        assert len([1 for header, _ in native.reply.headers if header == "set-cookie"]) == 2
    if name == "raises":
        assert "it broke" in native.error
        assert "it broke" in azure.error


def test_bindings_are_read_with_their_directions(functions: dict[str, Function]) -> None:
    function = functions["in_a_thread"]
    assert (function.trigger.type, function.trigger.text("route")) == ("httpTrigger", "sync/{id}")
    assert {(one.name, one.type, one.text("queueName")) for one in function.outputs} == {
        ("message", "queue", "texts"),
        ("$return", "http", ""),
    }


def test_another_version_of_the_worker_library_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    worker.check_version()
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: "1.4.0")
    with pytest.raises(HostError, match=r"azure-functions-runtime 1\.3\.0, but 1\.4\.0 is installed"):
        worker.check_version()
