"""host.json: what this host honours of it, with Azure's defaults."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from local.host.errors import HostError
from local.host.time_span import parse_time_span

JsonObject = dict[str, object]


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
    extensions = _member(content, "extensions", path)
    http, queues = _member(extensions, "http", path), _member(extensions, "queues", path)
    prefix = http.get("routePrefix", "api")
    if not isinstance(prefix, str):
        raise HostError(f"{path}: extensions.http.routePrefix must be text.")
    return HostJson(prefix.strip("/"), _function_timeout(content, path), _queue_options(queues, path))


def _member(parent: JsonObject, name: str, path: Path) -> JsonObject:
    value = parent.get(name, {})
    if not isinstance(value, dict):
        raise HostError(f"{path}: {name} must be an object.")
    return value


def _function_timeout(content: JsonObject, path: Path) -> timedelta | None:
    text = content.get("functionTimeout", "00:30:00")
    return None if text == "-1" else _time_span(text, "functionTimeout", path)


def _queue_options(queues: JsonObject, path: Path) -> QueueOptions:
    def number(name: str, default: int, low: int, high: int) -> int:
        value = queues.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise HostError(f"{path}: extensions.queues.{name} must be a number from {low} to {high}.")
        return value

    def span(name: str, default: str) -> timedelta:
        return _time_span(queues.get(name, default), f"extensions.queues.{name}", path)

    encoding = queues.get("messageEncoding", "base64")
    if encoding not in ("base64", "none"):
        raise HostError(f"{path}: extensions.queues.messageEncoding must be base64 or none.")
    batch = number("batchSize", 16, 1, 32)
    return QueueOptions(
        max_polling_interval=max(span("maxPollingInterval", "00:01:00"), timedelta(milliseconds=100)),
        visibility_timeout=span("visibilityTimeout", "00:00:00"),
        batch_size=batch,
        new_batch_threshold=number("newBatchThreshold", batch // 2, 0, 1000),
        max_dequeue_count=number("maxDequeueCount", 5, 1, 1000),
        base64=encoding == "base64",
    )


def _time_span(text: object, name: str, path: Path) -> timedelta:
    try:
        return parse_time_span(str(text))
    except ValueError as error:
        raise HostError(f"{path}: {name}: {error}.") from None
