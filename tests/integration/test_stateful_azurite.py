"""The random walk over the real table: what the unit run says of a table in memory holds of Azurite as well."""

import secrets
from typing import ClassVar, cast

import pytest
from azure.data.tables import TableClient, TableServiceClient

from tests.integration.cloud import LocalCloud
from tests.stateful.machine import Walk, try_walks
from tests.stateful.table import Table

TABLE = f"walk{secrets.token_hex(6)}"  # the running app and its sweep know nothing of it


@pytest.fixture(scope="module")
def table(running_cloud: LocalCloud) -> TableClient:
    service = TableServiceClient.from_connection_string(running_cloud.connection_string)
    return service.create_table_if_not_exists(TABLE)


def test_whatever_happens_in_whatever_order_the_real_table_shows_what_the_model_says(table: TableClient) -> None:
    class WalkInAzurite(Walk):
        """Each walk has providers, and so partitions, of its own."""

        open_table = staticmethod(lambda: cast(Table, table))
        reached: ClassVar[set[tuple[str, str]]] = set()

    try_walks(WalkInAzurite, walks=8, steps=12)
