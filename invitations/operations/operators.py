"""The operator's use cases: list, show, resend, re-initiate, extend, revoke, copy a link."""

import json
import re
from collections.abc import Mapping
from typing import Any

from invitations.links import address, link_of, new_token, sending
from invitations.models import Extension, Reinitiation, Resend
from invitations.records import Channel
from invitations.rules import operators as rules
from onboarding.aggregate import Committed, commit, load
from onboarding.records import Service, Transition
from onboarding.rules.services import unchanged
from shared.due import new_work_id
from shared.minted import Minted
from shared.platform import Platform
from shared.problems import NotFound
from shared.web.auth import Operator

PAGE = 50
INVITATION_ID = re.compile(r"([0-9a-f]{24})-([1-9][0-9]{0,4})")
MOST_INVITATIONS = 0xFFFF  # what the token's layout has room for


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

    ``filters`` go by the columns of an open row; a filtered page may be short.
    """
    text = " and ".join(f"{name} eq @{name}" for name in filters)
    page = platform.store.query(
        operator.provider.id, "open:", "open:~", limit=PAGE, cursor=cursor, filters=text, **filters
    )
    return [json.loads(row.body) for row in page.rows], page.cursor


def resend(
    platform: Platform, operator: Operator, invitation_id: str, version: int, body: Resend, minted: Minted
) -> Committed:
    """A new link by mail, perhaps to another address or in another language; the old links die.

    Raises NotFound, ChangedMeanwhile, InvitationClosed.
    """
    service_id, number = service_of(invitation_id)
    expires_at = minted.now + platform.settings.invitation_lifetime
    token = new_token(operator.provider.id, service_id, number)
    mail = sending(platform.sealer, token, operator.name, expires_at, minted.now)

    def decide(service: Service) -> Transition:
        _seen(service, number, version)
        return rules.resent(service, mail, body.admin_email, operator.actor, minted.now, body.language)

    return commit(platform.store, operator.provider.id, service_id, minted, decide)


def reinitiate(
    platform: Platform, operator: Operator, service_id: str, version: int, body: Reinitiation, minted: Minted
) -> Committed:
    """*Re-initiate Authentication Flow*: a new invitation for an existing service.

    Raises NotFound, ChangedMeanwhile, InvitationStillOpen, WrongState.
    """
    provider = operator.provider.id
    loaded = load(platform.store, provider, service_id)
    unchanged(loaded.service, version)  # so the number cannot change any more either
    token = new_token(provider, service_id, loaded.service.invitation.number + 1)
    expires_at = body.expires_at or minted.now + platform.settings.invitation_lifetime
    mail = sending(platform.sealer, token, operator.name, expires_at, minted.now)

    def decide(service: Service) -> Transition:
        unchanged(service, version)
        return rules.reinitiated(service, mail, body.admin_email, body.language, operator.actor, minted.now)

    return commit(platform.store, provider, service_id, minted, decide, first=loaded)


def extend(
    platform: Platform, operator: Operator, invitation_id: str, version: int, body: Extension, minted: Minted
) -> Committed:
    """*Extend*: another end. Raises NotFound, ChangedMeanwhile, AlreadyAnswered, InvitationNotOpen."""
    service_id, number = service_of(invitation_id)
    work_id = new_work_id()

    def decide(service: Service) -> Transition | None:
        _seen(service, number, version)
        return rules.extended(service, body.expires_at, work_id, operator.actor, minted.now)

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
