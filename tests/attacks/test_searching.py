"""The search for secrets finds each of them, in every form and in every place: else it would prove nothing."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from local.callers import Caller
from tests.attacks.searching import KINDS, Search
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import NORTHWIND, Onboarding, unique

WRONG = "Wrong~secret.of-the-right_length-0123456"
PLANTED = {"secret": WRONG, "link": "AQ" + "x-_Y7" * 16 + "zz", "key": base64.b64encode(bytes(range(64))).decode()}
WAYS: dict[str, Callable[[str], str]] = {
    "as it is": lambda secret: f"x{secret}y",
    "in JSON": lambda secret: json.dumps({"value": secret}),
    "in JSON in JSON": lambda secret: json.dumps(json.dumps({"value": secret})),
    "quoted": lambda secret: f"?value={quote(secret, safe='')}&x=y",
    "in hex": lambda secret: secret.encode().hex(),
    "in upper-case hex": lambda secret: f"0x{secret.encode().hex().upper()}",
    "backwards": lambda secret: secret[::-1],
    "as Python writes bytes": lambda secret: "".join(f"\\x{byte:02x}" for byte in secret.encode()),
    **{
        f"in {name} behind {before} bytes": lambda secret, encode=encode, before=before: encode(  # type: ignore[misc]
            b"{" * before + secret.encode() + b"}"
        ).decode()
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode))
        for before in range(5)
    },
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", PLANTED)
def test_the_search_finds_each_form_of_each_secret(cloud: LocalCloud, what: str, way: str) -> None:
    for kind in KINDS:
        search = Search(cloud)
        search.keep(what, PLANTED[what])
        search.texts[kind]["here"] = f"before {WAYS[way](PLANTED[what])} behind"
        assert search.found() == [f"{what} in {kind} here"]


def test_the_search_finds_a_token_that_nobody_told_it_of(cloud: LocalCloud) -> None:
    search = Search(cloud)
    search.texts["log"]["here"] = f"answer: {cloud.token('monitor', NORTHWIND)}"
    search.keep("something else", WRONG)
    assert search.found() == ["a signed token in log here"]


def test_the_search_looks_everywhere(cloud: LocalCloud, way: Onboarding) -> None:
    """What is planted in the table, in a queue, in a log, in a reply and in a mail is found in each."""
    secret = unique("planted~secret.")
    search = Search(cloud)
    search.keep("it", secret)
    mail = way.mail()
    log = cloud.config.data / "logs" / "written-by-a-test.log"
    with cloud._table() as table, cloud.queue("check-poison") as queue:
        for key in ("event:planted", "planted"):
            table.upsert_entity({"PartitionKey": "planted", "RowKey": key, "body": json.dumps({"x": secret})})
        queue.send_message(json.dumps({"due": secret}))
        log.write_text(f"value={secret}\n", encoding="utf-8")
        try:
            search.look("now")
            search.look_at_logs()
            way.operator.get(f"/api/{secret}")
            search.look_at_replies([way.operator])
        finally:
            for key in ("event:planted", "planted"):
                table.delete_entity("planted", key)
            queue.clear_messages()
            log.unlink()
    for kind in ("row", "event", "message", "log", "reply"):
        assert search.found(kind), kind
    search.keep_link(mail.link)
    search.look_at_mails([mail])
    assert search.found("mail") == [], "its own link belongs there"
    search.keep("a word of every mail", "Click here to activate your tenant")
    assert search.found("mail")


def test_a_second_link_in_a_reply_or_a_mail_is_found(cloud: LocalCloud, way: Onboarding) -> None:
    links = [way.copy_link() for _ in range(2)]
    caller = Caller(cloud.config.api_url)
    body = '{"link": "%s", "also": "%s"}'
    caller.replies.append("POST http://localhost/api/invitations/x/link\n{}\n" + body % (links[0], links[1]))
    search = Search(cloud)
    for link in links:
        search.keep_link(link)
    search.look_at_replies([caller])
    assert len(search.found("reply")) == 1
