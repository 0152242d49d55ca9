"""Links: the token that an admin holds, its layout, and what is stored of it.

Layout (docs/decisions/0005-link-token.md): version 1 (1 byte) | provider's tenant id (16) | service id (12) |
invitation's number (2) | random (32), base64url: 84 characters. Only SHA-256 of the random part is stored.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from invitations.records import Channel, Link
from invitations.rules.sending import Sending
from shared.due import new_work_id
from shared.problems import Problem
from shared.sealing import Sealer
from shared.texts import N_

VERSION = 1
RANDOM_BYTES = 32
SHAPE = re.compile(r"[A-Za-z0-9_-]{84}")


class InvalidLink(Problem):
    """One answer for malformed and for unknown: whoever guesses learns nothing."""

    status, code, title = 401, "invalid-link", N_("This link is not valid")
    detail = N_(
        "The link may have been cut off on its way. Open the e-mail again and press its button, or paste the whole "
        "code from the e-mail. If that does not help, ask whoever invited you for a new link."
    )


@dataclass(frozen=True)
class Token:
    """A link's token, taken apart. ``random`` is the secret part."""

    provider: str
    service_id: str
    number: int
    random: bytes

    def __str__(self) -> str:
        raise TypeError("a token is written out by encode() alone, lest it reach a log")

    def __repr__(self) -> str:
        return "Token(…)"


def new_token(provider: str, service_id: str, number: int) -> Token:
    return Token(provider, service_id, number, secrets.token_bytes(RANDOM_BYTES))


def encode(token: Token) -> str:
    """The 84 characters that stand in the link."""
    number = token.number.to_bytes(2, "big")
    raw = bytes([VERSION]) + uuid.UUID(token.provider).bytes + bytes.fromhex(token.service_id) + number + token.random
    return base64.urlsafe_b64encode(raw).decode()


def decode(text: str) -> Token:
    """Raises InvalidLink, before any storage call, for what cannot be one of ours."""
    if not SHAPE.fullmatch(text):
        raise InvalidLink
    try:
        raw = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        raise InvalidLink from None
    if raw[0] != VERSION:
        raise InvalidLink
    return Token(str(uuid.UUID(bytes=raw[1:17])), raw[17:29].hex(), int.from_bytes(raw[29:31], "big"), raw[31:])


def digest(token: Token) -> str:
    """What is stored of a token: SHA-256 of its random part, in hex."""
    return hashlib.sha256(token.random).hexdigest()


def find(links: Iterable[Link], token: Token) -> Link:
    """The link on file that this token belongs to, living or dead. Raises InvalidLink. Compares in constant time."""
    wanted = digest(token)
    matches = [link for link in links if hmac.compare_digest(link.hash, wanted)]
    if not matches:
        raise InvalidLink
    return matches[-1]


def address(public_base_url: str, token: Token) -> str:
    """The link itself; its fragment stays out of request logs and referrers."""
    return f"{public_base_url}/invite#{encode(token)}"


def link_of(token: Token, channel: Channel, by: str, now: datetime) -> Link:
    """What goes on file for a new token."""
    return Link(digest(token), channel, by, now)


def sealed_place(provider: str, service_id: str, work_id: str) -> tuple[str, ...]:
    """What a sealed link is bound to: its purpose, provider, service and piece of work."""
    return ("link", provider, service_id, work_id)


def sending(sealer: Sealer, token: Token, by: str, expires_at: datetime, now: datetime) -> Sending:
    """All that a mail's transition needs. The token stands, sealed, in the mail's due row alone, and dies with it."""
    work_id = new_work_id()
    sealed = sealer.seal(encode(token), *sealed_place(token.provider, token.service_id, work_id))
    link = link_of(token, Channel.MAIL, by, now)
    return Sending(link, sealed, work_id, new_work_id(), expires_at)
