"""Client secrets and links stay where they belong: in no row, message, log or reply of a whole run."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from azure.storage.queue import QueueServiceClient

from local.callers import Caller
from local.waiting import wait_until
from tests.integration.cloud import Directory, Faults, LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    SECONDS,
    Onboarding,
    good,
    new_customer,
    order,
    submit,
    submitted,
    unique,
    view_of,
)

WRONG = "Wrong~secret.of-the-right_length-0123456"


def forms(value: str) -> Iterator[str]:
    """The value as it may stand in a text: as it is, quoted, in JSON, in hex, and in base64 at any offset."""
    raw = value.encode()
    yield from (value, quote(value, safe=""), json.dumps(value)[1:-1], raw.hex())
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # The ends depend on what stands around the value; the middle does not.
            yield encode(b"\0" * before + raw).decode()[4 : -(4 + before)]


class Search:
    """Where the secrets of a run stand, except where they belong."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.secrets: dict[str, str] = {"the client secret": CONTOSO.secret, "a wrong secret": WRONG}
        self.texts: dict[str, str] = {}

    def keep_link(self, link: str) -> str:
        """From now on this link's token and its random part are searched for."""
        token = link.partition("#")[2]
        name = f"link {len(self.secrets)}"
        self.secrets[name] = token
        self.secrets[f"{name}, its random part"] = token[-42:]
        return link

    def look(self, when: str) -> None:
        """Note what the table and the queues hold now; nothing of it is taken away."""
        for row in self.cloud.rows():
            self.texts[f"{when}: row {row['RowKey']}"] = json.dumps(row, default=str, ensure_ascii=False)
        with QueueServiceClient.from_connection_string(self.cloud.connection_string) as service:
            for found in service.list_queues():
                with service.get_queue_client(str(found.name)) as queue:
                    for number, message in enumerate(queue.peek_messages(32)):
                        text = str(message.content)
                        decoded = base64.b64decode(text + "==").decode(errors="replace")
                        self.texts[f"{when}: message {number} of {found.name}"] = f"{text}\n{decoded}"

    def look_at_logs(self) -> None:
        logs = [*self.cloud.config.data.parent.rglob("*.log")]
        assert len(logs) >= 4, "the logs of the host and the servers"
        for log in logs:
            self.texts[f"log {log}"] = log.read_text(encoding="utf-8", errors="replace")

    def look_at_replies(self, callers: list[Caller]) -> None:
        """Every reply but those of `/link`, the only ones that carry a link."""
        for caller in callers:
            for number, reply in enumerate(caller.replies):
                if "/link\n" not in reply:
                    self.texts[f"reply {number} to {reply.splitlines()[0]}"] = reply

    def found(self) -> list[str]:
        return [
            f"{name} in {place}"
            for name, secret in self.secrets.items()
            for form in set(forms(secret))
            for place, text in self.texts.items()
            if form in text
        ]


def test_no_secret_and_no_link_is_anywhere_in_a_whole_run(
    cloud: LocalCloud, directory: Directory, faults: Faults
) -> None:
    search = Search(cloud)
    faults.mail(delaySeconds=1)
    way = Onboarding.begin(cloud)
    search.look("while the mail is owed")
    faults.clear()
    search.keep_link(way.mail().link)
    copied = search.keep_link(way.copy_link())
    admin = way.admin(copied)

    # Refused, misspelt and malformed submissions, and one at a time when Microsoft is silent.
    submitted(admin, CONTOSO, value=WRONG)
    body = {**CONTOSO.typed(), "credential": {"kind": "secret", "Value": CONTOSO.secret, "x": WRONG}}
    assert admin.post("/api/invitation/submission", json=body).status_code == 422
    assert admin.post("/api/invitation/submission", data=json.dumps(body) + "}").status_code >= 400
    faults.entra(CONTOSO.sign_in, status=400, body=f"<html>{'busy ' * 50}</html>")
    good(submit(admin, CONTOSO), 202)
    search.look("while a check waits")
    wait_until(lambda: view_of(admin)["check"]["waitingFor"], SECONDS, "what the page says")
    search.look("while Microsoft is silent")
    faults.clear()
    way.until(lambda one: one["state"] == "authenticated", "the check")
    search.look("while authenticated")

    good(way.add())
    with directory.edit() as content:
        kept = content["applications"][0]["secrets"]
        content["applications"][0]["secrets"] = []
    way.validate()
    with directory.edit() as content:
        content["applications"][0]["secrets"] = kept
    assert way.validate()["state"] == "validated"
    assert way.complete()["state"] == "active"
    way.validate()

    # A second service that is revoked and invited again, and many at once.
    other = Onboarding.begin(cloud, customer=way.customer)
    search.keep_link(other.mail().link)
    other.admin(search.keep_link(other.copy_link())).get("/api/invitation")
    good(other.change(f"{other.invitation}/revoke"))
    good(other.change(f"{other.invitation}/resend", {}))
    search.keep_link(other.mail(count=2).link)
    busy = [cloud.operator() for _ in range(4)]
    customer = new_customer(way.operator)["id"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.create(f"/api/customers/{customer}/services", unique("key-"), order()), busy))
        search.look("while mails are on their way")
    for path in ("/api/me", "/api/customers", "/api/services", "/api/invitations", "/api/health", other.invitation):
        way.operator.get(path)
    way.events()

    search.look("at the end")
    search.look_at_logs()
    search.look_at_replies([way.operator, *way.admins, other.operator, *other.admins, *busy])
    assert len(search.texts) > 100
    assert search.found() == []


def test_the_search_finds_what_it_looks_for(cloud: LocalCloud) -> None:
    for text in (
        f"x{WRONG}y",
        json.dumps({"value": WRONG}),
        base64.b64encode(f"ab{WRONG}".encode()).decode(),
        base64.urlsafe_b64encode(f'{{"a": "{WRONG}"}}'.encode()).decode(),
        WRONG.encode().hex(),
    ):
        search = Search(cloud)
        search.texts["here"] = text
        assert "a wrong secret in here" in search.found()
