"""A lane: one local cloud whose host reaches everything through a gate, and is killed and replaced at will."""

import math
import ssl
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Any, override

from azure.core.exceptions import ServiceResponseError
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueClient

from local.callers import Caller
from local.config import free_ports
from local.tls import ensure_certificates
from local.waiting import wait_until
from shared.due import Due
from shared.kinds import Kind
from shared.stored import from_json
from tests.faults.gate import Gate
from tests.integration.cloud import Faults, Host, LocalCloud
from tests.integration.procedure import NORTHWIND

TABLE = "tenantlink"
QUEUES = tuple(kind.value for kind in Kind)
# Many points ask about one tenant within an hour, and what is over is forgotten at the first look.
LIMITS = {"CHECKS_PER_TENANT_AND_HOUR": "100000", "RETENTION": "P1D"}
EVERY_SECOND, NEVER = "* * * * * *", f"0 0 0 1 {(datetime.now(UTC).month + 5) % 12 + 1} *"  # not for months
STEP = timedelta(minutes=10)  # past every lease and every pause of the sweep's
YEARS = timedelta(days=3650)
SECONDS = 60.0

type Rows = dict[str, dict[str, Any]]


def again(write: Callable[[], object]) -> None:
    """Write past the gate; once more when the answer is lost, so `write` must bear that. Azurite closes a connection
    that nobody has used for five seconds, at times in the moment when it is used, and azure-core repeats no POST.
    """
    try:
        write()
    except ServiceResponseError:
        write()


class GatedCloud(LocalCloud):
    """Its callers meet answers that are the platform's own, which the API's description does not know."""

    @override
    def _described(self, caller: Caller) -> Caller:
        return caller


