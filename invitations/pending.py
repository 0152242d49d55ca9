"""The Pending Invitations page's row: what it shows of an invitation, and the row that lists it while it waits."""

from invitations.records import Channel, InvitationStatus, MailState
from invitations.rules.states import device_authenticated, tries_left, waits
from onboarding.records import Service
from onboarding.rules.attention import AttentionCode, Mend, attention
from shared.rows import Row
from shared.web.models import ReasonView, Time, View, reason_view


class CustomerName(View):
    id: str
    name: str


class AttentionView(View):
    """Why a person must do something about a service, since when, and the calls that mend it, by ``operationId``.

    ``work`` is the id of the owed work that can be woken at once, where it only waits.
    """

    code: AttentionCode
    since: Time | None
    detail: str
    calls: tuple[Mend, ...]
    work: str | None


class InvitationRow(View):
    """An invitation as the Pending Invitations page lists it; ``etag`` is its service's.

    An e-mail that is stuck says what it waits for and when it is tried next, or why it failed. ``attention`` is for
    its service as a whole. ``language`` is its e-mail's. ``admin_email`` is null once it was erased.
    """

    id: str
    service_id: str
    customer: CustomerName
    short_name: str
    full_name: str
    admin_email: str | None
    language: str
    invited_by: str
    status: InvitationStatus
    device_authenticated: bool
    email_state: MailState
    email_reason: str | None
    email_waiting_for: str | None
    email_attempts: int
    email_stuck_since: Time | None
    email_next_at: Time | None
    email_sent_at: Time | None
    email_sent_count: int
    created_at: Time
    expires_at: Time
    tries_left: int
    channel: Channel | None
    link_requested_at: Time | None
    reason: ReasonView | None
    attention: AttentionView | None
    etag: str


def attention_view(service: Service) -> AttentionView | None:
    found = attention(service)
    return AttentionView.model_validate(found) if found else None


def invitation_id(service: Service) -> str:
    """An invitation's id contains its service's id and a number."""
    return f"{service.id}-{service.invitation.number}"


def open_row(service: Service) -> Row | None:
    """The row of the Pending Invitations page while the invitation waits for somebody, else None."""
    if not waits(service):
        return None
    columns = {
        "status": service.invitation.status.value,
        "customer": service.customer_id,
        "deviceAuthenticated": device_authenticated(service),
        "linkRequested": service.invitation.link_requested_at is not None,
        "attention": attention(service) is not None,
    }
    return Row(f"open:{service.id}", pending_row(service).model_dump_json(by_alias=True), columns)


def pending_row(service: Service) -> InvitationRow:
    invitation, mail = service.invitation, service.invitation.mail
    return InvitationRow(
        id=invitation_id(service),
        service_id=service.id,
        customer=CustomerName(id=service.customer_id, name=service.customer_name),
        short_name=service.short_name,
        full_name=service.full_name,
        admin_email=invitation.admin_email,
        language=invitation.language,
        invited_by=invitation.invited_by.name,
        status=invitation.status,
        device_authenticated=device_authenticated(service),
        email_state=mail.state,
        email_reason=mail.reason,
        email_waiting_for=mail.waiting_for,
        email_attempts=mail.attempts,
        email_stuck_since=mail.stuck_since,
        email_next_at=mail.next_at,
        email_sent_at=mail.sent_at,
        email_sent_count=mail.count,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        tries_left=tries_left(invitation),
        channel=invitation.channel,
        link_requested_at=invitation.link_requested_at,
        reason=reason_view(invitation.reason),
        attention=attention_view(service),
        etag=f'"{service.version}"',
    )
