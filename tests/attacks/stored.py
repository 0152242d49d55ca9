"""What stands in the table, row by row with its ETag, so that any write shows, one of the same bytes too."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.integration.cloud import LocalCloud
from tests.integration.procedure import Onboarding

type Key = tuple[str, str]
type Rows = dict[Key, tuple[str | None, dict[str, Any]]]

MADE_BY_CALLERS = ("service:", "customer:", "customer-name:", "short-name:")


def rows(cloud: LocalCloud) -> Rows:
    """Each row under its key: its ETag and its columns."""
    with cloud._table() as table:
        found = list(table.list_entities())
    return {(row["PartitionKey"], row["RowKey"]): (row.metadata["etag"], dict(row)) for row in found}


def about(way: Onboarding) -> Rows:
    """Every row that names the service or its customer."""
    return _about(rows(way.cloud), way)


@contextmanager
def nothing_changes(*ways: Onboarding) -> Iterator[None]:
    """Within this block no row of these services or their customers is written, and nobody makes anything new."""
    before = rows(ways[0].cloud)
    yield
    after = rows(ways[0].cloud)
    for way in ways:
        assert _about(after, way) == _about(before, way)
    assert _made(after) == _made(before)


def _about(found: Rows, way: Onboarding) -> Rows:
    names = (way.id, str(way.customer["id"]))
    return {key: row for key, row in found.items() if any(name in f"{key} {row[1]}" for name in names)}


def _made(found: Rows) -> set[Key]:
    """The keys of all that callers can make, in every partition."""
    return {key for key in found if key[1].startswith(MADE_BY_CALLERS)}


def planted(cloud: LocalCloud, key: Key, **columns: object) -> None:
    """Write these columns over those of a row, as whoever has got hold of the table could."""
    with cloud._table() as table:
        row = dict(table.get_entity(*key))
        table.upsert_entity({**row, **columns})


def body_of(cloud: LocalCloud, key: Key) -> dict[str, Any]:
    """The JSON column of a row."""
    content: dict[str, Any] = json.loads(rows(cloud)[key][1]["body"])
    return content
