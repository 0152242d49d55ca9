"""Tables for the random walk: one in memory, and the moments around any table at which something may go wrong."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, ServiceRequestError, ServiceResponseError
from azure.data.tables import TableEntity

COMPARISONS = {"eq": operator.eq, "ge": operator.ge, "lt": operator.lt}
Operation = tuple[Any, ...]


class Crashed(BaseException):
    """The host is killed here: no ``except Exception`` hears of it, and nothing that was to follow happens."""


class Table(Protocol):
    """What `shared.store.Store` uses of azure.data.tables.TableClient."""

    def get_entity(self, partition: str, key: str) -> Any: ...
    def query_entities(self, query_filter: str, **options: Any) -> Any: ...
    def upsert_entity(self, entity: Mapping[str, Any], **options: Any) -> Any: ...
    def submit_transaction(self, operations: list[Any]) -> Any: ...


class Found:
    """The answer to a query, page after page; a continuation names the row that comes next."""

    def __init__(self, entities: list[TableEntity], size: int) -> None:
        self._entities, self._size = entities, size

    def by_page(self, token: Mapping[str, str] | None = None) -> "Pages":
        left = [each for each in self._entities if token is None or each["RowKey"] >= token["RowKey"]]
        return Pages(left, self._size)


class Pages:
    def __init__(self, left: list[TableEntity], size: int) -> None:
        self._left, self._size = left, size
        self.continuation_token: dict[str, str] | None = None

    def __iter__(self) -> Iterator[list[TableEntity]]:
        return self

    def __next__(self) -> list[TableEntity]:
        if not self._left:
            raise StopIteration
        page, self._left = self._left[: self._size], self._left[self._size :]
        following = self._left[0] if self._left else None
        self.continuation_token = following and {name: following[name] for name in ("PartitionKey", "RowKey")}
        return page


class MemoryTable:
    """Azure Tables as far as the store uses it: whole transactions in one partition, ETags, range queries."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], TableEntity] = {}
        self._etags = count(1)

    def get_entity(self, partition: str, key: str) -> TableEntity:
        if (partition, key) not in self._rows:
            raise ResourceNotFoundError
        return self._rows[partition, key]

    def query_entities(self, query_filter: str, **options: Any) -> Found:
        parameters: Mapping[str, Any] = options["parameters"]
        clauses = [clause.split() for clause in query_filter.split(" and ")]
        wanted = [(name, COMPARISONS[sign], parameters[given.removeprefix("@")]) for name, sign, given in clauses]
        fits = [
            self._rows[place]
            for place in sorted(self._rows)
            if all(name in self._rows[place] and holds(self._rows[place][name], value) for name, holds, value in wanted)
        ]
        return Found(fits, options["results_per_page"])

    def upsert_entity(self, entity: Mapping[str, Any], **_: Any) -> None:
        self._write(entity)

    def submit_transaction(self, operations: list[Operation]) -> None:
        places = [_place(entity) for _, entity, *_ in operations]
        if len(set(places)) < len(places) or len({partition for partition, _ in places}) > 1:
            raise _refusal(400)
        for operation in operations:
            self._expect(*operation)
        for kind, entity, *_ in operations:
            if kind == "delete":
                del self._rows[_place(entity)]
            else:
                self._write(entity)

    def _expect(self, kind: str, entity: Mapping[str, Any], options: Mapping[str, Any] | None = None) -> None:
        stands = self._rows.get(_place(entity))
        if kind == "create" and stands is not None:
            raise _refusal(409)
        if kind in ("update", "delete") and stands is None:
            raise _refusal(404)
        guarded = options is not None and "match_condition" in options
        if kind == "update" and stands is not None and (not guarded or stands.metadata["etag"] != options["etag"]):  # type: ignore[index]
            raise _refusal(412)

    def _write(self, entity: Mapping[str, Any]) -> None:
        written = TableEntity(entity)
        written._metadata = {"etag": f"e{next(self._etags)}", "timestamp": None}
        self._rows[_place(entity)] = written


