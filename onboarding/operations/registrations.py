"""A service's registration: add, show, validate, complete."""

from functools import partial

from onboarding.aggregate import Committed, Decide, Loaded, change, commit, load, stamped
from onboarding.models.registrations import AddedRegistration
from onboarding.operations.services import show_service
from onboarding.problems import RegistrationMissing
from onboarding.records import Customer, Service, Transition
from onboarding.rules import registrations as rules
from onboarding.rules.customers import customer_key, customer_name_key, pinned, rewritten
from onboarding.rules.services import unchanged
from shared.due import new_work_id
from shared.minted import Minted
from shared.platform import Platform
from shared.problems import NotFound
from shared.rows import Change, Row
from shared.stored import from_json
from shared.web.auth import Operator
from validation.records import Registration


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
    TenantNotThisCustomers.
    """
    store, provider = platform.store, operator.provider.id

    def read() -> tuple[Loaded, Row, Row]:
        loaded = load(store, provider, service_id)
        customer = store.read(provider, customer_key(loaded.service.customer_id))
        name = customer and store.read(provider, customer_name_key(from_json(Customer, customer.body).name))
        if customer is None or name is None:
            raise NotFound
        return loaded, customer, name

    def decide(state: tuple[Loaded, Row, Row]) -> tuple[Change, Service]:
        loaded, row, name = state
        unchanged(loaded.service, version)
        transition = rules.added(
            loaded.service, body.tenant_id, body.client_id, body.acknowledged, operator.actor, minted.now
        )
        customer = pinned(from_json(Customer, row.body), body.tenant_id)
        after = stamped(transition, minted.now)
        pin = rewritten(customer, row.etag, name, minted.commit_id)
        return change(loaded, after, transition, minted, pin), after

    return store.transact(read, decide)


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

    Raises NotFound, ChangedMeanwhile, RegistrationMissing, WrongState.
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
