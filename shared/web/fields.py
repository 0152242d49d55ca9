"""Types of fields that more than one request uses, each with the words for whoever gets it wrong."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.settings import GUID

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)  # the dot-atom form of RFC 5322, section 3.4.1, with a domain of DNS labels


def _guid(value: str) -> str:
    if not GUID.fullmatch(value.lower()):
        raise PydanticCustomError("guid", "This is not an ID such as 11111111-2222-3333-4444-555555555555.")
    return value.lower()


def _line(value: str) -> str:
    """A name: visible characters, trimmed at both ends."""
    trimmed = value.strip()
    if not trimmed:
        raise PydanticCustomError("blank", "Enter a name.")
    if any(unicodedata.category(character) in INVISIBLE for character in trimmed):
        raise PydanticCustomError(
            "invisible-character", "The name contains a character that cannot be seen. Type it anew."
        )
    return trimmed


def _address(value: str) -> str:
    local, _, domain = value.rpartition("@")
    if len(local) > 64 or len(domain) > 253 or not ADDRESS.fullmatch(value):
        raise PydanticCustomError("address", "This is not an e-mail address such as it@contoso.com.")
    return f"{local}@{domain.lower()}"


GuidText = Annotated[
    str, Field(max_length=36), AfterValidator(_guid), WithJsonSchema({"type": "string", "format": "uuid"})
]
NameText = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_line)]
AddressText = Annotated[
    str,
    Field(max_length=254),
    AfterValidator(_address),
    WithJsonSchema({"type": "string", "format": "email"}),
]
