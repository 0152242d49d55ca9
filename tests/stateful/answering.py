"""Steps of whoever holds a link, living or dead."""

from invitations.links import decode
from invitations.models import Decline, Submission
from invitations.operations import admins
from shared.minted import mint
from tests.stateful import calls
from tests.stateful.attempts import Attempt, Step, body, of_service
from tests.stateful.known import Proposal
from tests.stateful.model import Model
from tests.stateful.operating import TENANTS
from tests.stateful.outside import SECRET, hash_of
from tests.stateful.seen import Seen
from tests.stateful.world import World
from tests.unit.builders import CLIENT


def answer(world: World, step: Step, seen: Seen) -> Attempt | None:
    held = world.held()
    return answer_with(world, step, seen, held[-1 - step.which % len(held)]) if held else None


def answer_with(world: World, step: Step, seen: Seen, text: str) -> Attempt:
    """The step with the link whose token is ``text``."""
    named = decode(text).service_id
    label = next(one.full_name for one in seen.services.values() if one.id == named)
    platform, link, now = world.platform, hash_of(text), world.now
    proposal = Proposal(TENANTS[step.how % 4], CLIENT, "", "")

    def submit() -> None:
        secret = f"{SECRET}{len(world.microsoft.typed)}"
        world.microsoft.typed.add(secret)
        credential = {"kind": "secret", "value": secret}
        typed = body(Submission, tenantId=proposal.tenant, clientId=CLIENT, credential=credential)
        world.wake(admins.submit(platform, admins.hold(platform, text), typed, mint())[1])

    def opened(model: Model) -> str:
        code = model.services[label].opened(link, now)
        return "ok" if code in ("form", "confirmation") else code

    run, foretell = {
        "open": (lambda: admins.open_link(platform, text, mint()), opened),
        "submit": (submit, of_service(label, lambda one: calls.submit(one, link, now, proposal))),
        "decline": (
            lambda: admins.decline(platform, admins.hold(platform, text), body(Decline, reason="no"), mint()),
            of_service(label, lambda one: calls.decline(one, link, now)),
        ),
        "request": (
            lambda: admins.request_link(platform, text, mint()),
            of_service(label, lambda one: calls.request(one, link, now)),
        ),
    }[step.what]
    return Attempt(f"{step.what} with a link of {label}", run, foretell)
