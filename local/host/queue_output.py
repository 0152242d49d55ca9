"""Queue outputs: what a function set on its `queue_output` bindings, sent after it returned."""

import asyncio
from collections.abc import Iterable

from azure.core.exceptions import AzureError

from local.host.functions import Function, Outcome
from local.host.queues import Queue, QueueAccounts, messages_of


class QueueOutputs:
    """The queues behind all output bindings of the app, resolved before the first request."""

    def __init__(self, functions: Iterable[Function], accounts: QueueAccounts) -> None:
        self._accounts = accounts
        self._queues: dict[tuple[str, str], Queue] = {
            (function.name, binding.name): accounts.queue(function, binding)
            for function in functions
            for binding in function.outputs
            if binding.type == "queue"
        }

    async def send(self, function: Function, outcome: Outcome) -> str:
        """Send all outputs of a successful invocation; answers "" or, in one line, what failed."""
        loop = asyncio.get_running_loop()
        for output in outcome.outputs:
            queue = self._queues.get((function.name, output.name))
            if queue is None:
                continue
            try:
                messages = messages_of(output)
                await loop.run_in_executor(self._accounts.threads, self._accounts.send, queue, messages)
            except ValueError as error:
                return f"output {output.name}: {error}"
            except AzureError as error:
                return f"output {output.name}: queue {queue.name} failed: {type(error).__name__}"
        return ""
