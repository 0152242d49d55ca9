"""A local cloud for tests: started on free ports with data of its own, and what tests do with it."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from azure.core.exceptions import ResourceExistsError
from azure.data.tables import TableClient
from azure.storage.queue import QueueClient, TextBase64EncodePolicy

from local import servers
from local.callers import Caller, Inbox, admin, operator
from local.child import Child
from local.config import ROOT, Config, free_ports
from local.seed import seed
from local.settings import ensure_settings, read_values
from local.tls import ensure_certificates
from local.token import Role, fetch_token
from local.waiting import wait_until
from tests.integration.described import Description

START_SECONDS = 90.0
# The sweep repairs what a crash left behind; tests do not want to wait five seconds for it. All of them ask about a few
# tenants, more often than anybody else would.
SETTINGS = {"SWEEP_SCHEDULE": "* * * * * *", "CHECKS_PER_TENANT_AND_HOUR": "100000"}


class Directory:
    """This cloud's own copy of the pretend directory; the stand-in sees an edit with the next request."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.original = (ROOT / "local" / "directory.json").read_text(encoding="utf-8")
        self.restore()

    def read(self) -> dict[str, Any]:
        """The directory as JSON, in the shape of `local/directory.json`."""
        content: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return content

    @contextmanager
    def edit(self) -> Iterator[dict[str, Any]]:
        """Change the directory: what the caller does to this object is written when the block ends."""
        content = self.read()
        yield content
        self._write(json.dumps(content, indent=2))

    def restore(self) -> None:
        """Make it again what the checkout's directory is."""
        self._write(self.original)

    def _write(self, text: str) -> None:
        draft = self.path.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.path)


class Host:
    """The functions host of a cloud, apart from `up`, so that a test can kill it and start it again."""

    def __init__(self, config: Config, settings: dict[str, str]) -> None:
        self._config = config
        self._settings = settings
        self._starts = 0
        self._child = servers.host(config)
        self.clock: str | None = None
        self.differs = False

    def start(self, clock: str | None = None, **settings: str) -> None:
        """Start it and wait until it is ready.

        clock: what to add to its clock, such as `+10m`. settings: app settings that differ for this start alone.
        """
        self._starts += 1
        self.clock = clock
        self.differs = bool(clock or settings)
        self._child = servers.host(self._config, clock=clock)
        self._child.log = self._child.log.with_name(f"host-{self._starts}.log")
        environment = {**servers.app_environment(self._config), **self._settings, **settings}
        self._child.start(environment, self._config.root)
        _await(self._child)

    def kill(self) -> None:
        """End it as a crash would: nothing is finished, nothing is handed back."""
        self._child.kill()

    def stop(self) -> None:
        """End it in good order."""
        self._child.stop()

    def restart(self, clock: str | None = None, **settings: str) -> None:
        """A crash and a new start."""
        self.kill()
        self.start(clock, **settings)

    @property
    def runs(self) -> bool:
        return self._child.runs

    @property
    def exit_code(self) -> int | None:
        """The exit code once it has ended, negative for a signal."""
        return self._child.exit_code

    def log(self) -> str:
        """What the host has written since its last start."""
        return "\n".join(self._child.last_lines(10_000))


