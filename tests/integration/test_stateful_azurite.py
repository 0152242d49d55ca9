"""The random walk over the real table: what the unit run says of a table in memory holds of Azurite as well."""

from typing import ClassVar, cast

from azure.data.tables import TableClient

from tests.stateful.machine import Walk, try_walks
from tests.stateful.table import Table


def test_whatever_happens_in_whatever_order_the_real_table_shows_what_the_model_says(table: TableClient) -> None:
    class WalkInAzurite(Walk):
        """Each walk has providers, and so partitions, of its own."""

        open_table = staticmethod(lambda: cast(Table, table))
        reached: ClassVar[set[tuple[str, str]]] = set()

    try_walks(WalkInAzurite, walks=8, steps=12)
