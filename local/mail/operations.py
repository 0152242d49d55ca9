"""The operations that the service has accepted, in a file that survives a restart."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from local.mail.message import EmailRequest
from local.mail.settings import DROPPED, Outcome, Status


@dataclass(frozen=True)
class Operation:
    """One Operation-Id: what became of its newest mail, why it failed (`code: words`), how often it was accepted."""

    id: str
    status: Status
    reason: str | None
    accepted: int


@dataclass(frozen=True)
class Delivery:
    """One accepted mail that still has to be handed on; `number` counts within its operation, from 1."""

    operation_id: str
    number: int
    message: EmailRequest


class OperationStore:
    """Operations and the mails they still owe. Used from the event loop's thread only."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Until it is handed on, a mail lies here with its link; nobody else on this machine shall read it.
        path.touch(0o600)
        self._database = sqlite3.connect(path, isolation_level=None)
        # A mail that is accepted must survive the end of this process, not the end of the machine.
        self._database.executescript("""
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = OFF;
            CREATE TABLE IF NOT EXISTS delivery (
                operation_id TEXT NOT NULL,
                number INTEGER NOT NULL,
                status TEXT NOT NULL,
                reason TEXT,
                message TEXT,
                PRIMARY KEY (operation_id, number)
            );
            CREATE INDEX IF NOT EXISTS owed ON delivery (status) WHERE status = 'Running';
        """)

    def accept(self, operation_id: str, message: EmailRequest, outcome: Outcome | None = None) -> Operation:
        """Notes one more mail for that operation id; with an outcome nobody hands it on."""
        known = self.find(operation_id)
        number = 1 if known is None else known.accepted + 1
        status: Status = "Running" if outcome is None else outcome.status
        failed = outcome is not None and status in ("Failed", "Canceled")
        reason = f"{outcome.code}: {outcome.message}" if outcome is not None and failed else None
        text = message.model_dump_json(by_alias=True) if outcome is None else None
        self._database.execute(
            "INSERT INTO delivery VALUES (?, ?, ?, ?, ?)", (operation_id, number, status, reason, text)
        )
        return Operation(operation_id, status, reason, number)

    def find(self, operation_id: str) -> Operation | None:
        """The operation with that id (a GUID in lower case)."""
        row = self._database.execute(
            "SELECT operation_id, status, reason, number FROM delivery WHERE operation_id = ?"
            " ORDER BY number DESC LIMIT 1",
            (operation_id,),
        ).fetchone()
        return None if row is None else Operation(*row)

    def all(self) -> list[Operation]:
        """All operations, the oldest first."""
        rows = self._database.execute(
            "SELECT operation_id, status, reason, max(number) FROM delivery GROUP BY operation_id ORDER BY min(rowid)"
        )
        return [Operation(*row) for row in rows]

    def owed(self) -> list[Delivery]:
        """The accepted mails that were not handed on yet, the oldest first."""
        rows = self._database.execute(
            "SELECT operation_id, number, message FROM delivery"
            " WHERE status = 'Running' AND message IS NOT NULL ORDER BY rowid"
        )
        return [Delivery(id_, number, EmailRequest.model_validate_json(text)) for id_, number, text in rows]

    def settle(self, delivery: Delivery, reason: str | None) -> None:
        """Records that the mail was handed on, or in words why it could not be; its text is not kept."""
        told = None if reason is None else f"{DROPPED}: {reason}"
        self._database.execute(
            "UPDATE delivery SET status = ?, reason = ?, message = NULL WHERE operation_id = ? AND number = ?",
            ("Succeeded" if reason is None else "Failed", told, delivery.operation_id, delivery.number),
        )

    def close(self) -> None:
        """Closes the file."""
        self._database.close()
