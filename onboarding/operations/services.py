"""Services: create with their invitation, list, show, change, cancel, disconnect."""

from collections.abc import Callable, Mapping
from functools import partial

from invitations.links import new_token, sending
from onboarding.aggregate import Committed, change, commit, event_key, from_row, load, of_customer, service_key, stamped
from onboarding.models.services import ChangedService, NewService
from onboarding.operations.customers import show_customer
from onboarding.operations.requests import Known, in_doubt
from onboarding.problems import ShortNameTaken
from onboarding.records import Event, Order, Service, Transition
from onboarding.rules import services as rules
from onboarding.rules.requests import fingerprint, made_before, remembered, request_key
from onboarding.short_names import broken_rules, short_name_key
from shared.minted import Minted, is_id, new_id
from shared.platform import Platform
from shared.problems import NotFound, Problem
from shared.rows import Change, Row
from shared.stored import from_json
from shared.web.auth import Operator

PAGE = 50


def create_service(
    platform: Platform, operator: Operator, customer_id: str, body: NewService, key: str, minted: Minted
) -> Committed:
    """Steps 1 to 7: the service, its invitation and the mail that it owes, in one transaction.

    The same Idempotency-Key with the same body answers with the service it made.
    Raises NotFound, CustomerArchived, ShortNameTaken, IdempotencyKeyReused.
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
    body_print = fingerprint(customer_id, body.model_dump(mode="json", exclude_defaults=True))
    asked, store = request_key(operator.oid, key), platform.store

    def answer(row: Row) -> tuple[None, Committed]:
        return None, Committed(load(store, provider, made_before(row, body_print)).service)

    def decide(state: Known) -> tuple[Change | None, Committed]:
        before, taken = state
        if before is not None:
            return answer(before)
        try:
            if taken is not None:
                raise ShortNameTaken
            customer = show_customer(platform, operator, customer_id)
            transition = rules.created(service_id, provider, customer, order, mail, operator.actor, now, asked)
        except Problem:  # what is refused by now may repeat what was made before
            before = store.read(provider, asked)
            if before is None:
                raise
            return answer(before)
        done = stamped(None, transition, minted)
        own = (rules.name_taken(service_id, body.short_name), remembered(asked, body_print, service_id))
        return change(None, done, minted, own), Committed(done.service, done.owes)

    return store.transact(in_doubt(store, provider, asked, short_name_key(body.short_name)), decide)


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
    platform: Platform, operator: Operator, filters: Mapping[str, str | bool], cursor: str | None
) -> tuple[list[Service], str | None]:
    """A page of services, newest first.

    ``filters`` may hold ``customer``, ``state`` and ``attention``; a filtered page may be short.
    """
    text = " and ".join(f"{name} eq @{name}" for name in filters)
    page = platform.store.query(
        operator.provider.id,
        service_key(""),
        service_key("~"),
        limit=PAGE,
        cursor=cursor,
        filters=text,
        **filters,
    )
    return [from_row(row) for row in page.rows], page.cursor


def list_events(
    platform: Platform, operator: Operator, service_id: str, cursor: str | None
) -> tuple[list[Event], str | None]:
    """A page of who did what to a service, in the order in which it happened. Raises NotFound."""
    return _events(platform, operator, service_id, service_id, cursor)


def list_customer_events(
    platform: Platform, operator: Operator, customer_id: str, cursor: str | None
) -> tuple[list[Event], str | None]:
    """A page of who did what to a customer, in the order in which it happened. Raises NotFound."""
    return _events(platform, operator, customer_id, of_customer(customer_id), cursor)


def _events(
    platform: Platform, operator: Operator, given_id: str, subject: str, cursor: str | None
) -> tuple[list[Event], str | None]:
    store, provider = platform.store, operator.provider.id
    if not is_id(given_id):
        raise NotFound
    page = store.query(provider, event_key(subject, 0), f"event:{subject}:~", limit=PAGE, cursor=cursor)
    if not page.rows and not page.cursor and store.read(provider, event_key(subject, 1)) is None:
        raise NotFound
    return [from_json(Event, row.body) for row in page.rows], page.cursor


def change_service(
    platform: Platform, operator: Operator, service_id: str, version: int, body: ChangedService, minted: Minted
) -> Committed:
    """Another full name, licence or number of users. Raises NotFound, ChangedMeanwhile, ServiceEnded."""
    return _changed(platform, operator, service_id, version, minted, partial(rules.changed, given=body.given()))


def cancel(platform: Platform, operator: Operator, service_id: str, version: int, minted: Minted) -> Committed:
    """*Cancel*: the service ends before it is active, and its short name is free again.

    Raises NotFound, ChangedMeanwhile, AlreadyActive.
    """
    return _changed(platform, operator, service_id, version, minted, partial(rules.cancelled, now=minted.now))


def disconnect(platform: Platform, operator: Operator, service_id: str, version: int, minted: Minted) -> Committed:
    """*Disconnect*: an active connection ends, and its secret is wiped.

    Raises NotFound, ChangedMeanwhile, NotActive.
    """
    return _changed(platform, operator, service_id, version, minted, partial(rules.disconnected, now=minted.now))


def _changed(
    platform: Platform,
    operator: Operator,
    service_id: str,
    version: int,
    minted: Minted,
    rule: Callable[..., Transition | None],
) -> Committed:
    """Let a rule decide on the service that the operator has seen."""

    def decide(service: Service) -> Transition | None:
        rules.unchanged(service, version)
        return rule(service, by=operator.actor)

    return commit(platform.store, operator.provider.id, service_id, minted, decide)
