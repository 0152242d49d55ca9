"""The Pending Invitations page's row: what it shows of an invitation, and the row that lists it while it waits."""

import json

from invitations.rules.states import device_authenticated, tries_left, waits
from onboarding.records import Service
from shared.rows import Row
from shared.times import rfc3339


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
    }
    return Row(f"open:{service.id}", json.dumps(pending_row(service)), columns)


def pending_row(service: Service) -> dict[str, object]:
    """The invitation as the Pending Invitations page shows it: JSON values under the names of the HTTP API."""
    invitation, mail = service.invitation, service.invitation.mail
    return {
        "id": invitation_id(service),
        "serviceId": service.id,
        "customer": {"id": service.customer_id, "name": service.customer_name},
        "shortName": service.short_name,
        "fullName": service.full_name,
        "adminEmail": invitation.admin_email,
        "invitedBy": invitation.invited_by.name,
        "status": invitation.status.value,
        "deviceAuthenticated": device_authenticated(service),
        "emailState": mail.state.value,
        "emailReason": mail.reason,
        "emailSentAt": rfc3339(mail.sent_at) if mail.sent_at else None,
        "emailSentCount": mail.count,
        "createdAt": rfc3339(invitation.created_at),
        "expiresAt": rfc3339(invitation.expires_at),
        "triesLeft": tries_left(invitation),
        "channel": invitation.channel.value if invitation.channel else None,
        "reason": {"code": r.code, "detail": r.detail} if (r := invitation.reason) else None,
        "etag": f'"{service.version}"',
    }
