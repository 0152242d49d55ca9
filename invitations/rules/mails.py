"""What becomes of the invitation's e-mail."""

from dataclasses import replace
from datetime import datetime, timedelta

from invitations.records import Mail, MailState
from invitations.rules.states import ANSWERABLE
from onboarding.records import Service, Transition, What
from shared.actors import SYSTEM
from shared.due import Due
from shared.waiting import Patience

MAIL_SENDS, MAIL_SENT_WITHIN = 12, timedelta(days=2)
MAIL_PATIENCE = Patience(  # what comes after the last send only asks what became of it
    attempts=MAIL_SENDS + 4,
    first_pause=timedelta(seconds=10),
    longest_pause=timedelta(hours=1),
    age=MAIL_SENT_WITHIN + timedelta(hours=6),
)


TOO_MANY = (
    "This address has got as many e-mails from us today as anybody may get, whichever services they were about. "
    "Copy a link and pass it on yourself, or resend tomorrow."
)


def mailbox(address: str) -> str:
    """Who gets the mails to an address, as far as it tells: without regard to case, and without ``+anything``."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def mail_wanted(service: Service, due: Due, now: datetime) -> bool:
    """Whether this mail's link still opens something and no newer mail has taken its place."""
    invitation = service.invitation
    link = next((link for link in invitation.links if link.hash == due.note.get("hash")), None)
    alive = link is not None and link.died_at is None and now < invitation.expires_at
    return (
        alive
        and invitation.admin_email is not None
        and invitation.mail.work_id == due.work_id
        and invitation.status in ANSWERABLE
    )


def may_send(due: Due, now: datetime) -> bool:
    """Whether this attempt may still send the mail; later ones only ask what became of it."""
    return due.attempts <= MAIL_SENDS and (due.begun is None or now - due.begun <= MAIL_SENT_WITHIN)


def given_up(words: str | None) -> str:
    """Why a mail is not tried any more; ``words`` are what it waited for last."""
    return f"{words or 'The e-mail could not be sent.'} We tried for hours. Resend the invitation, or copy a link."


def mail_waits(service: Service, work: Due, words: str, now: datetime) -> Transition | None:
    """Say what a mail is waiting for; None when it is not wanted any more. Only new words are an event.

    ``work`` is its owed work as it waits, at its next time.
    """
    mail = service.invitation.mail
    queued = mail.work_id == work.work_id and mail.state is MailState.QUEUED
    if not queued or service.invitation.status not in ANSWERABLE:
        return None
    waiting = replace(
        mail,
        waiting_for=words,
        attempts=work.attempts,
        stuck_since=mail.stuck_since or now,
        next_at=work.time,
    )
    return replace(_mailed(service, waiting, What.MAIL_WAITS), quiet=words == mail.waiting_for)


def mail_sent(service: Service, due: Due, message_id: str, now: datetime) -> Transition:
    """The e-mail service took the mail. It counts even when a newer one has taken its place."""
    mail = replace(service.invitation.mail, count=service.invitation.mail.count + 1, sent_at=now)
    if mail.work_id == due.work_id:
        mail = replace(_ended(mail, MailState.SENT), message_id=message_id, attempts=0, stuck_since=None)
    return _mailed(service, mail, What.MAIL_SENT)


def mail_failed(service: Service, due: Due, reason: str, now: datetime) -> Transition | None:
    """The mail will not go out; None when a newer one has taken its place."""
    mail = service.invitation.mail
    if mail.work_id != due.work_id:
        return None
    failed = _ended(mail, MailState.FAILED, reason)
    failed = replace(failed, attempts=due.attempts, stuck_since=mail.stuck_since or now)
    return _mailed(service, failed, What.MAIL_FAILED)


def mail_dropped(service: Service, due: Due) -> Transition | None:
    """The mail is not wanted any more; None when its state shows a newer one."""
    mail = service.invitation.mail
    if mail.work_id != due.work_id or mail.state is not MailState.QUEUED:
        return None
    dropped = _ended(mail, MailState.DROPPED, "The invitation ended before the e-mail was sent.")
    return _mailed(service, dropped, What.MAIL_DROPPED)


def _ended(mail: Mail, state: MailState, reason: str | None = None) -> Mail:
    """The mail in a last state: it waits for nothing any more."""
    return replace(mail, state=state, reason=reason, waiting_for=None, next_at=None)


def _mailed(service: Service, mail: Mail, what: What) -> Transition:
    return Transition(replace(service, invitation=replace(service.invitation, mail=mail)), what, SYSTEM)
