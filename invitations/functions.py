"""The invitation's triggers: the operator's calls, the admin's page and its calls, the mail and the expiry."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import azure.functions as func

from shared.kinds import Kind
from shared.languages.accepted import accepted
from shared.languages.catalogs import languages
from shared.lazy import lazily
from shared.minted import mint
from shared.platform import platform
from shared.queues import wake, work
from shared.web.auth import reader, writer
from shared.web.calls import calls_of
from shared.web.replies import page, reply
from shared.web.requests import body, if_match, language, query

if TYPE_CHECKING:
    from invitations import assets, links, models
    from invitations.operations import admins, expiry, mails, operators
    from onboarding.records import Service
else:
    assets, links = lazily("invitations.assets"), lazily("invitations.links")
    models, admins = lazily("invitations.models"), lazily("invitations.operations.admins")
    expiry, mails = lazily("invitations.operations.expiry"), lazily("invitations.operations.mails")
    operators = lazily("invitations.operations.operators")

invitations = func.Blueprint()
call = calls_of(invitations, lazily("invitations.contract"))


# The operator


@call("api/invitations", "GET")
def list_invitations(req: func.HttpRequest) -> func.HttpResponse:
    """The Pending Invitations page (steps 11 to 13)."""
    operator, asked = reader(req), query(req, models.Filters)
    rows, cursor = operators.list_invitations(platform(), operator, asked.columns, asked.cursor)
    return page(req, rows, cursor)


@call("api/invitations/{id}", "GET")
def show_invitation(req: func.HttpRequest) -> func.HttpResponse:
    """One invitation, with what became of its links."""
    return _shown(operators.show_invitation(platform(), reader(req), req.route_params["id"]))


@invitations.queue_output(arg_name="mail", queue_name=Kind.MAIL.value, connection="Data")
@call("api/invitations/{id}/resend", "POST")
def resend_invitation(req: func.HttpRequest, mail: func.Out[str]) -> func.HttpResponse:
    """*Resend*: the old links die, a new one goes out."""
    operator, version = writer(req), if_match(req)
    wanted = body(req, models.Resend)
    done = operators.resend(platform(), operator, req.route_params["id"], version, wanted, mint())
    wake(mail, done.wake_up(Kind.MAIL))
    return _shown(done.service)


@invitations.queue_output(arg_name="mail", queue_name=Kind.MAIL.value, connection="Data")
@call("api/services/{id}/invitations", "POST")
def reinitiate_invitation(req: func.HttpRequest, mail: func.Out[str]) -> func.HttpResponse:
    """*Re-initiate Authentication Flow*: a new invitation for an existing service."""
    operator, version = writer(req), if_match(req)
    wanted = body(req, models.Reinitiation)
    done = operators.reinitiate(platform(), operator, req.route_params["id"], version, wanted, mint())
    wake(mail, done.wake_up(Kind.MAIL))
    return _shown(done.service, 201)


@call("api/invitations/{id}/extend", "POST")
def extend_invitation(req: func.HttpRequest) -> func.HttpResponse:
    """*Extend*: another end for an invitation that can still be answered."""
    operator, version = writer(req), if_match(req)
    wanted = body(req, models.Extension)
    return _shown(operators.extend(platform(), operator, req.route_params["id"], version, wanted, mint()).service)


@call("api/invitations/{id}/revoke", "POST")
def revoke_invitation(req: func.HttpRequest) -> func.HttpResponse:
    """*Revoke*: the links die at once."""
    operator, version = writer(req), if_match(req)
    return _shown(operators.revoke(platform(), operator, req.route_params["id"], version, mint()).service)


@call("api/invitations/{id}/link", "POST")
def copy_link(req: func.HttpRequest) -> func.HttpResponse:
    """*Copy link*: the only reply that ever carries one."""
    operator, version = writer(req), if_match(req)
    service, link = operators.copy_link(platform(), operator, req.route_params["id"], version, mint())
    etag = f'"{service.version}"'
    return reply(
        models.CopiedLink(link=link, expires_at=service.invitation.expires_at, etag=etag), headers={"ETag": etag}
    )


def _shown(service: "Service", status: int = 200) -> func.HttpResponse:
    view = models.invitation_view(service)
    return reply(view, status, {"ETag": view.etag, "Location": f"/api/invitations/{view.id}"})


# The admin


@call("invite", "GET", "HEAD")
def wizard_page(req: func.HttpRequest) -> func.HttpResponse:
    """The invitation wizard (step 8), in the reader's language, or in that of ``language`` in the query.

    Opening it changes nothing: mail scanners do it all the time.
    """
    chosen = req.params.get("language", "")
    code = chosen if chosen in languages() else accepted(req.headers.get("Accept-Language", ""))
    return _served(req, partial(assets.page, code))


@call("invite/{asset}", "GET", "HEAD")
def wizard_asset(req: func.HttpRequest) -> func.HttpResponse:
    """The page's style, script and icon, and a provider's colours."""
    return _served(req, partial(assets.asset, req.route_params["asset"]))


def _served(req: func.HttpRequest, made: Callable[..., "assets.Asset"]) -> func.HttpResponse:
    found = made(compressed=assets.takes_gzip(req.headers.get("Accept-Encoding", "")))
    if req.headers.get("If-None-Match", "") == found.headers.get("ETag"):
        return func.HttpResponse(status_code=304, headers=found.headers)
    content = b"" if req.method == "HEAD" else found.content
    return func.HttpResponse(content, mimetype=found.media_type, headers=found.headers)


@call("api/invitation", "GET", translated=True)
def open_invitation(req: func.HttpRequest) -> func.HttpResponse:
    """What the admin's page shows; it polls this while a check runs."""
    return reply(admins.open_link(platform(), _token(req), mint(), language(req)))


@invitations.queue_output(arg_name="check", queue_name=Kind.CHECK.value, connection="Data")
@call("api/invitation/submission", "POST", translated=True)
def submit_registration(req: func.HttpRequest, check: func.Out[str]) -> func.HttpResponse:
    """*Start authentication* (step 9)."""
    held = admins.hold(platform(), _token(req))
    view, done = admins.submit(platform(), held, body(req, models.Submission), mint(), language(req))
    wake(check, done.wake_up(Kind.CHECK))
    return reply(view, 202, {"Location": "/api/invitation", "Retry-After": "1"})


@call("api/invitation/decline", "POST", translated=True)
def decline_invitation(req: func.HttpRequest) -> func.HttpResponse:
    """*Decline*: the links stop working, and the operator sees why."""
    held = admins.hold(platform(), _token(req))
    return reply(admins.decline(platform(), held, body(req, models.Decline), mint(), language(req)))


@call("api/invitation/request-link", "POST", translated=True)
def request_link(req: func.HttpRequest) -> func.HttpResponse:
    """*Ask for a new link*, with one that has died: the operator sees that somebody asks."""
    return reply(admins.request_link(platform(), _token(req), mint()))


def _token(req: func.HttpRequest) -> str:
    scheme, _, token = req.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "invitation":
        raise links.InvalidLink
    return str(token.strip())


# Owed work


@invitations.queue_trigger(arg_name="message", queue_name=Kind.MAIL.value, connection="Data")
def send_mail(message: func.QueueMessage) -> None:
    """Send the mail that the message's work names."""
    work(mails.send_mail, message)


@invitations.queue_trigger(arg_name="message", queue_name=Kind.EXPIRE.value, connection="Data")
def expire_invitation(message: func.QueueMessage) -> None:
    """Look at the invitation whose time has come."""
    work(expiry.expire_invitation, message)
