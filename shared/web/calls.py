"""The app's HTTP functions: all are registered here, so that the API can describe itself and name a path's methods."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import azure.functions as func

from shared.web.replies import answers

type Handler = Callable[..., func.HttpResponse]


@dataclass(frozen=True)
class Call:
    """An HTTP function: its name, route template and methods. ``contract`` is the module that tells what it answers."""

    name: str
    path: str
    methods: tuple[str, ...]
    about: str
    contract: ModuleType

    def matches(self, path: str) -> bool:
        """Whether a request for ``path`` may reach it; routes match without regard to case."""
        ours, theirs = self.path.lower().split("/"), path.lower().rstrip("/").split("/")
        return len(ours) == len(theirs) and all(
            theirs[i] if part.startswith("{") else theirs[i] == part for i, part in enumerate(ours)
        )


CALLS: dict[str, Call] = {}


def calls_of(blueprint: func.Blueprint, contract: ModuleType) -> Callable[..., Callable[[Handler], Any]]:
    """The decorator that registers a feature's HTTP functions: ``@call("api/customers", "POST")``.

    What is ``translated`` answers administrators in their language; operators are answered in English.
    """

    def call(path: str, *methods: str, translated: bool = False) -> Callable[[Handler], Any]:
        def register(handler: Handler) -> Any:
            CALLS[handler.__name__] = Call(handler.__name__, path, methods, handler.__doc__ or "", contract)
            return blueprint.route(path, methods=methods)(answers(handler, translated=translated))

        return register

    return call


def allowed(path: str) -> list[str]:
    """The methods that ``path`` allows; empty when nothing is there."""
    return sorted({method for call in CALLS.values() if call.matches(path) for method in call.methods})
