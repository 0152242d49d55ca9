"""What must hold over every row of a service once all is quiet."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.data.tables import TableServiceClient

from tests.integration.cloud import LocalCloud

TABLE = "tenantlink"


def rows_of(cloud: LocalCloud, service_id: str) -> dict[str, dict[str, Any]]:
    """Every row that belongs to a service, by its key; read past the pipe."""
    service = TableServiceClient.from_connection_string(cloud.connection_string)
    rows = {entity["RowKey"]: dict(entity) for entity in service.get_table_client(TABLE).list_entities()}
    return {key: row for key, row in rows.items() if _belongs(key, row, service_id)}


def _belongs(key: str, row: dict[str, Any], service_id: str) -> bool:
    if key.startswith("due:"):
        return bool(json.loads(row["body"])["subject"] == service_id)
    return service_id in key or row.get("service") == service_id


def overdue(rows: dict[str, dict[str, Any]], ahead: timedelta) -> list[str]:
    """The due rows whose time has come on a clock that is ``ahead``."""
    now = (datetime.now(UTC) + ahead).strftime("%Y%m%dT%H%M%S")
    return [key for key in rows if key.startswith("due:") and key.split(":")[1] <= now]


def unexpected_work(rows: dict[str, dict[str, Any]]) -> list[str]:
    """Owed work beside the looks at an expiry, of which nothing is left to do once a service is active."""
    return [key for key in rows if key.startswith("due:") and key.split(":")[2] != "expire"]


def assert_in_order(rows: dict[str, dict[str, Any]], service_id: str) -> None:
    """One service, its name, its events without a gap or a double, no open row that has outlived its invitation."""
    service = json.loads(rows[f"service:{service_id}"]["body"])
    versions = sorted(int(key.rsplit(":", 1)[1]) for key in rows if key.startswith("event:"))
    assert versions == list(range(1, service["version"] + 1))
    times = [json.loads(rows[f"event:{service_id}:{version:08}"]["body"])["at"] for version in versions]
    assert times == sorted(times)
    assert len([key for key in rows if key.startswith("short-name:")]) == 1
    accepted = service["invitation"]["status"] == "accepted"
    assert (f"open:{service_id}" in rows) is not accepted
    assert "proposal" not in service["invitation"]
    assert service["registration"]["credential"]["sealed"]
