"""What a submission's check comes to."""

from dataclasses import replace
from datetime import datetime, timedelta

from invitations.records import Channel, InvitationStatus, LinkEnd
from invitations.rules.links import links_ended, with_end
from invitations.rules.sending import expiry
from invitations.rules.states import MAX_TRIES, with_invitation
from onboarding.records import Service, Transition, What
from shared.actors import SYSTEM, Reason
from shared.due import Due
from shared.languages.translations import ENGLISH
from shared.texts import Words
from validation.records import Check, ItemState, Outcome, Registration, Verdict

ADD_WITHIN = timedelta(days=30)


def checked(service: Service, work_id: str, verdict: Verdict, expire_work: str, now: datetime) -> Transition | None:
    """Apply the outcome of a submission's check; None when nobody waits for that check any more."""
    invitation, running = service.invitation, service.invitation.check
    if running is None or running.id != work_id or not running.running or invitation.proposal is None:
        return None
    check = running.ended(verdict, now)
    if verdict.outcome is Outcome.PASSED:
        return _authenticated(service, check, invitation.proposal, verdict, expire_work, now)
    tries = invitation.tries + (1 if verdict.credentials_refused else 0)
    invitation = replace(
        invitation,
        status=InvitationStatus.PENDING,
        check=check,
        tries=tries,
        proposal=None,
        reason=reason_of(verdict),
    )
    what = What.CREDENTIALS_REFUSED if verdict.outcome is Outcome.REFUSED else What.CHECK_GIVEN_UP
    if tries >= MAX_TRIES:
        invitation = with_end(invitation, InvitationStatus.LOCKED, LinkEnd.LOCKED, now)
        what = What.INVITATION_LOCKED
    elif invitation.expires_at <= now:
        invitation = with_end(invitation, InvitationStatus.EXPIRED, LinkEnd.EXPIRED, now)
        what = What.INVITATION_EXPIRED
    details = {"reason": invitation.reason.code} if invitation.reason else {}
    return Transition(with_invitation(service, invitation), what, SYSTEM, details)


def _authenticated(
    service: Service, check: Check, proposal: Registration, verdict: Verdict, expire_work: str, now: datetime
) -> Transition:
    expires_at = now + ADD_WITHIN
    invitation = replace(
        service.invitation,
        status=InvitationStatus.AUTHENTICATED,
        check=check,
        proposal=replace(proposal, tenant=verdict.tenant_id or proposal.tenant, findings=verdict.findings),
        channel=Channel(proposal.channel),
        links=links_ended(service.invitation.links, LinkEnd.USED, now),
        expires_at=expires_at,
        reason=None,
        link_requested_at=None,
    )
    after = with_invitation(service, invitation)
    owes = (expiry(after, expires_at, expire_work, now),)
    return Transition(after, What.AUTHENTICATED, SYSTEM, {"channel": proposal.channel}, owes)


def reason_of(verdict: Verdict) -> Reason:
    """The first failed item, as the reason that an operator reads."""
    failed = next((item for item in verdict.items if item.state is ItemState.FAILED), None)
    if failed is None:
        return Reason("check-failed", "The check ended without a result. Please try again.")
    return Reason(failed.name.value, ENGLISH.say(failed.detail))


def check_waits(service: Service, work: Due, words: Words) -> Transition | None:
    """Say what a running submission check is waiting for; None when nobody waits for it any more. Only new words are an
    event.

    ``work`` is its owed work as it waits, at its next time.
    """
    check = service.invitation.check
    if check is None or check.id != work.work_id or not check.running:
        return None
    waiting = replace(check, waiting_for=words, attempts=work.attempts, next_at=work.time)
    invitation = replace(service.invitation, check=waiting)
    quiet = words == check.waiting_for
    return Transition(replace(service, invitation=invitation), What.CHECK_WAITS, SYSTEM, quiet=quiet)
