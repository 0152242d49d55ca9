"""The message that a client sends, its rules, and its form as an Internet message."""

import base64
import re
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

# "Service limits for Azure Communication Services", Email: at most 50 recipients in a message.
MAX_RECIPIENTS = 50
_ADDRESS = re.compile(r"[^\s@<>(),;:\"]+@[^\s@<>(),;:\"]+\.[^\s@<>(),;:\"]+")
_HEADER_NAME = re.compile(r"[!-9;-~]+")
# What the service writes itself cannot be a custom header.
_OWN_HEADERS = frozenset(
    {
        *("from", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "mime-version"),
        *("content-type", "content-transfer-encoding", "x-operation-id"),
    }
)


def _is_address(value: str) -> str:
    try:
        Address(addr_spec=value)
    except (MessageError, ValueError, IndexError):
        value = ""
    if _ADDRESS.fullmatch(value) is None:
        raise ValueError("is not a valid e-mail address")
    return value


def _is_one_line(value: str) -> str:
    if "\r" in value or "\n" in value:
        raise ValueError("must not contain line breaks")
    return value


MailAddress = Annotated[str, AfterValidator(_is_address)]
OneLine = Annotated[str, AfterValidator(_is_one_line)]


class _Part(BaseModel):
    # Fields that this version of the service does not know are ignored, as JSON services of Azure do.
    model_config = ConfigDict(alias_generator=to_camel, strict=True)


class Mailbox(_Part):
    """An address with an optional name (EmailAddress)."""

    address: MailAddress
    display_name: OneLine | None = None

    def header(self) -> Address:
        """The form that a header wants."""
        return Address(self.display_name or "", addr_spec=self.address)


class Recipients(_Part):
    """EmailRecipients: `to` is required; a message wants at least one recipient of any kind."""

    to: list[Mailbox] = Field(default_factory=list)
    cc: list[Mailbox] = Field(default_factory=list)
    bcc: list[Mailbox] = Field(default_factory=list)

    @model_validator(mode="after")
    def _has_a_sound_number(self) -> Self:
        count = len(self.to) + len(self.cc) + len(self.bcc)
        if not 1 <= count <= MAX_RECIPIENTS:
            raise ValueError(f"a message has 1 to {MAX_RECIPIENTS} recipients")
        return self


class Content(_Part):
    """EmailContent: a subject, and text or HTML or both."""

    subject: Annotated[OneLine, Field(min_length=1)]
    plain_text: str | None = None
    html: str | None = None

    @model_validator(mode="after")
    def _has_a_body(self) -> Self:
        if not self.plain_text and not self.html:
            raise ValueError("plainText or html is required")
        return self


class Attachment(_Part):
    """EmailAttachment; `contentId` makes it an inline one."""

    name: OneLine
    content_type: Annotated[str, Field(pattern=r"^[\w.+-]+/[\w.+-]+$")]
    content_in_base64: str
    content_id: OneLine | None = None

    @model_validator(mode="after")
    def _is_base64(self) -> Self:
        base64.b64decode(self.content_in_base64, validate=True)
        return self


class EmailRequest(_Part):
    """EmailMessage of "Email - Send (REST)"; `userEngagementTrackingDisabled` changes nothing here."""

    sender_address: MailAddress
    recipients: Recipients
    content: Content
    headers: dict[str, OneLine] = Field(default_factory=dict)
    reply_to: list[Mailbox] = Field(default_factory=list)
    attachments: list[Attachment] = Field(default_factory=list)
    user_engagement_tracking_disabled: bool = False

    @model_validator(mode="after")
    def _has_sound_headers(self) -> Self:
        for name in self.headers:
            if _HEADER_NAME.fullmatch(name) is None or name.lower() in _OWN_HEADERS:
                raise ValueError(f"headers: {name!r} cannot be set")
        return self

    def envelope(self) -> list[str]:
        """The addresses that SMTP delivers to."""
        kinds = (self.recipients.to, self.recipients.cc, self.recipients.bcc)
        return [mailbox.address for kind in kinds for mailbox in kind]

    def internet_message(self, operation_id: str, delivery: int) -> EmailMessage:
        """The message as SMTP carries it. `x-operation-id` lets a test count what one operation sent.

        `delivery` numbers the mails of one operation id from 1, for its Message-ID.
        """
        message = EmailMessage(SMTP)
        message["From"] = Address(addr_spec=self.sender_address)
        for name, mailboxes in (
            ("To", self.recipients.to),
            ("Cc", self.recipients.cc),
            ("Reply-To", self.reply_to),
        ):
            if mailboxes:
                message[name] = [mailbox.header() for mailbox in mailboxes]
        message["Subject"] = self.content.subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{operation_id}.{delivery}@{self.sender_address.rpartition('@')[2]}>"
        message["x-operation-id"] = operation_id
        for header, value in self.headers.items():
            message[header] = value
        self._add_body(message)
        return message

    def _add_body(self, message: EmailMessage) -> None:
        if self.content.plain_text:
            message.set_content(self.content.plain_text)
            if self.content.html:
                message.add_alternative(self.content.html, subtype="html")
        else:
            message.set_content(self.content.html or "", subtype="html")
        for attachment in self.attachments:
            kind, _, subtype = attachment.content_type.partition("/")
            message.add_attachment(
                base64.b64decode(attachment.content_in_base64),
                maintype=kind,
                subtype=subtype,
                filename=attachment.name,
                disposition="inline" if attachment.content_id else "attachment",
                cid=f"<{attachment.content_id}>" if attachment.content_id else None,
            )
