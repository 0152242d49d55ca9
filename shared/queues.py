"""The outer wall of queue functions: parse, call one operation, and let no exception reach the worker."""

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
