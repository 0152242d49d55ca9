"""Hands accepted mails to the local SMTP server, one after the other."""

import asyncio
import smtplib

from local.mail.operations import Delivery, OperationStore

SMTP_TIMEOUT_SECONDS = 10


class Relay:
    """Works off what the store owes; a mail that the SMTP server does not take has failed for good."""

    def __init__(self, store: OperationStore, smtp_port: int) -> None:
        self._store = store
        self._smtp_port = smtp_port
        self._owed = asyncio.Event()
        self._stopping = False
        # What an earlier process accepted and did not hand on comes first.
        self._owed.set()

    def wake(self) -> None:
        """Says that the store owes something."""
        self._owed.set()

    def stop(self) -> None:
        """Lets `run` return; a mail that is on its way is finished first, lest a restart sends it again."""
        self._stopping = True
        self._owed.set()

    async def run(self) -> None:
        """Runs until it is stopped."""
        while not self._stopping:
            await self._owed.wait()
            self._owed.clear()
            for delivery in self._store.owed():
                if self._stopping:
                    break
                reason = await asyncio.to_thread(self._deliver, delivery)
                self._store.settle(delivery, reason)

    def _deliver(self, delivery: Delivery) -> str | None:
        request = delivery.message
        try:
            message = request.internet_message(delivery.operation_id, delivery.number)
            with smtplib.SMTP("127.0.0.1", self._smtp_port, timeout=SMTP_TIMEOUT_SECONDS) as smtp:
                smtp.send_message(message, request.sender_address, request.envelope())
        except smtplib.SMTPException as error:
            return f"The recipient's mail server refused the message ({type(error).__name__})."
        except OSError as error:
            return f"The recipient's mail server cannot be reached ({error.strerror or type(error).__name__})."
        except Exception as error:  # noqa: BLE001 - a mail that cannot be written must not hold up the others
            return f"The message could not be written ({type(error).__name__})."
        return None
