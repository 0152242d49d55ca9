"""Services: create with their invitation, list, show, add a registration, validate, complete, cancel."""

from functools import partial

from invitations.links import new_token, sending
from onboarding import rules
from onboarding.aggregate import (
    Committed,
    Decide,
    Loaded,
    change,
    commit,
    event_key,
    from_row,
    load,
    service_key,
    stamped,
)
from onboarding.models import AddedRegistration, NewService
from onboarding.problems import RegistrationMissing, ShortNameTaken
from onboarding.records import Customer, Event, Order, Service, Transition
from onboarding.short_names import broken_rules, short_name_key
from shared.due import new_work_id
from shared.minted import Minted, is_id, new_id
from shared.platform import Platform
from shared.problems import NotFound
from shared.rows import Change, Row
from shared.stored import from_json
from shared.web.auth import Operator
from validation.records import Registration

PAGE = 50


def create_service(
    platform: Platform, operator: Operator, customer_id: str, body: NewService, key: str, minted: Minted
) -> Committed:
    """Steps 1 to 7: the service, its invitation and the mail that it owes, in one transaction.

    The same Idempotency-Key with the same body answers with the service it made.
    Raises NotFound, ShortNameTaken, IdempotencyKeyReused.
    """
    provider, service_id, now = operator.provider.id, new_id(minted.now), minted.now
    expires_at = body.expires_at or now + platform.settings.invitation_lifetime
    token = new_token(provider, service_id, 1)
    mail = sending(platform.sealer, token, operator.name, expires_at, now)
    order = Order(
        body.type,
        body.full_name,
        body.short_name,
        body.license,
        body.licensed_users,
        body.admin_email,
        body.language,
    )
    key_print = rules.fingerprint(operator.oid, key)
    request = rules.fingerprint(customer_id, body.model_dump(mode="json"))
    states = iter([_customer(platform, provider, customer_id)])

    def read() -> Customer | Row | None:
        """The customer at first; after a doubtful answer, whoever holds the short name."""
        return next(states, None) or platform.store.read(provider, short_name_key(body.short_name))

    def decide(state: Customer | Row | None) -> tuple[Change | None, Committed]:
        if isinstance(state, Row):
            rules.same_request(state, key_print, request, ShortNameTaken())
            return None, Committed(load(platform.store, provider, str(state.columns["service"])).service)
        customer = state or _customer(platform, provider, customer_id)
        transition = rules.created(service_id, provider, customer, order, mail, operator.actor, now)
        after = stamped(transition, now)
        taken = rules.name_taken(service_id, body.short_name, key_print, request)
        return change(None, after, transition, minted, (taken,)), Committed(after, transition.owes)

    return platform.store.transact(read, decide)


def _customer(platform: Platform, provider: str, customer_id: str) -> Customer:
    row = platform.store.read(provider, rules.customer_key(customer_id)) if is_id(customer_id) else None
    if row is None:
        raise NotFound("There is no such customer. Choose one from the list, or add it first.")
    return from_json(Customer, row.body)


def short_name_state(platform: Platform, operator: Operator, value: str) -> tuple[str, ...] | bool:
    """The rules that a short name breaks, or whether it is free."""
    broken = broken_rules(value)
    if broken:
        return broken
    return platform.store.read(operator.provider.id, short_name_key(value)) is None


def show_service(platform: Platform, operator: Operator, service_id: str) -> Service:
    """Raises NotFound."""
    return load(platform.store, operator.provider.id, service_id).service


def list_services(
    platform: Platform, operator: Operator, customer_id: str | None, state: str | None, cursor: str | None
) -> tuple[list[Service], str | None]:
    """A page of services, newest first; a filtered page may be short."""
    wanted = {"customer": customer_id, "state": state}
    given = {name: value for name, value in wanted.items() if value}
    filters = " and ".join(f"{name} eq @{name}" for name in given)
    page = platform.store.query(
        operator.provider.id,
        service_key(""),
        service_key("~"),
        limit=PAGE,
        cursor=cursor,
        filters=filters,
        **given,
    )
    return [from_row(row) for row in page.rows], page.cursor


def list_events(
    platform: Platform, operator: Operator, service_id: str, cursor: str | None
) -> tuple[list[Event], str | None]:
    """A page of who did what, in the order in which it happened. Raises NotFound."""
    if not is_id(service_id):
        raise NotFound
    first = event_key(service_id, 0)
    end = f"event:{service_id}:~"
    page = platform.store.query(operator.provider.id, first, end, limit=PAGE, cursor=cursor)
    if not page.rows and not page.cursor and cursor is None:
        raise NotFound
    return [from_json(Event, row.body) for row in page.rows], page.cursor


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
        customer = store.read(provider, rules.customer_key(loaded.service.customer_id))
        name = customer and store.read(provider, rules.customer_name_key(from_json(Customer, customer.body).name))
        if customer is None or name is None:
            raise NotFound
        return loaded, customer, name

    def decide(state: tuple[Loaded, Row, Row]) -> tuple[Change, Service]:
        loaded, row, name = state
        rules.unchanged(loaded.service, version)
        transition = rules.added(
            loaded.service, body.tenant_id, body.client_id, body.acknowledged, operator.actor, minted.now
        )
        customer = rules.pinned(from_json(Customer, row.body), body.tenant_id)
        after = stamped(transition, minted.now)
        pin = rules.rewritten(customer, row.etag, name, minted.commit_id)
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
            rules.unchanged(service, version)
        return start(service)

    return commit(platform.store, operator.provider.id, service_id, minted, decide)


def cancel(platform: Platform, operator: Operator, service_id: str, version: int, minted: Minted) -> Committed:
    """*Cancel*: the service ends before it is active, and its short name is free again.

    Raises NotFound, ChangedMeanwhile, AlreadyActive.
    """

    def decide(service: Service) -> Transition | None:
        rules.unchanged(service, version)
        return rules.cancelled(service, operator.actor, minted.now)

    return commit(platform.store, operator.provider.id, service_id, minted, decide)
