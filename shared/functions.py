"""The platform's own triggers: the sweep, health, the API's description, and what matches no route."""

import typing
from datetime import UTC, datetime

import azure.functions as func

from shared.kinds import Kind
from shared.lazy import lazily
from shared.platform import platform
from shared.problems import MethodNotAllowed, NotFound
from shared.reporting import report
from shared.web.calls import allowed, calls_of
from shared.web.replies import answers, reply

if typing.TYPE_CHECKING:
    from shared import models, sweep
    from shared.web import openapi
else:
    models, sweep, openapi = lazily("shared.models"), lazily("shared.sweep"), lazily("shared.web.openapi")

PROCESS_BEGAN = datetime.now(UTC)

platform_functions = func.Blueprint()
call = calls_of(platform_functions, lazily("shared.contract"))


@platform_functions.timer_trigger(arg_name="timer", schedule="%SWEEP_SCHEDULE%")
@platform_functions.queue_output(arg_name="mail", queue_name=Kind.MAIL.value, connection="Data")
@platform_functions.queue_output(arg_name="check", queue_name=Kind.CHECK.value, connection="Data")
@platform_functions.queue_output(arg_name="expire", queue_name=Kind.EXPIRE.value, connection="Data")
@platform_functions.queue_output(arg_name="rename", queue_name=Kind.RENAME.value, connection="Data")
@platform_functions.queue_output(arg_name="forget", queue_name=Kind.FORGET.value, connection="Data")
def run_sweep(
    timer: func.TimerRequest,  # noqa: ARG001 - the worker asks for the name
    mail: func.Out[typing.List[str]],  # noqa: UP006 - the worker cannot load list[str]
    check: func.Out[typing.List[str]],  # noqa: UP006
    expire: func.Out[typing.List[str]],  # noqa: UP006
    rename: func.Out[typing.List[str]],  # noqa: UP006
    forget: func.Out[typing.List[str]],  # noqa: UP006
) -> None:
    """Wake the workers of whatever is due."""
    try:
        providers = [provider.id for provider in platform().settings.providers]
        woken = sweep.sweep(platform().store, providers, datetime.now(UTC))
    except Exception as error:  # noqa: BLE001 - the outer wall; the next sweep tries again
        report(error)
        return
    queues = {Kind.MAIL: mail, Kind.CHECK: check, Kind.EXPIRE: expire, Kind.RENAME: rename, Kind.FORGET: forget}
    for kind, queue in queues.items():
        queue.set([message for woken_kind, message in woken if woken_kind is kind])


@call("api/health", "GET")
def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001
    """Whether the sweep runs, and how old the oldest owed work is."""
    view = models.health(sweep.heartbeat(platform().store), PROCESS_BEGAN, datetime.now(UTC))
    return reply(view, 503 if view.status == "late" else 200)


@call("api/openapi.json", "GET")
def describe_api(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001
    """This API in OpenAPI 3.1: every call, what it takes, and all that it may answer."""
    return reply(openapi.document())


@platform_functions.route("api/{*path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@answers
def zz_unmatched(req: func.HttpRequest) -> func.HttpResponse:
    """What matches no call; the name keeps it last in the host's alphabetical order."""
    methods = allowed(f"api/{req.route_params.get('path', '')}")
    if methods:
        raise MethodNotAllowed(headers={"Allow": ", ".join(methods)})
    raise NotFound("There is no such address in this API.")
