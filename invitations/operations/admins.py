"""The administrator's use cases: open a link, submit, decline, ask for a new link; ``spoken`` is their language."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from invitations.links import InvalidLink, Token, decode, find
from invitations.models import Decline, LinkRequest, PageView, Submission, inviter, page_view
from invitations.problems import DeadLink, LinkSuspended
from invitations.records import Link
from invitations.rules import admins as rules
from invitations.rules.links import opens_confirmation
from onboarding.aggregate import Committed, Decide, Loaded, commit, load
from onboarding.records import Service, Transition
from shared.due import new_work_id
from shared.languages.translations import ENGLISH, Translation
from shared.minted import Minted
from shared.platform import Platform
from shared.problems import NotFound
from shared.settings import Provider
from validation.permissions import needs_role
from validation.records import Credential, CredentialKind, Registration
from validation.rules import credential_place


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


def open_link(platform: Platform, text: str, minted: Minted, spoken: Translation = ENGLISH) -> PageView:
    """What the admin's page shows (step 8); it changes nothing. Raises InvalidLink, a DeadLink."""
    held = hold(platform, text)
    with _told_by(held.provider):
        done = opens_confirmation(held.loaded.service, held.link, minted.now)
    return _page(platform, held, held.loaded.service, spoken, done=done)


def submit(
    platform: Platform, held: Held, body: Submission, minted: Minted, spoken: Translation = ENGLISH
) -> tuple[PageView, Committed]:
    """*Start authentication* (step 9): seal the secret and owe its check.

    Raises InvalidLink, a DeadLink, LinkUsed, CheckInProgress.
    """
    place = credential_place(held.token.provider, held.token.service_id)
    typed = body.credential.expires_on.isoformat() if body.credential.expires_on else None
    credential = Credential(CredentialKind.SECRET, platform.sealer.seal(body.credential.value, *place), typed)
    invited = held.loaded.service.invitation.admin_email
    proposal = Registration(body.tenant_id, body.client_id, credential, invited, held.link.channel, minted.now)
    work_id = new_work_id()

    def decide(service: Service) -> Transition:
        link = find(service.invitation.links, held.token)
        return rules.submitted(service, link, proposal, work_id, minted.now)

    committed = _committed(platform, held, minted, decide)
    return _page(platform, held, committed.service, spoken, done=False), committed


def decline(platform: Platform, held: Held, body: Decline, minted: Minted, spoken: Translation = ENGLISH) -> PageView:
    """*Decline*: the links die. Raises InvalidLink, a DeadLink, LinkUsed."""

    def decide(service: Service) -> Transition:
        return rules.declined(service, find(service.invitation.links, held.token), body.reason, minted.now)

    service = _committed(platform, held, minted, decide).service
    return _page(platform, held, service, spoken, done=False)


def request_link(platform: Platform, text: str, minted: Minted) -> LinkRequest:
    """*Ask for a new link*, with a dead one: the operator sees that somebody asks.

    Raises InvalidLink, LinkWorks, LinkUsed, or the DeadLink that leaves nothing to ask for.
    """
    held = hold(platform, text)

    def decide(service: Service) -> Transition | None:
        return rules.link_requested(service, find(service.invitation.links, held.token), minted.now)

    invitation = _committed(platform, held, minted, decide).service.invitation
    return LinkRequest(requested_at=invitation.link_requested_at or minted.now, provider=inviter(held.provider))


def _page(platform: Platform, held: Held, service: Service, spoken: Translation, *, done: bool) -> PageView:
    settings = platform.settings
    return page_view(
        service, held.provider, settings.required_permissions, spoken, done=done, with_role=needs_role(settings)
    )


def _committed(platform: Platform, held: Held, minted: Minted, decide: Decide) -> Committed:
    """What the holder of a link decides; a refusal tells who sent the link."""
    token = held.token
    with _told_by(held.provider):
        return commit(platform.store, token.provider, token.service_id, minted, decide, first=held.loaded)


@contextmanager
def _told_by(provider: Provider) -> Iterator[None]:
    """Whoever holds a dead link on file may know who sent it, and whom to call."""
    try:
        yield
    except DeadLink as dead:
        dead.members["provider"] = inviter(provider)
        raise
