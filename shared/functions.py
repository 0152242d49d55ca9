"""The platform's own triggers: the sweep, health, and what matches no route."""

import typing
from datetime import UTC, datetime

import azure.functions as func

from shared.kinds import Kind
from shared.lazy import lazily
from shared.platform import platform
from shared.problems import NotFound
from shared.reporting import report
from shared.times import rfc3339
from shared.web.replies import answers, reply

if typing.TYPE_CHECKING:
    from shared import sweep
else:
    sweep = lazily("shared.sweep")

PROCESS_BEGAN = datetime.now(UTC)

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
    beat, now = sweep.heartbeat(platform().store), datetime.now(UTC)
    oldest = beat.oldest.since if beat and beat.oldest else None
    unreadable = beat.unreadable if beat else 0
    late = any(now - since > sweep.LATE for since in (beat.at if beat else PROCESS_BEGAN, oldest or now))
    calm = "ok" if beat else "starting"
    content = {
        "status": "late" if late or unreadable else calm,
        "lastSweep": rfc3339(beat.at) if beat else None,
        "oldestDue": rfc3339(oldest) if oldest else None,
        "unreadable": unreadable,
    }
    return reply(content, 503 if content["status"] == "late" else 200)


@platform_functions.route("api/{*path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@answers
def zz_unmatched(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001
    """What matches no other route; the name keeps it last in the host's alphabetical order."""
    raise NotFound("There is no such address in this API.")
