"""Queues, both ways: what wakes a worker, and the outer wall around it, which lets no exception reach the host."""

from collections.abc import Callable

import azure.functions as func

from shared.minted import Minted, mint
from shared.platform import Platform, platform
from shared.reporting import report


def work(operation: Callable[[Platform, str, Minted], None], message: func.QueueMessage) -> None:
    """Run ``operation`` on the message's text. What fails unexpectedly comes back when its due row's lease ends."""
    try:
        operation(platform(), message.get_body().decode(errors="replace"), mint())
    except Exception as error:  # noqa: BLE001 - the outer wall
        report(error)


def wake(queue: func.Out[str], message: str | None) -> None:
    """Put the wake-up for newly owed work on its queue, if there is any."""
    if message is not None:
        queue.set(message)
