"""Types of fields that more than one request uses, each with the words for whoever gets it wrong."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.names import folded, has_base, is_unseen
from shared.patterns import ADDRESS, GUID

RFC3339 = re.compile(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)
GUID_OF_ANY_CASE = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
LONGEST_FOLDED = 240  # bytes; twice as many hex digits are part of a key, which holds 512 characters


def _guid(value: str) -> str:
    if not GUID.fullmatch(value.lower()):
        raise PydanticCustomError("guid", "This is not an ID such as 11111111-2222-3333-4444-555555555555.")
    return value.lower()


def _line(value: str) -> str:
    """A name: visible characters, trimmed at both ends."""
    trimmed = value.strip()
    if not trimmed:
        raise PydanticCustomError("blank", "Enter a name.")
    if not has_base(trimmed) or any(is_unseen(character) for character in trimmed):
        raise PydanticCustomError(
            "invisible-character", "The name contains a character that cannot be seen. Type it anew."
        )
    if len(folded(trimmed).encode()) > LONGEST_FOLDED:
        raise PydanticCustomError("name-too-long", "The name is too long for its kind of letters. Shorten it.")
    return trimmed


def _address(value: str) -> str:
    local, _, domain = value.rpartition("@")
    if len(local) > 64 or len(domain) > 253 or not ADDRESS.fullmatch(value):
        raise PydanticCustomError("address", "This is not an e-mail address such as it@contoso.com.")
    return f"{local}@{domain.lower()}"


def _rfc3339(value: object) -> object:
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise PydanticCustomError("date-time", "This is not a time such as 2026-12-01T12:00:00Z.")
    return value


def _lifetime(value: datetime) -> datetime:
    now = datetime.now(UTC)
    if not now + SHORTEST <= value <= now + LONGEST:
        raise PydanticCustomError("expires-at", "An invitation lives for 1 hour to 30 days from now.")
    return value.astimezone(UTC)


GuidText = Annotated[
    str,
    Field(max_length=36),
    AfterValidator(_guid),
    WithJsonSchema({"type": "string", "format": "uuid", "pattern": f"^{GUID_OF_ANY_CASE}$"}),
]
NameText = Annotated[
    str,
    Field(min_length=1, max_length=100),
    AfterValidator(_line),
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "\\S", "description": "Visible characters."}
    ),
]
AddressText = Annotated[
    str,
    Field(max_length=254),
    AfterValidator(_address),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 254, "pattern": f"^{ADDRESS.pattern}$"}),
]
ExpiresAt = Annotated[
    AwareDatetime,
    Field(strict=False, description="1 hour to 30 days from now."),
    BeforeValidator(_rfc3339),
    AfterValidator(_lifetime),
]
