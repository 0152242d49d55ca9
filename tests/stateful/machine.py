"""The random walk: sequences of all operations, with crashes, lost answers, races, late messages and clock jumps.

After each step the table must show what the model says, and every invariant must hold; in the end all comes to rest.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import ClassVar

from hypothesis import HealthCheck, Phase, event, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.stateful.attempts import Attempt, Foretell, Step
from tests.stateful.delivering import delivery, swept
from tests.stateful.invariants import LOOKS, expect_invariants, expect_nothing_open, expect_quiet
from tests.stateful.model import Model
from tests.stateful.outside import CHECK_ANSWERS, MAIL_ANSWERS
from tests.stateful.race import SAID_MORE, Race
from tests.stateful.seen import Differs, Seen, bound
from tests.stateful.steps import MAKERS, ready
from tests.stateful.table import Crashed, Table
from tests.stateful.world import World

REFUSED = CHECK_ANSWERS.index("refused")
UNAVAILABLE, CRASHED = "storage-unavailable", "crashed"
FAULTS = ("lost", "late", "unsent", "crash before", "crash after")
OFTEN = (
    *["go on"] * 12,
    *["deliver"] * 4,
    *("sweep", "sweep", "add", "validate", "complete", "disconnect", "reinitiate", "decline", "cancel"),
)
WAYS = (*OFTEN, *MAKERS)

steps = st.builds(
    Step,
    st.sampled_from(WAYS),
    st.integers(0, 30),
    st.integers(0, 60),
    st.sampled_from((False, False, False, False, False, True)),
    st.sampled_from((False,) * 11 + (True,)),
)
pauses = st.one_of(
    st.integers(-90, 600),
    st.sampled_from((60, 95, 301, 3700)),
    st.integers(0, 40 * 24 * 3600),
).map(lambda seconds: timedelta(seconds=seconds))
moments = st.integers(1, 4) | st.integers(1, 9)
plans = st.dictionaries(moments, st.sampled_from(FAULTS), min_size=1, max_size=2)
GO_ON = Step("go on")
likely = st.sampled_from(  # what is likely to harm a step for the same service
    [
        [GO_ON],
        [Step("sweep"), Step("deliver")],
        [Step("sweep"), Step("deliver"), GO_ON],
        [Step("resend"), GO_ON, GO_ON],
        [Step("revoke"), Step("resend"), GO_ON, GO_ON],
        [Step("change customer", which=2), Step("deliver")],
    ]
)
LONGEST_PAUSE, NEVER_LONGER = timedelta(hours=7), timedelta(days=400)
ROUNDS_TO_QUIET = 12


class Walk(RuleBasedStateMachine):
    """The walk on the table that a subclass names; ``reached`` are the states that any of its walks came by, of
    services and their invitations.
    """

    open_table: ClassVar[Callable[[], Table]]
    reached: ClassVar[set[tuple[str, str]]]

    def __init__(self) -> None:
        super().__init__()
        self.world = World.on(type(self).open_table())
        self.seen: Seen = self.world.seen()
        self.failed = False

    @initialize(
        refusals=st.sampled_from((0, 0, 0, 0, 0, 9, 10)),
        copies=st.sampled_from((0, 0, 0, 0, 19)),
        busy=st.sampled_from((0, 0, 0, 2)),
        far=st.integers(0, 16),
    )
    def begin(self, refusals: int, copies: int, busy: int, far: int) -> None:
        """A service some way along the procedure, perhaps with almost too many tries or links behind it."""
        for what in ("customer", "service", *["copy"] * copies):
            self._try(self._ready(Step(what)))
        for how in (*[MAIL_ANSWERS.index("busy")] * busy, 0):
            self._try(self._ready(Step("deliver", how=how)))
            if busy:
                self.world.jump(timedelta(minutes=5))
                self._try(self._ready(Step("sweep")))
        for _ in range(refusals):
            self._try(self._ready(Step("go on")))
            self._try(self._ready(Step("go on", how=REFUSED)))
        for _ in range(0 if refusals else far):
            self._try(self._ready(Step("go on")))

    # What happens

    @rule(step=steps)
    def one_step(self, step: Step) -> None:
        self.world.racing = False
        self._try(self._ready(step))

    @rule(step=steps, plan=plans)
    def one_step_with_faults(self, step: Step, plan: dict[int, str]) -> None:
        self.world.racing = False
        self._try(self._ready(step), plan)

    @rule(step=steps, other=steps, moment=moments)
    def two_steps_at_once(self, step: Step, other: Step, moment: int) -> None:
        """Both begin from what they saw before either."""
        self.world.racing = True
        one, another = self._ready(step), self._ready(other)
        if one and another:
            self._race(one, [lambda: another], moment, (another.foretell, *another.also))

    @rule(step=steps | st.just(GO_ON), others=st.lists(steps, min_size=2, max_size=4) | likely, moment=moments)
    def much_happens_during_a_step(self, step: Step, others: list[Step], moment: int) -> None:
        self.world.racing = True
        one = self._ready(step)
        if one:
            self._race(one, [partial(self._ready, other) for other in others], moment)

    @rule(pause=pauses)
    def time_passes(self, pause: timedelta) -> None:
        self.world.jump(pause)

    # How it is tried

    def _ready(self, step: Step) -> Attempt | None:
        return ready(self.world, step, self.seen)

    def _try(self, attempt: Attempt | None, plan: Mapping[int, str] | None = None) -> None:
        if attempt is None:
            return
        self.failed = True
        said = self._run(attempt, plan or {})
        foretold = self.world.model.copy()
        code = attempt.foretell(foretold)
        event(f"{attempt.name.split()[0]}: {said}")
        fired = self.world.moments.fired
        note(f"{attempt.name}: {said} {fired}")
        if not fired:
            assert said == code, f"{attempt.name}: {said}, where {code} was foretold"
            self._expect([foretold], slack=0)
        elif said in (CRASHED, UNAVAILABLE):
            self._expect([foretold, *self._after(attempt.also), self.world.model.copy()], slack=SAID_MORE)
        else:
            assert said == code, f"{attempt.name}: {said} after {fired}, where {code} was foretold"
            self._expect([foretold, *self._after(attempt.also)], slack=1 if attempt.also else 0)

    def _after(self, choices: Sequence[Foretell]) -> list[Model]:
        """What each of these would come to."""
        models = [self.world.model.copy() for _ in choices]
        for model, choice in zip(models, choices, strict=True):
            choice(model)
        return models

    def _run(self, attempt: Attempt, plan: Mapping[int, str], others: Callable[[], None] = lambda: None) -> str:
        self.world.moments.arm(plan, others)
        try:
            return attempt.said()
        except Crashed:
            return CRASHED
        finally:
            self.world.moments.disarm()

    def _race(
        self,
        one: Attempt,
        others: Sequence[Callable[[], Attempt | None]],
        moment: int,
        theirs: Sequence[Foretell] = (),
    ) -> None:
        """The others act wholly before that moment of the first: all comes to what one order of them would give.

        ``theirs`` are what the only other one may come to; several others come to what was foretold when they began.
        """
        race = Race((one.foretell, *one.also), [(self.world.model, None)])
        told = []

        def act() -> None:
            for other in others:
                before = self.seen = self.world.seen()
                attempt = other()
                if attempt:
                    heard = attempt.said()
                    told.append(f"{attempt.name}: {heard}")
                    self.seen = self.world.seen()
                    race.go_on(theirs or (attempt.foretell,), heard, before, self.seen)
                    expect_invariants(self.world, self.seen)

        self.failed = True
        said = self._run(one, {moment: "others"}, act)
        if not self.world.moments.fired:  # the first was done before that moment
            act()
        note(f"{one.name}: {said}, and before its moment {moment} {told}")
        event(f"race: {one.name.split()[0]} with {' '.join(each.split()[0] for each in told)}")
        orders = race.ended(said)
        assert orders, f"{one.name}: {said}, {told}: no order of them gives that"
        self._expect(orders, slack=SAID_MORE)

    def _expect(self, possible: list[Model], slack: int) -> None:
        self.seen = self.world.seen()
        differences = []
        for model in possible:
            try:
                known = bound(model, self.seen, slack)
            except Differs as differs:
                differences.append(str(differs))
            else:
                self.world.model = known
                expect_invariants(self.world, self.seen)
                self.reached.update((one.state, one.status) for one in known.services.values())
                self.failed = False
                return
        raise AssertionError("\nor ".join(dict.fromkeys(differences)))

    # How it ends

    def teardown(self) -> None:
        try:
            if not self.failed:
                self._come_to_rest()
        finally:
            self.world.close()

    def _come_to_rest(self) -> None:
        """What was put on the queues is lost; sweeps alone bring everything to its end, in a bounded time."""
        self.world.jump(LONGEST_PAUSE)
        self._sweep_until_quiet()
        expect_quiet(self.world, self.seen)
        for _ in range(2):  # what ends only then is forgotten later still
            self.world.jump(NEVER_LONGER)
            self._sweep_until_quiet()
        expect_nothing_open(self.seen)

    def _sweep_until_quiet(self) -> None:
        for _ in range(ROUNDS_TO_QUIET):
            for kind, message in swept(self.world):
                self.seen = self.world.seen()
                self._try(delivery(self.world, kind, message, 0, self.seen))
            self.seen = self.world.seen()
            if all(due.kind in LOOKS and due.time > self.world.now for due in self.seen.dues):
                return
            self.world.jump(timedelta(minutes=10))
        raise AssertionError(f"no rest: {self.seen.dues}")


def try_walks(walk: type[Walk], *, walks: int, steps: int, number: int = 0) -> None:
    """Go so many walks of so many steps, the same ones for each ``number``. A failure tells its whole story; a shorter
    one would take minutes.
    """
    run_state_machine_as_test(
        seed(number)(walk),
        settings=settings(
            max_examples=walks,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
