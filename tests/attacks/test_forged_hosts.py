"""Somebody forges where a request seems to go, or to come from: links and addresses are made from our setting alone."""

import json
import re
from email.utils import getaddresses

import azure.functions as func
import pytest

from local.callers import Caller, Mail
from shared.web.contract import contract
from shared.web.replies import page
from tests.integration.asking import CALLS, Asking, asking, in_days
from tests.integration.cloud import LocalCloud
from tests.integration.host.running import exchange
from tests.integration.procedure import Onboarding, good, order, unique
from tests.integration.untouched import OPERATOR_CALLS, ready, still

READS = [name for name in OPERATOR_CALLS if CALLS[name].methods == ("GET",) and name != "show_m365"]
FOREIGN = "evil.example"
FORGED = {
    "Host": FOREIGN,
    "X-Host": FOREIGN,
    "X-Forwarded-Host": FOREIGN,
    "X-Forwarded-Server": FOREIGN,
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Protocol": "gopher",
    "X-Forwarded-Ssl": "off",
    "X-Forwarded-Port": "666",
    "X-Forwarded-For": f"{FOREIGN}, 203.0.113.66",
    "X-Forwarded-Prefix": f"//{FOREIGN}",
    "X-Forwarded-Path": f"//{FOREIGN}",
    "X-Original-Host": FOREIGN,
    "X-Original-URL": f"https://{FOREIGN}/api/me",
    "X-Rewrite-URL": f"https://{FOREIGN}/api/me",
    "X-Http-Destinationurl": f"https://{FOREIGN}/",
    "X-MS-Original-Url": f"https://{FOREIGN}/",
    "DISGUISED-HOST": FOREIGN,
    "WAS-DEFAULT-HOSTNAME": FOREIGN,
    "Client-IP": "203.0.113.66",
    "True-Client-IP": "203.0.113.66",
    "Forwarded": f"for=203.0.113.66;host={FOREIGN};proto=gopher",
    "Origin": f"https://{FOREIGN}",
    "Referer": f"https://{FOREIGN}/",
}
FORGERIES = ("evil", "gopher", "666", "203.0.113")
XHTML = "http://www.w3.org/1999/xhtml"  # the name of a namespace, which nobody opens
ADDRESS = re.compile(r"(?:https?:)?//[^\s\"'<>)]+")


@pytest.fixture(scope="module")
def waiting(running_cloud: LocalCloud) -> Onboarding:
    """A service that waits for its administrator, and that no test here changes."""
    return still(running_cloud)


def assert_nothing_forged(text: str) -> None:
    assert [word for word in FORGERIES if word in re.sub(r"[0-9a-f]{12,}|[A-Za-z0-9_-]{40,}", "…", text)] == []


@pytest.mark.parametrize("name", READS)
def test_no_answer_repeats_what_was_forged(waiting: Onboarding, name: str) -> None:
    asked = ready(name, waiting)
    expected = asked.send()
    asked.headers = dict(FORGED)
    reply = asked.send()
    assert (reply.status_code, reply.json()) == (200, expected.json())
    assert FOREIGN not in f"{reply.headers}{reply.text}"


def forge(asked: Asking, status: int) -> str:
    """The answer to a good request with forged headers, in which nothing of them is found."""
    asked.headers = dict(FORGED)
    reply = asked.send()
    assert reply.status_code == status, reply.text
    assert_nothing_forged(f"{ {**reply.headers, 'date': ''} }{reply.text}")
    assert reply.headers.get("Location", "/api/").startswith("/api/")
    return reply.text


def assert_links_to_us_alone(mail: Mail, base: str) -> None:
    """Every address in the mail's text and HTML is of our origin; it has no other place to lead anybody to."""
    for part in (mail.text, mail.html):
        assert_nothing_forged(part)
        found = ADDRESS.findall(part)
        assert found
        assert [address for address in found if not address.startswith((f"{base}/invite", XHTML))] == []
    assert [address for _, address in getaddresses([mail.sender])] == ["DoNotReply@mail.tenantlink.example"]
    assert_nothing_forged(str(mail.headers.get("reply-to")))


