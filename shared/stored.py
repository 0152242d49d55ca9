"""Records to JSON text and back, through pydantic, so that a row that is not ours fails loudly."""

from typing import Any

from pydantic import TypeAdapter

_adapters: dict[type[object], TypeAdapter[Any]] = {}


def _adapter(kind: type[object]) -> TypeAdapter[Any]:
    """Built at first use: building costs milliseconds, a cold start must not pay for all of them."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_json(record: object) -> str:
    """The record (a dataclass) as JSON text; what equals its default is left out."""
    return _adapter(type(record)).dump_json(record, exclude_defaults=True).decode()


def from_json[R](kind: type[R], text: str) -> R:
    """The record of that kind in ``text``. Raises pydantic.ValidationError, a ValueError."""
    record: R = _adapter(kind).validate_json(text)
    return record
