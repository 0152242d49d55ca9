"""Hands accepted mails to the local SMTP server, one after the other.

"Quickstart: How to send an email using Azure Communication Services": Succeeded says no more than that a mail is out
for delivery, and what a recipient's server thinks of it comes as an event ("Azure Communication Services - Email
events"). There are no events here, so a mail that the SMTP server takes for nobody is Failed, with that server's words.
MailDev 2.2.1 takes no address of 254 characters, though RFC 5321, section 4.5.3.1.3, allows it: its smtp-server stops
at 253 (smtp-connection.js) and answers 501.
"""

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
                if reason is not None:
                    _report(delivery, f"failed: {reason}")

    def _deliver(self, delivery: Delivery) -> str | None:
        request = delivery.message
        try:
            message = request.internet_message(delivery.operation_id, delivery.number)
            with smtplib.SMTP("127.0.0.1", self._smtp_port, timeout=SMTP_TIMEOUT_SECONDS) as smtp:
                refused = smtp.send_message(message, request.sender_address, request.envelope())
            if refused:
                _report(delivery, f"some recipients were refused ({_replies(*refused.values())})")
        except smtplib.SMTPRecipientsRefused as error:
            return f"The recipient's mail server refused the message ({_replies(*error.recipients.values())})."
        except smtplib.SMTPResponseException as error:
            replies = _replies((error.smtp_code, error.smtp_error))
            return f"The recipient's mail server refused the message ({replies})."
        except smtplib.SMTPException as error:
            return f"The recipient's mail server refused the message ({type(error).__name__})."
        except OSError as error:
            return f"The recipient's mail server cannot be reached ({error.strerror or type(error).__name__})."
        except Exception as error:  # noqa: BLE001 - a mail that cannot be written must not hold up the others
            return f"The message could not be written ({type(error).__name__})."
        return None


def _replies(*replies: tuple[int, bytes | str]) -> str:
    """What an SMTP server answered, each different reply once, on one line."""
    texts = (f"{code} {text.decode('ascii', 'replace') if isinstance(text, bytes) else text}" for code, text in replies)
    return ", ".join(dict.fromkeys(" ".join(text.split()) for text in texts))


def _report(delivery: Delivery, words: str) -> None:
    print(f"mail: {delivery.operation_id}: {words}", flush=True)
