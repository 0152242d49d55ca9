"""A mail goes to exactly one address, and nobody's text but the provider's name is in its subject."""

import json
from typing import Any

import pytest
import requests

from invitations.links import new_token
from invitations.mail import Message, Post, compose
from invitations.models import Resend
from shared.languages.catalogs import languages
from shared.outbound import BoundedSession
from shared.patterns import ADDRESS
from tests.unit.builders import PROVIDER, SERVICE_ID, codes, service, settings

ONE_ADDRESS = ["it@contoso.com", "o'brien+x@sub.contoso.com", "a=b?c@contoso.com", "#!$%&'*/=?^_`{|}~-@contoso.com"]
NO_ADDRESS = {
    "display name": "IT <it@contoso.com>",
    "quoted display name": '"IT" <it@contoso.com>',
    "angle brackets": "<it@contoso.com>",
    "list": "it@contoso.com,x@evil.example",
    "list with a blank": "it@contoso.com, x@evil.example",
    "list with a semicolon": "it@contoso.com;x@evil.example",
    "list in a blank": "it@contoso.com x@evil.example",
    "group": "all:it@contoso.com;",
    "comment": "it(x@evil.example)@contoso.com",
    "comment behind": "it@contoso.com(x)",
    "quoted local part": '"it"@contoso.com',
    "quoted list": '"x@evil.example,"@contoso.com',
    "quoted pair": "i\\t@contoso.com",
    "header": "it@contoso.com\r\nBcc: x@evil.example",
    "line feed": "it@contoso.com\n",
    "carriage return": "it@contoso.com\r",
    "folded": "it@contoso.com\r\n ,x@evil.example",
    "null": "it@contoso.com\0",
    "two at signs": "it@contoso.com@evil.example",
    "route": "@evil.example:it@contoso.com",
    "address literal": "it@[192.0.2.1]",
    "mailto": "mailto:it@contoso.com",
    "parameters": "it@contoso.com?cc=x@evil.example",
    "encoded word": "=?utf-8?q?x=40evil.example=3e?=@contoso.com",
    "encoded word inside": "it=?x?q?=2c?=x@contoso.com",
    "blank in front": " it@contoso.com",
    "wide at sign": "it\uff20contoso.com",
    "ideographic dot": "it@contoso\u3002com",
    "umlaut": "it@c\u00f6ntoso.com",
    "bidi control": "\u202eit@contoso.com",
    "zero width": "it@contoso\u200b.com",
    "lone surrogate": "it\ud800@contoso.com",
    "other digits": "it@contoso.c\u0663m",
}


@pytest.mark.parametrize("address", ONE_ADDRESS)
def test_an_address_is_taken(address: str) -> None:
    assert ADDRESS.fullmatch(address)
    assert codes(Resend, adminEmail=address) == set()


@pytest.mark.parametrize("address", NO_ADDRESS.values(), ids=NO_ADDRESS)
def test_what_is_more_or_other_than_one_address_is_refused(address: str) -> None:
    assert ADDRESS.fullmatch(address) is None
    assert codes(Resend, adminEmail=address) & {"address", "string_unicode"}


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[requests.PreparedRequest]:
    """What leaves for the e-mail service, which takes everything."""
    sent: list[requests.PreparedRequest] = []

    def take(_: BoundedSession, request: requests.PreparedRequest, **__: Any) -> requests.Response:
        sent.append(request)
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 202, request, str(request.url)
        answer._content = b'{"id": "taken", "status": "Running"}'
        answer._content_consumed = True  # type: ignore[attr-defined]  # as BoundedSession itself leaves it
        return answer

    monkeypatch.setattr(BoundedSession, "send", take)
    return sent


@pytest.mark.parametrize("reply_to", [None, "desk@northwind.example"])
def test_the_service_gets_one_recipient_no_copy_and_no_header_made_of_a_text(
    posted: list[requests.PreparedRequest], reply_to: str | None
) -> None:
    hostile = "Contoso\r\nBcc: x@evil.example"
    post = Post("endpoint=https://mail.example/;accesskey=a2V5", "voice@northwind.example", None)
    post.send(Message(hostile, hostile, hostile), "it@contoso.com", reply_to, "work")
    (request,) = posted
    assert json.loads(request.body or "") == {
        "senderAddress": "voice@northwind.example",
        "recipients": {"to": [{"address": "it@contoso.com"}]},
        "content": {"subject": hostile, "plainText": hostile, "html": hostile},
        "userEngagementTrackingDisabled": True,
    } | ({"replyTo": [{"address": reply_to}]} if reply_to else {})
    assert not [value for value in request.headers.values() if "evil" in str(value) or "Contoso" in str(value)]


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize(
    "name", ["Contoso", "x\r\nBcc: x@evil.example", "{provider}", "evil.example", "\u202ex", "x" * 100]
)
def test_the_subject_is_ours_and_the_provider_s_name_whatever_the_names(name: str, code: str) -> None:
    def subject(of: str) -> str:
        stored = service(full_name=of, customer_name=of, invitation__language=code)
        configured = settings().provider(PROVIDER)
        assert configured is not None
        return compose(settings(), configured, stored, new_token(PROVIDER, SERVICE_ID, 1)).subject

    assert subject(name) == subject("Another name")
    assert subject(name).isprintable()
