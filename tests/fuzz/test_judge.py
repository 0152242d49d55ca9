"""The fuzz can fail: its judge reports each kind of wrong answer, and nothing of a right one."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis import GenerationMode, Response
from urllib3 import HTTPResponse

from invitations.links import address, new_token
from shared.problems import ChangedMeanwhile, NotFound, Problem, WrongState
from shared.web.auth import NotSignedIn
from shared.web.contract import contract
from shared.web.replies import problem_document, problem_headers
from tests.fuzz.cases import SPOILED, Try, generated, operation_id, operations
from tests.fuzz.judge import Judge
from tests.fuzz.run import Tally
from tests.fuzz.senders import Sender, is_busy, may, purpose
from tests.integration.asking import CALLS
from tests.integration.procedure import CONTOSO, FABRIKAM, NORTHWIND
from tests.unit.test_openapi import document  # noqa: F401 - a fixture

ID = "f99e92a4a541e038f8f4c328"
OURS = "0" * 24

type Json = dict[str, Any]
type Spoil = Callable[[requests.Response], None]


class Court:
    """A judge, the operations, and right answers to spoil."""

    def __init__(self, described: Json) -> None:
        schema = schemathesis.openapi.from_dict(described)
        self.operations = operations(schema)
        self.judge = Judge(schema, described, (NORTHWIND, FABRIKAM), CONTOSO.secret)

    def tried(self, name: str, body: Json | None = None) -> Try:
        operation = self.operations[name]
        made = Try(operation.Case(path_parameters={"id": ID} if "{id}" in operation.path else {}))
        if body is not None:
            made.case.body, made.case.media_type = body, "application/json"
        return made

    def rules(
        self, tried: Try, reply: requests.Response, sender: Sender = Sender.OPERATOR, foreign: tuple[str, ...] = ()
    ) -> dict[str, str]:
        answer = received(reply)
        return {finding.rule: finding.detail for finding in self.judge.findings(tried, sender, answer, foreign)}


@pytest.fixture(scope="module")
def court(document: Json) -> Court:  # noqa: F811
    return Court(document)


def received(reply: requests.Response) -> Response:
    """The answer as schemathesis reads it: from the raw one, which a made-up answer has not."""
    reply.raw = HTTPResponse(headers=dict(reply.headers), status=reply.status_code)
    return Response.from_any(reply)


def answer(tried: Try, status: int, content: object, headers: Json, media_type: str) -> requests.Response:
    reply = requests.Response()
    operation = tried.case.operation
    path = operation.path.format(**tried.case.path_parameters)
    reply.request = requests.Request(operation.method.upper(), f"http://localhost:7071{path}").prepare()
    reply.status_code, reply.url = status, str(reply.request.url)
    reply._content = json.dumps(content).encode()
    reply.headers.update({"Content-Type": media_type, **headers})
    return reply


def right(tried: Try) -> requests.Response:
    """The contract's own example of the call's good answer."""
    terms = contract(CALLS[operation_id(tried.case.operation)])
    assert terms.shows is not None
    headers = dict.fromkeys(terms.headers, "1")
    status = next(iter(terms.answers))
    return answer(tried, status, terms.shows.model_dump(mode="json", by_alias=True), headers, "application/json")


def refusal(tried: Try, problem: Problem) -> requests.Response:
    headers = problem_headers(problem)
    return answer(tried, problem.status, problem_document(problem), headers, "application/problem+json")


def _set(**members: object) -> Spoil:
    def spoil(reply: requests.Response) -> None:
        reply._content = json.dumps({**reply.json(), **members}).encode()

    return spoil


def _without(name: str) -> Spoil:
    def spoil(reply: requests.Response) -> None:
        del reply.headers[name]

    return spoil


def _status(status: int) -> Spoil:
    return lambda reply: setattr(reply, "status_code", status)


def _type(media_type: str) -> Spoil:
    return lambda reply: reply.headers.update({"Content-Type": media_type})


TOKEN_LINK = address("https://connect.example", new_token(FABRIKAM, ID, 1))

WRONG: list[tuple[str, Spoil, str]] = [
    ("an undocumented status", _status(202), "undocumented"),
    ("another content type", _type("text/html"), "undocumented"),
    ("a member of the wrong type", _set(licensedUsers="25"), "undocumented"),
    ("an unknown state", _set(state="lost"), "undocumented"),
    ("no ETag", _without("ETag"), "undocumented"),
    ("an unexpected 500", _status(500), "server error"),
    ("a documented 503", _status(503), "server error"),
    ("a link", _set(fullName=f"see {TOKEN_LINK}"), "link"),
    ("the client secret", _set(fullName=f"see {CONTOSO.secret}"), "secret"),
    ("a stack trace", _set(fullName='File "/app/x.py", line 3'), "trace"),
    ("an exception", _set(fullName="KeyError: 'tid'"), "trace"),
    ("another provider's id", _set(fullName=OURS), "foreign"),
]


def test_right_answers_are_right(court: Court) -> None:
    for name in ("show_service", "show_customer", "show_invitation", "show_m365"):
        tried = court.tried(name)
        assert court.rules(tried, right(tried), foreign=(OURS,)) == {}, name
    tried = court.tried("show_service")
    assert court.rules(tried, refusal(tried, NotFound()), Sender.STRANGER) == {}
    assert court.rules(tried, refusal(tried, NotSignedIn()), Sender.NOBODY) == {}


@pytest.mark.parametrize(("spoil", "rule"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_answer_is_reported(court: Court, spoil: Spoil, rule: str) -> None:
    tried = court.tried("show_service")
    reply = right(tried)
    spoil(reply)
    assert rule in court.rules(tried, reply, foreign=(OURS,))


@pytest.mark.parametrize("sender", [sender for sender in Sender if not may("show_service", sender)])
def test_a_good_answer_for_others_is_reported(court: Court, sender: Sender) -> None:
    tried = court.tried("show_service")
    assert "not for them" in court.rules(tried, right(tried), sender)


def test_only_copy_link_answers_with_a_link(court: Court) -> None:
    tried = court.tried("copy_link")
    reply = right(tried)
    _set(link=TOKEN_LINK)(reply)
    assert court.rules(tried, reply) == {}


def test_a_problem_of_another_call_is_reported(court: Court) -> None:
    for name, problem in (("show_service", WrongState()), ("show_customer", ChangedMeanwhile())):
        tried = court.tried(name)
        assert "undocumented" in court.rules(tried, refusal(tried, problem)), name


def test_a_problem_with_an_unknown_code_is_reported(court: Court) -> None:
    tried = court.tried("show_service")
    reply = refusal(tried, NotFound())
    _set(code="gone-fishing")(reply)
    assert "undocumented" in court.rules(tried, reply)


def test_a_401_without_its_way_to_sign_in_is_reported(court: Court) -> None:
    tried = court.tried("show_service")
    for spoil in (_without("WWW-Authenticate"), lambda one: one.headers.update({"WWW-Authenticate": "Invitation"})):
        reply = refusal(tried, NotSignedIn())
        spoil(reply)
        assert "undocumented" in court.rules(tried, reply, Sender.NOBODY)


def test_a_secret_that_comes_back_is_reported(court: Court) -> None:
    typed = "q8V~another-secret"
    tried = court.tried("submit_registration", {"credential": {"kind": "secret", "value": typed}})
    reply = right(tried)
    _set(service={"fullName": typed})(reply)
    assert "secret" in court.rules(tried, reply, Sender.LIVE)


def test_bad_data_that_is_taken_is_reported(court: Court) -> None:
    bad = generated(court.operations["create_service"], GenerationMode.NEGATIVE, 30, 1)
    body_alone = [case for case in bad if isinstance(case.body, dict) and case.headers.get("Idempotency-Key")]
    reported = [court.rules(Try(case), right(court.tried("create_service"))) for case in body_alone]
    assert any(set(rules) == {"bad data accepted"} for rules in reported)
    unreadable = court.tried("create_service")
    unreadable.case.body, unreadable.must_fail = SPOILED[0][0], True
    assert "bad data accepted" in court.rules(unreadable, right(unreadable))


def test_good_data_that_is_refused_is_reported_unless_no_schema_could_say_it(court: Court) -> None:
    for code, reported in (("string-type", True), ("missing", True), ("expires-at", False)):
        tried = court.tried("create_service")
        told = {
            "type": "urn:tenantlink:problem:invalid-input",
            "title": "x",
            "status": 422,
            "code": "invalid-input",
            "detail": "x",
            "errors": [{"pointer": "/x", "code": code, "detail": "x"}],
        }
        rules = court.rules(tried, answer(tried, 422, told, {}, "application/problem+json"))
        assert set(rules) == ({"good data refused"} if reported else set()), code


def test_findings_and_pairs_that_were_never_met_fail_a_run(court: Court) -> None:
    tally = Tally()
    tally.note("show_me", Sender.NOBODY, 404)
    assert not tally.met("show_me", Sender.NOBODY)
    tally.note("show_me", Sender.NOBODY, 401)
    assert tally.met("show_me", Sender.NOBODY)
    tried = court.tried("show_service")
    reply = right(tried)
    reply.status_code = 500
    for finding in court.judge.findings(tried, Sender.OPERATOR, received(reply)):
        tally.add("show_service", finding, "again")
    assert tally.line() == "fuzz: 2 requests, 1 server errors, 1 undocumented answers"


def test_every_pair_of_call_and_sender_has_a_purpose(court: Court) -> None:
    for name in court.operations:
        assert any(is_busy(name, sender) and may(name, sender) for sender in Sender), name
        for sender in Sender:
            wanted = purpose(name, sender)
            assert may(name, sender) or wanted[0] >= 400, (name, sender)
