"""The check of an app registration, from the queue's message to the recorded outcome."""

import random
from collections.abc import Callable

from invitations import rules as invitations
from onboarding import rules as onboarding
from onboarding.aggregate import load, settle_work
from onboarding.records import Customer, Service, Transition
from onboarding.rules import customer_key
from shared.due import Due, new_work_id
from shared.kinds import Kind
from shared.minted import Minted
from shared.platform import Platform
from shared.sealing import SealBroken
from shared.stored import from_json
from shared.work import claim
from validation import rules
from validation.records import Purpose, Verdict
from validation.rules import Requirements, Subject


def run_check(platform: Platform, message: str, minted: Minted) -> None:
    """Check the registration that a message's work names, and record what it came to, or when to ask again."""
    due = claim(platform.store, message, Kind.CHECK, minted.now)
    if due is None:
        return
    loaded = load(platform.store, due.provider, due.subject)
    subject = rules.subject(loaded.service, due)
    if subject is None:
        settle_work(platform.store, due, loaded, minted, lambda _: None)
        return
    from validation.outside import Unavailable  # noqa: PLC0415 - cold start

    try:
        verdict = _verdict(platform, loaded.service, subject, minted)
    except Unavailable as error:
        jitter = random.random()
        later = rules.next_look(due, minted.now, error.retry_after, throttled=error.throttled, jitter=jitter)
        if later is not None:
            words = f"{error.words} We ask again by ourselves."
            waits = _waiting(due, words, later.attempts)
            settle_work(platform.store, due, loaded, minted, waits, moved=later)
            return
        verdict = rules.given_up(subject, error.words)
    settle_work(platform.store, due, loaded, minted, _applying(due, subject, verdict, minted))


def _waiting(due: Due, words: str, attempts: int) -> Callable[[Service], Transition | None]:
    return lambda service: onboarding.waits_for(service, due.work_id, words, attempts)


def _applying(due: Due, subject: Subject, verdict: Verdict, minted: Minted) -> Callable[[Service], Transition | None]:
    """The rule of the feature that owns the state which this outcome changes."""
    if subject.purpose is Purpose.SUBMISSION:
        expire_work = new_work_id()
        return lambda service: invitations.checked(service, due.work_id, verdict, expire_work, minted.now)
    return lambda service: onboarding.checked(service, due.work_id, verdict, minted.now)


def _verdict(platform: Platform, service: Service, subject: Subject, minted: Minted) -> Verdict:
    registration = subject.registration
    row = platform.store.read(service.provider, customer_key(service.customer_id))
    wanted = Requirements(
        permissions=platform.settings.required_permissions,
        pin=from_json(Customer, row.body).tenant_id if row else None,
        invited_address=service.invitation.admin_email,
        typed_expiry=registration.credential.expires_on,
    )
    place = rules.credential_place(service.provider, service.id)
    try:
        secret = platform.sealer.open(registration.credential.sealed, *place)
    except SealBroken:
        return rules.sealed_away(subject)
    from validation.examination import examine  # noqa: PLC0415 - cold start

    evidence = examine(platform.settings, registration.tenant, registration.client_id, secret, wanted.pin)
    return rules.judge(evidence, wanted, minted.now)
