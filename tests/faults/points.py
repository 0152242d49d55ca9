"""One point: a use case, one of its calls, and what becomes of that call; tried, recovered from, and judged."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from local.waiting import wait_until
from onboarding.records import Service
from shared.stored import from_json
from tests.faults.gate import Armed, Call, Spoil
from tests.faults.invariants import broken, story
from tests.faults.lane import SECONDS, STEP, Lane, Rows
from tests.faults.scene import Scene, UseCase

LONGEST_AHEAD = timedelta(hours=20)  # what a lane prepares with lives longer than that, and is forgotten no sooner


@dataclass(frozen=True)
class Point:
    """``number`` counts the calls from 1; 0: nothing is spoiled."""

    case: UseCase
    number: int = 0
    spoil: Spoil = Spoil.KILL_BEFORE

    def __str__(self) -> str:
        return f"{self.case.name}: {f'{self.spoil} call {self.number}' if self.number else 'nothing spoiled'}"


@dataclass(frozen=True)
class Tried:
    """What came of a point: the call that was spoiled, what is wrong since, in sentences, and mails too many."""

    point: Point
    hit: str
    faults: tuple[str, ...] = ()
    too_many_mails: int = 0

    def __str__(self) -> str:
        return f"{self.point} ({self.hit})" if self.hit else str(self.point)

    @property
    def stuck(self) -> bool:
        """Whether something waits for ever."""
        return any(word in fault for fault in self.faults for word in ("owed", "due", "did not happen", "for ever"))


def all_points(case: UseCase) -> Iterator[Point]:
    """Each call, spoiled in each way; but 503 after what changes nothing is 503 instead of it."""
    for spoil in Spoil:
        for number, what in enumerate(case.calls, 1):
            if spoil is not Spoil.BUSY or Call(what).changes:
                yield Point(case, number, spoil)


def run(lane: Lane, point: Point) -> Tried:
    """Try the point on a lane whose table is empty, and leave it empty."""
    case = point.case
    if lane.ahead > LONGEST_AHEAD:
        lane.fresh(timedelta(0), sweeps=True)
    scene = _prepared(lane, case)
    before = _mails(lane, scene)
    if case.moves_clock:
        lane.cloud.host.kill()
    with lane.gate.armed(point.number, point.spoil, with_sweeps=case.moves_clock) as armed:
        _act(lane, case, scene, armed)
    faults = list(_reached(point, armed))
    try:
        lane.fresh(lane.ahead + STEP, sweeps=True)
        case.finishes(scene)
        lane.until_quiet()
    except (TimeoutError, AssertionError) as error:
        faults.append(str(error))
    mails = _mails(lane, scene) - before
    faults += [*_judged(lane, case, scene, lane.rows()), *_counted(case, mails, armed)]
    lane.wipe()
    return Tried(point, armed.hit.what if armed.hit else "", tuple(faults), max(0, mails - case.mails))


def _prepared(lane: Lane, case: UseCase) -> Scene:
    """What comes before the use case: prepared once a lane, and put back from then on."""
    if case.moves_clock or not case.kept:
        scene = case.prepare(lane)
        lane.until_idle()
        lane.count_anew()
        return scene
    if case.name not in lane.prepared:
        scene = case.prepare(lane)
        lane.until_idle()
        lane.count_anew()
        lane.prepared[case.name] = (scene, lane.rows())
    else:
        scene, rows = lane.prepared[case.name]
        lane.restore(rows)
        scene.operator.get("/api/services").raise_for_status()  # the host has its keys and its table then
    return replace(scene, way=scene.way and replace(scene.way), body=dict(scene.body))


def _act(lane: Lane, case: UseCase, scene: Scene, armed: Armed) -> None:
    if case.moves_clock:
        lane.fresh(lane.ahead + case.ahead, sweeps=True)
        wait_until(lambda: armed.hit or lane.is_calm(), SECONDS, "the sweep")
    else:
        case.tries(scene)
    wait_until(
        lambda: not lane.cloud.host.runs or lane.is_idle(_left_behind(armed)), SECONDS, "the end of it", every=0.1
    )


def _left_behind(armed: Armed) -> int:
    """How many messages stay in the queues: one whose end was spoiled."""
    return 1 if armed.hit is not None and armed.hit.what.startswith("end of") else 0


def _reached(point: Point, armed: Armed) -> Iterator[str]:
    """Whether the point was really tried; where nothing was spoiled, whether these were all of the calls."""
    calls, expected = _trimmed(armed), point.case.calls
    if not point.number and not (_swept_as(calls, expected) if point.case.moves_clock else calls == expected):
        yield f"the calls were {calls} instead of {expected}"
    if point.number and armed.hit is None:
        yield f"the call was never made; made were {_trimmed(armed)}"


def _swept_as(calls: tuple[str, ...], expected: tuple[str, ...]) -> bool:
    """Whether these are the expected calls, in any order: which provider a sweep begins with changes from minute to
    minute. Where all is slow another sweep comes before the end, and looks what became of the oldest row.
    """
    made, wanted = Counter(calls), Counter(expected)
    return not wanted - made and (made - wanted).keys() <= {"sweep: query", "sweep: heartbeat", "read due"}


def _judged(lane: Lane, case: UseCase, scene: Scene, rows: Rows) -> Iterator[str]:
    yield from broken(rows, lane.now())
    told = story(rows, scene.subject, scene.version)
    once = [what for at, what in enumerate(told) if at == 0 or what != told[at - 1] or what not in case.repeats]
    if tuple(once) != case.story:
        yield f"the events tell {told} instead of {list(case.story)}"
    services = [from_json(Service, row["body"]) for key, row in rows.items() if key.startswith("service:")]
    if len(services) != (scene.way is not None):
        yield f"there are {len(services)} services"
    yield from (f"{one.id} ended as {one.state}, {one.invitation.status}" for one in services if not case.ends(one))
    if lane.poisoned():
        yield f"messages were given up as poison: {lane.poisoned()}"


def _counted(case: UseCase, mails: int, armed: Armed) -> Iterator[str]:
    """One mail a send; only between a mail's acceptance and its commit can an e-mail service without a memory of
    operations make it two.
    """
    in_window = armed.hit is not None and armed.hit.what == "mail: send"
    if mails < case.mails or (mails > case.mails and not in_window):
        yield f"{mails} mails arrived instead of {case.mails}"


def _mails(lane: Lane, scene: Scene) -> int:
    """How many mails have arrived, once the e-mail service has done all that it took."""
    if scene.way is None:
        return 0

    def delivered() -> bool:
        operations = lane.cloud.mail().get("/control/operations").json()["value"]
        return all(operation["status"] not in ("NotStarted", "Running") for operation in operations)

    wait_until(delivered, SECONDS, "the delivery of all mails")
    return len(lane.cloud.inbox.mails(scene.way.email))


def _trimmed(armed: Armed) -> tuple[str, ...]:
    """The calls up to the last that was no sweep's: sweeps go on for ever."""
    calls = [call.what for call in armed.calls]
    while calls and calls[-1].startswith("sweep: "):
        calls.pop()
    return tuple(calls)
