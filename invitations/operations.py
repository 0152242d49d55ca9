"""The invitation's use cases: the operator's, the admin's, and the owed work of mails and expiry."""

import json
import random
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from invitations import rules
from invitations.links import (
    InvalidLink,
    Token,
    address,
    decode,
    find,
    link_of,
    new_token,
    sealed_place,
    sending,
)
from invitations.models import PageView, Resend, Submission, inviter, page_view
from invitations.problems import DeadLink, LinkSuspended
from invitations.records import Channel, Link
from onboarding.aggregate import Committed, Loaded, commit, load, settle_work
from onboarding.records import Service, Transition
from onboarding.rules import unchanged
from shared.due import Due, moved, new_work_id
from shared.kinds import Kind
from shared.minted import Minted, mint
from shared.platform import Platform
from shared.problems import NotFound
from shared.sealing import SealBroken
from shared.settings import Provider
from shared.waiting import Later, next_look
from shared.web.auth import Operator
from shared.work import claim
from validation.records import Credential, CredentialKind, Registration
from validation.rules import credential_place

if TYPE_CHECKING:
    from invitations.mail import Message, Post

PAGE = 50
INVITATION_ID = re.compile(r"([0-9a-f]{24})-([1-9][0-9]{0,4})")
MOST_INVITATIONS = 0xFFFF  # what the token's layout has room for


# The operator


def service_of(invitation_id: str) -> tuple[str, int]:
    """The service's id and the number in an invitation's id. Raises NotFound."""
    match = INVITATION_ID.fullmatch(invitation_id)
    if match is None or int(match[2]) > MOST_INVITATIONS:
        raise NotFound
    return match[1], int(match[2])


def show_invitation(platform: Platform, operator: Operator, invitation_id: str) -> Service:
    """Raises NotFound."""
    service_id, number = service_of(invitation_id)
    service = load(platform.store, operator.provider.id, service_id).service
    if service.invitation.number != number:
        raise NotFound
    return service


