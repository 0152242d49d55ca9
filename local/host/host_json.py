"""host.json: what this host honours of it, with Azure's defaults."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from local.host.errors import HostError
from local.host.time_span import parse_time_span

_LONGEST_NUMBER = 2**31 - 1
_QUEUE_OPTIONS = (
    *("maxPollingInterval", "visibilityTimeout", "batchSize"),
    *("newBatchThreshold", "maxDequeueCount", "messageEncoding"),
)


@dataclass(frozen=True)
class QueueOptions:
    """`extensions.queues`; defaults as in the host.json reference of the queue storage extension."""

    max_polling_interval: timedelta = timedelta(minutes=1)
    visibility_timeout: timedelta = timedelta(0)
    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    base64: bool = True


@dataclass(frozen=True)
class HostJson:
    """What one function app asks of its host."""

    route_prefix: str = "api"
    function_timeout: timedelta | None = timedelta(minutes=30)
    """None means no limit; 30 minutes are the default of Azure's Flex Consumption and dedicated plans."""
    queues: QueueOptions = field(default_factory=QueueOptions)


def read_host_json(app: Path) -> HostJson:
    """Read the app's host.json; raises HostError that names the member at fault."""
    path = app / "host.json"
    if not path.is_file():
        raise HostError(f"There is no host.json in {app}: is this the folder of a function app?")
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except ValueError as error:
        raise HostError(f"{path} is not JSON: {error}.") from None
    if not isinstance(content, dict):
        raise HostError(f"{path} must hold one JSON object.")
    top = _Section(f"{path}: ", content)
    if content and top.text("version", "") != "2.0":
        raise HostError(f"{path}: version must be \"2.0\": that is the file's schema, whatever the runtime's version.")
    extensions = top.section("extensions")
    prefix = extensions.section("http").text("routePrefix", "api").strip("/")
    return HostJson(prefix, _function_timeout(top), _queue_options(extensions.section("queues")))


def _function_timeout(top: "_Section") -> timedelta | None:
    if top.text("functionTimeout", "") == "-1":
        return None
    return top.span("functionTimeout", "00:30:00", at_least=timedelta(seconds=1))


def _queue_options(queues: "_Section") -> QueueOptions:
    queues.knows(_QUEUE_OPTIONS)
    encoding = queues.text("messageEncoding", "base64").lower()
    if encoding not in ("base64", "none"):
        raise HostError(f"{queues.where}messageEncoding must be base64 or none.")
    batch = queues.number("batchSize", 16, 1, 32)
    return QueueOptions(
        max_polling_interval=queues.span("maxPollingInterval", "00:01:00", at_least=timedelta(milliseconds=100)),
        visibility_timeout=queues.span("visibilityTimeout", "00:00:00"),
        batch_size=batch,
        new_batch_threshold=queues.number("newBatchThreshold", batch // 2, 0, _LONGEST_NUMBER),
        max_dequeue_count=queues.number("maxDequeueCount", 5, 1, _LONGEST_NUMBER),
        base64=encoding == "base64",
    )


class _Section:
    """One object of the file. Names in any case, numbers in quotes: .NET's configuration reads both."""

    def __init__(self, where: str, content: dict[str, object]) -> None:
        self.where = where
        self._content = {name.lower(): (name, value) for name, value in content.items()}

    def section(self, name: str) -> "_Section":
        value = self._value(name, {})
        if not isinstance(value, dict):
            raise HostError(f"{self.where}{name} must be an object.")
        return _Section(f"{self.where}{name}.", value)

    def text(self, name: str, default: str) -> str:
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise HostError(f"{self.where}{name} must be text.")
        return str(value)

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise HostError(f"{self.where}{name} must be a number from {low} to {high}.")
        return int(text)

    def span(self, name: str, default: str, at_least: timedelta = timedelta(0)) -> timedelta:
        try:
            span = parse_time_span(self.text(name, default))
        except ValueError as error:
            raise HostError(f"{self.where}{name}: {error}.") from None
        if span < at_least:
            raise HostError(f"{self.where}{name} must not be less than {at_least}.")
        return span

    def knows(self, names: Sequence[str]) -> None:
        """Raise HostError for a member that is none of these: it would do nothing, and nobody would see why."""
        known = {name.lower() for name in names}
        for lowered, (name, _) in self._content.items():
            if lowered not in known:
                raise HostError(f"{self.where}{name} is unknown; there are {', '.join(names)}.")

    def _value(self, name: str, default: object) -> object:
        _, value = self._content.get(name.lower(), (name, None))
        return default if value is None else value
