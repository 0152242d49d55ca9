"""Rows, and the transactions that write them: plain values, so that rules can speak of them without storage."""

from collections.abc import Mapping
from dataclasses import dataclass, field

COMMIT_COLUMN = "commit"

type Column = str | int | bool


@dataclass(frozen=True)
class Row:
    """A row without its partition: ``columns`` for filters and lists, ``body`` (JSON text) for all the rest."""

    key: str
    body: str = "{}"
    columns: Mapping[str, Column] = field(default_factory=dict)
    etag: str | None = None

    @property
    def commit(self) -> str | None:
        """The id of the change that wrote this row, where it carries one."""
        value = self.columns.get(COMMIT_COLUMN)
        return value if isinstance(value, str) else None


@dataclass(frozen=True)
class Insert:
    """Write a row that must not exist yet."""

    row: Row


@dataclass(frozen=True)
class Replace:
    """Write the whole row, provided that it is still the one that carries ``row.etag``."""

    row: Row


@dataclass(frozen=True)
class Put:
    """Write the whole row whatever stands there; it hangs on a row that the same change guards."""

    row: Row


@dataclass(frozen=True)
class Delete:
    """Remove a row that must exist."""

    key: str


type Write = Insert | Replace | Put | Delete


@dataclass(frozen=True)
class Change:
    """One atomic transaction in one partition; ``proof`` is the key of an inserted row with ``commit_id``."""

    partition: str
    writes: tuple[Write, ...]
    proof: str
    commit_id: str


@dataclass(frozen=True)
class Page:
    """Rows in the order of their keys, and where to go on (None at the end). It may be short, even empty."""

    rows: tuple[Row, ...]
    cursor: str | None
