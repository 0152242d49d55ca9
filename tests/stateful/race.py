"""Operations at once: every order of them that what was heard and seen so far leaves possible."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.stateful.attempts import Foretell
from tests.stateful.model import Model
from tests.stateful.seen import Differs, Seen, bound

SAID_MORE = 2  # transitions that only say something, where others act at the same time


@dataclass
class Race:
    """One operation under way (``mine`` are what it may come to) while others act, each wholly.

    ``reached`` are the models of all orders so far, with what the one would have said where it came first.
    """

    mine: Sequence[Foretell]
    reached: list[tuple[Model, str | None]]

    def go_on(self, theirs: Sequence[Foretell], heard: str, before: Seen, after: Seen) -> None:
        """Another has acted, and heard that; so the table was and is."""
        reached: list[tuple[Model, str | None]] = []
        differences: list[str] = []
        for model, said in self._with_mine(before):
            for foretell in theirs:
                known = _come_to(model, foretell, heard, after, differences)
                if known and (known, said) not in reached:
                    reached.append((known, said))
        assert reached, f"{heard}, and no order gives what stands there: {differences}"
        self.reached = reached

    def ended(self, said: str) -> list[Model]:
        """The models of the orders in which the one said that."""
        return [model for model, words in self._with_mine(None) if words == said]

    def _with_mine(self, seen: Seen | None) -> Iterator[tuple[Model, str | None]]:
        """What was reached, and where the one may have come by now: it stands there then."""
        for model, said in self.reached:
            yield model, said
            for foretell in self.mine if said is None else ():
                following = model.copy()
                words = foretell(following)
                known = _bound(following, seen, []) if seen else following
                if known:
                    yield known, words


def _come_to(model: Model, foretell: Foretell, heard: str, seen: Seen, differences: list[str]) -> Model | None:
    """The model after what was foretold; None when another word or another table would have followed."""
    following = model.copy()
    try:
        code = foretell(following)
    except KeyError:  # it is about something that the one has yet to make
        return None
    return _bound(following, seen, differences) if code == heard else None


def _bound(model: Model, seen: Seen, differences: list[str]) -> Model | None:
    try:
        return bound(model, seen, SAID_MORE)
    except Differs as differs:
        differences.append(str(differs))
        return None
