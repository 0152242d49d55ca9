"""Headers that are wrong, repeated, forged or beyond all measure, for every call."""

import base64
from collections.abc import Callable

import pytest

from shared.web.contract import contract
from tests.integration.asking import CALLS
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import Onboarding
from tests.integration.untouched import (
    LINK_CALLS,
    OPERATOR_CALLS,
    WITH_BODY,
    ready,
    still,
    untouched,
)

GUARDED = [name for name, call in CALLS.items() if contract(call).if_match]
IDEMPOTENT = [name for name, call in CALLS.items() if contract(call).idempotent]
READS = [name for name in OPERATOR_CALLS if CALLS[name].methods == ("GET",) and name != "show_m365"]


@pytest.fixture(scope="module")
def waiting(running_cloud: LocalCloud) -> Onboarding:
    """A service that waits for its administrator, and that no test here changes."""
    return still(running_cloud)


# The state that was seen

MALFORMED = [
    *("*", 'W/"{}"', 'w/"{}"', "{}", "'{}'", '"{}', '{}"', '""{}""', '"{}", "{}"', '"{}","0"', '*, "{}"', '"{}";x'),
    *('""', '"', "", '"x"', '"-{}"', '"+{}"', '"{}.0"', '"0x{}"', '" {}"', '"1e1"', '"1234567890"', f'"{"9" * 5000}"'),
]


@pytest.mark.parametrize("malformed", MALFORMED)
@pytest.mark.parametrize("name", GUARDED)
def test_an_if_match_that_is_not_one_etag_is_refused(waiting: Onboarding, name: str, malformed: str) -> None:
    asked = ready(name, waiting)
    asked.etag = malformed.format(*[asked.etag.strip('"')] * 2)
    untouched(asked, waiting, 400, "if-match-malformed")


@pytest.mark.parametrize("name", GUARDED)
def test_a_state_that_is_past_or_yet_to_come_is_refused(waiting: Onboarding, name: str) -> None:
    asked = ready(name, waiting)
    version = int(asked.etag.strip('"'))
    for other in (*range(version), version + 1, 999_999_999):
        asked.etag = f'"{other}"'
        untouched(asked, waiting, 412, "changed-meanwhile")


# The key of a creation

KEYS = [
    *(None, "", "k", "k" * 7, "k" * 129, "k" * 10_000, "with a blank", "k" * 7 + "\t" + "k", "\u00fc" * 8),
    *("\u00ff" * 8, "k" * 7 + "\x7f"),
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", IDEMPOTENT)
def test_a_creation_wants_a_plain_key(waiting: Onboarding, name: str, key: str | None) -> None:
    asked = ready(name, waiting)
    asked.headers = {"Idempotency-Key": key}
    untouched(asked, waiting, 400, "idempotency-key-required")


# Who calls

AUTHORIZATIONS: dict[str, Callable[[str], str | None]] = {
    "none": lambda _: None,
    "empty": lambda _: "",
    "a scheme alone": lambda right: right.partition(" ")[0],
    "the token alone": lambda right: right.partition(" ")[2],
    "Basic": lambda _: "Basic b3BlcmF0b3I6cGFzc3dvcmQ=",
    "another scheme": lambda right: f"Token {right.partition(' ')[2]}",
    "a colon": lambda right: right.replace(" ", ": ", 1),
    "twice": lambda right: f"{right},{right}",
    "twice, with a blank": lambda right: f"{right}, {right}",
    "a good one behind another": lambda right: f"Bearer x, {right}",
    "with a tail": lambda right: f"{right} x",
    "with a comma": lambda right: f"{right},",
    "in quotes": lambda right: '{} "{}"'.format(*right.split(" ")),
    "cut off": lambda right: right[:-8],
    "20 KB": lambda right: f"{right.partition(' ')[0]} {'A' * 20_000}",
    "20 KB in three parts": lambda right: f"{right.partition(' ')[0]} {'.'.join(['e' * 6_667] * 3)}",
    "beyond ASCII": lambda right: f"{right}\u00fc",
}


@pytest.mark.parametrize("wrong", AUTHORIZATIONS)
@pytest.mark.parametrize("name", [*OPERATOR_CALLS, *LINK_CALLS])
def test_an_authorization_that_is_none_opens_nothing(waiting: Onboarding, name: str, wrong: str) -> None:
    asked = ready(name, waiting)
    right = str(asked.caller.headers["Authorization"])
    asked.caller = waiting.cloud.anybody()
    asked.headers = {"Authorization": AUTHORIZATIONS[wrong](right)}
    untouched(asked, waiting, 401, "invalid-link" if name in LINK_CALLS else "not-signed-in")


@pytest.mark.parametrize("name", [*OPERATOR_CALLS, *LINK_CALLS])
def test_an_identity_of_the_other_kind_or_in_another_place_opens_nothing(waiting: Onboarding, name: str) -> None:
    asked = ready(name, waiting)
    other = waiting.operator if name in LINK_CALLS else waiting.admins[-1]
    token = str(asked.caller.headers["Authorization"]).partition(" ")[2]
    asked.caller = waiting.cloud.anybody()
    for headers in (
        {"Authorization": str(other.headers["Authorization"])},
        {"Cookie": f"Authorization=Bearer {token}; access_token={token}; token={token}"},
        {"X-Authorization": f"Bearer {token}", "Proxy-Authorization": f"Bearer {token}"},
        {"X-MS-CLIENT-PRINCIPAL": base64.b64encode(b'{"userRoles": ["Onboarding.Operator"]}').decode()},
        {"X-Functions-Key": token},
    ):
        asked.headers = dict(headers)
        untouched(asked, waiting, 401, "invalid-link" if name in LINK_CALLS else "not-signed-in")


# What an answer is does not hang on the request's headers

ACCEPTS = [
    "text/html",
    "application/xml;q=1, application/json;q=0",
    "",
    "nonsense",
    "*/*;q=0",
    "application/json;v=2",
    "x" * 5000,
]


@pytest.mark.parametrize("name", READS)
def test_an_answer_is_json_whatever_is_accepted(waiting: Onboarding, name: str) -> None:
    asked = ready(name, waiting)
    expected = asked.send()
    for accept in ACCEPTS:
        asked.headers = {"Accept": accept, "Accept-Language": "tlh", "Accept-Charset": "utf-16", "Range": "bytes=0-1"}
        reply = asked.send()
        assert (reply.status_code, reply.json()) == (200, expected.json())
        assert reply.headers["Content-Type"] == expected.headers["Content-Type"]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("name", WITH_BODY)
def test_a_refusal_is_a_problem_document_whatever_is_accepted(waiting: Onboarding, name: str, accept: str) -> None:
    untouched(ready(name, waiting, body=b"[]", headers={"Accept": accept}), waiting, 400, "bad-request")
