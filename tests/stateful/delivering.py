"""Steps of the queues and the timer: deliveries of messages in any order, sweeps, and the button that wakes work."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from invitations.operations import expiry, mails
from onboarding.operations import customers, owed, retention
from onboarding.records import Service
from onboarding.rules.retention import PersonalData, personal_data
from shared.due import Due
from shared.minted import mint
from shared.problems import NotFound
from shared.sweep import sweep
from tests.stateful import works
from tests.stateful.attempts import Attempt, Foretell, Step, nothing, of_service
from tests.stateful.model import Model
from tests.stateful.outside import CHECK_ANSWERS, MAIL_ANSWERS
from tests.stateful.seen import Seen
from tests.stateful.works import Work
from tests.stateful.world import World
from validation.operations import run_check

WORKERS: dict[str, Callable[..., None]] = {
    "mail": mails.send_mail,
    "check": run_check,
    "expire": expiry.expire_invitation,
    "rename": customers.spread_name,
    "forget": retention.forget,
}


def deliver(world: World, step: Step, seen: Seen) -> Attempt | None:
    """Any message that was ever sent: late, repeated, or for the first time."""
    if not world.messages:
        return None
    kind, text = world.messages[-1 - step.which % len(world.messages)]
    return delivery(world, kind, text, step.how, seen)


def delivery(world: World, kind: str, text: str, how: int, seen: Seen) -> Attempt:
    """One message reaches its worker; the services outside answer as ``how`` says."""
    mail, check = MAIL_ANSWERS[how % len(MAIL_ANSWERS)], CHECK_ANSWERS[how % len(CHECK_ANSWERS)]
    answer = {"mail": mail, "check": check}.get(kind, "")
    found = next((due for due in seen.dues if due.key == json.loads(text)["due"]), None)
    outcomes = _outcomes(world, found, answer, seen) if found else (nothing,)

    def run() -> None:
        with world.answering(mail, check):
            WORKERS[kind](world.platform, text, mint())

    return Attempt(f"deliver {kind} {answer}", run, outcomes[0], (*outcomes[1:], nothing))


def _outcomes(world: World, due: Due, answer: str, seen: Seen) -> tuple[Foretell, ...]:
    """What the work comes to; and what else, when its service is not reached or others act meanwhile."""
    if due.kind == "rename":
        return (lambda model: model.rename(due.subject),)
    if "rows" in due.note or "of" in due.note:
        return (nothing,)
    about_it = next(one for one in seen.services.values() if one.id == due.subject)
    label = about_it.full_name
    if due.kind == "forget":
        since = about_it.over_since
        goes = since and due.note["stamp"] == since.isoformat() and since + world.settings.retention <= world.now
        kept = personal_data(about_it) is PersonalData.KEPT
        return (of_service(label, works.forget),) if goes and kept else (nothing,)
    now, about = world.now, due.note.get("hash") or due.note.get("stamp") or ""
    work = Work(due.work_id, due.attempts + 1, now - (due.begun or now), now, about)
    if due.kind == "expire":
        return (of_service(label, lambda one: works.expire(one, work)),)
    if due.kind == "check":
        return _checks(label, work, answer)
    taken = world.post.took(due.work_id)
    return (
        of_service(label, lambda one: works.mail(one, work, answer, taken=taken)),
        of_service(label, lambda one: works.mail(one, work, "busy", taken=taken)),
        of_service(label, lambda one: works.mail(one, work, answer, taken=taken, late=True)),
    )


def _checks(label: str, work: Work, answer: str) -> tuple[Foretell, ...]:
    """What Microsoft says; that it is busy; or what it says where the customer was pinned only after that."""

    def checked(model: Model, answer: str, *, pinned: bool = True) -> str:
        one = model.services[label]
        tenants = (model.clients[one.customer].tenant, one.registered.tenant if one.registered else None)
        pins = [tenant for tenant in tenants if tenant and pinned]
        return model.settle(label, works.check(one, work, answer, pins))

    return (
        lambda model: checked(model, answer),
        lambda model: checked(model, "busy"),
        lambda model: checked(model, answer, pinned=False),
    )


def run_sweep(world: World, _step: Step, _seen: Seen) -> Attempt:
    return Attempt("sweep", lambda: swept(world), nothing)


def swept(world: World) -> list[tuple[str, str]]:
    """A sweep; returns the messages that it put on the queues, by their kind."""
    woken = sweep(world.platform.store, [one.id for one in world.providers], world.now)
    found = [(kind.value, message) for kind, message in woken]
    world.messages += found
    return found


def wake(world: World, step: Step, seen: Seen) -> Attempt | None:
    """The operator's button for owed work that waits; whatever it wakes, nothing is done twice."""
    if not seen.dues:
        return None
    due = seen.dues[step.which % len(seen.dues)]
    operator = world.operator_of(due.provider, step)

    def run() -> None:
        with suppress(NotFound):
            _, woken, text = owed.wake(world.platform, operator, due.work_id, world.now)
            world.messages.append((woken.kind.value, text))

    return Attempt("wake", run, nothing)


def work_on(world: World, service: Service, kind: str, how: int, seen: Seen) -> Attempt | None:
    """The delivery of a service's work for which a message is under way; else the sweep that sends one."""
    waiting = {due.key: due for due in seen.dues if due.subject == service.id and due.kind == kind}
    text = next((text for _, text in reversed(world.messages) if json.loads(text)["due"] in waiting), None)
    if text:
        return delivery(world, kind, text, how, seen)
    if world.racing or not waiting:
        return None
    soon = max(timedelta(0), *(due.time - world.now for due in waiting.values())) + timedelta(seconds=1)

    def run() -> None:
        world.jump(soon)
        swept(world)

    return Attempt("wait for the sweep", run, nothing)