class Lane:
    """``ahead`` is how far the present host's clock is ahead of the real one."""

    def __init__(self, folder: Path, ports: range | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.cloud = GatedCloud(folder, {}, ports)
        self.ahead = timedelta(0)
        self._hidden = 0
        self._shared = False
        self.prepared: dict[str, tuple[Any, Rows]] = {}
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificates = ensure_certificates(self.cloud.config.data)
        tls.load_cert_chain(certificates.cert, certificates.key)
        self.gate = Gate(self.cloud.config.ports, tls, self.cloud.host.kill)
        service = TableServiceClient.from_connection_string(self.cloud.connection_string)
        self._table = service.get_table_client(TABLE)
        self._queues = {name: self._queue(name) for name in (*QUEUES, *(f"{name}-poison" for name in QUEUES))}

    def start(self) -> None:
        self.gate.start()
        self.cloud.start(**self._settings(sweeps=False))
        for name in self._queues:
            self.cloud.queue(name)
        self.cloud.mail().post("/control/settings", json={"repeated": "again", "anyDate": True}).raise_for_status()
        self.cloud.sign_in_for(YEARS, NORTHWIND)
        self.faults = Faults(self.cloud)
        self.cloud.operator().get("/api/customers").raise_for_status()

    def stop(self) -> None:
        self.cloud.stop()
        self.gate.stop()

    def fresh(self, ahead: timedelta, *, sweeps: bool) -> None:
        """Kill the host, if it still runs, and start another whose clock is so far ahead."""
        minutes = math.ceil(ahead / timedelta(minutes=1))
        self.ahead = timedelta(minutes=minutes)
        self.cloud.host.kill()
        if not self._shared:  # what it has still asked for may hide a message
            wait_until(lambda: self.gate.connections == 0, SECONDS, "the end of the dead host's connections")
        self._hidden = sum(self._count(name) - self._visible(name) for name in QUEUES)
        self.cloud.host.start(f"+{minutes}m" if minutes else None, **self._settings(sweeps=sweeps))

    def another_host(self) -> tuple[Host, str]:
        """A second host behind the same gate and its address; whoever asks for it starts and ends it."""
        self._shared = True
        ours = self.cloud.config
        config = replace(ours, data=ours.data / "second", ports=replace(ours.ports, api=free_ports().api))
        trusted = {"REQUESTS_CA_BUNDLE": self.cloud.bundle, "SSL_CERT_FILE": self.cloud.bundle}
        settings = {**self._settings(sweeps=True), **trusted, "PUBLIC_BASE_URL": ours.api_url}
        return Host(config, settings), config.api_url

    def now(self) -> datetime:
        """The time on the host's clock."""
        return datetime.now(UTC) + self.ahead

    def recover(self) -> None:
        """Back to an empty table and a host at the real time, whatever has happened."""
        self.wipe()
        self.fresh(timedelta(0), sweeps=True)

    def rows(self) -> Rows:
        """Every row but the sweep's heartbeat, by its key; read past the gate."""
        return {row["RowKey"]: dict(row) for row in self._table.list_entities() if row["PartitionKey"] != "system"}

    def restore(self, rows: Rows) -> None:
        """Put rows of an earlier moment into the empty table."""
        for partition in {row["PartitionKey"] for row in rows.values()}:
            own = [row for row in rows.values() if row["PartitionKey"] == partition]
            for some in batched(own, 100, strict=False):
                again(partial(self._table.submit_transaction, [("upsert", row) for row in some]))

    def due(self) -> list[Due]:
        """All owed work, what is due first first."""
        rows = self._table.query_entities("RowKey ge 'due:' and RowKey lt 'due;'")
        return [from_json(Due, row["body"]) for row in rows]

    def count_anew(self) -> None:
        """Take away what counts mails and checks, with the work that would: whether it is due depends on the hour."""
        again(self._delete_counts)

    def _delete_counts(self) -> None:
        counting = [due.key for due in self.due() if "rows" in due.note]
        for key, row in self.rows().items():
            if key.startswith("quota:") or key in counting:
                self._table.delete_entity(row["PartitionKey"], key)

    def is_idle(self, left: int = 0) -> bool:
        """Whether the queues hold no more than so many messages, beside those that a dead host has hidden."""
        return sum(self._count(name) for name in QUEUES) - self._hidden <= left

    def is_taken(self) -> bool:
        """Whether no message waits in a queue for somebody to take it."""
        return not any(self._visible(name) for name in QUEUES)

    def until_idle(self, left: int = 0) -> None:
        """Wait until the host has done what it was woken for, or is dead."""
        wait_until(
            lambda: self.is_idle(left) or not self.cloud.host.runs, SECONDS, "the end of what was woken", every=0.1
        )

    def is_calm(self) -> bool:
        """Whether nothing is due, nothing was moved by a sweep and not yet claimed, and nobody is at work."""
        under_way = [due for due in self.due() if due.time <= self.now() or due.sweeps]
        return not under_way and self.is_idle()

    def until_quiet(self) -> None:
        """Wait until no work is due, moving the clock on to whatever still waits for its time; then nothing is left
        but looks at times to come.
        """
        for _ in range(8):
            wait_until(self.is_calm, SECONDS, "the end of all that is due", every=0.1)
            later = [due.time for due in self.due() if due.kind not in (Kind.EXPIRE, Kind.FORGET)]
            if not later:
                return
            self.fresh(max(self.ahead, max(later) - datetime.now(UTC)) + STEP, sweeps=True)
        raise AssertionError(f"work goes on for ever: {[due.key for due in self.due()]}")

    def poisoned(self) -> dict[str, int]:
        """How many messages were given up as poison, by queue."""
        counts = {name: self._count(name) for name in self._queues if name.endswith("-poison")}
        return {name: count for name, count in counts.items() if count}

    def wipe(self) -> None:
        """Forget every row and every message, so that the next invariants speak of the next point alone."""
        again(self._forget)
        for queue in self._queues.values():
            queue.clear_messages()
        self._hidden = 0
        self.faults.clear()

    def _forget(self) -> None:
        rows = [(row["PartitionKey"], row["RowKey"]) for row in self._table.list_entities()]
        for partition in {partition for partition, _ in rows}:
            self._delete(partition, [key for owner, key in rows if owner == partition])

    def _delete(self, partition: str, keys: Iterable[str]) -> None:
        for some in batched(keys, 100, strict=False):
            self._table.submit_transaction([("delete", {"PartitionKey": partition, "RowKey": key}) for key in some])

    def _settings(self, *, sweeps: bool) -> dict[str, str]:
        proxies = {"HTTP_PROXY": self.gate.url, "HTTPS_PROXY": self.gate.url, "NO_PROXY": ""}
        lower = {name.lower(): value for name, value in proxies.items()}
        return {**proxies, **lower, "SWEEP_SCHEDULE": EVERY_SECOND if sweeps else NEVER, **LIMITS}

    def _queue(self, name: str) -> QueueClient:
        return QueueClient.from_connection_string(self.cloud.connection_string, name)

    def _count(self, name: str) -> int:
        return self._queues[name].get_queue_properties().approximate_message_count or 0

    def _visible(self, name: str) -> int:
        return len(self._queues[name].peek_messages(max_messages=32))
