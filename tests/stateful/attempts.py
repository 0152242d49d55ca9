"""Steps as they are drawn, and attempts: steps made ready, with what the model says that they come to."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from onboarding.records import Service
from shared.problems import Problem
from shared.web.models import Body
from tests.stateful.known import Known
from tests.stateful.model import Model
from tests.stateful.seen import Seen

type Foretell = Callable[[Model], str]


@dataclass(frozen=True)
class Step:
    """What is tried. ``which`` chooses its subject, ``how`` its variant; ``stale`` and ``foreign`` say who asks."""

    what: str
    which: int = 0
    how: int = 0
    stale: bool = False
    foreign: bool = False

    def service(self, seen: Seen) -> Service:
        """Most often the newest."""
        by_age = sorted(seen.services.values(), key=lambda one: (one.created_at, one.full_name))
        return by_age[-1 - self.which % len(by_age)]


@dataclass(frozen=True)
class Attempt:
    """``also`` is what else it may come to when something goes wrong or others act meanwhile."""

    name: str
    run: Callable[[], object]
    foretell: Foretell
    also: tuple[Foretell, ...] = ()

    def said(self) -> str:
        """ "ok", or the code of the problem that refused it."""
        try:
            self.run()
        except Problem as problem:
            return problem.code
        return "ok"


def nothing(_: Model) -> str:
    """Foretells that nothing changes."""
    return "ok"


def of_service(label: str, decide: Callable[[Known], Known | str]) -> Foretell:
    """Foretells what a decision makes of one service."""
    return lambda model: model.settle(label, decide(model.services[label]))


def body[B: Body](shape: type[B], **content: object) -> B:
    """A request's body, as it comes in."""
    return shape.model_validate_json(json.dumps(content))
