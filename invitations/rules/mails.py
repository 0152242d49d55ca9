"""What becomes of the invitation's e-mail."""

from dataclasses import replace
from datetime import datetime, timedelta

from invitations.records import Mail, MailState
from invitations.rules.states import ANSWERABLE
from onboarding.records import Service, Transition
from shared.actors import SYSTEM
from shared.due import Due
from shared.waiting import Patience

MAIL_SENDS = 12
MAIL_PATIENCE = Patience(  # the attempts after the last send only ask what became of it
    attempts=MAIL_SENDS + 4, first_pause=timedelta(seconds=10), longest_pause=timedelta(hours=1), age=timedelta(days=2)
)


def mail_wanted(service: Service, due: Due, now: datetime) -> bool:
    """Whether this mail's link still opens something and no newer mail has taken its place."""
    invitation = service.invitation
    link = next((link for link in invitation.links if link.hash == due.note.get("hash")), None)
    alive = link is not None and link.died_at is None and now < invitation.expires_at
    return alive and invitation.mail.work_id == due.work_id and invitation.status in ANSWERABLE


def mail_sent(service: Service, due: Due, message_id: str, now: datetime) -> Transition:
    """The e-mail service took the mail. It counts even when a newer one has taken its place."""
    mail = replace(service.invitation.mail, count=service.invitation.mail.count + 1, sent_at=now)
    if mail.work_id == due.work_id:
        mail = replace(mail, state=MailState.SENT, reason=None, message_id=message_id)
    return _mailed(service, mail, "mail-sent")


def mail_failed(service: Service, due: Due, reason: str) -> Transition | None:
    """The mail will not go out; None when a newer one has taken its place."""
    mail = service.invitation.mail
    if mail.work_id != due.work_id:
        return None
    return _mailed(service, replace(mail, state=MailState.FAILED, reason=reason), "mail-failed")


def mail_dropped(service: Service, due: Due) -> Transition | None:
    """The mail is not wanted any more; None when its state shows a newer one."""
    mail = service.invitation.mail
    if mail.work_id != due.work_id or mail.state is not MailState.QUEUED:
        return None
    dropped = replace(mail, state=MailState.DROPPED, reason="The invitation ended before the e-mail was sent.")
    return _mailed(service, dropped, "mail-dropped")


def _mailed(service: Service, mail: Mail, what: str) -> Transition:
    return Transition(replace(service, invitation=replace(service.invitation, mail=mail)), what, SYSTEM)
