"""Who may act on a service or a customer, as somebody who has just seen it; and the way of a service, by such acts."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from invitations.models import Decline, Extension, Reinitiation, Resend, Submission
from invitations.operations import admins, operators
from invitations.pending import invitation_id
from onboarding.models.customers import ChangedCustomer, NewCustomer
from onboarding.models.registrations import AddedRegistration
from onboarding.models.services import ChangedService
from onboarding.operations import customers, registrations, services
from shared.kinds import Kind
from shared.minted import Minted, mint
from tests.integration.overlapping import Contender, Scene, entered
from tests.unit.builders import CLIENT, OTHER_TENANT, SECRET, TENANT

LATER = datetime.now(UTC) + timedelta(days=14)
SHORT_NAME, NEW_NAME = "contoso-1", "Contoso and daughters"

type Part = Callable[[Scene], Contender]


def of_invitation(operation: Callable[..., Any], *body: object) -> Part:
    def seen(scene: Scene) -> Contender:
        known = invitation_id(scene.service), scene.service.version
        return Contender(lambda platform: operation(platform, scene.operator, *known, *body, mint()))

    return seen


def of_service(operation: Callable[..., Any], *body: object) -> Part:
    def seen(scene: Scene) -> Contender:
        known = scene.id, scene.service.version
        return Contender(lambda platform: operation(platform, scene.operator, *known, *body, mint()))

    return seen


def of_link(operation: Callable[..., Any], *body: object) -> Part:
    def held(scene: Scene) -> Contender:
        token = scene.tokens()[-1]
        return Contender(lambda platform: operation(platform, admins.hold(platform, token), *body, mint()))

    return held


def of_customer(**given: object) -> Part:
    def seen(scene: Scene) -> Contender:
        known = scene.customer.id, customers.show_customer(scene.platform, scene.operator, scene.customer.id).version
        body = entered(ChangedCustomer, **given)
        return Contender(lambda platform: customers.change_customer(platform, scene.operator, *known, body, mint())[0])

    return seen


def order(key: str = "") -> Part:
    """A service of the short name that the one at hand has, if there is one."""

    def seen(scene: Scene) -> Contender:
        name = scene.service.short_name if scene.id else SHORT_NAME
        return Contender(lambda platform: scene.order(platform, name, key or secrets.token_hex(8)))

    return seen


def order_another(scene: Scene) -> Contender:
    return Contender(lambda platform: scene.order(platform, f"s-{secrets.token_hex(4)}", secrets.token_hex(8)))


def new_customer(scene: Scene) -> Contender:
    body, key = entered(NewCustomer, name=NEW_NAME), secrets.token_hex(8)
    return Contender(lambda platform: customers.create_customer(platform, scene.operator, body, key, mint()))


def worker(kind: Kind) -> Part:
    """Claims first, alone; then it meets the other."""
    return lambda scene: Contender(scene.worker(kind), at=2)


def expiry(scene: Scene) -> Contender:
    ended = Minted(scene.service.invitation.expires_at + timedelta(seconds=1), secrets.token_hex(16))
    return Contender(scene.worker(Kind.EXPIRE, ended), at=2)


def outside_goes_away(scene: Scene) -> Contender:
    return Contender(lambda _: setattr(scene.outside, "busy", True))


def submission(secret: str = SECRET, tenant: str = TENANT) -> Submission:
    return entered(Submission, tenantId=tenant, clientId=CLIENT, credential={"kind": "secret", "value": secret})


def add(tenant: str = TENANT) -> Part:
    body = entered(AddedRegistration, tenantId=tenant, clientId=CLIENT, acknowledged=True)
    return of_service(registrations.add_registration, body)


PARTS: dict[str, Part] = {
    "resend": of_invitation(operators.resend, Resend()),
    "revoke": of_invitation(operators.revoke),
    "extend": of_invitation(operators.extend, entered(Extension, expiresAt=LATER.isoformat())),
    "copy link": of_invitation(operators.copy_link),
    "reinitiate": of_service(operators.reinitiate, entered(Reinitiation, adminEmail="it@contoso.com")),
    "add": add(),
    "add another tenant": add(OTHER_TENANT),
    "validate": of_service(registrations.validate),
    "complete": of_service(registrations.complete),
    "change": of_service(services.change_service, entered(ChangedService, licensedUsers=7)),
    "cancel": of_service(services.cancel),
    "disconnect": of_service(services.disconnect),
    "submit": of_link(admins.submit, submission()),
    "submit refused": of_link(admins.submit, submission(f"refused-{SECRET}")),
    "submit another tenant": of_link(admins.submit, submission(tenant=OTHER_TENANT)),
    "decline": of_link(admins.decline, Decline()),
    "mail": worker(Kind.MAIL),
    "check": worker(Kind.CHECK),
    "spread name": worker(Kind.RENAME),
    "expiry": expiry,
    "the outside goes away": outside_goes_away,
    "order": order(),
    "order once": order("the same key"),
    "order another": order_another,
    "new customer": new_customer,
    "rename": of_customer(name=NEW_NAME),
    "archive": of_customer(archived=True),
    "restore as": of_customer(archived=False, name=NEW_NAME),
    "pin": of_customer(tenantId=TENANT),
    "pin another tenant": of_customer(tenantId=OTHER_TENANT),
}
PATH = {
    "ordered": "order another",
    "pending": "mail",
    "validating": "submit",
    "authenticated": "check",
    "added": "add",
    "being validated": "validate",
    "validated": "check",
    "creating": "complete",
    "active": "check",
    "invited again": "reinitiate",
    "open again": "mail",
    "validating again": "submit",
    "answered again": "check",
    "answered again, being validated": "validate",
}
DETOURS = {
    "validating, to be refused": ("pending", "submit refused"),
    "validating, without Microsoft": ("validating", "the outside goes away"),
    "ordered, without the e-mail service": ("ordered", "the outside goes away"),
    "another tenant proposed": ("pending", "submit another tenant", "check"),
    "authenticated, pinned": ("authenticated", "pin"),
    "archived": ("pending", "archive"),
    "renamed": ("pending", "rename"),
    "nothing": (),
}


def bring_to(scene: Scene, stage: str) -> None:
    """A new service on its way, up to that stage."""
    known = set(scene.rows("service:"))
    for part in _way(stage):
        PARTS[part](scene).act(scene.platform)
        scene.id = next((key.removeprefix("service:") for key in scene.rows("service:") if key not in known), "")


def _way(stage: str) -> Iterator[str]:
    until, *detour = DETOURS.get(stage, (stage,)) or ("",)
    stages = list(PATH)
    yield from (PATH[reached] for reached in stages[: stages.index(until) + 1 if until else 0])
    yield from detour
