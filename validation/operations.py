"""The check of an app registration, from the queue's message to the recorded outcome."""

import logging
import random
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from invitations.rules.checks import checked as submission_checked
from onboarding.aggregate import Decide, load_owed, settle_work
from onboarding.records import Customer, Service, Transition, What
from onboarding.rules.customers import customer_key
from onboarding.rules.registrations import checked, waits_for
from shared.actors import SYSTEM
from shared.due import Due, new_work_id
from shared.kinds import Kind
from shared.minted import Minted, mint
from shared.platform import Platform
from shared.reporting import report
from shared.sealing import KeyMissing, SealBroken
from shared.store import StoreUnavailable
from shared.stored import from_json
from shared.texts import N_
from shared.waiting import Later, next_look
from shared.work import claim
from validation import rules
from validation.bounds import Bounds
from validation.records import Purpose, Registration, Verdict
from validation.rules import Requirements, Subject

if TYPE_CHECKING:
    from validation.evidence import Evidence

OUR_FAULT = N_("Something went wrong on our side.")

log = logging.getLogger(__name__)


def run_check(platform: Platform, message: str, minted: Minted) -> None:
    """Check the registration that a message's work names, and record what it came to, or when to ask again."""
    due = claim(platform.store, message, Kind.CHECK, minted.now)
    if due is None:
        return
    loaded = load_owed(platform.store, due)
    if loaded is None:
        return
    settle = partial(settle_work, platform.store, due, loaded, minted)
    subject = rules.subject(loaded.service, due)
    if subject is None:
        settle(lambda _: None)
        return
    try:
        verdict = _verdict(platform, loaded.service, subject, due, minted)
    except Later as later:
        next_time = next_look(due, mint().now, later, rules.PATIENCE, random.random())
        if next_time is not None:
            words, waiting = rules.ask_again(later.words), replace(next_time, attempts=due.attempts)
            settle(partial(waits_for, work=waiting, words=words), next_look=lambda _: next_time)
            return
        verdict = rules.given_up(later.words)
    ended = replace(minted, now=mint().now)
    verdict = replace(verdict, attempts=due.attempts)
    settle_work(platform.store, due, loaded, ended, _applying(due, subject, verdict, ended))


def _verdict(platform: Platform, service: Service, subject: Subject, due: Due, minted: Minted) -> Verdict:
    """What the check proves. Raises Later. Work that never came to an end, whatever the reason, is given up."""
    if due.attempts > rules.PATIENCE.attempts:
        return rules.given_up(N_("The check could not be finished."))
    try:
        secret = _secret(platform, service, subject.registration)
    except SealBroken as broken:
        log.error("a client secret cannot be opened: %s", broken)
        return rules.sealed_away()
    wanted = _requirements(platform, service, subject)
    try:
        evidence = _evidence(platform, subject, secret, wanted, Bounds(platform, service, due, minted))
    except Later:
        raise
    except StoreUnavailable:  # while it counted, as when many meet in one row
        raise Later(OUR_FAULT) from None
    except Exception as error:  # noqa: BLE001 - whatever it was, the work must come to an end
        report(error)
        raise Later(OUR_FAULT) from None
    return rules.judge(evidence, wanted, minted.now)


def _secret(platform: Platform, service: Service, registration: Registration) -> str:
    """Raises SealBroken; Later where its key is missing, for a setting can be put right."""
    place = rules.credential_place(service.provider, service.id)
    try:
        return platform.sealer.open(registration.credential.sealed, *place)
    except KeyMissing as missing:
        log.error("a client secret cannot be opened: %s", missing)
        raise Later(OUR_FAULT) from None


def _evidence(platform: Platform, subject: Subject, secret: str, wanted: Requirements, bounds: Bounds) -> "Evidence":
    """Raises Later, StoreUnavailable."""
    from validation.examination import examine  # noqa: PLC0415 - cold start

    if subject.check.purpose is Purpose.SUBMISSION:
        bounds.submission()
    asked = subject.registration
    return examine(platform.settings, asked.tenant, asked.client_id, secret, wanted.pins, bounds.tenant)


def _requirements(platform: Platform, service: Service, subject: Subject) -> Requirements:
    customer = platform.store.read(service.provider, customer_key(service.customer_id))
    tenants = (
        from_json(Customer, customer.body).tenant_id if customer else None,
        service.registration.tenant if service.registration else None,
    )
    return Requirements(
        items=platform.settings.required_items,
        permissions=platform.settings.required_permissions,
        pins=frozenset(filter(None, tenants)),
        invited_domain=subject.registration.invited_domain,
        typed_expiry=subject.registration.credential.expires_on,
    )


def _applying(due: Due, subject: Subject, verdict: Verdict, minted: Minted) -> Decide:
    """The rule of the feature that owns the state which this outcome changes."""
    expire_work = new_work_id()

    def decide(service: Service) -> Transition:
        if subject.check.purpose is Purpose.SUBMISSION:
            applied = submission_checked(service, due.work_id, verdict, expire_work, minted.now)
        else:
            applied = checked(service, due.work_id, verdict, minted.now)
        superseded = {"outcome": verdict.outcome.value}
        return applied or Transition(service, What.CHECK_SUPERSEDED, SYSTEM, superseded)

    return decide
