"""The only door to `azure-functions-runtime`, the worker library that Azure itself runs Python apps on.

Its internals are used here and nowhere else, against exactly one version: another one stops the start.
"""

import asyncio
import importlib.metadata
import json
import os
import sys
from collections.abc import Sequence
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from azure_functions_runtime import handle_event, loader, native_invocation
from azure_functions_runtime.bindings.context import _invocation_id_local
from azure_functions_runtime.bindings.datumdef import Datum
from azure_functions_runtime.bindings.meta import load_binding_registry
from azure_functions_runtime.utils.executor import invocation_id_cv
from azure_functions_runtime.utils.threadpool import start_threadpool_executor

from local.host.errors import HostError
from local.host.functions import Binding, Function, HttpCall, HttpReply, Outcome, Output, QueueItem, Trigger

SUPPORTED = "1.3.0"
LOGGER = "azure.functions"
"""The logger on which the worker library reports what the host reports itself."""


class _BindingInfo:
    """Stands for the protobuf message of that name; the worker compares directions with these numbers."""

    inout, out, undefined = 2, 1, 0

    def __init__(self, type: str, data_type: object, direction: object) -> None:  # noqa: A002  the worker's word
        self.type, self.data_type, self.direction = type, data_type, direction


_PROTOS = SimpleNamespace(
    BindingInfo=_BindingInfo, RpcFunctionMetadata=SimpleNamespace, RpcRetryOptions=SimpleNamespace
)


def check_version() -> None:
    """Raise HostError unless the installed worker library is the one this file was written against."""
    installed = importlib.metadata.version("azure-functions-runtime")
    if installed != SUPPORTED:
        raise HostError(
            f"The local host drives the internals of azure-functions-runtime {SUPPORTED}, but {installed} is "
            "installed: install the pinned one, or adapt local/host/worker.py and run tests/integration/host."
        )


def load_app(app: Path) -> list[Function]:
    """Import the app in this process and index its functions, in alphabetical order of their names.

    Whatever the app's import raises comes through unchanged, an ImportError without the worker's appendix.
    The settings must be in the environment before.
    """
    script = os.environ.get("PYTHON_SCRIPT_FILE_NAME", "function_app.py")
    if not (app / script).is_file():
        raise HostError(f"There is no {script} in {app}: is this the folder of a Python v2 function app?")
    sys.path.insert(0, str(app))
    os.chdir(app)
    load_binding_registry()
    try:
        indexed = loader.index_function_app(str(app / script))
    except ImportError as error:
        raise error.__context__ or error from None
    described, _ = loader.process_indexed_function(_PROTOS, handle_event._functions, indexed, str(app))
    start_threadpool_executor()  # only now: it reads PYTHON_THREADPOOL_THREAD_COUNT
    return sorted((_function(one) for one in described), key=lambda one: (one.name.casefold(), one.name))


def _function(described: Any) -> Function:
    bindings = [_binding(json.loads(raw)) for raw in described.raw_bindings]
    triggers = [one for one in bindings if one.type.endswith("Trigger")]
    if not triggers:
        raise HostError(f"Function {described.name} has no trigger.")
    return Function(
        id=described.function_id,
        name=described.name,
        trigger=triggers[0],
        outputs=[one for one in bindings if one.is_output],
        inputs=[one for one in bindings if not one.is_output and one not in triggers],
        has_retry_policy=described.retry_options is not None,
    )


def _binding(raw: dict[str, Any]) -> Binding:
    is_output = str(raw["direction"]).lower() == "out"
    return Binding(str(raw["name"]), str(raw["type"]), is_output, raw)


_running: dict[str, str] = {}
"""The running invocations' ids, each with its function's name."""


def current_function() -> str | None:
    """The function that the calling code runs in, also in a thread that was given the invocation's id."""
    found = invocation_id_cv.get() or getattr(_invocation_id_local, "invocation_id", None)
    return _running.get(found) if isinstance(found, str) else None


async def invoke(function: Function, trigger: Trigger, invocation_id: str, trace_parent: str) -> Outcome:
    """Run the function once; never raises for what the function does. Call it in a task of its own."""
    datum, metadata = _datum(trigger)
    _running[invocation_id] = function.name
    try:
        ok, returned, outputs, error, trace = await native_invocation.invocation_request_native(
            invocation_id, function.id, [(function.trigger.name, datum)], metadata, trace_parent
        )
    except BaseException as raised:  # the worker lets SystemExit and its like through
        task = asyncio.current_task()
        if isinstance(raised, asyncio.CancelledError) and task is not None and task.cancelling():
            raise
        return Outcome(ok=False, error=repr(raised))
    finally:
        del _running[invocation_id]
    if not ok:
        return Outcome(ok=False, error=str(error), trace=str(trace or ""))
    try:
        return _outcome(function, returned, outputs)
    except ValueError as malformed:
        return Outcome(ok=False, error=f"the function's answer cannot be sent: {malformed}")


def _datum(trigger: Trigger) -> tuple[Any, dict[str, Any]]:
    if isinstance(trigger, HttpCall):
        return _http_datum(trigger), {}
    if isinstance(trigger, QueueItem):
        kind = "bytes" if isinstance(trigger.body, bytes) else "string"
        metadata = {name: Datum(value, "json") for name, value in trigger.metadata.items()}
        return Datum(trigger.body, kind), metadata
    return Datum(trigger.info, "json"), {}


def _http_datum(call: HttpCall) -> Any:
    return Datum(
        {
            "method": Datum(call.method, "string"),
            "url": Datum(call.url, "string"),
            "headers": {name: Datum(value, "string") for name, value in call.headers.items()},
            "query": {name: Datum(value, "string") for name, value in call.query.items()},
            "params": {name: Datum(value, "string") for name, value in call.params.items()},
            "body": Datum(call.body, "bytes"),
        },
        "http",
    )


def _outcome(function: Function, returned: Any, outputs: Sequence[tuple[str, Any]]) -> Outcome:
    sent = [_output(name, datum) for name, datum in outputs]
    if function.trigger.type == "httpTrigger":
        return Outcome(ok=True, reply=_reply(returned), outputs=sent)
    if returned is not None and returned.type is not None:
        sent.append(_output("$return", returned))
    return Outcome(ok=True, outputs=sent)


def _output(name: str, datum: Any) -> Output:
    if datum.type in ("string", "bytes"):
        return Output(name, datum.value)
    content = datum.value if datum.type == "json" else json.dumps(datum.value)
    return Output(name, content, is_json=True)


def _reply(returned: Any) -> HttpReply:
    if returned is None or returned.type is None:
        return HttpReply(204, [], b"")
    if returned.type != "http":
        output = _output("$return", returned)
        content = output.content.encode() if isinstance(output.content, str) else output.content
        kind = "application/json" if output.is_json else "text/plain; charset=utf-8"
        return HttpReply(200, [("content-type", kind)], content)
    value = returned.value
    headers = [(str(name), str(datum.value)) for name, datum in value["headers"].items()]
    cookies: Sequence[SimpleCookie] = value["cookies"] or []
    headers += [("set-cookie", morsel.OutputString()) for cookie in cookies for morsel in cookie.values()]
    return HttpReply(int(value["status_code"].value), headers, bytes(value["body"].value))
