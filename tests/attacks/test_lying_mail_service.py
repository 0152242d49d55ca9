"""Whoever answers in the e-mail service's name wants the letter, with its link, sent elsewhere: it is not."""

import socket
import time

import pytest

from invitations.mail import Message, Post, operation_id
from shared.waiting import Later
from tests.conftest import a_post
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import Json, unique

LETTER = Message("Connect", "Open https://localhost/invite#t0k3n", "<p>Open it</p>")
REDIRECTS = (300, 301, 302, 303, 307, 308)


def elsewhere(foreign: socket.socket) -> dict[str, str]:
    """Headers that name `foreign`, which fails the test for any connection."""
    address = f"https://localhost:{foreign.getsockname()[1]}/emails:send"
    return {"Location": address, "Operation-Location": address, "Azure-AsyncOperation": address, "Refresh": address}


@pytest.mark.parametrize("call", ["send", "fate"])
def test_a_service_that_takes_the_call_and_says_nothing_is_not_waited_for_long(
    cloud: LocalCloud, faults: Faults, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Whatever takes longer than the function's minute ends the worker, with all else that it does."""
    monkeypatch.setattr("shared.outbound.READ_SECONDS", 0.3)
    faults.mail("* /emails", delaySeconds=20)
    impatient = a_post(cloud, monkeypatch)
    begun = time.monotonic()
    with pytest.raises(Later):
        impatient.fate(unique()) if call == "fate" else impatient.send(LETTER, "it@contoso.example", None, unique())
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_of_the_letter_is_waited_out(
    faults: Faults, post: Post, foreign: socket.socket, status: int
) -> None:
    faults.mail(status=status, headers=elsewhere(foreign))
    with pytest.raises(Later):
        post.send(LETTER, f"{unique('it-')}@contoso.example", None, unique())
    assert faults.used("mail") == 1


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_of_the_question_what_became_of_it_is_waited_out(
    faults: Faults, post: Post, foreign: socket.socket, status: int
) -> None:
    faults.mail("GET /emails/operations/", status=status, headers=elsewhere(foreign))
    with pytest.raises(Later):
        post.fate(unique())
    assert faults.used("mail") == 1


def test_an_operation_said_to_be_elsewhere_is_never_asked_about_there(
    faults: Faults, post: Post, foreign: socket.socket
) -> None:
    """Neither when the letter is taken, nor at the next attempt: the operation's address is made by us."""
    work, address = unique(), f"{unique('it-')}@contoso.example"
    faults.mail(status=202, headers=elsewhere(foreign), body={"status": "Running"}, afterwards=True)
    assert post.send(LETTER, address, None, work) == operation_id(work)
    faults.clear()
    assert post.fate(work) == operation_id(work)


GREEDY = {"100,000 lists in each other": "[" * 100_000, "more than 4 MiB": " " * (5 * 1024 * 1024) + "{}"}


@pytest.mark.parametrize("status", [200, 202, 503])
@pytest.mark.parametrize("what", GREEDY)
def test_an_answer_beyond_all_measure_is_waited_out(faults: Faults, post: Post, what: str, status: int) -> None:
    """It is not even taken for an acceptance: the next attempt asks what became of the mail."""
    answer: Json = {"status": status, "body": GREEDY[what], "headers": {"Content-Type": "application/json"}}
    faults.mail(**answer)
    with pytest.raises(Later, match="e-mail service"):
        post.send(LETTER, f"{unique('it-')}@contoso.example", None, unique())
    faults.mail("GET /emails/operations/", **answer)
    with pytest.raises(Later, match="e-mail service"):
        post.fate(unique())
