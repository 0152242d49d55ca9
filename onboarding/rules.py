"""What may happen to customers and services: pure decisions from what is stored, an input and a time."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from invitations.records import Invitation, InvitationStatus, Mail, MailState
from invitations.rules import Sending, called_off, check_waits, expiry, mail_owed, reason_of
from onboarding import problems
from onboarding.records import (
    Customer,
    Order,
    Service,
    ServiceState,
    Transition,
)
from onboarding.short_names import short_name_key
from shared.actors import SYSTEM, Actor, Reason
from shared.due import Due, owed
from shared.kinds import Kind
from shared.names import folded
from shared.problems import ChangedMeanwhile, Problem, WrongState
from shared.rows import COMMIT_COLUMN, Insert, Put, Replace, Row, Write
from shared.stored import to_json
from validation.records import Check, DomainMatch, Outcome, Purpose, Verdict

CHECKED_AGAIN_IN = frozenset({ServiceState.AUTHENTICATED, ServiceState.VALIDATED, ServiceState.ACTIVE})


def unchanged(service: Service, version: int) -> None:
    """Holds ``If-Match`` against the service. Raises ChangedMeanwhile."""
    if service.version != version:
        raise ChangedMeanwhile


# Customers


def customer_key(customer_id: str) -> str:
    return f"customer:{customer_id}"


def customer_name_key(name: str) -> str:
    """Hex of the folded name's UTF-8: any character becomes legal in a key, and the order of names stays."""
    return f"customer-name:{folded(name).encode().hex()}"


def fingerprint(*parts: object) -> str:
    """A request's identity: SHA-256 over its caller, its Idempotency-Key or its body."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def same_request(taken: Row, key: str, body: str, taken_by_another: Problem) -> None:
    """Holds a repeated creation against the row that took its name: is it the very same request?

    Raises ``taken_by_another``, IdempotencyKeyReused.
    """
    if taken.columns.get("key") != key:
        raise taken_by_another
    if taken.columns.get("request") != body:
        raise problems.IdempotencyKeyReused


def new_customer(customer: Customer, key: str, body: str, commit_id: str) -> tuple[Write, ...]:
    """The writes of a customer's creation; the second fails when the name is taken."""
    text = to_json(customer)
    creation = {"key": key, "request": body}
    return (
        Insert(Row(customer_key(customer.id), text, {COMMIT_COLUMN: commit_id})),
        Insert(Row(customer_name_key(customer.name), text, creation)),
    )


def pinned(customer: Customer, tenant_id: str) -> Customer:
    """The customer after *Add*: the first one pins it. Raises TenantNotThisCustomers."""
    if customer.tenant_id not in (None, tenant_id):
        raise problems.TenantNotThisCustomers
    return replace(customer, tenant_id=tenant_id, version=customer.version + 1)


def rewritten(customer: Customer, etag: str | None, name: Row, commit_id: str) -> tuple[Write, ...]:
    """The writes that keep a customer and its name's row alike, under the customer's ETag."""
    text = to_json(customer)
    return (
        Replace(Row(customer_key(customer.id), text, {COMMIT_COLUMN: commit_id}, etag)),
        Put(Row(name.key, text, name.columns)),
    )


# Services


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


def added(service: Service, tenant_id: str, client_id: str, acknowledged: bool, by: Actor, now: datetime) -> Transition:
    """*Add* (step 14): the proposal becomes the service's registration, unopened.

    Raises NotAuthenticated, ProposalDiffers, AcknowledgementRequired.
    """
    proposal = service.invitation.proposal
    if service.invitation.status is not InvitationStatus.AUTHENTICATED or proposal is None:
        raise problems.NotAuthenticated
    if service.invitation.expires_at <= now:
        raise problems.NotAuthenticated("The registration was not added in time. Resend the invitation.")
    if (proposal.tenant, proposal.client_id) != (tenant_id, client_id):
        raise problems.ProposalDiffers
    match = proposal.findings.domain_match
    if match is not DomainMatch.MATCH and not acknowledged:
        raise problems.AcknowledgementRequired
    invitation = replace(service.invitation, status=InvitationStatus.ACCEPTED, proposal=None)
    after = replace(service, invitation=invitation, registration=proposal, check=None, reason=None)
    details = {"tenantId": tenant_id, "clientId": client_id, "domainMatch": match.value}
    if match is not DomainMatch.MATCH:
        details["acknowledged"] = "true"
    return Transition(after, "registration-added", by, details)


