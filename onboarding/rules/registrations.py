"""A service's registration: added, validated, completed."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from invitations.records import InvitationStatus
from invitations.rules.checks import check_waits, reason_of
from invitations.rules.states import awaits_add
from onboarding import problems
from onboarding.records import Customer, Service, ServiceState, Transition, What
from shared.actors import SYSTEM, Actor, Reason
from shared.due import Due, owed
from shared.kinds import Kind
from shared.problems import WrongState
from shared.texts import Words
from validation.records import Check, DomainMatch, Findings, ItemName, Outcome, Purpose, Registration, Verdict


@dataclass(frozen=True)
class Seen:
    """What the operator saw before *Add*, and whether they stand by what is doubtful about it."""

    tenant_id: str
    client_id: str
    acknowledged: bool = False


def added(service: Service, seen: Seen, others: Collection[Customer], by: Actor, now: datetime) -> Transition:
    """*Add* (step 14): the proposal becomes the service's registration, unopened; an old one makes way for it.

    ``others`` are the other customers that this tenant is connected for: the operator was warned of them.
    Raises NotAuthenticated, ProposalDiffers, TenantNotThisCustomers, WrongState, AcknowledgementRequired.
    """
    proposal = _proposed(service, seen, now)
    if service.registration is not None and service.registration.tenant != proposal.tenant:
        raise problems.TenantNotThisCustomers  # the check refuses it before; a swap is for the same tenant only
    if service.state is ServiceState.CREATING:
        raise WrongState("The service is being created. Wait for the result, then add the registration.")
    match = proposal.findings.domain_match
    if match is not DomainMatch.MATCH and not seen.acknowledged:
        raise problems.AcknowledgementRequired
    after = replace(
        service,
        state=ServiceState.AUTHENTICATED if service.state is ServiceState.VALIDATED else service.state,
        invitation=replace(service.invitation, status=InvitationStatus.ACCEPTED, proposal=None),
        registration=proposal,
        check=None,
        reason=None,
    )
    details = {"tenantId": proposal.tenant, "clientId": proposal.client_id, "domainMatch": match.value}
    if others:
        details["otherCustomers"] = " ".join(customer.id for customer in others)
    if match is not DomainMatch.MATCH:
        details["acknowledged"] = "true"
    what = What.REGISTRATION_ADDED if service.registration is None else What.REGISTRATION_REPLACED
    return Transition(after, what, by, details)


def _proposed(service: Service, seen: Seen, now: datetime) -> Registration:
    proposal = awaits_add(service)
    if proposal is None:
        raise problems.NotAuthenticated
    if service.invitation.expires_at <= now:
        raise problems.NotAuthenticated("The registration was not added in time. Resend the invitation.")
    if (proposal.tenant, proposal.client_id) != (seen.tenant_id, seen.client_id):
        raise problems.ProposalDiffers
    return proposal


def validation_started(service: Service, work_id: str, by: Actor, now: datetime) -> Transition | None:
    """Step 15, and *Validate Authentication* (step 21); None when a check is under way already: the press joins it.

    Raises RegistrationMissing.
    """
    if service.registration is None:
        raise problems.RegistrationMissing
    if service.check is not None and service.check.running:
        return None
    return _check_owed(service, service.state, Purpose.VALIDATION, work_id, by, now, What.VALIDATION_STARTED)


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
    return _check_owed(service, ServiceState.CREATING, Purpose.COMPLETION, work_id, by, now, What.COMPLETION_STARTED)


def _check_owed(
    service: Service, state: ServiceState, purpose: Purpose, work_id: str, by: Actor, now: datetime, what: What
) -> Transition:
    check = Check(work_id, purpose, now)
    due = owed(service.provider, Kind.CHECK, service.id, work_id, now)
    return Transition(replace(service, state=state, check=check, reason=None), what, by, owes=(due,))


def checked(service: Service, work_id: str, verdict: Verdict, now: datetime) -> Transition | None:
    """Apply the outcome of a validation or of the last check; None when nobody waits for that check any more."""
    running = service.check
    if running is None or running.id != work_id or not running.running or service.registration is None:
        return None
    check = running.ended(verdict, now)
    registration = replace(service.registration, findings=_found(service.registration.findings, verdict))
    after = replace(service, check=check, registration=registration)
    if verdict.outcome is Outcome.PASSED:
        return _passed(replace(after, reason=None), running.purpose, now)
    return _failed(after, running.purpose, verdict)


def _found(known: Findings, verdict: Verdict) -> Findings:
    """What is known of a registration after a check: everything anew when it passed; what its token held when it got
    as far as a token; else what was known before.
    """
    if verdict.outcome is Outcome.PASSED:
        return verdict.findings
    if not any(item.name is ItemName.PERMISSIONS for item in verdict.items):
        return known
    return replace(known, permissions=verdict.findings.permissions, directory_roles=verdict.findings.directory_roles)


def _passed(service: Service, purpose: Purpose, now: datetime) -> Transition:
    if purpose is Purpose.COMPLETION:
        made = replace(service, state=ServiceState.ACTIVE, activated_at=now)
        return Transition(made, What.SERVICE_ACTIVATED, SYSTEM)
    state = ServiceState.VALIDATED if service.state is ServiceState.AUTHENTICATED else service.state
    return Transition(replace(service, state=state), What.VALIDATION_PASSED, SYSTEM)


def _failed(service: Service, purpose: Purpose, verdict: Verdict) -> Transition:
    """Where a failure leads back to: refused credentials to `authenticated`, a failed creation to `validated`."""
    reason: Reason = reason_of(verdict)
    state = service.state
    if purpose is Purpose.COMPLETION:
        state = ServiceState.VALIDATED
    elif state is ServiceState.VALIDATED and verdict.outcome is Outcome.REFUSED:
        state = ServiceState.AUTHENTICATED
    what = What.CREATION_FAILED if purpose is Purpose.COMPLETION else What.VALIDATION_FAILED
    return Transition(replace(service, state=state, reason=reason), what, SYSTEM, {"reason": reason.code})


def waits_for(service: Service, work: Due, words: Words) -> Transition | None:
    """Say what a running check is waiting for, whoever asked for it; None when nobody waits any more. Only new words
    are an event.

    ``work`` is its owed work as it waits, at its next time.
    """
    check = service.check
    if check is None or check.id != work.work_id or not check.running:
        return check_waits(service, work, words)
    waiting = replace(check, waiting_for=words, attempts=work.attempts, next_at=work.time)
    quiet = words == check.waiting_for
    return Transition(replace(service, check=waiting), What.CHECK_WAITS, SYSTEM, quiet=quiet)