def test_every_link_and_every_mail_is_made_from_the_setting_alone(way: Onboarding) -> None:
    base = way.cloud.config.api_url
    way.mail()
    assert json.loads(forge(asking("copy_link", way), 200))["link"].startswith(f"{base}/invite#")
    forge(asking("resend_invitation", way, body={}), 200)
    assert_links_to_us_alone(way.mail(2), base)
    good(way.change(f"{way.path}/cancel"))
    body = order()
    forge(asking("create_service", way, body=body), 201)
    assert_links_to_us_alone(way.cloud.inbox.wait_for_mail(body["adminEmail"]), base)
    added = Onboarding.begin(way.cloud).added()
    count = len(way.cloud.inbox.mails(added.email))
    forge(asking("reinitiate_invitation", added, body={"adminEmail": added.email, "expiresAt": in_days(2)}), 201)
    assert_links_to_us_alone(way.cloud.inbox.wait_for_mail(added.email, count=count + 1), base)


@pytest.mark.parametrize("host", ["https://evil.example", "http://evil.example:666", "https://user@evil.example"])
def test_the_way_to_the_next_page_is_a_path(host: str) -> None:
    """Made from the request's address, which the host makes from the request's Host."""
    asked = func.HttpRequest("GET", f"{host}/api/services?state=active", params={"state": "active"}, body=b"")
    told = json.loads(page(asked, [], "abc").get_body())
    assert told["nextLink"] == "/api/services?state=active&cursor=abc"


@pytest.mark.parametrize("path", ["/invite", "/invite/wizard.js", "/invite/wizard.css", "/api/openapi.json"])
def test_the_page_is_the_same_for_every_host(cloud: LocalCloud, path: str) -> None:
    expected, reply = cloud.anybody().get(path), cloud.anybody().get(path, headers=FORGED)
    assert (reply.status_code, reply.content) == (200, expected.content)
    assert {**reply.headers, "date": ""} == {**expected.headers, "date": ""}
    assert "evil" not in f"{reply.headers}"


def test_the_administrator_s_page_is_told_nothing_forged(cloud: LocalCloud, waiting: Onboarding) -> None:
    holder: Caller = waiting.admins[-1]
    expected = holder.get("/api/invitation")
    forged = holder.get("/api/invitation", headers=FORGED)
    assert forged.json() == expected.json()
    assert {**forged.headers, "date": ""} == {**expected.headers, "date": ""}


TARGETS = [
    "http://evil.example/api/invitations/{id}/link",
    "https://evil.example:666/api/invitations/{id}/link",
    "//evil.example/api/invitations/{id}/link",
    "http://user@evil.example/api/invitations/{id}/link",
]


@pytest.mark.parametrize("target", TARGETS)
def test_a_whole_address_as_the_request_s_target_makes_no_link_to_it(
    cloud: LocalCloud, way: Onboarding, target: str
) -> None:
    """RFC 9112, section 3.2.2: what a proxy is sent. Whether it is answered or not, the answer names ourselves."""
    etag = way.mail_settled()["etag"]
    head = [
        f"POST {target.format(id=f'{way.id}-1')} HTTP/1.1",
        "Host: evil.example",
        f"Authorization: {way.operator.headers['Authorization']!s}",
        f"If-Match: {etag}",
        "Content-Length: 0",
        "Connection: close",
    ]
    answer = exchange(cloud.config.ports.api, "\r\n".join([*head, "", ""]).encode()).decode()
    status, body = answer.split(" ", 2)[1], answer.partition("\r\n\r\n")[2]
    assert status in ("200", "400", "404")
    assert "evil" not in answer
    if status == "200":
        assert json.loads(body)["link"].startswith(f"{cloud.config.api_url}/invite#")


def test_a_method_in_a_header_or_the_address_is_none(waiting: Onboarding) -> None:
    """What some frameworks take for the real method must not turn a harmless request into another one."""
    before = waiting.read()
    for override in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        for name in ("show_service", "show_customer"):
            call = CALLS[name]
            assert contract(call).answers
            asked = asking(name, waiting, headers={override: "DELETE", "If-Match": before["etag"]})
            good(asked.send())
            asked.query = {"_method": "DELETE"}
            asked.send()
    assert waiting.read() == before


def test_the_forgeries_would_be_noticed() -> None:
    for name, value in FORGED.items():
        with pytest.raises(AssertionError):
            assert_nothing_forged(f"{unique()} {value}") if name != "X-Forwarded-Ssl" else assert_nothing_forged("evil")
