"""Replies: problems as RFC 9457 has them, and the wall that no exception's text gets through."""

import json
import logging
from typing import Any

import azure.functions as func
import pytest
from pydantic import BaseModel, Field

from invitations.links import InvalidLink
from invitations.problems import CheckInProgress, LinkExpired
from shared.problems import Fault, InvalidInput, NotFound, Problem
from shared.web import replies
from shared.web.auth import NotSignedIn
from shared.web.replies import CLOSED, answers, page, reply
from tests.unit.builders import SECRET, request, settings


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    made = settings()
    monkeypatch.setattr(replies, "settings", lambda: made)


def raising(error: Exception) -> func.HttpResponse:
    """What an HTTP function answers that raises ``error``."""

    @answers
    def handler(req: func.HttpRequest) -> func.HttpResponse:
        raise error

    return handler(request())


def document(response: func.HttpResponse) -> dict[str, Any]:
    content = json.loads(response.get_body())
    assert isinstance(content, dict)
    return content


class Model(BaseModel):
    value: int = Field(serialization_alias="theValue")


def unexpected() -> list[Exception]:
    try:
        Model.model_validate({"value": SECRET})
    except ValueError as error:
        with_input = error
    chained = RuntimeError(SECRET)
    chained.__cause__ = ValueError(SECRET)
    noted = RuntimeError("short")
    noted.add_note(SECRET)
    return [ValueError(SECRET), KeyError(SECRET), with_input, chained, noted, RecursionError(), UnicodeError(SECRET)]


@pytest.mark.parametrize("error", unexpected(), ids=lambda error: type(error).__name__)
def test_an_unexpected_exception_becomes_a_problem_without_its_text(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = raising(error)
    told = document(response)
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert (told["code"], told["status"]) == ("unexpected", 500)
    for text in (response.get_body().decode(), caplog.text, str([vars(record) for record in caplog.records])):
        assert SECRET not in text


def test_the_reference_in_the_reply_finds_the_place_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    told = document(raising(ValueError(SECRET)))
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert told["reference"] in record.getMessage()
    assert "ValueError" in record.getMessage()
    assert "handler:" in record.getMessage()


def test_an_answer_that_cannot_be_written_is_a_problem_too() -> None:
    @answers
    def handler(req: func.HttpRequest) -> func.HttpResponse:
        return reply({"value": object()})

    assert handler(request()).status_code == 500


def test_a_problem_is_written_as_rfc_9457_has_it() -> None:
    response = raising(NotFound())
    told = document(response)
    assert set(told) == {"type", "title", "status", "code", "detail"}
    assert told["type"] == "urn:tenantlink:problem:not-found"
    assert (response.status_code, told["status"], response.mimetype) == (404, 404, "application/problem+json")


def test_a_problem_lists_every_faulty_field_with_its_pointer() -> None:
    faults = (Fault("/a", "one", "Mend a."), Fault("/b~1c/0", "two", "Mend b."))
    assert document(raising(InvalidInput(faults=faults)))["errors"] == [
        {"pointer": "/a", "code": "one", "detail": "Mend a."},
        {"pointer": "/b~1c/0", "code": "two", "detail": "Mend b."},
    ]


def test_a_problem_s_members_stand_beside_its_own() -> None:
    told = document(raising(LinkExpired(members={"at": "2026-11-24T09:30:00Z"})))
    assert (told["at"], told["code"]) == ("2026-11-24T09:30:00Z", "link-expired")


def test_a_detail_can_be_more_precise_than_its_kind_s() -> None:
    assert document(raising(NotFound("There is no such page.")))["detail"] == "There is no such page."


@pytest.mark.parametrize(
    ("problem", "header", "value"),
    [
        (NotSignedIn(), "WWW-Authenticate", "Bearer"),
        (InvalidLink(), "WWW-Authenticate", "Invitation"),
        (NotFound(), "WWW-Authenticate", None),
        (CheckInProgress(), "Retry-After", "1"),
        (NotFound(), "Retry-After", None),
    ],
    ids=["operator", "admin", "no challenge", "wait", "no wait"],
)
def test_a_problem_says_in_headers_what_clients_act_on(problem: Problem, header: str, value: str | None) -> None:
    assert raising(problem).headers.get(header) == value


ANSWERED = {
    "reply": answers(lambda: reply({})),
    "problem": lambda: raising(NotFound()),
    "fault": lambda: raising(ValueError(SECRET)),
    "nothing new": answers(lambda: func.HttpResponse(status_code=304)),
}


@pytest.mark.parametrize("answer", ["reply", "problem", "fault"])
def test_no_answer_is_kept(answer: str) -> None:
    response = ANSWERED[answer]()
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" in response.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("answer", ANSWERED)
def test_every_answer_closes_itself_off_from_other_sites(answer: str) -> None:
    headers = ANSWERED[answer]().headers
    assert {name: headers[name] for name in CLOSED} == CLOSED
    assert [name for name in headers.keys() if name.startswith("Access-Control-Allow")] == []  # noqa: SIM118


def test_an_answer_s_own_policy_stands() -> None:
    def handler() -> func.HttpResponse:
        return func.HttpResponse(headers={"content-security-policy": "default-src 'self'"})

    assert answers(handler)().headers.get_all("Content-Security-Policy") == ["default-src 'self'"]


@pytest.mark.parametrize("answer", ANSWERED)
@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("https://connect.example", "max-age=31536000"),
        ("https://connect.example:8443", "max-age=31536000"),
        ("https://localhost.example", "max-age=31536000"),
        ("https://127.0.0.1.example", "max-age=31536000"),
        ("http://localhost:7071", None),
        ("http://127.0.0.1:7071", None),
        ("https://localhost:7071", None),
        ("https://app.localhost", None),
        ("https://127.0.0.2", None),
    ],
)
def test_browsers_are_held_to_https_where_the_app_s_address_is_https_and_not_this_machine(
    monkeypatch: pytest.MonkeyPatch, answer: str, address: str, sent: str | None
) -> None:
    made = settings(PUBLIC_BASE_URL=address)
    monkeypatch.setattr(replies, "settings", lambda: made)
    assert ANSWERED[answer]().headers.get("Strict-Transport-Security") == sent


