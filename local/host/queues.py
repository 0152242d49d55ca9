"""Storage queues as the host uses them: raw messages, base64, queues made on demand, poison queues."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import LinearRetry, QueueClient, QueueMessage, QueueServiceClient

from local.host.errors import HostError
from local.host.functions import Binding, Function, Output
from local.host.settings import resolve, storage_connection

_NAME = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,62}")
THREADS = 8
"""Fewer than the ten connections that the SDK's pool keeps, so that none is thrown away."""


class UndecodableMessageError(Exception):
    """A message's text is not the base64 that the app's host.json announces."""


@dataclass(frozen=True)
class Queue:
    """One queue of one storage account. Blocking: call it in a thread of `QueueAccounts.threads`."""

    client: QueueClient
    base64: bool

    @property
    def name(self) -> str:
        """The queue's name."""
        return str(self.client.queue_name)

    @property
    def address(self) -> str:
        """Account and queue, without any key."""
        return str(self.client.url).partition("?")[0]

    def receive(self, count: int, visibility_seconds: int) -> list[QueueMessage]:
        """At most so many messages (32), invisible to others from now; none when the queue does not exist."""
        pages = self.client.receive_messages(messages_per_page=count, visibility_timeout=visibility_seconds).by_page()
        try:
            return list(next(pages, ()))
        except ResourceNotFoundError:
            return []

    def send(self, content: str | bytes) -> None:
        """Add one message; makes the queue when it is missing."""
        data = content.encode() if isinstance(content, str) else content
        self.send_raw(base64.b64encode(data).decode("ascii") if self.base64 else data.decode())

    def send_raw(self, text: str) -> None:
        """Add a message whose text goes out as it is; makes the queue when it is missing."""
        try:
            self.client.send_message(text)
        except ResourceNotFoundError:
            self._create()
            self.client.send_message(text)

    def decode(self, text: str) -> bytes:
        """A received message's content; raises UndecodableMessageError."""
        if not self.base64:
            return text.encode()
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            raise UndecodableMessageError from None

    def hide(self, message: QueueMessage, seconds: int) -> QueueMessage:
        """Keep a received message invisible for so long from now; the answer carries the new receipt."""
        return self.client.update_message(message, visibility_timeout=seconds)

    def delete(self, message: QueueMessage) -> None:
        """Delete a received message; one that is gone already is no error."""
        try:
            self.client.delete_message(message)
        except ResourceNotFoundError:
            return

    def _create(self) -> None:
        try:
            self.client.create_queue()
        except ResourceExistsError:
            return


class QueueAccounts:
    """The queues that the app's bindings name, and the threads in which they are used."""

    def __init__(self, *, base64: bool) -> None:
        self._base64 = base64
        self._services: dict[str, QueueServiceClient] = {}
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="queues")

    def queue(self, function: Function, binding: Binding) -> Queue:
        """The queue of a `queueTrigger` or `queue` binding; raises HostError when its settings do not do."""
        where = function.where(binding)
        name = function.check_expressions(binding, resolve(binding.text("queueName"), where))
        if _NAME.fullmatch(name) is None:
            raise HostError(f"{where} names the queue '{name}': 3 to 63 small letters, digits, single hyphens.")
        return self._queue(storage_connection(binding.text("connection"), where), name, where)

    def poison(self, queue: Queue) -> Queue | None:
        """The queue that takes what the app could not handle: `<name>-poison` in the same account.

        None, as in Azure, for a queue that is itself one, and where that name would be too long.
        """
        name = f"{queue.name}-poison"
        if queue.name.endswith("-poison") or _NAME.fullmatch(name) is None:
            return None
        service = next(one for one in self._services.values() if queue.address.startswith(one.url.rstrip("/")))
        return Queue(service.get_queue_client(name), self._base64)

    def _queue(self, connection: str, name: str, where: str) -> Queue:
        service = self._services.get(connection)
        if service is None:
            try:
                service = QueueServiceClient.from_connection_string(
                    connection,
                    connection_timeout=3,
                    read_timeout=10,
                    # The SDK's own default sleeps 15 seconds before its first repetition.
                    retry_policy=LinearRetry(backoff=1, retry_total=1, random_jitter_range=0),
                )
            except (ValueError, AzureError):
                # The SDK's message may quote the connection string, and with it the account's key.
                raise HostError(f"{where} has a connection whose setting is no connection string.") from None
            self._services[connection] = service
        return Queue(service.get_queue_client(name), self._base64)

    def on_message(self, queue: Queue, wake: Callable[[], None]) -> None:
        """Have `wake` called in the sender's thread when this process sends to the queue."""
        self._listeners.setdefault(queue.address, []).append(wake)

    def send(self, queue: Queue, messages: Sequence[str | bytes]) -> None:
        """Send the messages in order and wake this process's listeners of the queue, as Azure's host does."""
        for message in messages:
            queue.send(message)
        self.wake(queue)

    def wake(self, queue: Queue) -> None:
        """Tell this process's listeners of the queue that something was sent to it."""
        for wake in self._listeners.get(queue.address, ()):
            wake()


def messages_of(output: Output) -> list[str | bytes]:
    """The messages that an output value stands for; raises ValueError.

    As in Azure's host, text that looks like JSON is read as JSON even when the function set a plain
    string: an array becomes one message for each item, and text that only looks like JSON is an error.
    """
    content = output.content
    if isinstance(content, bytes):
        return [content]
    trimmed = content.strip()
    looks_like_json = trimmed.startswith(("{", "[")) and trimmed[-1:] == {"{": "}", "[": "]"}[trimmed[0]]
    if not looks_like_json and not output.is_json:
        return [content]
    try:
        value = json.loads(trimmed)
    except ValueError:
        raise ValueError("a text that looks like JSON but is none; the host would read it as JSON") from None
    if not isinstance(value, list):
        return [value if isinstance(value, str) else content]
    return [item if isinstance(item, str) else json.dumps(item) for item in value]
