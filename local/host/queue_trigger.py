"""Queue triggers: polls a queue, runs the function for each message, deletes it or lets it come back."""

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueMessage

from local.host.errors import HostError
from local.host.functions import Function, Outcome, QueueItem
from local.host.host_json import QueueOptions
from local.host.invocations import Invocations
from local.host.queues import QueueAccounts, UndecodableMessageError
from local.host.screen import Screen

VISIBILITY_SECONDS = 600
_SHORTEST_WAIT = 0.1

T = TypeVar("T")


class QueueListener:
    """One queue-triggered function. `visibility_seconds`: how long a message is hidden; renewed at half."""

    def __init__(
        self,
        function: Function,
        accounts: QueueAccounts,
        options: QueueOptions,
        invocations: Invocations,
        screen: Screen,
        visibility_seconds: int = VISIBILITY_SECONDS,
    ) -> None:
        self.function = function
        self._accounts = accounts
        self._queue = accounts.queue(function, function.trigger)
        self._poison = accounts.poison(self._queue)
        self._options = options
        self._invocations = invocations
        self._screen = screen
        self._visibility_seconds = visibility_seconds
        self._held: dict[str, QueueMessage] = {}
        self._receiving = threading.Lock()  # who gives back must not meet a message on its way in
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopped = False
        self._reachable = True

    @property
    def trigger(self) -> str:
        """What triggers the function, in words."""
        return f"queue {self._queue.name}"

    async def start(self) -> None:
        """Poll once, so that storage that does not answer is known before the host calls itself ready."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._wake.set)

        self._accounts.on_message(self._queue, wake)
        try:
            await self._poll()
        except AzureError as error:
            raise HostError(
                f"Function {self.function.name} listens on the queue {self._queue.address}, which does not "
                f"answer ({type(error).__name__}): is the storage emulator running?"
            ) from None

    async def run(self) -> None:
        """Poll until `stop`: at once after a message, else after a random wait, up to maxPollingInterval."""
        wait = _SHORTEST_WAIT
        while not self._stopped:
            found = False
            if len(self._tasks) <= self._options.new_batch_threshold:
                found = await self._poll_safely()
            wait = _SHORTEST_WAIT if found or self._wake.is_set() else self._longer(wait)
            if not found and not self._stopped:
                await self._sleep(wait)

    def stop(self) -> None:
        """Poll no more; what runs goes on."""
        self._stopped = True
        self._wake.set()

    async def settled(self) -> None:
        """Wait until every message that was fetched is deleted or given back."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def give_back(self) -> None:
        """Give back what still runs, as failed, and fetch no more: for the end of a process that cannot wait.

        Any thread. A process that polled on would take back what it has just given, and hide it for its dead self.
        """
        with self._receiving:
            self._stopped = True
        for message in list(self._held.values()):
            try:
                self._fail(message)
            except AzureError:
                continue

    def _longer(self, wait: float) -> float:
        return min(wait * random.uniform(1.2, 2.0), self._options.max_polling_interval.total_seconds())

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
        finally:
            self._wake.clear()

    async def _poll_safely(self) -> bool:
        try:
            found = await self._poll()
        except AzureError as error:
            if self._reachable:
                self._screen.event(f"queue {self._queue.name}  cannot be read: {type(error).__name__}; trying on")
            self._reachable = False
            return False
        if not self._reachable:
            self._screen.event(f"queue {self._queue.name}  can be read again")
        self._reachable = True
        return found

    async def _poll(self) -> bool:
        messages = await self._in_thread(self._receive)
        for message in messages:
            task = asyncio.create_task(self._handle(message))
            self._tasks.add(task)
            task.add_done_callback(self._finished)
        return bool(messages)

    def _receive(self) -> list[QueueMessage]:
        with self._receiving:
            if self._stopped:
                return []
            messages = self._queue.receive(self._options.batch_size, self._visibility_seconds)
            self._held.update((message.id, message) for message in messages)
            return messages

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if len(self._tasks) <= self._options.new_batch_threshold:
            self._wake.set()

    async def _handle(self, message: QueueMessage) -> None:
        started = time.monotonic()
        try:
            item = self._item(message)
        except UndecodableMessageError:
            await self._settle(message, ok=False, last=True)
            then = self._then(last=True)
            self._screen.event(f"queue {self._queue.name}  poison  a message that is not base64  ({then})")
            return
        if self._tries(message) > self._options.max_dequeue_count:
            # Its last try ended with the process that made it, so nobody has moved it yet.
            await self._settle(message, ok=False, last=True)
            then = self._then(last=True)
            self._screen.event(f"queue {self._queue.name}  not tried again  {self.function.name}  ({then})")
            return
        renewal = asyncio.create_task(self._renew(message.id))
        try:
            outcome = await self._invocations.run(self.function, item)
        finally:
            renewal.cancel()
        message = self._held.get(message.id, message)
        last = self._tries(message) >= self._options.max_dequeue_count
        await self._settle(message, ok=outcome.ok, last=last)
        self._tell(outcome, message, last=last, milliseconds=(time.monotonic() - started) * 1000)

    async def _renew(self, message_id: str) -> None:
        while True:
            await asyncio.sleep(self._visibility_seconds / 2)
            try:
                self._held[message_id] = await self._in_thread(
                    self._queue.hide, self._held[message_id], self._visibility_seconds
                )
            except AzureError as error:
                self._screen.event(f"queue {self._queue.name}  not renewed: {type(error).__name__}")

    async def _settle(self, message: QueueMessage, *, ok: bool, last: bool) -> None:
        try:
            if ok:
                await self._in_thread(self._queue.delete, message)
            else:
                await self._in_thread(self._fail, message, last)
        except AzureError as error:
            self._screen.event(f"queue {self._queue.name}  not settled: {type(error).__name__}; it will come back")
        finally:
            self._held.pop(message.id, None)

    def _fail(self, message: QueueMessage, last: bool | None = None) -> None:
        """Move the message to the poison queue after its last try, else let it be seen again.

        Where there is no poison queue it stays hidden until its ten minutes are over, after every try.
        """
        if self._poison is None:
            return
        if last is None:
            last = self._tries(message) >= self._options.max_dequeue_count
        if last:
            self._poison.send_raw(str(message.content))
            self._queue.delete(message)
            self._accounts.wake(self._poison)
            return
        try:
            self._queue.hide(message, int(self._options.visibility_timeout.total_seconds()))
        except ResourceNotFoundError:
            return

    def _item(self, message: QueueMessage) -> QueueItem:
        data = self._queue.decode(str(message.content))
        is_binary = self.function.trigger.text("dataType").lower().endswith("binary")
        body = data if is_binary else data.decode("utf-8", "replace")
        return QueueItem(body, _metadata(message, data.decode("utf-8", "replace")))

    def _tell(self, outcome: Outcome, message: QueueMessage, *, last: bool, milliseconds: float) -> None:
        name, duration = self._queue.name, f"{milliseconds:.0f} ms"
        if outcome.ok:
            self._screen.event(f"queue {name}  ok  {duration}  {self.function.name}")
            return
        self._screen.block(outcome.trace)
        tries = f"try {message.dequeue_count} of {self._options.max_dequeue_count}, {self._then(last=last)}"
        self._screen.event(f"queue {name}  failed  {duration}  {self.function.name}  {outcome.error}  ({tries})")

    def _then(self, *, last: bool) -> str:
        """What happens to a message that failed."""
        if self._poison is None:
            return f"hidden for {self._visibility_seconds} s: this queue has no poison queue"
        pause = int(self._options.visibility_timeout.total_seconds())
        return f"moved to {self._poison.name}" if last else f"again in {pause} s"

    @staticmethod
    def _tries(message: QueueMessage) -> int:
        return message.dequeue_count or 0

    async def _in_thread(self, call: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._accounts.threads, call, *arguments)


def _metadata(message: QueueMessage, text: str) -> dict[str, str]:
    """The trigger's metadata, as JSON texts: what `func.QueueMessage` and the docs name."""

    def when(value: datetime | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "QueueTrigger": json.dumps(text),
        "Id": json.dumps(message.id),
        "DequeueCount": json.dumps(message.dequeue_count),
        "InsertionTime": json.dumps(when(message.inserted_on)),
        "ExpirationTime": json.dumps(when(message.expires_on)),
        "NextVisibleTime": json.dumps(when(message.next_visible_on)),
        "PopReceipt": json.dumps(message.pop_receipt),
    }
