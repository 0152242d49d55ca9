"""A service's registration: add, show, validate, complete."""

from functools import partial
from itertools import islice

from invitations.rules.states import awaits_add
from onboarding.aggregate import Committed, Decide, Loaded, change, commit, customer_event, customer_look, load, stamped
from onboarding.models.registrations import AddedRegistration
from onboarding.operations.customers import customer_row
from onboarding.operations.services import show_service
from onboarding.problems import RegistrationMissing
from onboarding.records import Customer, Service, Transition, What
from onboarding.rules import registrations as rules
from onboarding.rules.customers import of_tenant, pinned, rewritten
from onboarding.rules.services import unchanged
from shared.due import new_work_id
from shared.minted import Minted
from shared.platform import Platform
from shared.rows import Change, Row
from shared.store import Store
from shared.stored import from_json
from shared.web.auth import Operator
from validation.records import Registration

OTHERS_NAMED = 5


def show_proposal(platform: Platform, operator: Operator, service_id: str) -> tuple[Service, list[Customer]]:
    """The service, and the other customers that the tenant proposed for it is connected for. Raises NotFound."""
    service = show_service(platform, operator, service_id)
    proposal = awaits_add(service)
    return service, _others(platform.store, service, proposal.tenant) if proposal else []


def add_registration(
    platform: Platform,
    operator: Operator,
    service_id: str,
    version: int,
    body: AddedRegistration,
    minted: Minted,
) -> Service:
    """*Add* (step 14): the proposal becomes the service's registration, and the first one pins its customer.

    Raises NotFound, ChangedMeanwhile, NotAuthenticated, ProposalDiffers, AcknowledgementRequired,
    TenantNotThisCustomers, WrongState.
    """
    store, provider, work_id = platform.store, operator.provider.id, new_work_id()
    seen = rules.Seen(body.tenant_id, body.client_id, body.acknowledged)

    def read() -> tuple[Loaded, Row, list[Customer]]:
        loaded = load(store, provider, service_id)
        row = customer_row(store, provider, loaded.service.customer_id)
        return loaded, row, _others(store, loaded.service, seen.tenant_id)

    def decide(state: tuple[Loaded, Row, list[Customer]]) -> tuple[Change, Service]:
        loaded, row, others = state
        unchanged(loaded.service, version)
        transition = rules.added(loaded.service, seen, others, operator.actor, minted.now)
        before = from_json(Customer, row.body)
        customer = pinned(before, seen.tenant_id, minted.now)
        pin = rewritten(before, row, customer)
        if customer is not before:
            told = customer_event(customer, What.CUSTOMER_PINNED, operator.actor, {"tenantId": seen.tenant_id}, minted)
            pin = (*pin, told, *customer_look(provider, customer, work_id, minted.now))
        done = stamped(loaded.service, transition, minted)
        return change(loaded, done, minted, pin), done.service

    return store.transact(read, decide)


def _others(store: Store, service: Service, tenant_id: str) -> list[Customer]:
    """The other customers of this tenant, a few of them."""
    customers = (from_json(Customer, row.body) for row in store.scan(service.provider, *of_tenant(tenant_id)))
    return list(islice((one for one in customers if one.id != service.customer_id), OTHERS_NAMED))


def show_m365(platform: Platform, operator: Operator, service_id: str) -> tuple[Service, Registration]:
    """The service with its registration. Raises NotFound, RegistrationMissing."""
    service = show_service(platform, operator, service_id)
    return service, registration_of(service)


def registration_of(service: Service) -> Registration:
    """Raises RegistrationMissing."""
    if service.registration is None:
        raise RegistrationMissing
    return service.registration


def validate(platform: Platform, operator: Operator, service_id: str, version: int, minted: Minted) -> Committed:
    """Step 15 and *Validate Authentication*: owe a check; a second press joins the one under way.

    Raises NotFound, ChangedMeanwhile, RegistrationMissing.
    """
    start = partial(rules.validation_started, work_id=new_work_id(), by=operator.actor, now=minted.now)
    return _check_owed(platform, operator, service_id, version, minted, start)


def complete(platform: Platform, operator: Operator, service_id: str, version: int, minted: Minted) -> Committed:
    """Steps 16 to 18: owe the last check; it makes the service active.

    Raises NotFound, ChangedMeanwhile, RegistrationMissing, NotValidated, WrongState.
    """
    start = partial(rules.completion_started, work_id=new_work_id(), by=operator.actor, now=minted.now)
    return _check_owed(platform, operator, service_id, version, minted, start)


def _check_owed(
    platform: Platform, operator: Operator, service_id: str, version: int, minted: Minted, start: Decide
) -> Committed:
    def decide(service: Service) -> Transition | None:
        joins = service.check is not None and service.check.running
        if not joins:
            unchanged(service, version)
        return start(service)

    return commit(platform.store, operator.provider.id, service_id, minted, decide)
