"""Personal data: how long they stay, and what is left when they go.

The invited address, what its owner wrote, and who invited serve an invitation; who did what serves a service. Some
time after the end of either they leave the rows, by owed work, or at once when an operator says so. What happened, and
when, stays readable.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from invitations.records import Invitation, InvitationStatus, Link
from invitations.rules.states import ENDED
from onboarding.problems import StillInUse
from onboarding.records import Event, Service, Transition, What
from shared.actors import SYSTEM, Actor, ActorKind, Reason
from shared.due import Due, owed
from shared.kinds import Kind
from shared.setting_values import SHORTEST_RETENTION
from validation.records import Registration

OVER = frozenset(
    {
        InvitationStatus.ACCEPTED,
        InvitationStatus.EXPIRED,
        InvitationStatus.REVOKED,
        InvitationStatus.DECLINED,
        InvitationStatus.LOCKED,
    }
)
SOMEBODY = "An operator"
# What a reason says without the person it names, or whose words it quotes.
PLAIN = {
    "declined": "Declined through the link.",
    "revoked": "Revoked by an operator.",
    "cancelled": "The service was cancelled by an operator.",
    "disconnected": "The service was disconnected by an operator.",
}


class PersonalData(StrEnum):
    """Whether a service's personal data are in use, kept for some time after that, or erased."""

    IN_USE = "in-use"
    KEPT = "kept"
    ERASED = "erased"


def personal_data(service: Service) -> PersonalData:
    """What holds for this service's personal data now."""
    if not _is_over(service):
        return PersonalData.IN_USE
    return PersonalData.ERASED if _without_people(service) == service else PersonalData.KEPT


def _is_over(service: Service) -> bool:
    return service.invitation.status in OVER


def over_since(before: Service | None, after: Service, now: datetime) -> datetime | None:
    """Since when the personal data in ``after`` serve nothing any more; the end of the service itself counts anew."""
    if not _is_over(after):
        return None
    if before is None or before.over_since is None or (before.state in ENDED) != (after.state in ENDED):
        return now
    return before.over_since


def forgetting(provider: str, subject: str, since: datetime, work_id: str, now: datetime, **note: str) -> Due:
    """The owed look at the personal data of what is over ``since`` then, and stamped with that time.

    It comes as early as the setting may want it, and is put off to the time that the setting tells then; never before
    ``now``: the sweep would find it late.
    """
    at, stamp = max(since + SHORTEST_RETENTION, now), since.isoformat()
    return owed(provider, Kind.FORGET, subject, work_id, now, at=at, stamp=stamp, **note)


def look_again(since: datetime | None, due: Due, retention: timedelta, now: datetime) -> datetime | None:
    """When to look again because it is too early. None: now is the time, or this look is for another end."""
    if since is None or not _is_for(since, due) or "early" in due.note:
        return None
    time = since + retention
    return time if now < time else None


def is_time(since: datetime | None, due: Due, retention: timedelta, now: datetime) -> bool:
    """Whether the personal data of what is over ``since`` then go now."""
    return _is_for(since, due) and look_again(since, due, retention, now) is None


def _is_for(since: datetime | None, due: Due) -> bool:
    return since is not None and due.note.get("stamp") == since.isoformat()


def forgotten(service: Service, due: Due, retention: timedelta, now: datetime) -> Transition | None:
    """The service without its personal data, when it is time; None when it is not, or none are left."""
    return _erased(service, SYSTEM) if is_time(service.over_since, due, retention, now) else None


def erased(service: Service, work_id: str, by: Actor, now: datetime) -> Transition | None:
    """*Delete personal data*, earlier than by itself; its events follow as owed work where the service has ended.

    None when they are erased already. Raises StillInUse.
    """
    if not _is_over(service):
        raise StillInUse
    transition = _erased(service, by)
    if transition is None or service.state not in ENDED or service.over_since is None:
        return transition
    stamp = service.over_since.isoformat()
    due = owed(service.provider, Kind.FORGET, service.id, work_id, now, stamp=stamp, early="yes")
    return replace(transition, owes=(due,))


def _erased(service: Service, by: Actor) -> Transition | None:
    after = _without_people(service)
    return None if after == service else Transition(after, What.PERSONAL_DATA_ERASED, by)


def _without_people(service: Service) -> Service:
    """The service without its personal data; the request that ordered it is needed as long as it may be repeated."""
    return replace(
        service,
        invitation=_invitation(service.invitation),
        registration=_registration(service.registration),
        reason=_plain(service.reason),
        request=None if service.state in ENDED else service.request,
    )


def _invitation(invitation: Invitation) -> Invitation:
    return replace(
        invitation,
        admin_email=None,
        invited_by=_nameless(invitation.invited_by),
        links=tuple(map(_link, invitation.links)),
        reason=_plain(invitation.reason),
    )


def _registration(registration: Registration | None) -> Registration | None:
    """The domain stays: a check holds the tenant's against it, and an organisation's domain is nobody's address."""
    return registration and replace(registration, invited_address=None, kept_domain=registration.invited_domain)


def _link(link: Link) -> Link:
    return replace(link, by=SOMEBODY)


def _plain(reason: Reason | None) -> Reason | None:
    return reason and replace(reason, detail=PLAIN.get(reason.code, reason.detail))


def _nameless(actor: Actor) -> Actor:
    """The actor without a name. Operators keep their object id, which tells their provider who it was."""
    return replace(actor, name=SOMEBODY) if actor.kind is ActorKind.OPERATOR else actor


def told_without_people(event: Event) -> Event:
    """The event as it stays."""
    return replace(event, by=_nameless(event.by))
