"""Waiting for what happens in another process: by looking again and again, never by a fixed pause."""

import time
from collections.abc import Callable


def wait_until[T](look: Callable[[], T | None], seconds: float, what: str = "it", *, every: float = 0.05) -> T:
    """Return the first answer of `look` that is neither None nor False.

    Raises TimeoutError, naming `what` was waited for, when there was none after so many seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = look()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds:g} seconds")
        time.sleep(every)
