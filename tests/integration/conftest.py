"""A table of its own in Azurite, and the scene on which a test's contenders meet there."""

import secrets
from collections.abc import Iterator

import pytest
from azure.data.tables import TableClient, TableServiceClient

from tests.integration.cloud import LocalCloud
from tests.integration.overlapping import Outside, Scene


@pytest.fixture(scope="module")
def table(running_cloud: LocalCloud) -> Iterator[TableClient]:
    """A table that the running app and its sweep know nothing of."""
    service = TableServiceClient.from_connection_string(
        running_cloud.connection_string, connection_timeout=3, read_timeout=10, retry_total=2
    )
    table = service.create_table_if_not_exists(f"apart{secrets.token_hex(6)}")
    yield table
    service.delete_table(table.table_name)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    """What this process's workers meet in place of the e-mail service and Microsoft."""
    outside = Outside()
    monkeypatch.setattr("invitations.operations.mails._post", lambda *_: outside)
    monkeypatch.setattr("validation.examination.examine", outside.examine)
    return outside


@pytest.fixture
def scene(table: TableClient, outside: Outside) -> Scene:
    return Scene.set_up(table, outside)
