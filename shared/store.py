"""The only door to the table: point reads, range queries, and one transaction for each change.

A transaction whose answer was lost looks like a lost race (409, 412 or a dropped connection). Therefore every change
names its proof: a row that it inserts and that carries the change's commit id. After a doubtful answer the caller's
state is loaded again first, and only then the proof is read: our id there means that we won.
"""

import base64
import binascii
import hashlib
import json
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests
from azure.core import MatchConditions
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.data.tables import TableClient, TableServiceClient, UpdateMode

from shared.outbound import transport
from shared.problems import Problem
from shared.rows import Change, Column, Delete, Insert, Page, Put, Replace, Row, Write
from shared.settings import Settings
from shared.texts import N_

TABLE = "tenantlink"
ROUNDS, PAUSE_SECONDS = 8, 0.04
ROWS_A_PAGE = 500
MAX_OPERATIONS = 100  # "Performing entity group transactions", Azure Table Storage
RETRIES = 2


class Doubtful(Exception):
    """The change may or may not have been made; only its proof can tell."""


class StoreUnavailable(Problem):
    status, code = 503, "storage-unavailable"
    title = N_("Our storage does not answer")
    detail = N_("We could not reach our own storage. Nothing is lost; please try again in a moment.")
    retry_after = 5


class InvalidCursor(Problem):
    status, code, title = 400, "invalid-cursor", "This is not a cursor of ours"
    detail = "Take the cursor from a reply's nextLink, unchanged, or leave it out to begin at the start."


class Store:
    """The table. One instance serves all threads of the process."""

    def __init__(self, table: TableClient) -> None:
        self._table = table

    def read(self, partition: str, key: str) -> Row | None:
        """The row under that key, or None. Raises StoreUnavailable."""
        try:
            return _row(self._table.get_entity(partition, key))
        except ResourceNotFoundError:
            return None
        except AzureError as error:
            raise _unavailable(error) from None

    def query(
        self,
        partition: str,
        first: str,
        end: str,
        *,
        limit: int,
        cursor: str | None = None,
        filters: str = "",
        **parameters: Column,
    ) -> Page:
        """At most ``limit`` rows with first ≤ key < end that pass ``filters`` (OData with ``@name`` parameters).

        A cursor goes on with the very query that gave it. Raises InvalidCursor, StoreUnavailable.
        """
        text = "PartitionKey eq @partition and RowKey ge @first and RowKey lt @end"
        asked = _fingerprint(partition, first, end, filters, parameters)
        pages = self._table.query_entities(
            f"{text} and {filters}" if filters else text,
            parameters={"partition": partition, "first": first, "end": end, **parameters},
            results_per_page=limit,
        ).by_page(_continuation(cursor, asked))  # type: ignore[arg-type]  # Tables' tokens are dicts
        try:
            rows = tuple(_row(entity) for entity in next(pages, ()))
        except AzureError as error:
            if cursor and isinstance(error, HttpResponseError) and error.status_code == 400:
                raise InvalidCursor from None
            raise _unavailable(error) from None
        token = getattr(pages, "continuation_token", None)
        return Page(rows, _cursor(token, asked) if token else None)

    def scan(self, partition: str, first: str, end: str, *, filters: str = "", **parameters: Column) -> Iterator[Row]:
        """All rows that `query` would find, page after page. Raises StoreUnavailable."""
        cursor, more = None, True
        while more:
            page = self.query(partition, first, end, limit=ROWS_A_PAGE, cursor=cursor, filters=filters, **parameters)
            yield from page.rows
            cursor, more = page.cursor, page.cursor is not None

    def put(self, partition: str, row: Row) -> None:
        """Write one row that nothing guards. Raises StoreUnavailable."""
        try:
            self._table.upsert_entity(_entity(partition, row), mode=UpdateMode.REPLACE)
        except AzureError as error:
            raise _unavailable(error) from None

    def commit(self, change: Change) -> None:
        """Make the change, whole or not at all. Raises Doubtful when its fate is unknown or it lost a race."""
        if len(change.writes) > MAX_OPERATIONS:
            raise ValueError(f"a transaction takes {MAX_OPERATIONS} writes, this one has {len(change.writes)}")
        operations = [_operation(change.partition, write) for write in change.writes]
        try:
            self._table.submit_transaction(operations)
        except HttpResponseError as error:
            if error.status_code in (400, 413):  # our own mistake: repeating it cannot help
                raise
            raise Doubtful from error
        except AzureError as error:
            raise Doubtful from error

    def made(self, change: Change) -> bool:
        """Whether the change stands in the table: its proof carries our commit id."""
        proof = self.read(change.partition, change.proof)
        return proof is not None and proof.commit == change.commit_id

    def transact[S, R](self, load: Callable[[], S], decide: Callable[[S], tuple[Change | None, R]]) -> R:
        """Load, decide, commit; whoever loses a race loads and decides again. Returns what ``decide`` gave.

        ``decide`` answers with no change when there is nothing to do, and raises a Problem to refuse.
        Raises StoreUnavailable after 8 rounds.
        """
        state = load()
        for lost in range(ROUNDS):
            change, result = decide(state)
            if change is None:
                return result
            try:
                self.commit(change)
            except Doubtful:
                _give_way(lost)
                state = load()  # before the proof is read: see the module's first lines
                if not self.made(change):
                    continue
            return result
        raise StoreUnavailable("Others changed the same thing at the same moment. Nothing is lost; please try again.")


