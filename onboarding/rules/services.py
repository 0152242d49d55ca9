"""Services: made, cancelled."""

from dataclasses import replace
from datetime import datetime

from invitations.records import Invitation, InvitationStatus, Mail, MailState
from invitations.rules.operators import called_off
from invitations.rules.sending import Sending, expiry, mail_owed
from onboarding import problems
from onboarding.records import Customer, Order, Service, ServiceState, Transition
from onboarding.short_names import short_name_key
from shared.actors import Actor, Reason
from shared.problems import ChangedMeanwhile
from shared.rows import Insert, Row


def unchanged(service: Service, version: int) -> None:
    """Holds ``If-Match`` against the service. Raises ChangedMeanwhile."""
    if service.version != version:
        raise ChangedMeanwhile


def created(
    service_id: str,
    provider: str,
    customer: Customer,
    order: Order,
    sending: Sending,
    by: Actor,
    now: datetime,
) -> Transition:
    """Steps 1 to 7: the service, its invitation, and the mail that it owes."""
    invitation = Invitation(
        number=1,
        admin_email=order.admin_email,
        invited_by=by,
        status=InvitationStatus.PENDING,
        created_at=now,
        expires_at=sending.expires_at,
        mail=Mail(MailState.QUEUED, sending.mail_work),
        links=(sending.link,),
        language=order.language,
    )
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
    )
    owes = (mail_owed(service, sending, now), expiry(service, sending.expires_at, sending.expire_work, now))
    return Transition(service, "service-created", by, {"shortName": order.short_name}, owes)


def name_taken(service_id: str, short_name: str, key: str, body: str) -> Insert:
    """The write that takes the short name; it fails when another service has it."""
    return Insert(Row(short_name_key(short_name), "{}", {"service": service_id, "key": key, "request": body}))


def cancelled(service: Service, by: Actor, now: datetime) -> Transition | None:
    """*Cancel*, from any state before `active`: links die, secrets are wiped, and only this frees the short name.

    None when it is cancelled already. Raises AlreadyActive.
    """
    if service.state is ServiceState.CANCELLED:
        return None
    if service.state in (ServiceState.ACTIVE, ServiceState.DISCONNECTED):
        raise problems.AlreadyActive
    after = replace(
        service,
        state=ServiceState.CANCELLED,
        invitation=called_off(service.invitation, by, now),
        registration=None,
        check=None,
        reason=Reason("cancelled", f"Cancelled by {by.name}."),
    )
    return Transition(after, "service-cancelled", by, frees_name=True)
