"""The trigger of the check."""

from typing import TYPE_CHECKING

import azure.functions as func

from shared.kinds import Kind
from shared.lazy import lazily
from shared.minted import mint
from shared.platform import platform
from shared.reporting import report

if TYPE_CHECKING:
    from validation import operations
else:
    operations = lazily("validation.operations")

validation = func.Blueprint()


@validation.queue_trigger(arg_name="message", queue_name=Kind.CHECK.value, connection="Data")
def run_check(message: func.QueueMessage) -> None:
    """Check the app registration that the message's work names."""
    try:
        operations.run_check(platform(), message.get_body().decode(errors="replace"), mint())
    except Exception as error:  # noqa: BLE001 - the outer wall; the due row's lease brings the work back
        report(error)
