"""What an HTTP call takes and may answer: the words of a feature's ``contract.py``, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.problems import ChangedMeanwhile, InvalidInput, NotFound, Problem
from shared.store import InvalidCursor, StoreUnavailable
from shared.web.auth import KeysUnavailable, NotAllowed, NotSignedIn, ProviderDisabled
from shared.web.calls import CALLS, Call
from shared.web.models import Body, Query, View
from shared.web.requests import (
    BadRequest,
    BodyTooLarge,
    IdempotencyKeyRequired,
    IfMatchMalformed,
    IfMatchRequired,
    WrongMediaType,
)


class Who(StrEnum):
    """Who may call: anybody, an operator's or a monitor's token, an operator's token alone, an invitation's link."""

    ANYONE = "anyone"
    MONITOR = "monitor"
    OPERATOR = "operator"
    LINK = "link"


SIGNED_IN = (NotSignedIn, NotAllowed, ProviderDisabled, KeysUnavailable)
READABLE = (BadRequest, BodyTooLarge, WrongMediaType, InvalidInput)
GUARDED = (IfMatchRequired, IfMatchMalformed, ChangedMeanwhile)


@dataclass(frozen=True)
class Page:
    """A list's answer: entries of that kind, and the path of the next page."""

    of: type[View]


@dataclass(frozen=True)
class File:
    """An answer that is no JSON: its media types."""

    media_types: tuple[str, ...]


type Answer = type[View] | Page | File | None


@dataclass(frozen=True)
class Contract:
    """What a call takes and answers. ``answers`` has the good ones by status, ``problems`` what is its own to refuse.

    ``if_match`` and ``idempotent`` say that it takes that header. ``headers`` are those of its good answers.
    ``stored`` says that it needs the table. ``sends`` and ``shows`` are an example of its body and of its good answer.
    """

    who: Who
    answers: Mapping[int, Answer]
    shows: View | None = None
    body: type[Body] | None = None
    sends: Mapping[str, object] = field(default_factory=dict)
    query: type[Query] | None = None
    if_match: bool = False
    idempotent: bool = False
    headers: tuple[str, ...] = ()
    problems: tuple[type[Problem], ...] = ()
    stored: bool = True
    path: Mapping[str, str] = field(default_factory=lambda: {"id": "^[0-9a-f]{24}$"})


def contract(call: Call) -> Contract:
    """The contract of a call. Raises KeyError when its feature's ``contract.py`` has none."""
    found: Contract = call.contract.CONTRACTS[call.name]
    return found


def refusals(call: Call) -> list[type[Problem]]:
    """All problems that a call may answer, its own and those that follow from what it takes, by status and code."""
    terms = contract(call)
    follow = {
        SIGNED_IN: terms.who in (Who.MONITOR, Who.OPERATOR),
        READABLE: terms.body is not None,
        GUARDED: terms.if_match,
        (IdempotencyKeyRequired,): terms.idempotent,
        (InvalidInput,): terms.query is not None,
        (InvalidCursor,): any(isinstance(answer, Page) for answer in terms.answers.values()),
        (NotFound,): "{" in call.path,
        (StoreUnavailable,): terms.stored,
        (Problem,): True,
    }
    all_of_them = {problem for problems, applies in follow.items() if applies for problem in problems}
    return sorted(all_of_them.union(terms.problems), key=lambda problem: (problem.status, problem.code))


def calls() -> list[Call]:
    """All calls, by path and method."""
    return sorted(CALLS.values(), key=lambda call: (call.path, call.methods))
