"""What can go wrong with a link or an invitation, in words for the admin or the operator who meets it."""

from typing import ClassVar

from shared.problems import Problem
from shared.texts import N_


class DeadLink(Problem):
    """A link on file that no longer opens anything; each end has its own code.

    ``askable`` says whether its holder may ask for a new one.
    """

    status = 410
    title = N_("This link no longer works")
    askable: ClassVar[bool] = True


class LinkExpired(DeadLink):
    code, title = "link-expired", N_("This link has expired")
    detail = N_("The time to answer this invitation is over. Ask your provider to send the invitation again.")


class LinkReplaced(DeadLink):
    code, title = "link-replaced", N_("This link has been replaced")
    detail = N_("A newer invitation was sent after this one. Please use the newest link that you were given.")


class LinkRevoked(DeadLink):
    code, title = "link-revoked", N_("This invitation was withdrawn")
    detail = N_("Your provider has withdrawn this invitation. There is nothing for you to do.")


class LinkDeclined(DeadLink):
    code, title = "link-declined", N_("This invitation was declined")
    detail = N_("This invitation was declined. If that was a mistake, ask your provider to send it again.")


class LinkLocked(DeadLink):
    code, title = "link-locked", N_("This invitation is locked")
    detail = N_("Too many sign-ins with this link were refused. Ask your provider to send the invitation again.")


class LinkCancelled(DeadLink):
    code, title, askable = "link-cancelled", N_("This request was cancelled"), False
    detail = N_("Your provider has cancelled the request that this invitation was for. There is nothing for you to do.")


class LinkSuspended(DeadLink):
    code, title, askable = "link-suspended", N_("This service is switched off at present"), False
    detail = N_("Your provider's access to this service is switched off. Nothing is lost; ask your provider.")


class LinkTooOld(DeadLink):
    code, title, askable = "link-too-old", N_("This link is too old to ask for a new one"), False
    detail = N_("It stopped working more than 30 days ago. Please contact your provider if you still need one.")


class LinkWorks(Problem):
    status, code, title = 409, "link-works", N_("This link works")
    detail = N_("No new link is needed: this one opens the invitation. Reload the page.")


class LinkUsed(Problem):
    status, code, title = 409, "link-used", N_("This link has done its work")
    detail = N_("An app registration was accepted through this invitation. You can close this window.")


class CheckInProgress(Problem):
    status, code, title = 409, "check-in-progress", N_("A check is under way")
    detail = N_("The credentials that were sent before are still being checked. Wait for the result; nothing is lost.")
    retry_after = 1


class InvitationClosed(Problem):
    status, code, title = 409, "invitation-closed", "This invitation cannot be changed any more"
    detail = (
        "Its registration was added to the service, the service has ended, or a new invitation for it was taken back. "
        "Reload the service; re-initiate if it needs another invitation."
    )


class AlreadyAnswered(Problem):
    status, code, title = 409, "already-answered", "The administrator has answered already"
    detail = "No link is needed any more. Look at the registration that was entered, and add it if it is the right one."


class InvitationNotOpen(Problem):
    status, code, title = 409, "invitation-not-open", "This invitation cannot be answered now"
    detail = "It has expired, or was revoked, declined or locked. Resend it to get a new link."


class InvitationStillOpen(Problem):
    status, code, title = 409, "invitation-still-open", "An invitation is open already"
    detail = (
        "This service has an invitation that waits for somebody already. Resend that one, perhaps to another address."
    )
