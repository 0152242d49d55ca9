"""What the invitation's calls take and answer."""

from invitations import models, problems
from invitations.links import InvalidLink
from invitations.pending import InvitationRow, pending_row
from onboarding import examples
from shared.problems import NotFound, WrongState
from shared.settings import Contact, Provider
from shared.web.contract import Contract, File, Page, Who

LOCATED = ("ETag", "Location")
SPOKEN = ("Content-Language",)
INVITATION = {"id": "^[0-9a-f]{24}-[1-9][0-9]{0,4}$"}
LINK = (
    InvalidLink,
    problems.LinkExpired,
    problems.LinkReplaced,
    problems.LinkRevoked,
    problems.LinkDeclined,
    problems.LinkLocked,
    problems.LinkCancelled,
    problems.LinkSuspended,
)

SHOWN = models.invitation_view(examples.PENDING)
PAGE = models.page_view(
    examples.PENDING,
    Provider(examples.PROVIDER, "Northwind Voice", Contact("Onboarding desk", "onboarding@northwind.example")),
    ("Organization.Read.All",),
    done=False,
)
SUBMISSION = {
    "tenantId": examples.TENANT,
    "clientId": examples.CLIENT,
    "credential": {"kind": "secret", "value": "example-of-a-value", "expiresOn": "2027-12-31"},
}

CONTRACTS = {
    "list_invitations": Contract(
        Who.MONITOR,
        {200: Page(InvitationRow)},
        query=models.Filters,
        shows=pending_row(examples.STUCK),
    ),
    "show_invitation": Contract(
        Who.MONITOR,
        {200: models.InvitationView},
        headers=LOCATED,
        path=INVITATION,
        shows=SHOWN,
    ),
    "resend_invitation": Contract(
        Who.OPERATOR,
        {200: models.InvitationView},
        body=models.Resend,
        if_match=True,
        headers=LOCATED,
        problems=(problems.InvitationClosed,),
        path=INVITATION,
        shows=SHOWN,
        sends={"adminEmail": "it@contoso.example"},
    ),
    "reinitiate_invitation": Contract(
        Who.OPERATOR,
        {201: models.InvitationView},
        body=models.Reinitiation,
        if_match=True,
        headers=LOCATED,
        problems=(problems.InvitationStillOpen, WrongState),
        shows=SHOWN,
        sends={"adminEmail": "it@contoso.example"},
    ),
    "extend_invitation": Contract(
        Who.OPERATOR,
        {200: models.InvitationView},
        body=models.Extension,
        if_match=True,
        headers=LOCATED,
        problems=(problems.InvitationClosed, problems.AlreadyAnswered, problems.InvitationNotOpen),
        path=INVITATION,
        shows=SHOWN,
        sends={"expiresAt": "2026-12-15T12:00:00Z"},
    ),
    "revoke_invitation": Contract(
        Who.OPERATOR,
        {200: models.InvitationView},
        if_match=True,
        headers=LOCATED,
        problems=(problems.InvitationClosed, problems.InvitationNotOpen),
        path=INVITATION,
        shows=SHOWN,
    ),
    "copy_link": Contract(
        Who.OPERATOR,
        {200: models.CopiedLink},
        if_match=True,
        headers=("ETag",),
        problems=(problems.InvitationClosed, problems.AlreadyAnswered, problems.InvitationNotOpen),
        path=INVITATION,
        shows=models.CopiedLink(link="https://connect.example/invite#…", expires_at=examples.NOON, etag='"4"'),
    ),
    "wizard_page": Contract(
        Who.ANYONE,
        {200: File(("text/html",))},
        headers=("Content-Security-Policy", "Content-Language"),
        stored=False,
    ),
    "wizard_asset": Contract(
        Who.ANYONE,
        {200: File(("text/css", "text/javascript", "image/svg+xml")), 304: None},
        headers=("ETag", "Content-Security-Policy"),
        problems=(NotFound,),
        stored=False,
        path={"asset": "^[a-z0-9-]{1,40}[.](css|js|svg)$"},
    ),
    "open_invitation": Contract(
        Who.LINK,
        {200: models.PageView},
        headers=SPOKEN,
        problems=LINK,
        shows=PAGE,
    ),
    "submit_registration": Contract(
        Who.LINK,
        {202: models.PageView},
        body=models.Submission,
        headers=(*SPOKEN, "Location", "Retry-After"),
        problems=(*LINK, problems.LinkUsed, problems.CheckInProgress),
        shows=PAGE,
        sends=SUBMISSION,
    ),
    "decline_invitation": Contract(
        Who.LINK,
        {200: models.PageView},
        headers=SPOKEN,
        body=models.Decline,
        problems=(*LINK, problems.LinkUsed),
        shows=PAGE,
        sends={"reason": "We use another provider."},
    ),
    "request_link": Contract(
        Who.LINK,
        {200: models.LinkRequest},
        headers=SPOKEN,
        problems=(
            InvalidLink,
            problems.LinkWorks,
            problems.LinkUsed,
            problems.LinkTooOld,
            problems.LinkRevoked,
            problems.LinkCancelled,
            problems.LinkSuspended,
        ),
        shows=models.LinkRequest(requested_at=examples.NOON, provider=PAGE.provider),
    ),
}
