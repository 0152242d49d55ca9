"""Problems: what can go wrong for a caller, as exceptions with a stable code and words for the person.

Each subclass carries its own HTTP status and texts; `shared.web.replies` alone turns them into RFC 9457 documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from shared.texts import N_, Words


@dataclass(frozen=True)
class Fault:
    """One faulty field: a JSON pointer (RFC 6901) into the request's body, a stable code, and what to do."""

    pointer: str
    code: str
    detail: Words


class Problem(Exception):
    """Refuses a request. ``detail`` says what happened and what to do next, to the one who reads it."""

    status: int = 500
    code: ClassVar[str] = "unexpected"
    title: ClassVar[str] = N_("Something went wrong on our side")
    detail: Words = N_("Nothing is lost. Please try again; if it happens again, tell support the reference.")
    retry_after: int | None = None

    def __init__(
        self,
        detail: Words | None = None,
        *,
        faults: tuple[Fault, ...] = (),
        members: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(self.code)
        self.detail = detail or type(self).detail
        self.faults = faults
        self.members = dict(members or {})
        self.headers = dict(headers or {})


class InvalidInput(Problem):
    status, code, title = 422, "invalid-input", N_("Some of the input cannot be accepted")
    detail = N_("Nothing was changed. Each faulty field is listed with what to do.")


class NotFound(Problem):
    status, code, title = 404, "not-found", "There is nothing here"
    detail = "No such thing exists here. Check the address, or go back to the list."


class MethodNotAllowed(Problem):
    status, code, title = 405, "method-not-allowed", "This address takes other methods"
    detail = "Use one of the methods that the Allow header names."


class ChangedMeanwhile(Problem):
    status, code, title = 412, "changed-meanwhile", "This has changed meanwhile"
    detail = "Somebody, or a check in the background, changed this since you loaded it. Reload, look again, repeat."


class WrongState(Problem):
    status, code, title = 409, "wrong-state", "This is not possible now"
    detail = "The service is not in a state that allows this. Reload it and see what comes next."
