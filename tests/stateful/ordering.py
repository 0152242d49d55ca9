"""Steps of an operator: customers, and orders of new services, some of them repeated."""

from collections.abc import Callable
from dataclasses import replace

from onboarding.models.customers import ChangedCustomer, NewCustomer
from onboarding.models.services import NewService
from onboarding.operations import customers, services
from shared.minted import mint
from shared.web.auth import Operator
from tests.stateful.attempts import Attempt, Foretell, Step, body
from tests.stateful.known import NEW, Client, Known, Line
from tests.stateful.model import Model
from tests.stateful.seen import Seen
from tests.stateful.world import World
from tests.unit.builders import OTHER_TENANT, TENANT

CUSTOMER_NAMES = ("Contoso", "CONTOSO", "Fabrikam", "Adatum")
SHORT_NAMES = ("North-1", "NORTH-1", "South-1", "East-1", "West-1")
ADDRESSES = ("it@contoso.com", "it@contoso.com", "it@fabrikam.com")


def create_customer(world: World, step: Step, _: Seen) -> Attempt:
    operator = world.operators[step.which % 3 == 2][step.how % 2]
    client = Client(operator.provider.id, CUSTOMER_NAMES[step.how % 4], TENANT if step.how % 5 == 4 else None)
    asked = body(NewCustomer, name=client.name, tenantId=client.tenant)
    return _ordered(
        world,
        step,
        f"create customer {client.name}",
        lambda key: customers.create_customer(world.platform, operator, asked, key, mint()),
        lambda key: lambda model: model.create_client((operator.oid, key), repr(asked), client),
    )


def create_service(world: World, step: Step, seen: Seen) -> Attempt | None:
    if not seen.customers:
        return None
    customer, operator = _customer(world, step)
    label, short_name, address = f"Service {len(world.orders)}", SHORT_NAMES[step.how % 5], ADDRESSES[step.how % 3]
    fixed = {"type": "DirectRouting", "license": "HostedPro", "licensedUsers": 1}
    asked = body(NewService, fullName=label, shortName=short_name, adminEmail=address, **fixed)
    known = Known(operator.provider.id, customer, "", short_name, address, world.now, 1, {NEW: Line("mail")})

    def foretell(model: Model, key: str, *, late: bool = False) -> str:
        dated = replace(known, expires=world.now + world.settings.invitation_lifetime)
        return model.create_service((operator.oid, key), repr((customer, asked)), label, dated, late=late)

    return _ordered(
        world,
        step,
        f"create service {short_name}",
        lambda key: world.wake(services.create_service(world.platform, operator, customer, asked, key, mint())),
        lambda key: lambda model: foretell(model, key),
        lambda key: lambda model: foretell(model, key, late=True),
    )


def _ordered(
    world: World,
    step: Step,
    name: str,
    run: Callable[[str], object],
    *foretells: Callable[[str], Foretell],
) -> Attempt:
    """A creation, with a fresh Idempotency-Key or, rarely, one that something else was made with."""
    key = f"key-{0 if step.stale else len(world.orders)}"
    first, *also = (foretell(key) for foretell in foretells)
    attempt = Attempt(f"{name} with {key}", lambda: run(key), first, tuple(also))
    world.orders.append(attempt)
    return attempt


def repeat(world: World, step: Step, _: Seen) -> Attempt | None:
    """The very same creation once more."""
    return world.orders[-1 - step.which % len(world.orders)] if world.orders else None


def change_customer(world: World, step: Step, _: Seen) -> Attempt | None:
    if not world.model.clients:
        return None
    customer, operator = _customer(world, step)
    version = world.model.clients[customer].version - step.stale
    sent, known, value = (
        ("name", "name", CUSTOMER_NAMES[step.which // 2 % 4]),
        ("archived", "archived", True),
        ("archived", "archived", False),
        ("tenantId", "tenant", (TENANT, OTHER_TENANT, None)[step.which % 3]),
    )[step.how % 4]
    asked = body(ChangedCustomer, **{sent: value})

    def run() -> None:
        _, woken = customers.change_customer(world.platform, operator, customer, version, asked, mint())
        world.messages += [("rename", woken)] if woken else []

    return Attempt(
        f"change customer of version {version}, {sent} {value}",
        run,
        lambda model: model.change_client(customer, operator.provider.id, version, {known: value}),
    )


def _customer(world: World, step: Step) -> tuple[str, Operator]:
    """A customer's id, and who asks about it."""
    customer = sorted(world.model.clients)[step.which % len(world.model.clients)]
    return customer, world.operator_of(world.model.clients[customer].provider, step)