def list_invitations(
    platform: Platform, operator: Operator, filters: Mapping[str, str | bool], cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the invitations that wait for somebody, newest first.

    ``filters`` may hold ``status``, ``customer`` and ``deviceAuthenticated``; a filtered page may be short.
    """
    text = " and ".join(f"{name} eq @{name}" for name in filters)
    page = platform.store.query(
        operator.provider.id, "open:", "open:~", limit=PAGE, cursor=cursor, filters=text, **filters
    )
    return [json.loads(row.body) for row in page.rows], page.cursor


def resend(
    platform: Platform, operator: Operator, invitation_id: str, version: int, body: Resend, minted: Minted
) -> Committed:
    """A new link by mail, perhaps to another address; the old links die. Raises NotFound, InvitationClosed."""
    service_id, number = service_of(invitation_id)
    expires_at = minted.now + platform.settings.invitation_lifetime
    token = new_token(operator.provider.id, service_id, number)
    mail = sending(platform.sealer, token, operator.name, expires_at, minted.now)

    def decide(service: Service) -> Transition:
        _seen(service, number, version)
        return rules.resent(service, mail, body.admin_email, operator.actor, minted.now)

    return commit(platform.store, operator.provider.id, service_id, minted, decide)


def revoke(platform: Platform, operator: Operator, invitation_id: str, version: int, minted: Minted) -> Committed:
    """The links die at once. Raises NotFound, InvitationClosed, InvitationNotOpen."""
    service_id, number = service_of(invitation_id)

    def decide(service: Service) -> Transition:
        _seen(service, number, version)
        return rules.revoked(service, operator.actor, minted.now)

    return commit(platform.store, operator.provider.id, service_id, minted, decide)


def copy_link(
    platform: Platform, operator: Operator, invitation_id: str, version: int, minted: Minted
) -> tuple[Service, str]:
    """The service and a new link for the day when mail fails. Raises NotFound, InvitationNotOpen."""
    service_id, number = service_of(invitation_id)
    token = new_token(operator.provider.id, service_id, number)
    link = link_of(token, Channel.COPY, operator.name, minted.now)

    def decide(service: Service) -> Transition:
        _seen(service, number, version)
        return rules.copied(service, link, operator.actor, minted.now)

    committed = commit(platform.store, operator.provider.id, service_id, minted, decide)
    return committed.service, address(platform.settings.public_base_url, token)


def _seen(service: Service, number: int, version: int) -> None:
    if service.invitation.number != number:
        raise NotFound
    unchanged(service, version)


# The admin


@dataclass(frozen=True)
class Held:
    """A link on file in somebody's hand."""

    token: Token
    provider: Provider
    loaded: Loaded
    link: Link


def hold(platform: Platform, text: str) -> Held:
    """The link that this token belongs to. Raises InvalidLink, LinkSuspended, StoreUnavailable."""
    token = decode(text)
    provider = platform.settings.provider(token.provider)
    if provider is None:
        raise InvalidLink
    try:
        loaded = load(platform.store, token.provider, token.service_id)
    except NotFound:
        raise InvalidLink from None
    link = find(loaded.service.invitation.links, token)
    if provider.disabled:
        with _told_by(provider):
            raise LinkSuspended
    return Held(token, provider, loaded, link)


def open_link(platform: Platform, text: str, minted: Minted) -> PageView:
    """What the admin's page shows (step 8); it changes nothing. Raises InvalidLink, a DeadLink."""
    held = hold(platform, text)
    with _told_by(held.provider):
        done = rules.is_used(held.loaded.service, held.link, minted.now)
    return page_view(held.loaded.service, held.provider, platform.settings.required_permissions, done=done)


def submit(platform: Platform, text: str, body: Submission, minted: Minted) -> tuple[PageView, Committed]:
    """*Start authentication* (step 9): seal the secret and owe its check.

    Raises InvalidLink, a DeadLink, LinkUsed, CheckInProgress.
    """
    held = hold(platform, text)
    place = credential_place(held.token.provider, held.token.service_id)
    typed = body.credential.expires_on.isoformat() if body.credential.expires_on else None
    credential = Credential(CredentialKind.SECRET, platform.sealer.seal(body.credential.value, *place), typed)
    proposal = Registration(body.tenant_id, body.client_id, credential, held.link.channel, minted.now)
    work_id = new_work_id()

    def decide(service: Service) -> Transition:
        link = find(service.invitation.links, held.token)
        return rules.submitted(service, link, proposal, work_id, minted.now)

    with _told_by(held.provider):
        committed = commit(
            platform.store, held.token.provider, held.token.service_id, minted, decide, first=held.loaded
        )
    view = page_view(committed.service, held.provider, platform.settings.required_permissions, done=False)
    return view, committed


@contextmanager
def _told_by(provider: Provider) -> Iterator[None]:
    """Whoever holds a dead link on file may know who sent it, and whom to call."""
    try:
        yield
    except DeadLink as dead:
        dead.members["provider"] = inviter(provider)
        raise


# Owed work: the mail


def send_mail(platform: Platform, message: str, minted: Minted) -> None:
    """Send the mail that a message's work names, and record its fate; or when to try again."""
    due = claim(platform.store, message, Kind.MAIL, minted.now)
    if due is None:
        return
    from invitations.mail import MailRefused  # noqa: PLC0415 - cold start

    loaded = load(platform.store, due.provider, due.subject)
    settle = partial(settle_work, platform.store, due, loaded, minted)
    try:
        message_id = _hand_over(platform, due, loaded.service, minted)
    except MailRefused as refused:
        settle(partial(rules.mail_failed, due=due, reason=str(refused)))
    except Later as later:
        next_time = next_look(due, mint().now, later, rules.MAIL_PATIENCE, random.random())
        if next_time is not None:
            settle(lambda _: None, moved=next_time)
            return
        words = f"{later.words} We tried for hours. Resend the invitation, or copy a link."
        settle(partial(rules.mail_failed, due=due, reason=words))
    else:
        if message_id is None:
            settle(partial(rules.mail_dropped, due=due))
        else:
            settle(partial(rules.mail_sent, due=due, message_id=message_id, now=minted.now))


def _hand_over(platform: Platform, due: Due, service: Service, minted: Minted) -> str | None:
    """The message id; None when the mail is not wanted any more. Raises MailRefused, Later.

    An earlier attempt's fate is asked for first; the last attempts do nothing else, so that no mail that went out is
    called failed.
    """
    from invitations.mail import MailRefused  # noqa: PLC0415 - cold start

    settings = platform.settings
    post = _post(settings.mail, settings.mail_sender, settings.data_client_id)
    taken = post.fate(due.work_id) if due.attempts > 1 else None
    if taken or not rules.mail_wanted(service, due, minted.now):
        return taken
    if due.attempts > rules.MAIL_SENDS:
        raise MailRefused("The e-mail could not be sent. Resend the invitation, or copy a link.")
    provider, letter = _letter(platform, due, service)
    return post.send(letter, service.invitation.admin_email, provider.contact.email, due.work_id)


def _letter(platform: Platform, due: Due, service: Service) -> tuple[Provider, "Message"]:
    from invitations.mail import MailRefused, compose  # noqa: PLC0415 - cold start

    provider = platform.settings.provider(due.provider)
    if provider is None:
        raise MailRefused("The provider is not configured any more.")
    try:
        text = platform.sealer.open(due.note["token"], *sealed_place(due.provider, due.subject, due.work_id))
    except SealBroken:
        raise MailRefused("The link can no longer be opened on our side. Resend the invitation.") from None
    return provider, compose(platform.settings, provider, service, decode(text))


@cache
def _post(connection: str, sender: str, identity: str | None) -> "Post":
    """One for the process: its quota is everybody's."""
    from invitations.mail import Post  # noqa: PLC0415 - cold start

    return Post(connection, sender, identity)


# Owed work: expiry


def expire_invitation(platform: Platform, message: str, minted: Minted) -> None:
    """Look at an invitation whose time has come: end it, look again later, or let the row go."""
    due = claim(platform.store, message, Kind.EXPIRE, minted.now)
    if due is None:
        return
    loaded = load(platform.store, due.provider, due.subject)
    again = rules.look_again(loaded.service, due, minted.now)
    if again is not None:
        settle_work(platform.store, due, loaded, minted, lambda _: None, moved=replace(moved(due, again), attempts=0))
        return
    settle_work(platform.store, due, loaded, minted, partial(rules.expired, due=due, now=minted.now))
