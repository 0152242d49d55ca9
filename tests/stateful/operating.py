"""Steps of an operator who has a service before them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from invitations.models import Extension, Reinitiation, Resend
from invitations.operations import operators
from onboarding.models.registrations import AddedRegistration
from onboarding.models.services import ChangedService
from onboarding.operations import registrations, services
from onboarding.records import Service
from shared.minted import mint
from shared.platform import Platform
from shared.web.auth import Operator
from shared.web.models import Body
from tests.stateful.attempts import Attempt, Step, body
from tests.stateful.calls import Ask
from tests.stateful.ordering import ADDRESSES
from tests.stateful.seen import Seen
from tests.stateful.world import World
from tests.unit.builders import CLIENT, OTHER_TENANT, TENANT

TENANTS = (TENANT, TENANT, TENANT, OTHER_TENANT)

# Each call as the trigger makes it: the operator, the id of the service or invitation, the version, the body if any.
OF_THE_INVITATION: dict[str, Callable[..., Any]] = {
    "resend": operators.resend,
    "extend": operators.extend,
    "copy": operators.copy_link,
    "revoke": operators.revoke,
}
OF_THE_SERVICE: dict[str, Callable[..., Any]] = {
    "reinitiate": operators.reinitiate,
    "validate": registrations.validate,
    "complete": registrations.complete,
    "cancel": services.cancel,
    "disconnect": services.disconnect,
    "change": services.change_service,
    "add": registrations.add_registration,
}
OWES = {"resend", "reinitiate", "validate", "complete"}


def operate(world: World, step: Step, seen: Seen) -> Attempt | None:
    if not seen.services:
        return None
    service = step.service(seen)
    operator = world.operator_of(service.provider, step)
    ask = replace(_ask(world, step, service), provider=operator.provider.id)

    def foretell(model: Any) -> str:
        if step.what == "add":
            return str(model.add(service.full_name, ask))
        return str(model.operator(step.what, service.full_name, ask))

    return Attempt(
        f"{step.what} {service.full_name} of version {ask.version}",
        lambda: _call(world, step.what, service, operator, ask),
        foretell,
    )


def _ask(world: World, step: Step, service: Service) -> Ask:
    ends = world.now + world.settings.invitation_lifetime
    ask = Ask("", service.version - step.stale, service.invitation.number, world.now, ends, users=1 + step.how)
    if step.what == "extend":
        return replace(ask, ends=world.now.replace(microsecond=0) + timedelta(days=1 + step.how % 29))
    if step.what == "add":
        proposal = service.invitation.proposal
        tenant = proposal.tenant if proposal and step.how % 6 else TENANTS[step.how % 4]
        return replace(ask, seen=(tenant, CLIENT), acknowledged=step.how % 3 > 0)
    given = step.what == "reinitiate" or step.how % 2
    return replace(ask, address=ADDRESSES[step.how % 3] if given else None)


def _call(world: World, what: str, service: Service, operator: Operator, ask: Ask) -> None:
    bodies: dict[str, Callable[[], Body]] = {
        "resend": lambda: body(Resend, adminEmail=ask.address),
        "reinitiate": lambda: body(Reinitiation, adminEmail=ask.address),
        "extend": lambda: body(Extension, expiresAt=ask.ends.isoformat()),
        "change": lambda: body(ChangedService, licensedUsers=ask.users),
        "add": lambda: body(
            AddedRegistration, tenantId=ask.seen[0], clientId=ask.seen[1], acknowledged=ask.acknowledged
        ),
    }
    given = (bodies[what](),) if what in bodies else ()
    of_invitation = what in OF_THE_INVITATION
    call = OF_THE_INVITATION[what] if of_invitation else OF_THE_SERVICE[what]
    named = f"{service.id}-{ask.number}" if of_invitation else service.id
    platform: Platform = world.platform
    done = call(platform, operator, named, ask.version, *given, mint())
    if what in OWES:
        world.wake(done)
    if what == "copy":
        world.tokens.append(done[1].partition("#")[2])
