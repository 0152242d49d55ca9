"""What a use case works on, and how its caller behaves: as a portal or a page does, which repeats what is unknown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests

from local.callers import Caller
from local.waiting import wait_until
from onboarding.records import Service
from tests.faults.lane import SECONDS, Lane
from tests.integration.procedure import Json, Onboarding

type Done = Callable[[Json], bool]


@dataclass
class Scene:
    """One use case under way. ``etag`` is what its caller has seen; None: it must look again first.

    ``subject`` names its events (a service's id, or ``customer-`` and a customer's), ``version`` is the subject's when
    the use case begins.
    """

    lane: Lane
    way: Onboarding | None = None
    customer: Json = field(default_factory=dict)
    admin: Caller | None = None
    body: Json = field(default_factory=dict)
    key: str = ""
    etag: str | None = None
    version: int = 0
    subject: str = ""

    @property
    def operator(self) -> Caller:
        return self.lane.cloud.operator()

    @property
    def service(self) -> Onboarding:
        assert self.way is not None
        return self.way

    @property
    def holder(self) -> Caller:
        assert self.admin is not None
        return self.admin

    def seen(self) -> "Scene":
        """The scene as its caller sees it now, with nothing under way."""
        self.lane.until_idle()
        shown = self.service.read()
        self.etag = shown["etag"]
        self.subject, self.version = self.service.id, int(shown["etag"].strip('"'))
        return self


@dataclass(frozen=True)
class UseCase:
    """One use case: what comes before it, one attempt of its caller's, and how it must end.

    ``calls`` are all calls to the outside, in order, and ``story`` the events, when nothing goes wrong. ``attempt``
    says whether the outcome is known; without it, it is the clock that acts: the host starts ``ahead`` of now.
    ``repeats`` are events that the caller's repetition tells once more. ``mails`` are those that it sends. What
    comes before is ``kept`` and put back for the next time, unless owed work would meet what became of it then.
    """

    name: str
    prepare: Callable[[Lane], Scene]
    ends: Callable[[Service], bool]
    calls: tuple[str, ...]
    story: tuple[str, ...]
    attempt: Callable[[Scene], bool] | None = None
    mails: int = 0
    ahead: timedelta = timedelta(0)
    repeats: frozenset[str] = frozenset()
    kept: bool = True

    @property
    def moves_clock(self) -> bool:
        return self.attempt is None

    def tries(self, scene: Scene) -> bool:
        """One attempt; an answer that is lost or 5xx is unknown."""
        if self.attempt is None:
            return True
        try:
            return self.attempt(scene)
        except requests.RequestException:
            return False

    def finishes(self, scene: Scene) -> None:
        """Repeat until the outcome is known."""
        wait_until(lambda: self.tries(scene), SECONDS, f"a known outcome of {self.name}")


def created(path: Callable[[Scene], str], status: int = 201) -> Callable[[Scene], bool]:
    """A creation: the same request under the same key until it is answered."""

    def attempt(scene: Scene) -> bool:
        reply = scene.operator.create(path(scene), scene.key, scene.body)
        if reply.status_code == status:
            _note(scene, reply.json()["id"])
        return known(reply)

    return attempt


def _note(scene: Scene, made: str) -> None:
    if scene.way is None:
        scene.subject = f"customer-{made}"
    else:
        scene.way.id = scene.subject = made


def changed(
    path: Callable[[Scene], str], done: Done, body: Mapping[str, Any] | Callable[[Scene], Json] | None = None
) -> Callable[[Scene], bool]:
    """A change of the service that the caller saw; after an unknown answer it reloads, and may find it done."""

    def attempt(scene: Scene) -> bool:
        if scene.etag is None:
            shown = scene.service.read()
            if done(shown):
                return True
            scene.etag = shown["etag"]
        etag, scene.etag = scene.etag, None
        content = body(scene) if callable(body) else body
        return known(scene.operator.change(path(scene), etag, content))

    return attempt


def held(path: str, body: Mapping[str, Any] | None, done: Callable[[Caller], bool]) -> Callable[[Scene], bool]:
    """What the holder of a link does; after an unknown answer the page looks first."""

    def attempt(scene: Scene) -> bool:
        if scene.etag is None and done(scene.holder):
            return True
        scene.etag = None
        return known(scene.holder.post(f"/api/invitation/{path}", json=body))

    return attempt


def known(reply: requests.Response) -> bool:
    """Whether the reply is a final yes; 5xx and a lost race are looked at again, and nothing else is expected."""
    assert reply.status_code < 300 or reply.status_code >= 500 or reply.status_code in (409, 412), reply.text
    return reply.status_code < 300
