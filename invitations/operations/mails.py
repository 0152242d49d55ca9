"""Owed work: the mail."""

import logging
import random
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from invitations.links import decode, sealed_place
from invitations.rules import mails as rules
from onboarding.aggregate import load_owed, settle_work
from onboarding.records import Service
from shared.due import Due
from shared.kinds import Kind
from shared.languages.translations import ENGLISH
from shared.minted import Minted, mint
from shared.platform import Platform
from shared.quota import DAY, Quota, take
from shared.reporting import report
from shared.sealing import KeyMissing, SealBroken
from shared.settings import Provider
from shared.store import StoreUnavailable
from shared.waiting import Later, next_look
from shared.work import claim

if TYPE_CHECKING:
    from invitations.mail import Message, Post

OUR_FAULT = "Something went wrong on our side."

log = logging.getLogger(__name__)


def send_mail(platform: Platform, message: str, minted: Minted) -> None:
    """Send the mail that a message's work names, and record its fate; or when to try again."""
    due = claim(platform.store, message, Kind.MAIL, minted.now)
    if due is None:
        return
    from invitations.mail import MailRefused  # noqa: PLC0415 - cold start

    loaded = load_owed(platform.store, due)
    if loaded is None:
        return
    settle = partial(settle_work, platform.store, due, loaded, minted)
    try:
        message_id = _outcome(platform, due, loaded.service, minted)
    except MailRefused as refused:
        settle(partial(rules.mail_failed, due=due, reason=str(refused), now=minted.now))
    except Later as later:
        words = ENGLISH.say(later.words)
        next_time = next_look(due, mint().now, later, rules.MAIL_PATIENCE, random.random())
        if next_time is not None:
            work = replace(next_time, attempts=due.attempts)
            waits = partial(rules.mail_waits, work=work, words=words, now=minted.now)
            settle(waits, next_look=lambda _: next_time)
            return
        settle(partial(rules.mail_failed, due=due, reason=rules.given_up(words), now=minted.now))
    else:
        if message_id is None:
            settle(partial(rules.mail_dropped, due=due))
        else:
            settle(partial(rules.mail_sent, due=due, message_id=message_id, now=minted.now))


def _outcome(platform: Platform, due: Due, service: Service, minted: Minted) -> str | None:
    """What `_hand_over` comes to. Whatever else goes wrong there is a wait, so that the work comes to an end."""
    from invitations.mail import MailRefused  # noqa: PLC0415 - cold start

    try:
        return _hand_over(platform, due, service, minted)
    except (MailRefused, Later):
        raise
    except StoreUnavailable:  # while it counted, as when many meet in one row
        raise Later(OUR_FAULT) from None
    except Exception as error:  # noqa: BLE001 - whatever it was, somebody must be told some day
        report(error)
        raise Later(OUR_FAULT) from None


def _hand_over(platform: Platform, due: Due, service: Service, minted: Minted) -> str | None:
    """The message id; None when the mail is not wanted any more. Raises MailRefused, Later.

    An earlier attempt's fate is asked for first; the last attempts do nothing else, so that a mail that went out is
    called failed only where the service cannot say so until the end.
    """
    from invitations.mail import MailRefused  # noqa: PLC0415 - cold start

    settings = platform.settings
    post = _post(settings.mail, settings.mail_sender, settings.data_client_id)
    taken = post.fate(due.work_id) if due.attempts > 1 else None
    if taken or not rules.mail_wanted(service, due, minted.now):
        return taken
    if not rules.may_send(due, minted.now):
        raise MailRefused(rules.given_up(service.invitation.mail.waiting_for))
    provider, letter = _letter(platform, due, service)
    to = service.invitation.admin_email or ""  # a mail to nobody is not wanted
    quota = Quota("mail", settings.mails_per_address_and_day, DAY)
    if take(platform, quota, due.provider, rules.mailbox(to), minted, due.work_id) is not None:
        raise MailRefused(rules.TOO_MANY)
    return post.send(letter, to, provider.contact.email, due.work_id)


def _letter(platform: Platform, due: Due, service: Service) -> tuple[Provider, "Message"]:
    from invitations.mail import MailRefused, compose  # noqa: PLC0415 - cold start

    provider = platform.settings.provider(due.provider)
    if provider is None:
        raise Later("The provider is not configured at present.")
    try:
        text = platform.sealer.open(due.note["token"], *sealed_place(due.provider, due.subject, due.work_id))
    except KeyMissing as missing:  # a setting can be put right
        log.error("a mail's link cannot be opened: %s", missing)
        raise Later(OUR_FAULT) from None
    except SealBroken as broken:
        log.error("a mail's link cannot be opened: %s", broken)
        raise MailRefused("The link can no longer be opened on our side. Resend the invitation.") from None
    return provider, compose(platform.settings, provider, service, decode(text))


@cache
def _post(connection: str, sender: str, identity: str | None) -> "Post":
    """One for the process: its quota is everybody's."""
    from invitations.mail import Post  # noqa: PLC0415 - cold start

    return Post(connection, sender, identity)
