"""The search for secrets in all that a cloud keeps, says and sends, in every form in which one may stand in a text."""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from azure.storage.queue import QueueServiceClient

from local.callers import Caller, Mail
from local.config import AZURITE_KEY
from local.settings import mail_key, read_values
from tests.integration.cloud import LocalCloud

# The only reply that carries a link, and how.
LINK_IN_REPLY = re.compile(r'"link": "[^"]*"')
# Any signed token, whoever's: Entra's for the app as well, which no test ever sees.
SIGNED = re.compile(r"eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}")
KINDS = ("row", "message", "log", "event", "mail", "reply")


def forms(value: str) -> Iterator[str]:
    """The value as it may stand in a text: as it is, quoted, in JSON, in a pointer, in hex, in base64 at any offset."""
    raw = value.encode()
    yield from (value, quote(value, safe=""), json.dumps(value)[1:-1], raw.hex(), raw.hex().upper())
    yield from (value[::-1], "".join(f"\\x{byte:02x}" for byte in raw), value.replace("~", "~0").replace("/", "~1"))
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # The ends depend on what stands around the value; the middle does not.
            yield encode(b"\0" * before + raw).decode()[4 : -(4 + before)]


class Search:
    """Where the secrets of a run stand, but for a link in its own mail and in the reply to `/link`."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.secrets: dict[str, str] = {}
        self.texts: dict[str, dict[str, str]] = defaultdict(dict)

    def keep(self, name: str, secret: str) -> None:
        """From now on this secret is searched for."""
        assert len(secret) > 12, name
        self.secrets[name] = secret

    def keep_link(self, link: str) -> str:
        """From now on this link's token and its random part are searched for."""
        token = link.partition("#")[2]
        assert len(token) == 84
        self.secrets[f"link {token[:4]}…{len(self.secrets)}"] = token
        self.secrets[f"random part {len(self.secrets)}"] = token[-42:]
        return link

    def keep_caller(self, caller: Caller) -> None:
        """From now on the caller's identity is searched for: an operator's token, or a link."""
        scheme, _, token = str(caller.headers["Authorization"]).partition(" ")
        if scheme == "Invitation":
            self.keep_link(f"#{token}")
        else:
            self.keep(f"operator token {len(self.secrets)}", token)
            self.keep(f"operator token's signature {len(self.secrets)}", token.rpartition(".")[2])

    def keep_keys(self) -> None:
        """From now on every key in the settings is searched for."""
        values = read_values(self.cloud.config.root)
        for number, entry in enumerate(values["SEALING_KEYS"].split(",")):
            key = entry.partition(":")[2]
            self.keep(f"sealing key {number}", key)
            self.keep(f"sealing key {number}, in hex", base64.b64decode(key).hex())
        self.keep("the mail's access key", mail_key(values))
        self.keep("the storage key", AZURITE_KEY)

    def look(self, when: str) -> None:
        """Note what the table and the queues hold now; nothing of it is taken away."""
        for row in self.cloud.rows():
            kind = "event" if row["RowKey"].startswith("event:") else "row"
            self.texts[kind][f"{when}: {row['RowKey']}"] = json.dumps(row, default=str, ensure_ascii=False)
        with QueueServiceClient.from_connection_string(self.cloud.connection_string) as service:
            for found in service.list_queues():
                with service.get_queue_client(str(found.name)) as queue:
                    for number, message in enumerate(queue.peek_messages(32)):
                        text = str(message.content)
                        decoded = base64.b64decode(text + "==").decode(errors="replace")
                        self.texts["message"][f"{when}: {number} of {found.name}"] = f"{text}\n{decoded}"

    def look_at_logs(self) -> None:
        """Of the app and its host, and of every other server of the cloud."""
        logs = [*self.cloud.config.data.parent.rglob("*.log")]
        assert len(logs) >= 6, "the logs of the host and the servers"
        for log in logs:
            self.texts["log"][str(log)] = log.read_text(encoding="utf-8", errors="replace")

    def look_at_replies(self, callers: list[Caller]) -> None:
        for caller in callers:
            for number, reply in enumerate(caller.replies):
                told, _, rest = reply.partition("\n")
                own = LINK_IN_REPLY.sub('"link": "…"', rest, count=1) if told.endswith("/link") else rest
                self.texts["reply"][f"{number} to {told} ({id(caller)})"] = f"{told}\n{own}"

    def look_at_mails(self, mails: Iterable[Mail]) -> None:
        """Each without its own link, which stands in its text, behind its button, and as a code to paste."""
        for mail in mails:
            whole = f"{mail.subject}\n{mail.text}\n{mail.html}\n{json.dumps(mail.headers)}"
            own = mail.link.partition("#")[2]
            assert own in mail.text
            self.texts["mail"][f"{mail.id} to {mail.to}"] = whole.replace(own, "…")

    def found(self, *kinds: str) -> list[str]:
        """Each secret that was found, and where; in the places of these kinds, or in all."""
        wanted = {form: name for name, secret in self.secrets.items() for form in forms(secret)}
        # One expression for all of them: what is found once more inside a longer one matters to nobody.
        any_of_them = re.compile("|".join(map(re.escape, sorted(wanted, key=len, reverse=True))))
        found = []
        for kind in kinds or KINDS:
            for place, text in self.texts[kind].items():
                found += [f"{wanted[match]} in {kind} {place}" for match in set(any_of_them.findall(text))]
                found += [f"a signed token in {kind} {place}" for _ in SIGNED.findall(text)]
        return found
