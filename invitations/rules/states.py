"""An invitation's states: what each allows, and how the service's own state follows."""

from dataclasses import replace

from invitations.records import Invitation, InvitationStatus
from onboarding.records import Service, ServiceState
from validation.records import Registration

MAX_TRIES = 10
ANSWERABLE = frozenset({InvitationStatus.PENDING, InvitationStatus.VALIDATING})
HOLDS_SECRET = frozenset({InvitationStatus.VALIDATING, InvitationStatus.AUTHENTICATED})
BEFORE_ADD = frozenset({ServiceState.INVITED, ServiceState.AUTHENTICATED})
ENDED = frozenset({ServiceState.CANCELLED, ServiceState.DISCONNECTED})


def device_authenticated(service: Service) -> bool:
    """The column *Device Authenticated* (step 11)."""
    return service.invitation.status in (InvitationStatus.AUTHENTICATED, InvitationStatus.ACCEPTED)


def awaits_add(service: Service) -> Registration | None:
    """The registration that was proposed and passed, until *Add* attaches it."""
    authenticated = service.invitation.status is InvitationStatus.AUTHENTICATED
    return service.invitation.proposal if authenticated else None


def waits(service: Service) -> bool:
    """Whether the invitation is on the Pending Invitations page: it waits for somebody until *Add* or the end.

    A new one for a service that has its registration can also be taken back: revoked, it waits for nobody.
    """
    taken_back = service.invitation.status is InvitationStatus.REVOKED and service.registration is not None
    return service.invitation.status is not InvitationStatus.ACCEPTED and service.state not in ENDED and not taken_back


def tries_left(invitation: Invitation) -> int:
    return max(0, MAX_TRIES - invitation.tries)


def secrets_stand_where_they_may(service: Service) -> bool:
    """A sealed secret is in a proposal under check or authenticated, and in a service that uses it; nowhere else."""
    proposal_may = service.invitation.status in HOLDS_SECRET
    registration_may = service.state not in (ServiceState.INVITED, *ENDED)
    return (service.invitation.proposal is None or proposal_may) and (service.registration is None or registration_may)


def with_invitation(service: Service, invitation: Invitation) -> Service:
    """The service with that invitation; before *Add* its own state follows the invitation's."""
    state = service.state
    if state in BEFORE_ADD and service.registration is None:
        authenticated = invitation.status is InvitationStatus.AUTHENTICATED
        state = ServiceState.AUTHENTICATED if authenticated else ServiceState.INVITED
    return replace(service, invitation=invitation, state=state)