class LocalCloud:
    """One running local cloud."""

    def __init__(self, folder: Path, settings: dict[str, str], ports: range | None = None) -> None:
        """settings: app settings that differ from the settings file. ports: where to look for free ones."""
        self.directory = Directory(folder / "directory.json")
        ours = free_ports(ports or own_range())
        self.config = Config(data=folder / "data", directory=self.directory.path, ports=ours)
        self.host = Host(self.config, settings)
        self.inbox = Inbox(self.config.inbox_url)
        self._log = folder / "up.log"
        self._up: Child | None = None
        self._clock: str | None = None
        self._tokens: dict[tuple[Role, str | None], str] = {}
        self.description: Description | None = None

    def start(self, clock: str | None = None, **settings: str) -> None:
        """Start everything, on the data that an earlier run left.

        clock: for the host and the stand-ins. settings: app settings that differ for this start alone.
        """
        ensure_settings(ROOT)
        shift = [f"--clock={clock}"] if clock else []
        command = [sys.executable, "-m", "local", "up", "--without-host", *shift]
        self._clock = clock
        self._tokens = {}
        self._up = Child("up", command, self._log, ready="ready", patience=30)
        self._up.start({**os.environ, **self.config.variables()}, ROOT)
        _await(self._up)
        self.host.start(clock, **settings)

    def stop(self) -> None:
        """End everything in good order; the data stay."""
        self.host.stop()
        if self._up:
            self._up.stop()

    def restart(self, clock: str | None = None, **settings: str) -> None:
        """Everything ends in good order and starts again on the same data, with other clocks and settings."""
        self.stop()
        self.start(clock, **settings)

    def mend(self) -> None:
        """Bring back what a test has killed, shifted or changed."""
        self.directory.restore()
        if self._up is None or not self._up.runs or self._clock:
            self.restart()
        elif not self.host.runs or self.host.differs:
            self.host.restart()

    def seed(self) -> None:
        """Make the first customers, where there are none."""
        for _ in seed(self.config):
            pass

    def rows(self) -> list[dict[str, Any]]:
        """Every row of the app's table."""
        with self._table() as table:
            return [dict(row) for row in table.list_entities()]

    def owes(self, subject: str, kind: str) -> list[dict[str, Any]]:
        """The owed work of one kind for one service: its due rows."""
        with self._table() as table:
            due = table.query_entities("RowKey ge 'due:' and RowKey lt 'due;'")
            return [dict(row) for row in due if f":{kind}:" in row["RowKey"] and subject in row["body"]]

    def queue(self, name: str, *, encode: bool = True) -> QueueClient:
        """A queue of the app, made if it is missing; its messages are base64, as its host.json says."""
        policy = TextBase64EncodePolicy() if encode else None
        queue = QueueClient.from_connection_string(self.connection_string, name, message_encode_policy=policy)
        with suppress(ResourceExistsError):
            queue.create_queue()
        return queue

    @property
    def connection_string(self) -> str:
        """Azurite's: blobs, queues and tables."""
        return self.config.azurite

    @property
    def bundle(self) -> str:
        """The file with the authorities to trust for the stand-ins' certificates."""
        return str(ensure_certificates(self.config.data).bundle)

    def operator(self, provider: str | None = None) -> Caller:
        """A caller with an operator's token. provider: name or tenant id, else the first in the directory."""
        return self._described(operator(self.config.api_url, self.token("operator", provider)))

    def monitor(self, provider: str | None = None) -> Caller:
        """A caller with the token of somebody who may only read."""
        return self._described(operator(self.config.api_url, self.token("monitor", provider)))

    def admin(self, link: str) -> Caller:
        """A caller who holds an invitation's link."""
        return self._described(admin(link))

    def anybody(self) -> Caller:
        """A caller without any identity."""
        return self._described(Caller(self.config.api_url))

    def bearer(self, token: str) -> Caller:
        """A caller with that token of an operator's."""
        return self._described(operator(self.config.api_url, token))

    def providers(self) -> list[dict[str, Any]]:
        """The configured providers, in the form of the setting PROVIDERS."""
        content: list[dict[str, Any]] = json.loads(read_values(ROOT)["PROVIDERS"])
        return content

    def without_tables(self) -> str:
        """The connection string of the app's data with a table service that nobody serves."""
        table = f"TableEndpoint=http://127.0.0.1:{self.config.ports.table}"
        assert table in self.connection_string
        return self.connection_string.replace(table, f"TableEndpoint=http://127.0.0.1:{free_ports(own_range()).table}")

    def entra(self) -> Caller:
        """A caller of the Entra and Graph stand-in and its `/control/` paths."""
        return self._stand_in(self.config.entra_url)

    def mail(self) -> Caller:
        """A caller of the e-mail stand-in and its `/control/` paths."""
        return self._stand_in(self.config.mail_url)

    def token(self, role: Role, provider: str | None = None) -> str:
        """A portal user's access token, the same one as long as the cloud runs."""
        if (role, provider) not in self._tokens:
            self._tokens[role, provider] = fetch_token(self.config, role, provider)
        return self._tokens[role, provider]

    def sign_in_for(self, span: timedelta, provider: str) -> None:
        """Sign the provider's first operator in for so long, for hosts whose clock runs ahead."""
        body = {
            "provider": provider,
            "role": "operator",
            "claims": {"exp": int((datetime.now(UTC) + span).timestamp())},
        }
        reply = self.entra().post("/control/operator-token", json=body)
        reply.raise_for_status()
        self._tokens["operator", None] = reply.json()["access_token"]

    def log(self) -> str:
        """The end of what the cloud and its host have written, for somebody who looks at a failure."""
        up = self._up.last_lines(20) if self._up else []
        return "\n".join([*up, *self.host.log().splitlines()[-60:]])

    def _described(self, caller: Caller) -> Caller:
        """The same caller, every answer to whom is held against the API's description."""
        if self.description is None:
            reply = Caller(self.config.api_url).get("/api/openapi.json")
            self.description = Description(reply.json())
        caller.hooks["response"].append(self.description.check)
        return caller

    def _table(self) -> TableClient:
        return TableClient.from_connection_string(self.connection_string, "tenantlink")

    def _stand_in(self, url: str) -> Caller:
        caller = Caller(url)
        caller.verify = self.bundle
        return caller


class Faults:
    """What the stand-ins of a cloud do wrong, until it is cleared. The members are those of `local/faults.py`."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._stand_ins = {"entra": cloud.entra(), "mail": cloud.mail()}

    def entra(self, match: str, **fault: object) -> None:
        """A fault of Entra or Graph; without `times` it stays. match: METHOD path-regex."""
        self._add("entra", match, fault)

    def mail(self, match: str = "POST /emails:send", **fault: object) -> None:
        """A fault of the e-mail service; without `times` it stays."""
        self._add("mail", match, fault)

    def used(self, stand_in: Literal["entra", "mail"] = "entra") -> int:
        """How many requests a fault has met since the last clear."""
        reply = self._stand_ins[stand_in].get("/control/faults")
        return sum(fault["used"] for fault in reply.json()["value"])

    def clear(self) -> None:
        for stand_in in self._stand_ins.values():
            stand_in.delete("/control/faults").raise_for_status()

    def _add(self, stand_in: str, match: str, fault: Mapping[str, object]) -> None:
        body = {"match": match, "times": None, **fault}
        self._stand_ins[stand_in].post("/control/faults", json=body).raise_for_status()


def own_range() -> range:
    """Where this pytest process looks for ports: two that start at the same moment must not meet there."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return range(20000 + worker % 12 * 1000, 21000 + worker % 12 * 1000)


def _await(child: Child) -> None:
    def ready() -> bool:
        if not child.runs:
            output = "\n".join(child.last_lines(40))
            raise AssertionError(f"{child.name} ended with exit code {child.exit_code} instead of starting:\n{output}")
        return child.is_ready()

    wait_until(ready, START_SECONDS, f"the start of {child.name} ({child.log})")
