"""Who did something, and why something is as it is: words that every record shares."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    OPERATOR = "operator"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who acted. An operator is (``tid``, ``oid``); an admin is known only by the channel of the link that was used."""

    kind: ActorKind
    name: str
    tid: str | None = None
    oid: str | None = None


SYSTEM = Actor(ActorKind.SYSTEM, "TenantLink")


@dataclass(frozen=True)
class Reason:
    """Why a state came about: a stable code and a sentence for the person who reads it."""

    code: str
    detail: str
