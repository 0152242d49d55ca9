"""The trigger of the check."""

from typing import TYPE_CHECKING

import azure.functions as func

from shared.kinds import Kind
from shared.lazy import lazily
from shared.queues import work

if TYPE_CHECKING:
    from validation import operations
else:
    operations = lazily("validation.operations")

validation = func.Blueprint()


@validation.queue_trigger(arg_name="message", queue_name=Kind.CHECK.value, connection="Data")
def run_check(message: func.QueueMessage) -> None:
    """Check the app registration that the message's work names."""
    work(operations.run_check, message)
