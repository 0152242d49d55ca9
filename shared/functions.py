"""The platform's own triggers: the sweep, health, and what matches no route."""

import typing
from datetime import UTC, datetime

import azure.functions as func

from shared.kinds import Kind
from shared.lazy import lazily
from shared.platform import platform
from shared.problems import NotFound
from shared.web.replies import answers, reply, report

if typing.TYPE_CHECKING:
    from shared import sweep
    from shared.web import times
else:
    sweep, times = lazily("shared.sweep"), lazily("shared.web.times")

platform_functions = func.Blueprint()


@platform_functions.timer_trigger(arg_name="timer", schedule="%SWEEP_SCHEDULE%")
@platform_functions.queue_output(arg_name="mail", queue_name=Kind.MAIL.value, connection="Data")
@platform_functions.queue_output(arg_name="check", queue_name=Kind.CHECK.value, connection="Data")
@platform_functions.queue_output(arg_name="expire", queue_name=Kind.EXPIRE.value, connection="Data")
def run_sweep(
    timer: func.TimerRequest,  # noqa: ARG001 - the worker asks for the name
    mail: func.Out[typing.List[str]],  # noqa: UP006 - the worker cannot load list[str]
    check: func.Out[typing.List[str]],  # noqa: UP006
    expire: func.Out[typing.List[str]],  # noqa: UP006
) -> None:
    """Wake the workers of whatever is due."""
    try:
        providers = [provider.id for provider in platform().settings.providers]
        woken = sweep.sweep(platform().store, providers, datetime.now(UTC))
    except Exception as error:  # noqa: BLE001 - the outer wall; the next sweep tries again
        report(error)
        return
    for kind, out in ((Kind.MAIL, mail), (Kind.CHECK, check), (Kind.EXPIRE, expire)):
        out.set([message for woken_kind, message in woken if woken_kind is kind])


@platform_functions.route("api/health", methods=["GET"])
@answers
def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001
    """Whether the sweep runs, and how old the oldest owed work is."""
    beat = sweep.heartbeat(platform().store)
    now = datetime.now(UTC)
    if beat is None:
        return reply({"status": "starting", "lastSweep": None, "oldestDue": None})
    late = now - beat.at > sweep.LATE or (beat.oldest_due is not None and now - beat.oldest_due > sweep.LATE)
    content = {
        "status": "late" if late else "ok",
        "lastSweep": times.rfc3339(beat.at),
        "oldestDue": times.rfc3339(beat.oldest_due) if beat.oldest_due else None,
    }
    return reply(content, 503 if late else 200)


@platform_functions.route("api/{*path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@answers
def zz_unmatched(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001
    """What matches no other route; the name keeps it last in the host's alphabetical order."""
    raise NotFound("There is no such address in this API. See /api/openapi.json for those that there are.")
