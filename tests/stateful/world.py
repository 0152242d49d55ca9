"""The app's operations on a real store and sealer, with the services outside pretended and a clock that tests move."""

import json
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unittest.mock import patch

import time_machine

from onboarding.aggregate import Committed
from shared.due import message
from shared.platform import Platform
from shared.sealing import Sealer
from shared.settings import Provider, Settings
from shared.store import Store
from shared.web.auth import Operator, Role
from tests.stateful.attempts import Attempt, Step
from tests.stateful.model import Model
from tests.stateful.outside import Microsoft, Post
from tests.stateful.seen import Seen
from tests.stateful.table import Moments, Table, WatchedTable
from tests.unit.builders import NOW, settings

CONTACT = {"name": "Onboarding desk"}


@dataclass
class World:
    """Two providers with two operators each. ``messages`` are all that were ever put on a queue, by their kind.

    ``tokens`` are the links that somebody copied, ``orders`` all creations that were asked for, ``model`` is what is
    known. ``racing``: a step is under way, so no time passes.
    """

    platform: Platform
    moments: Moments
    post: Post
    microsoft: Microsoft
    providers: tuple[Provider, ...]
    operators: tuple[tuple[Operator, Operator], ...]
    now: datetime = NOW
    messages: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    orders: list[Attempt] = field(default_factory=list)
    model: Model = field(default_factory=Model)
    racing: bool = False
    _closing: ExitStack = field(default_factory=ExitStack)
    _set_clock: Callable[[datetime], None] = lambda _: None

    @classmethod
    def on(cls, table: Table) -> "World":
        ids = [str(uuid.uuid4()) for _ in range(2)]
        providers = json.dumps([{"id": each, "name": "Northwind", "contact": CONTACT} for each in ids])
        own = settings(PROVIDERS=providers, MAILS_PER_ADDRESS_AND_DAY="500", CHECKS_PER_TENANT_AND_HOUR="100000")
        moments = Moments()
        world = cls(
            Platform(own, Store(WatchedTable(table, moments)), Sealer(own.sealing_keys)),  # type: ignore[arg-type]
            moments,
            Post(moments),
            Microsoft(moments),
            tuple(own.providers),
            tuple((_operator(each, "Olga"), _operator(each, "Otto")) for each in own.providers),
        )
        world._open()
        return world

    def _open(self) -> None:
        enter = self._closing.enter_context
        self._set_clock = enter(time_machine.travel(self.now, tick=False)).move_to
        enter(patch("invitations.operations.mails._post", lambda *_: self.post))
        enter(patch("validation.examination.examine", self.microsoft.examine))
        # Ids that come from the seeded generator: a walk that failed can be taken again, step by step.
        enter(patch("secrets.token_hex", lambda size=32: random.randbytes(size).hex()))
        enter(patch("secrets.token_bytes", random.randbytes))

    def close(self) -> None:
        self._closing.close()

    @property
    def settings(self) -> Settings:
        return self.platform.settings

    def jump(self, pause: timedelta) -> None:
        self.now += pause
        self._set_clock(self.now)

    def seen(self) -> Seen:
        return Seen.of(self.platform.store, [provider.id for provider in self.providers])

    def wake(self, done: Committed) -> Committed:
        """Put on the queues what the triggers would."""
        self.messages += [(due.kind.value, message(due)) for due in done.owes if due.kind.value != "expire"]
        return done

    @contextmanager
    def answering(self, mails: str, checks: str) -> Iterator[None]:
        """What the services outside answer meanwhile."""
        before = self.post.answer, self.microsoft.answer
        self.post.answer, self.microsoft.answer = mails, checks
        try:
            yield
        finally:
            self.post.answer, self.microsoft.answer = before

    def held(self) -> list[str]:
        """The links that went out, by any channel."""
        return [*self.tokens, *self.post.letters]

    def operator_of(self, provider: str, step: Step) -> Operator:
        """One of the provider's operators, or a foreign one."""
        own = [one.id for one in self.providers].index(provider)
        return self.operators[1 - own if step.foreign else own][step.how % 2]


def _operator(provider: Provider, name: str) -> Operator:
    return Operator(provider, str(uuid.uuid5(uuid.UUID(provider.id), name)), name, Role.OPERATOR)
