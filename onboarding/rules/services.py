"""Services: made, changed, cancelled, disconnected."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from invitations.records import Invitation
from invitations.rules.operators import called_off
from invitations.rules.sending import Sending, invited, owes
from invitations.rules.states import waits
from onboarding import problems
from onboarding.records import Customer, Order, Service, ServiceState, Transition, What
from onboarding.short_names import short_name_key
from shared.actors import SYSTEM, Actor, Reason
from shared.problems import ChangedMeanwhile
from shared.rows import Insert, Row


def unchanged(seen: Service | Customer, version: int) -> None:
    """Holds ``If-Match`` against what it is about. Raises ChangedMeanwhile."""
    if seen.version != version:
        raise ChangedMeanwhile


def created(
    service_id: str,
    provider: str,
    customer: Customer,
    order: Order,
    sending: Sending,
    by: Actor,
    now: datetime,
    request: str,
) -> Transition:
    """Steps 1 to 7: the service, its invitation, and the mail that it owes.

    ``request`` is the key of its request's row.

    Raises CustomerArchived, InvalidInput.
    """
    if customer.archived_at is not None:
        raise problems.CustomerArchived
    invitation = invited(1, order.admin_email, order.language, sending, by, now)
    service = Service(
        id=service_id,
        provider=provider,
        version=0,
        type=order.type,
        customer_id=customer.id,
        customer_name=customer.name,
        full_name=order.full_name,
        short_name=order.short_name,
        license=order.license,
        licensed_users=order.licensed_users,
        state=ServiceState.INVITED,
        created_at=now,
        updated_at=now,
        invitation=invitation,
        request=request,
    )
    return Transition(service, What.SERVICE_CREATED, by, {"shortName": order.short_name}, owes(service, sending, now))


def name_taken(service_id: str, short_name: str) -> Insert:
    """The write that takes the short name; it fails when another service has it."""
    return Insert(Row(short_name_key(short_name), "{}", {"service": service_id}))


def changed(service: Service, given: Mapping[str, Any], by: Actor) -> Transition | None:
    """The service with what was ``given`` of ``full_name``, ``license`` and ``licensed_users``; None for no change.

    Raises ServiceEnded.
    """
    if service.state in (ServiceState.CANCELLED, ServiceState.DISCONNECTED):
        raise problems.ServiceEnded
    after = replace(service, **given)
    if after == service:
        return None
    details = {}
    if after.full_name != service.full_name:
        details["fullName"] = "changed"
    if after.license is not service.license:
        details["license"] = after.license.value
    if after.licensed_users != service.licensed_users:
        details["licensedUsers"] = str(after.licensed_users)
    return Transition(after, What.SERVICE_CHANGED, by, details)


def customer_renamed(service: Service, name: str) -> Transition | None:
    """The service under its customer's new name; None when it has it already."""
    if service.customer_name == name:
        return None
    return Transition(replace(service, customer_name=name), What.CUSTOMER_RENAMED, SYSTEM)


def cancelled(service: Service, by: Actor, now: datetime) -> Transition | None:
    """*Cancel*, from any state before `active`: links die, secrets are wiped, and only this frees the short name.

    None when it is cancelled already. Raises AlreadyActive, ServiceEnded.
    """
    if service.state is ServiceState.CANCELLED:
        return None
    if service.state is ServiceState.ACTIVE:
        raise problems.AlreadyActive
    if service.state is ServiceState.DISCONNECTED:
        raise problems.ServiceEnded
    reason = Reason("cancelled", f"The service was cancelled by {by.name}.")
    after = _ended(service, ServiceState.CANCELLED, reason, called_off(service.invitation, reason, now))
    return Transition(after, What.SERVICE_CANCELLED, by, frees_name=True)


def disconnected(service: Service, by: Actor, now: datetime) -> Transition | None:
    """*Disconnect*: an active connection ends and its secret is wiped; the short name stays taken.

    None when it is disconnected already. Raises NotActive.
    """
    if service.state is ServiceState.DISCONNECTED:
        return None
    if service.state is not ServiceState.ACTIVE:
        raise problems.NotActive
    reason = Reason("disconnected", f"The service was disconnected by {by.name}.")
    # Only an open invitation ends: whoever holds a used link may go on reading that it was accepted.
    invitation = called_off(service.invitation, reason, now) if waits(service) else service.invitation
    return Transition(_ended(service, ServiceState.DISCONNECTED, reason, invitation), What.SERVICE_DISCONNECTED, by)


def _ended(service: Service, state: ServiceState, reason: Reason, invitation: Invitation) -> Service:
    return replace(
        service,
        state=state,
        invitation=invitation,
        registration=None,
        check=None,
        reason=reason,
    )
