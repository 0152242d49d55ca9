"""What the invitation's calls take and answer."""

from invitations import models, problems
from invitations.links import InvalidLink
from invitations.pending import InvitationRow
from shared.problems import NotFound, WrongState
from shared.web.contract import Contract, File, Page, Who

GUARDED = ("ETag", "Location")
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

CONTRACTS = {
    "list_invitations": Contract(Who.MONITOR, {200: Page(InvitationRow)}, query=models.Filters),
    "show_invitation": Contract(Who.MONITOR, {200: models.InvitationView}, headers=GUARDED, path=INVITATION),
    "resend_invitation": Contract(
        Who.OPERATOR,
        {200: models.InvitationView},
        body=models.Resend,
        if_match=True,
        headers=GUARDED,
        problems=(problems.InvitationClosed,),
        path=INVITATION,
    ),
    "reinitiate_invitation": Contract(
        Who.OPERATOR,
        {201: models.InvitationView},
        body=models.Reinitiation,
        if_match=True,
        headers=GUARDED,
        problems=(problems.InvitationStillOpen, WrongState),
    ),
    "extend_invitation": Contract(
        Who.OPERATOR,
        {200: models.InvitationView},
        body=models.Extension,
        if_match=True,
        headers=GUARDED,
        problems=(problems.AlreadyAnswered, problems.InvitationNotOpen),
        path=INVITATION,
    ),
    "revoke_invitation": Contract(
        Who.OPERATOR,
        {200: models.InvitationView},
        if_match=True,
        headers=GUARDED,
        problems=(problems.InvitationClosed, problems.InvitationNotOpen),
        path=INVITATION,
    ),
    "copy_link": Contract(
        Who.OPERATOR,
        {200: models.CopiedLink},
        if_match=True,
        headers=("ETag",),
        problems=(problems.AlreadyAnswered, problems.InvitationNotOpen),
        path=INVITATION,
    ),
    "wizard_page": Contract(
        Who.ANYONE, {200: File(("text/html",)), 304: None}, headers=("ETag", "Content-Security-Policy"), stored=False
    ),
    "wizard_asset": Contract(
        Who.ANYONE,
        {200: File(("text/css", "text/javascript", "image/svg+xml", "text/html")), 304: None},
        headers=("ETag", "Content-Security-Policy"),
        problems=(NotFound,),
        stored=False,
        path={"asset": "^[a-z0-9-]{1,40}[.](css|js|svg|html)$"},
    ),
    "open_invitation": Contract(Who.LINK, {200: models.PageView}, problems=LINK),
    "submit_registration": Contract(
        Who.LINK,
        {202: models.PageView},
        body=models.Submission,
        headers=("Location", "Retry-After"),
        problems=(*LINK, problems.LinkUsed, problems.CheckInProgress),
    ),
    "decline_invitation": Contract(
        Who.LINK, {200: models.PageView}, body=models.Decline, problems=(*LINK, problems.LinkUsed)
    ),
    "request_link": Contract(
        Who.LINK,
        {200: models.LinkRequest},
        problems=(
            InvalidLink,
            problems.LinkWorks,
            problems.LinkUsed,
            problems.LinkTooOld,
            problems.LinkCancelled,
            problems.LinkSuspended,
        ),
    ),
}
