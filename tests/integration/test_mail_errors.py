"""What the e-mail service can answer, and what comes of it: queued again, failed with its reason, or sent; one mail
at most, whatever was lost on the way.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest

from invitations.mail import MailRefused, Message, Post, operation_id
from local.waiting import wait_until
from shared.languages.translations import ENGLISH
from shared.waiting import Later
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import Json, Onboarding, good, unique, view_of
from tests.integration.test_mail import HELD_SECONDS, accepted, put_off, settled

HTML = "<!DOCTYPE html><html><body>Service unavailable</body></html>"
LETTER = Message("Connect", "Open https://localhost/invite#t0k3n", "<p>Open it</p>")


def refusal(status: int, code: str = "", **other: object) -> Json:
    """A refusal in the service's own shape ("Email - Send (REST)", ErrorResponse)."""
    return {"status": status, "body": {"error": {"code": code or "Refused", "message": "No."}}, **other}


# The answer, and what it means: "refused" for good, or a wait ("later") that is as long as it says.
ANSWERS: dict[str, tuple[Json, str, float | None]] = {
    "400 for the recipient": (refusal(400, "InvalidEmailAddress"), "refused", None),
    "413": (refusal(413), "refused", None),
    "422": (refusal(422), "refused", None),
    "401": (refusal(401, "Denied"), "later", None),
    "403": (refusal(403), "later", None),
    "404 for the domain": (refusal(404, "DomainNotLinked"), "later", None),
    "408": (refusal(408), "later", None),
    "409": (refusal(409, "Conflict"), "later", None),
    "415": (refusal(415), "later", None),
    "429": (refusal(429, "TooManyRequests", retryAfter=7), "throttled", 7),
    "429 without Retry-After": (refusal(429, "TooManyRequests"), "throttled", None),
    "500": (refusal(500), "later", None),
    "503": (refusal(503, retryAfter=9), "later", 9),
    "503 in HTML": ({"status": 503, "body": HTML}, "later", None),
    "200 in HTML": ({"status": 200, "body": HTML}, "later", None),
    "200 without a body": ({"status": 200}, "later", None),
    "204": ({"status": 204}, "later", None),
    "half an answer": ({"cut": True}, "later", None),
    "half a refusal": (refusal(400, cut=True), "later", None),
    "a hang-up": ({"drop": True}, "later", None),
    "a redirect of a GET": ({"status": 302, "headers": {"Location": "https://localhost:1/"}}, "later", None),
}


def taken(cloud: LocalCloud, work: str) -> int:
    """How often the service took the mail of that work."""
    operations = good(cloud.mail().get("/control/operations"))["value"]
    return sum(one["accepted"] for one in operations if one["id"] == operation_id(work))


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_is_a_refusal_or_a_wait(cloud: LocalCloud, faults: Faults, post: Post, name: str) -> None:
    fault, meaning, seconds = ANSWERS[name]
    faults.mail(**fault)
    work, address = unique(), f"{unique('it-')}@contoso.example"
    send = partial(post.send, LETTER, address, None, work)
    with pytest.raises(MailRefused if meaning == "refused" else Later) as caught:
        send()
    assert faults.used("mail") == 1, "the client itself repeats nothing"
    for private in (address, "t0k3n", "localhost"):
        assert private not in str(caught.value)
    if isinstance(caught.value, Later):
        wait = None if seconds is None else timedelta(seconds=seconds)
        assert (caught.value.throttled, caught.value.retry_after) == (meaning == "throttled", wait)
        assert "e-mail service" in ENGLISH.say(caught.value.words)
    faults.clear()
    if meaning == "throttled":
        with pytest.raises(Later) as held:
            send()
        assert held.value.throttled, "the next mail is held back, too"
        assert taken(cloud, work) == 0
    elif post.fate(work) is None:  # as the product does before a second attempt
        assert send() == operation_id(work)
    assert taken(cloud, work) == (0 if meaning == "throttled" else 1)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param("null", id="null"),
        pytest.param({}, id="an empty object"),
    ],
)
def test_a_mail_whose_acceptance_says_nothing_is_taken(
    cloud: LocalCloud, faults: Faults, post: Post, body: object
) -> None:
    faults.mail(status=202, body=body, afterwards=True)
    work = unique()
    assert post.send(LETTER, "it@contoso.example", None, work) == operation_id(work)
    assert taken(cloud, work) == 1


def test_an_acceptance_in_html_is_asked_about_before_it_is_repeated(
    cloud: LocalCloud, faults: Faults, post: Post
) -> None:
    faults.mail(status=202, body=HTML, headers={"Content-Type": "text/html"}, afterwards=True)
    work = unique()
    try:
        assert post.send(LETTER, "it@contoso.example", None, work) == operation_id(work)
    except Later:
        assert post.fate(work) == operation_id(work)
    assert taken(cloud, work) == 1


@pytest.fixture
def change(cloud: LocalCloud) -> Iterator[Callable[[Json], Json]]:
    """Changes the e-mail account's settings until the end of the test."""

    def change(settings: Json) -> Json:
        return good(cloud.mail().post("/control/settings", json=settings))

    yield change
    change({})


@pytest.mark.parametrize("status", ["NotStarted", "Running", "Succeeded", "Failed", "Canceled"])
def test_the_fate_of_an_earlier_attempt_is_what_the_service_says(
    post: Post, change: Callable[[Json], Json], status: str
) -> None:
    address = f"{unique('it-')}@contoso.example"
    change({"outcomes": {address: {"status": status}}})
    work = unique()
    assert post.fate(work) is None
    post.send(LETTER, address, None, work)
    if status in ("Failed", "Canceled"):
        with pytest.raises(MailRefused, match="could not send it"):
            post.fate(work)
    else:
        assert post.fate(work) == operation_id(work)


@pytest.mark.parametrize("name", [name for name, (_, meaning, _) in ANSWERS.items() if not name.startswith("404")])
def test_a_fate_that_cannot_be_told_is_no_fate(faults: Faults, post: Post, name: str) -> None:
    fault = {key: value for key, value in ANSWERS[name][0].items() if key != "afterwards"}
    work = unique()
    post.send(LETTER, "it@contoso.example", None, work)
    faults.mail("GET /emails/operations/", **fault)
    with pytest.raises(Later):
        post.fate(work)


def test_what_the_account_lacks_is_waited_for_and_every_mail_arrives_once(
    cloud: LocalCloud, change: Callable[[Json], Json]
) -> None:
    change({"senders": ["noreply@elsewhere.example"]})
    ways = [Onboarding.begin(cloud)]
    wait_until(lambda: put_off(ways[0]), HELD_SECONDS, "the attempt with a domain that is not linked")
    assert ways[0].row()["emailState"] == "queued"
    change({"quotas": {"send": [{"limit": 2, "seconds": 3}]}})
    ways += [Onboarding.begin(cloud) for _ in range(3)]
    wait_until(lambda: [way.row()["emailState"] for way in ways].count("sent") == 2, HELD_SECONDS, "two mails")
    assert [way.row()["emailState"] for way in ways].count("queued") == 2
    for way in ways:
        assert view_of(way.admin(way.mail().link))["status"] == "pending"
        settled(way)
        assert accepted(way) == [1]