def _give_way(lost: int) -> None:
    """Wait at random, longer each time: many who change one row would lose to each other again and again.

    Whoever has not ``lost`` before reloads at once: most find then that there is nothing to repeat.
    """
    if 0 < lost < ROUNDS - 1:  # the last look only asks whether that commit stands after all
        time.sleep(random.uniform(0, PAUSE_SECONDS * 2 ** (lost - 1)))


def open_store(settings: Settings) -> Store:
    """The store that the settings name; its table is made when it is missing. Raises StoreUnavailable."""
    try:
        return Store(_service(settings).create_table_if_not_exists(TABLE))
    except AzureError as error:
        raise _unavailable(error) from None


def _service(settings: Settings) -> TableServiceClient:
    limits: dict[str, Any] = {
        "transport": transport(requests.Session()),
        "retry_total": RETRIES,
        "retry_backoff_factor": 0.2,
        "permit_redirects": False,  # a 307 would send the rows to another host
    }
    if settings.data_connection:
        return TableServiceClient.from_connection_string(settings.data_connection, **limits)
    endpoint = settings.data_table_uri or ""
    return TableServiceClient(endpoint=endpoint, credential=_identity(settings), **limits)


def _identity(settings: Settings) -> TokenCredential:
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - cold start

    return DefaultAzureCredential(managed_identity_client_id=settings.data_client_id)


def _row(entity: Mapping[str, Any]) -> Row:
    columns = {k: v for k, v in entity.items() if k not in ("PartitionKey", "RowKey", "body")}
    etag = getattr(entity, "metadata", {}).get("etag")
    return Row(entity["RowKey"], entity.get("body", "{}"), columns, etag)


def _entity(partition: str, row: Row) -> dict[str, Any]:
    return {"PartitionKey": partition, "RowKey": row.key, "body": row.body, **row.columns}


def _operation(partition: str, write: Write) -> tuple[Any, ...]:
    if isinstance(write, Delete):
        return ("delete", {"PartitionKey": partition, "RowKey": write.key})
    entity = _entity(partition, write.row)
    match write:
        case Insert():
            return ("create", entity)
        case Put():
            return ("upsert", entity, {"mode": UpdateMode.REPLACE})
        case Replace():
            guard = {"etag": write.row.etag, "match_condition": MatchConditions.IfNotModified}
            return ("update", entity, {"mode": UpdateMode.REPLACE, **guard})


def _unavailable(error: AzureError) -> Problem:
    logging.getLogger(__name__).warning("storage did not answer: %s", type(error).__name__)
    return StoreUnavailable()


def _fingerprint(*query: object) -> str:
    return hashlib.sha256(json.dumps(query, sort_keys=True).encode()).hexdigest()[:16]


def _cursor(token: Mapping[str, str], asked: str) -> str:
    text = json.dumps([asked, token.get("PartitionKey"), token.get("RowKey")])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _continuation(cursor: str | None, asked: str) -> dict[str, str] | None:
    if cursor is None:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(parts, list) or [type(part) for part in parts] != [str, str, str] or parts[0] != asked:
            raise InvalidCursor
        partition, key = (part.encode().decode() for part in parts[1:])
    except (binascii.Error, ValueError, RecursionError):
        raise InvalidCursor from None
    return {"PartitionKey": partition, "RowKey": key}
