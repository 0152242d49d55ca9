"""The words that the host's parts share: functions, bindings, what triggers a function, what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from local.host.errors import HostError


@dataclass(frozen=True)
class Binding:
    """One binding as its decorator declared it; `properties` as in a function.json."""

    name: str
    type: str
    is_output: bool
    properties: Mapping[str, object]

    def text(self, key: str, default: str = "") -> str:
        """A property as text; the default when it is missing or null."""
        value = self.properties.get(key)
        return default if value is None else str(value)


@dataclass(frozen=True)
class Function:
    """One function of the app."""

    id: str
    name: str
    trigger: Binding
    outputs: Sequence[Binding]
    inputs: Sequence[Binding]
    has_retry_policy: bool = False

    def where(self, binding: Binding) -> str:
        """How messages name one of this function's bindings."""
        return f"Function {self.name}, binding {binding.name} ({binding.type}),"

    def check_expressions(self, binding: Binding, text: str) -> str:
        """The text itself; raises HostError for a binding expression such as `{id}`: not offered here."""
        if "{" in text:
            raise HostError(f"{self.where(binding)} uses the binding expression '{text}': not offered here.")
        return text


@dataclass(frozen=True)
class HttpCall:
    """A request as the worker gets it: repeated headers and query keys already joined."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    params: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class QueueItem:
    """A queue message: its text (bytes when the binding asks for binary), the trigger's metadata as JSON."""

    body: str | bytes
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class TimerTick:
    """A timer's call: the JSON text that becomes `func.TimerRequest`."""

    info: str


Trigger = HttpCall | QueueItem | TimerTick


@dataclass(frozen=True)
class HttpReply:
    """A function's answer to a request."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Output:
    """A value for an output binding: bytes, a text, or JSON (`is_json`) that was a list or object."""

    name: str
    content: str | bytes
    is_json: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of one invocation. `error` is one line, without a stack trace; `trace` is that trace."""

    ok: bool
    reply: HttpReply | None = None
    outputs: Sequence[Output] = field(default_factory=tuple)
    error: str = ""
    trace: str = ""
