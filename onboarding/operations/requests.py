"""A creation in doubt: did it make something already, or is its name another's?"""

from collections.abc import Callable

from shared.rows import Row
from shared.store import Store

type Known = tuple[Row | None, Row | None]


def in_doubt(store: Store, provider: str, request: str, place: str) -> Callable[[], Known]:
    """What is known of a creation: the row of its request, and the row in the place that it wants to take.

    At first nothing, and nothing is read; after a doubtful answer both are.
    """
    states = iter([(None, None)])

    def read() -> Known:
        known = next(states, None)
        if known is not None:
            return known
        taken = store.read(provider, place)  # first: our own twin may commit between the two
        return store.read(provider, request), taken

    return read
