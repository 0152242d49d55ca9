"""What the administrator does with a living link."""

from dataclasses import replace
from datetime import datetime

from invitations import problems
from invitations.records import InvitationStatus, Link
from invitations.rules.links import is_used
from invitations.rules.states import with_invitation
from onboarding.records import Service, Transition
from shared.actors import Actor, ActorKind
from shared.due import owed
from shared.kinds import Kind
from validation.records import Check, Purpose, Registration


def submitted(service: Service, link: Link, proposal: Registration, work_id: str, now: datetime) -> Transition:
    """*Start authentication*: the proposal waits for its check. Raises CheckInProgress, LinkUsed or a DeadLink."""
    if is_used(service, link, now):
        raise problems.LinkUsed
    if service.invitation.status is InvitationStatus.VALIDATING:
        raise problems.CheckInProgress
    invitation = replace(
        service.invitation,
        status=InvitationStatus.VALIDATING,
        proposal=proposal,
        check=Check(work_id, Purpose.SUBMISSION, now),
        reason=None,
    )
    due = owed(service.provider, Kind.CHECK, service.id, work_id, now)
    by = Actor(ActorKind.ADMIN, f"link: {link.channel}")
    return Transition(with_invitation(service, invitation), "credentials-submitted", by, owes=(due,))