def _place(entity: Mapping[str, Any]) -> tuple[str, str]:
    return entity["PartitionKey"], entity["RowKey"]


def _refusal(status: int) -> HttpResponseError:
    refusal = HttpResponseError("refused")
    refusal.status_code = status
    return refusal


@dataclass
class Moments:
    """The calls that an operation makes to the outside, counted from 1, and what happens at some of them.

    ``lost``: done, but the answer never comes. ``unsent``: never done. ``late``: not done when the call fails, but
    before one of the next. ``crash before`` and ``crash after``: the host is killed. ``others``: others act first.
    """

    plan: dict[int, str] = field(default_factory=dict)
    others: Callable[[], None] = lambda: None
    fired: list[str] = field(default_factory=list)
    calls: int = 0
    _late: list[tuple[int, Callable[[], object]]] = field(default_factory=list)

    def arm(self, plan: Mapping[int, str], others: Callable[[], None] = lambda: None) -> None:
        self.plan, self.others, self.fired, self.calls = dict(plan), others, [], 0

    def disarm(self) -> None:
        self.plan = {}
        self._land(all_of_them=True)

    def pass_by(self, act: Callable[[], Any], *, changes: bool) -> Any:
        """Do what the call does, or what the plan has for this moment."""
        self.calls += 1
        self._land()
        happens = self.plan.pop(self.calls, "")
        if not happens:
            return act()
        self.fired.append(happens)
        return self._happen(happens, act, changes)

    def _happen(self, happens: str, act: Callable[[], Any], changes: bool) -> Any:
        if happens == "others":
            plan, self.plan, calls = self.plan, {}, self.calls
            self.others()
            self.plan, self.calls = plan, calls
            return act()
        if happens == "crash before":
            raise Crashed
        if happens in ("lost", "crash after"):
            act()
            raise (Crashed if happens == "crash after" else ServiceResponseError("the answer was lost"))
        if happens == "late" and changes:
            self._late.append((self.calls + 2, act))
            raise ServiceResponseError("the answer was lost")
        raise ServiceRequestError("there is no way to the service")

    def _land(self, *, all_of_them: bool = False) -> None:
        ripe = [late for late in self._late if all_of_them or late[0] <= self.calls]
        self._late = [late for late in self._late if late not in ripe]
        for _, act in ripe:
            try:
                act()
            except HttpResponseError:  # somebody else was faster
                continue


class WatchedTable:
    """A table each of whose calls is a moment."""

    def __init__(self, table: Table, moments: Moments) -> None:
        self._table, self._moments = table, moments

    def get_entity(self, partition: str, key: str) -> Any:
        return self._moments.pass_by(lambda: self._table.get_entity(partition, key), changes=False)

    def query_entities(self, query_filter: str, **options: Any) -> "WatchedFound":
        return WatchedFound(self._table.query_entities(query_filter, **options), self._moments)

    def upsert_entity(self, entity: Mapping[str, Any], **options: Any) -> Any:
        return self._moments.pass_by(lambda: self._table.upsert_entity(entity, **options), changes=True)

    def submit_transaction(self, operations: list[Any]) -> Any:
        return self._moments.pass_by(lambda: self._table.submit_transaction(operations), changes=True)


class WatchedFound:
    """A query asks the service for a page when the page is wanted."""

    def __init__(self, found: Any, moments: Moments) -> None:
        self._found, self._moments, self._pages = found, moments, None

    def by_page(self, token: Any = None) -> "WatchedFound":
        self._pages = self._found.by_page(token)
        return self

    @property
    def continuation_token(self) -> Any:
        return getattr(self._pages, "continuation_token", None)

    def __iter__(self) -> "WatchedFound":
        return self

    def __next__(self) -> Any:
        page = self._moments.pass_by(lambda: next(self._pages, None), changes=False)  # type: ignore[call-overload]
        if page is None:
            raise StopIteration
        return page