def validation_started(service: Service, work_id: str, by: Actor, now: datetime) -> Transition | None:
    """Step 15, and *Validate Authentication* (step 21); None when a check is under way already: the press joins it.

    Raises RegistrationMissing, WrongState.
    """
    if service.registration is None:
        raise problems.RegistrationMissing
    if service.check is not None and service.check.running:
        return None
    if service.state not in CHECKED_AGAIN_IN:
        raise WrongState
    return _check_owed(service, service.state, Purpose.VALIDATION, work_id, by, now, "validation-started")


def completion_started(service: Service, work_id: str, by: Actor, now: datetime) -> Transition | None:
    """Steps 16 and 17: a last check, then the service is made. None when it is being made, or active, already.

    Raises RegistrationMissing, NotValidated, WrongState.
    """
    if service.state in (ServiceState.CREATING, ServiceState.ACTIVE):
        return None
    if service.registration is None:
        raise problems.RegistrationMissing
    if service.check is not None and service.check.running:
        raise WrongState("A validation is under way. Wait for its result, then complete the service.")
    if service.state is not ServiceState.VALIDATED:
        raise problems.NotValidated
    return _check_owed(service, ServiceState.CREATING, Purpose.COMPLETION, work_id, by, now, "completion-started")


def _check_owed(
    service: Service, state: ServiceState, purpose: Purpose, work_id: str, by: Actor, now: datetime, what: str
) -> Transition:
    check = Check(work_id, purpose, now)
    due = owed(service.provider, Kind.CHECK, service.id, work_id, now)
    return Transition(replace(service, state=state, check=check, reason=None), what, by, owes=(due,))


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


def checked(service: Service, work_id: str, verdict: Verdict, now: datetime) -> Transition | None:
    """Apply the outcome of a validation or of the last check; None when nobody waits for that check any more."""
    running = service.check
    if running is None or running.id != work_id or not running.running or service.registration is None:
        return None
    check = replace(running, finished_at=now, outcome=verdict.outcome, waiting_for=None, items=verdict.items)
    after = replace(service, check=check)
    if verdict.outcome is Outcome.PASSED:
        registration = replace(service.registration, findings=verdict.findings)
        return _passed(replace(after, registration=registration, reason=None), running.purpose, now)
    return _failed(after, running.purpose, verdict)


def _passed(service: Service, purpose: Purpose, now: datetime) -> Transition:
    if purpose is Purpose.COMPLETION:
        made = replace(service, state=ServiceState.ACTIVE, activated_at=now)
        return Transition(made, "service-activated", SYSTEM)
    state = ServiceState.VALIDATED if service.state is ServiceState.AUTHENTICATED else service.state
    return Transition(replace(service, state=state), "validation-passed", SYSTEM)


def _failed(service: Service, purpose: Purpose, verdict: Verdict) -> Transition:
    """Where a failure leads back to: refused credentials to `authenticated`, a failed creation to `validated`."""
    reason: Reason = reason_of(verdict)
    state = service.state
    if purpose is Purpose.COMPLETION:
        state = ServiceState.VALIDATED
    elif state is ServiceState.VALIDATED and verdict.outcome is Outcome.REFUSED:
        state = ServiceState.AUTHENTICATED
    what = "creation-failed" if purpose is Purpose.COMPLETION else "validation-failed"
    return Transition(replace(service, state=state, reason=reason), what, SYSTEM, {"reason": reason.code})


def waits_for(service: Service, work: Due, words: str) -> Transition | None:
    """Say what a running check is waiting for, whoever asked for it; None when nobody waits any more."""
    check = service.check
    if check is None or check.id != work.work_id or not check.running:
        return check_waits(service, work, words)
    after = replace(service, check=replace(check, waiting_for=words, attempts=work.attempts))
    return Transition(after, "check-waits", SYSTEM)
