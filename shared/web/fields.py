"""Types of fields that more than one request uses, each with the words for whoever gets it wrong."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.languages.catalogs import languages
from shared.names import MOST_MARKS, folded, has_unseen, highest_pile
from shared.patterns import ADDRESS, GUID
from shared.setting_values import LIFETIME_RULE, LONGEST_LIFETIME, SHORTEST_LIFETIME
from shared.texts import N_

RFC3339 = re.compile(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-5][0-9])")
REPEATED_WITHIN = timedelta(minutes=15)
GUID_OF_ANY_CASE = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# Bytes: two hex digits for each, and 43 characters of customer-archived:…:{id}, make 512 at most, a key's bound.
LONGEST_FOLDED = 234


def _guid(value: str) -> str:
    if not GUID.fullmatch(value.lower()):
        raise PydanticCustomError("guid", N_("This is not an ID such as 11111111-2222-3333-4444-555555555555."))
    return value.lower()


def _line(value: str) -> str:
    """A name: visible characters, trimmed at both ends."""
    trimmed = value.strip()
    if not trimmed:
        raise PydanticCustomError("blank", "Enter a name.")
    if has_unseen(trimmed):
        raise PydanticCustomError(
            "invisible-character", "The name contains a character that cannot be seen. Type it anew."
        )
    if highest_pile(trimmed) > MOST_MARKS:
        raise PydanticCustomError("piled-marks", "The name piles too many accents on one letter. Type it anew.")
    return trimmed


def _fits_a_key(value: str) -> str:
    if len(folded(value).encode()) > LONGEST_FOLDED:
        raise PydanticCustomError(
            "name-too-long", "The name is too long in its letters: it has room for about 75 of them. Shorten it."
        )
    return value


def _true_or_false(value: object) -> object:
    if value not in ("true", "false"):
        raise PydanticCustomError("bool_parsing", "This must be true or false.")
    return value == "true"


def _language(value: str) -> str:
    if value not in languages():
        *others, last = map(repr, languages())
        expected = f"{', '.join(others)} or {last}"
        raise PydanticCustomError("literal_error", "{expected}", {"expected": expected})
    return value


def _address(value: str) -> str:
    local, _, domain = value.rpartition("@")
    if len(local) > 64 or len(domain) > 253 or not ADDRESS.fullmatch(value):
        raise PydanticCustomError("address", "This is not an e-mail address such as it@contoso.com.")
    return f"{local}@{domain.lower()}"


def _rfc3339(value: object) -> datetime:
    try:
        if isinstance(value, str) and RFC3339.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise PydanticCustomError("date-time", "This is not a time such as 2026-12-01T12:00:00Z.")


def _lifetime(value: datetime) -> datetime:
    """Told with all other faults at once. The rule itself decides; a repeated request may come some minutes later."""
    now = datetime.now(UTC)
    if not now + SHORTEST_LIFETIME - REPEATED_WITHIN <= value <= now + LONGEST_LIFETIME:
        raise PydanticCustomError("expires-at", LIFETIME_RULE)
    return value


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
        {
            "type": "string",
            "minLength": 1,
            "maxLength": 100,
            "pattern": "^[^\\x00-\\x1f\\x7f]*[^\\s\\x00-\\x1f\\x7f][^\\x00-\\x1f\\x7f]*$",
            "description": "Visible characters.",
        }
    ),
]
CustomerNameText = Annotated[NameText, AfterValidator(_fits_a_key)]
LanguageCode = Annotated[
    str,
    AfterValidator(_language),
    WithJsonSchema({"type": "string", "enum": list(languages()), "description": "The e-mail's language."}),
]
TrueOrFalse = Annotated[bool, BeforeValidator(_true_or_false)]
AddressText = Annotated[
    str,
    Field(max_length=254),
    AfterValidator(_address),
    WithJsonSchema(
        {"type": "string", "format": "email", "maxLength": 254, "pattern": f"^(?=.{{1,64}}@){ADDRESS.pattern}$"}
    ),
]
ExpiresAt = Annotated[
    AwareDatetime,
    Field(strict=False),
    BeforeValidator(_rfc3339),
    AfterValidator(_lifetime),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": f"^{RFC3339.pattern}$",
            "description": "1 hour to 30 days from now.",
        }
    ),
]
