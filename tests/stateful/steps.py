"""From a drawn step to an attempt, and what comes next in the procedure, so that a walk gets somewhere."""

from collections.abc import Callable
from dataclasses import replace

from tests.stateful import answering, delivering, ordering
from tests.stateful.attempts import Attempt, Step
from tests.stateful.operating import OF_THE_INVITATION, OF_THE_SERVICE, operate
from tests.stateful.outside import hash_of
from tests.stateful.seen import Seen
from tests.stateful.world import World

ADMIN = ("open", "submit", "decline", "request")
NEXT = {"authenticated": "validate", "validated": "complete", "disconnected": "reinitiate"}
WHEN_ACTIVE = ("reinitiate", "validate", "disconnect")

type Maker = Callable[[World, Step, Seen], Attempt | None]


def ready(world: World, step: Step, seen: Seen) -> Attempt | None:
    """None where there is nothing that the step could be about."""
    return MAKERS[step.what](world, step, seen)


def go_on(world: World, step: Step, seen: Seen) -> Attempt | None:
    """What comes next for a service, or for the first one."""
    if not seen.services:
        return _try(world, step, "service" if seen.customers else "customer", seen)
    service = step.service(seen)
    status, running = service.invitation.status.value, service.check is not None and service.check.running
    if status == "validating" or running:
        return delivering.work_on(world, service, "check", step.how, seen)
    if status == "pending":
        return _answer(world, step, seen)
    return _try(world, step, _next(step, seen), seen)


def _answer(world: World, step: Step, seen: Seen) -> Attempt | None:
    """Submit with a living link, once somebody holds one."""
    service = step.service(seen)
    living = {link.hash for link in service.invitation.links if link.died_at is None}
    text = next((text for text in reversed(world.held()) if hash_of(text) in living), None)
    if text:
        step = replace(step, what="submit", how=0 if step.how % 4 else step.how)
        return answering.answer_with(world, step, seen, text)
    return delivering.work_on(world, service, "mail", step.how, seen) or _try(world, step, "copy", seen)


def _next(step: Step, seen: Seen) -> str:
    service = step.service(seen)
    status, state = service.invitation.status.value, service.state.value
    if status == "authenticated":
        return "add"
    if state == "active":
        return WHEN_ACTIVE[step.which % 3]
    if state == "cancelled":
        return "service"
    if status == "accepted":
        return NEXT[state]
    return "reinitiate" if service.registration or state == "disconnected" else "resend"


def _try(world: World, step: Step, what: str, seen: Seen) -> Attempt | None:
    how = step.how - step.how % 3 + 1 if what == "add" else step.how  # with what is doubtful acknowledged
    return ready(world, replace(step, what=what, how=how, stale=False, foreign=False), seen)


MAKERS: dict[str, Maker] = {
    "customer": ordering.create_customer,
    "service": ordering.create_service,
    "again": ordering.repeat,
    "change customer": ordering.change_customer,
    **dict.fromkeys((*OF_THE_INVITATION, *OF_THE_SERVICE), operate),
    **dict.fromkeys(ADMIN, answering.answer),
    "deliver": delivering.deliver,
    "sweep": delivering.run_sweep,
    "wake": delivering.wake,
    "go on": go_on,
}
