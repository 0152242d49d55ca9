"""The invitation's e-mail, and the one door to Azure Communication Services Email."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.communication.email import EmailClient
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.rest import HttpRequest

from invitations.links import Token, address, encode
from invitations.rendering import templates
from onboarding.records import Service
from shared.languages.catalogs import translation
from shared.outbound import BoundedSession, transport
from shared.settings import Provider, Settings
from shared.texts import N_, Text
from shared.waiting import Later, retry_after

API_VERSION = "2025-09-01"  # what azure-communication-email 1.1.0 sends with
SECONDS_A_CALL = 20
OPERATIONS = uuid.UUID("6f0d54d0-7f0b-4c63-9a4b-3d2c5be1a4f7")
DEFAULT_HOLD = timedelta(seconds=30)
CODE = re.compile(r"[A-Za-z]{1,60}")
SUBJECT = N_("Connect your Microsoft 365 tenant to {provider}")
UNREADABLE = "The e-mail service gave an answer that could not be read."
THROTTLED = "The e-mail service asked us to wait."
REFUSALS = frozenset({400, 413, 422})  # this mail will never be taken


class MailRefused(Exception):
    """The service will never take this mail; the text says why, without any address."""


@dataclass(frozen=True)
class Message:
    subject: str
    text: str
    html: str


def compose(settings: Settings, provider: Provider, service: Service, token: Token) -> Message:
    """The invitation in its language: who asks, for what, the button, the code for pasting, until when."""
    spoken = translation(service.invitation.language)
    subject = spoken.say(Text(SUBJECT, {"provider": provider.name}))
    facts = {
        "subject": subject,
        "provider": provider,
        "service": service,
        "customer": {"name": service.customer_name},
        "link": address(settings.public_base_url, token),
        "code": encode(token),
        "expires_at": spoken.moment(service.invitation.expires_at),
    }
    text, html = (templates(spoken.code).get_template(f"invitation.{part}").render(facts) for part in ("txt", "html"))
    return Message(subject, text, html)


def operation_id(work_id: str) -> str:
    """The mail's Operation-Id, a GUID derived from the piece of work: a repeated attempt names the same operation."""
    return str(uuid.uuid5(OPERATIONS, work_id))


class Post:
    """The e-mail service, one for the process. Its client neither sleeps nor repeats: owed work does that."""

    def __init__(self, connection: str, sender: str, identity: str | None) -> None:
        """``connection`` is a connection string, or an endpoint for the managed identity with that client id."""
        limits: dict[str, Any] = {
            "retry_total": 0,
            "permit_redirects": False,  # a 307 would post the letter, with its link, to another host
            "transport": transport(BoundedSession(SECONDS_A_CALL)),
        }
        self._sender = sender
        self._held_until = datetime.min.replace(tzinfo=UTC)
        if connection.startswith("endpoint="):
            self._client = EmailClient.from_connection_string(connection, **limits)
        else:
            self._client = EmailClient(connection, _identity(identity), **limits)

    def send(self, message: Message, to: str, reply_to: str | None, work_id: str) -> str:
        """Hand the mail over; returns the service's message id. Raises MailRefused, Later."""
        content: dict[str, Any] = {
            "senderAddress": self._sender,
            "recipients": {"to": [{"address": to}]},
            "content": {"subject": message.subject, "plainText": message.text, "html": message.html},
            "userEngagementTrackingDisabled": True,
        }
        if reply_to:
            content["replyTo"] = [{"address": reply_to}]
        self._wait_for_quota()
        named = operation_id(work_id)
        try:
            answer = self._client.begin_send(content, polling=False, operation_id=named).result()
            return str(answer.get("id") or named)
        except AzureError as error:
            if isinstance(error, HttpResponseError) and error.status_code in REFUSALS:
                raise MailRefused(_refusal(error)) from None
            raise self._later(error) from None
        except RecursionError:  # whatever the status was: the client reads the body first
            raise Later(UNREADABLE) from None
        except (ValueError, AttributeError):  # a 202 whose body cannot be read: taken all the same
            return named

    def fate(self, work_id: str) -> str | None:
        """What became of an earlier attempt: its message id when the service took it, None when it never did.

        Raises MailRefused when the service calls the operation failed, Later when it cannot tell.
        """
        named = operation_id(work_id)
        request = HttpRequest("GET", f"/emails/operations/{named}?api-version={API_VERSION}")
        try:
            response = self._client.send_request(request)
            content = response.json()
            if response.status_code == 404 and "error" in content:
                return None
            response.raise_for_status()
            status = content.get("status")
        except AzureError as error:
            raise self._later(error) from None
        except (ValueError, AttributeError, RecursionError):
            raise Later(UNREADABLE) from None
        if status in ("Failed", "Canceled"):
            raise MailRefused("The e-mail service took the e-mail but could not send it. Resend, or copy a link.")
        return named

    def _wait_for_quota(self) -> None:
        """A 429 holds back the other mails of this process as well."""
        left = self._held_until - datetime.now(UTC)
        if left > timedelta(0):
            raise Later(THROTTLED, left, throttled=True)

    def _later(self, error: AzureError) -> Later:
        """Whatever is no definitive refusal heals by itself, or is mended by somebody: a key, a role, an endpoint."""
        if not isinstance(error, HttpResponseError) or error.status_code is None:
            return Later("The e-mail service could not be reached.")
        now = datetime.now(UTC)
        wait = retry_after(getattr(error.response, "headers", {}).get("Retry-After", ""), now)
        throttled = error.status_code == 429
        if throttled:
            self._held_until = now + (wait or DEFAULT_HOLD)
        words = THROTTLED if throttled else f"The e-mail service answered {error.status_code}."
        return Later(words, wait, throttled=throttled)


def _refusal(error: HttpResponseError) -> str:
    """Why the service will not take a mail, by its own code: the sender is ours to mend, the address is theirs."""
    code = str(getattr(error.error, "code", "") or "")
    named = f"{error.status_code} {code}" if CODE.fullmatch(code) else str(error.status_code)
    told = f"The e-mail service refused the e-mail ({named})."
    if "Sender" in code or "Domain" in code:
        return f"{told} Its sender is not set up: tell support. Until then, copy a link."
    return f"{told} Check the address, then resend."


def _identity(client_id: str | None) -> TokenCredential:
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - only where no access key is used

    return DefaultAzureCredential(managed_identity_client_id=client_id)
