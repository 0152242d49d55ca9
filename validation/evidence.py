"""What Entra and Graph told during a check: plain values, before anybody judges them.

Whoever rules that tenant chose the texts: they come in here in a form that harms nobody who reads them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.patterns import GUID

LONGEST_NAME = 100
VALUE = re.compile(r"[!#-\[\]-~]{1,120}")  # Graph, appRole: "value"; a directory role's id is a GUID


def trace_id_of(value: object) -> str | None:
    """Microsoft's id of a request, which is shown; None for anything else in its place: it might be what we sent."""
    return value if isinstance(value, str) and GUID.fullmatch(value.lower()) else None


@dataclass(frozen=True)
class Token:
    """An access token and what it says of itself. The claims help the reader; that Entra issued it is the proof."""

    value: str
    claims: Mapping[str, Any]

    def text(self, claim: str) -> str | None:
        """A claim that is a string, else None."""
        value = self.claims.get(claim)
        return value if isinstance(value, str) else None

    def texts(self, claim: str) -> tuple[str, ...]:
        """A claim that lists app roles or ids (``roles``, ``wids``); empty when it is missing."""
        values = self.claims.get(claim)
        listed = values if isinstance(values, list) else ()
        return tuple(value for value in listed if isinstance(value, str) and VALUE.fullmatch(value))

    def __repr__(self) -> str:
        return "Token(…)"


@dataclass(frozen=True)
class Refusal:
    """Entra's definitive no. ``number`` is the AADSTS number when there is one."""

    error: str
    number: int | None
    trace_id: str | None


@dataclass(frozen=True)
class Organization:
    """``GET /organization``: the tenant as it names itself."""

    id: str
    name: str
    verified_domains: tuple[str, ...]


@dataclass(frozen=True)
class Secret:
    """One of an application's secrets: its first three characters, and its end."""

    hint: str
    ends: datetime


@dataclass(frozen=True)
class ApplicationRecord:
    """``GET /applications(appId=…)``: its name, "" when Graph gives none, and its secrets."""

    name: str
    secrets: tuple[Secret, ...]


@dataclass(frozen=True)
class Unreadable:
    """Graph does not let the application read that. ``trace_id`` is for Microsoft's support."""

    trace_id: str | None


@dataclass(frozen=True)
class Evidence:
    """What was seen, up to the first definitive no; None means that it was not looked at.

    ``tenant_id`` is None when Entra knows no such tenant. ``hint`` is the first three characters of the secret.
    """

    tenant_id: str | None
    hint: str
    graph: Token | Refusal | None = None
    resources: Mapping[str, Token | Refusal] = field(default_factory=dict)
    organization: Organization | Unreadable | None = None
    application: ApplicationRecord | Unreadable | None = None