def test_a_reply_carries_models_and_letters_of_any_script() -> None:
    response = reply({"value": [Model(value=5)], "name": "Stra\u00dfe \u65e5"}, 201, {"ETag": '"3"'})
    assert document(response) == {"value": [{"theValue": 5}], "name": "Stra\u00dfe \u65e5"}
    assert (response.status_code, response.mimetype, response.headers["ETag"]) == (201, "application/json", '"3"')


@pytest.mark.parametrize(
    ("header", "code", "title"),
    [
        ("de-AT,de;q=0.9", "de", "Dieser Link ist abgelaufen"),
        ("it", "en", "This link has expired"),
        ("", "en", "This link has expired"),
    ],
)
def test_an_administrator_is_answered_in_their_language(header: str, code: str, title: str) -> None:
    def handler(req: func.HttpRequest) -> func.HttpResponse:
        raise LinkExpired(faults=(Fault("/a", "missing", "This field is needed."),))

    asked = request(headers={"Accept-Language": header})
    for response in (answers(handler, translated=True)(asked), answers(handler, translated=True)(req=asked)):
        assert response.headers["Content-Language"] == code
        assert response.headers["Vary"] == "Accept-Language"
        told = document(response)
        assert (told["code"], told["title"]) == ("link-expired", title)
        assert (told["errors"][0]["detail"] == "This field is needed.") == (code == "en")
    assert document(answers(handler)(asked))["title"] == "This link has expired", "an operator's call stays English"


def test_a_fault_of_ours_is_told_in_the_reader_s_language_too() -> None:
    def handler(req: func.HttpRequest) -> func.HttpResponse:
        raise ValueError(SECRET)

    told = document(answers(handler, translated=True)(request(headers={"Accept-Language": "fr"})))
    assert told["title"] == "Un problème est survenu de notre côté"


def test_an_answer_of_the_handler_passes_unchanged() -> None:
    made = reply({"done": True})
    assert answers(lambda: made)() is made


def test_the_next_page_is_the_same_query_with_the_cursor() -> None:
    asked = request(name="Ko & Co", cursor="old")
    assert document(page(asked, [], "ab=")) == {"value": [], "nextLink": "/api/things?name=Ko+%26+Co&cursor=ab%3D"}
    assert document(page(asked, [1], None)) == {"value": [1], "nextLink": None}
