"""Somebody wants more than is theirs: each kind of caller against every operation that the served document lists.

The document alone says what there is, so a new operation is tried as well; see `operations.py` for what it must tell.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.attacks.operations import Json, Operation, listed, operations, path_of, request
from tests.attacks.stored import nothing_changes
from tests.integration.asking import without_role
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import FABRIKAM, NORTHWIND, Onboarding, good, refused

# What anybody may call: it tells nothing of any provider.
OPEN = {"describe_api", "health", "wizard_page", "wizard_page_head", "wizard_asset", "wizard_asset_head"}

NOT_SIGNED_IN, NOT_ALLOWED, NOT_THERE = (401, "not-signed-in"), (403, "not-allowed"), (404, "not-found")
NO_LINK = (401, "invalid-link")

type Refusal = tuple[int, str]


@pytest.fixture(scope="module")
def ours(running_cloud: LocalCloud) -> Onboarding:
    """A service with everything there is: a validated registration, and an open invitation whose link is out."""
    running_cloud.mend()
    way = Onboarding.begin(running_cloud, NORTHWIND).validated().reinitiated()
    way.mail_settled()
    way.admin()
    return way


@dataclass(frozen=True)
class Attacker:
    """Who calls, and how each operation refuses them; None where it does not, because it is about themselves."""

    identity: Callable[[LocalCloud, Onboarding], str | None]
    signed_in: Callable[[Operation], Refusal | None]
    by_link: Refusal = NO_LINK


def never(operation: Operation) -> Refusal:
    return NOT_SIGNED_IN


def may_only_read(operation: Operation) -> Refusal | None:
    return NOT_ALLOWED if operation.is_for_operators_alone else None


def of_another_provider(operation: Operation) -> Refusal | None:
    return NOT_THERE if operation.is_about_one else None


def identity(scheme: str, token: str) -> str:
    return f"{scheme} {token}"


def link_token(way: Onboarding) -> str:
    """The token of the living link."""
    return str(way.admins[-1].headers["Authorization"]).partition(" ")[2]


ATTACKERS = {
    "nobody": Attacker(lambda *_: None, never),
    "somebody with garbage as a token": Attacker(lambda *_: "Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA", never),
    "somebody with garbage as a link": Attacker(lambda *_: identity("Invitation", "A" * 84), never),
    "somebody with a password": Attacker(lambda *_: "Basic b3BlcmF0b3I6cGFzc3dvcmQ=", never),
    "a person without a role": Attacker(
        lambda cloud, _: str(without_role(cloud).headers["Authorization"]), lambda _: NOT_ALLOWED
    ),
    "a monitor": Attacker(lambda cloud, _: identity("Bearer", cloud.token("monitor", NORTHWIND)), may_only_read),
    "another provider's operator": Attacker(
        lambda cloud, _: identity("Bearer", cloud.token("operator", FABRIKAM)), of_another_provider
    ),
    "another provider's monitor": Attacker(
        lambda cloud, _: identity("Bearer", cloud.token("monitor", FABRIKAM)),
        lambda one: may_only_read(one) or of_another_provider(one),
    ),
    "the holder of a link": Attacker(lambda _, way: identity("Bearer", link_token(way)), never),
    "an operator in an administrator's place": Attacker(
        lambda cloud, _: identity("Invitation", cloud.token("operator", NORTHWIND)), never
    ),
}


@pytest.mark.parametrize("who", ATTACKERS)
def test_every_operation_refuses_whoever_may_not_and_nothing_changes(
    cloud: LocalCloud, ours: Onboarding, who: str
) -> None:
    attacker = ATTACKERS[who]
    authorization = attacker.identity(cloud, ours)
    refusals = {}
    with nothing_changes(ours):
        for operation in operations(cloud):
            if operation.identity == "nobody":
                continue
            expected = attacker.by_link if operation.by_link else attacker.signed_in(operation)
            if expected is not None:
                told = refused(request(operation, ours, authorization), *expected)
                assert "reference" not in told, operation.name
                refusals[operation.name] = told
    assert refusals, "an attacker whom nobody refuses attacks nothing"


@pytest.mark.parametrize("who", [who for who, one in ATTACKERS.items() if one.signed_in not in (never,)])
def test_what_is_not_refused_shows_nothing_of_somebody_else_and_makes_nothing(
    cloud: LocalCloud, ours: Onboarding, who: str
) -> None:
    """The operations above that such a caller may use are tried with all but what makes something of them."""
    attacker = ATTACKERS[who]
    authorization = attacker.identity(cloud, ours)
    with nothing_changes(ours):
        for operation in operations(cloud):
            if operation.signs_in and attacker.signed_in(operation) is None:
                reply = request(operation, ours, authorization, etag='"999999999"', key=None)
                assert reply.status_code not in (401, 403), operation.name
                assert reply.status_code < 300 or operation.writes, f"{operation.name}: {reply.text}"
                if "another provider" in who:
                    for private in (ours.id, ours.customer["id"], ours.customer["name"], ours.email):
                        assert private not in reply.text, operation.name


def test_an_operator_meets_no_door_that_is_shut(cloud: LocalCloud, ours: Onboarding) -> None:
    """Else the refusals above would prove nothing: with the right identity each operation looks at the request."""
    own, held = identity("Bearer", cloud.token("operator", NORTHWIND)), identity("Invitation", link_token(ours))
    with nothing_changes(ours):
        for operation in operations(cloud):
            if operation.by_link and operation.writes:
                continue  # the links' own attacks use it up
            authorization = held if operation.by_link else own
            reply = request(operation, ours, authorization, etag='"999999999"', key=None)
            assert reply.status_code not in (401, 403), operation.name
            assert operation.writes or reply.status_code == 200, f"{operation.name}: {reply.text}"


def test_what_anybody_may_call_is_what_we_meant(cloud: LocalCloud, ours: Onboarding) -> None:
    found = [one for one in operations(cloud) if one.identity == "nobody"]
    assert {one.name for one in found} == OPEN, "whoever opens an operation to anybody says so here"
    for operation in found:
        assert not operation.writes
        reply = request(operation, ours, None)
        for private in (ours.id, ours.customer["id"], ours.customer["name"], ours.email):
            assert private not in reply.text, operation.name


def test_a_disabled_provider_s_people_and_links_open_nothing(cloud: LocalCloud) -> None:
    theirs = Onboarding.begin(cloud, FABRIKAM)
    theirs.mail()
    theirs.admin()
    tokens = [identity("Bearer", cloud.token(role, FABRIKAM)) for role in ("operator", "monitor")]
    held = identity("Invitation", link_token(theirs))
    disabled = [{**one, "state": "disabled"} if one["id"] == FABRIKAM else one for one in cloud.providers()]
    asked = operations(cloud)
    etags = {one.name: '"1"' for one in asked}
    cloud.host.restart(PROVIDERS=json.dumps(disabled))
    with nothing_changes(theirs):
        for operation in asked:
            for authorization in [held] if operation.by_link else tokens if operation.signs_in else []:
                expected = (410, "link-suspended") if operation.by_link else (403, "provider-disabled")
                refused(request(operation, theirs, authorization, etag=etags[operation.name]), *expected)
    good(cloud.operator(NORTHWIND).get("/api/me"))
    cloud.host.restart()
    assert good(theirs.admins[-1].get("/api/invitation"))["status"] == "pending"


# What a new operation meets here


def described(path: str = "/api/things/{id}", **more: object) -> Json:
    """A document with one operation that nobody has thought of."""
    operation = {"operationId": "new_one", "security": [{"entra": []}], "parameters": [], **more}
    return {"paths": {path: {"post": operation}}}


NEEDED_QUERY = {"parameters": [{"name": "colour", "in": "query", "required": True}]}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (described(), "add to EXAMPLES in tests/attacks/operations.py what stands for {id} behind “things/”"),
        (described(security=[{"key": []}]), "say in tests/attacks/operations.py what the security"),
        (described(security=[{"entra": []}, {"invitation": []}]), "who must be refused"),
        (
            described("/api/services", **NEEDED_QUERY),
            "add to QUERIES in tests/attacks/operations.py a value for colour",
        ),
        (described(requestBody={"content": {"application/json": {"schema": {}}}}), "an example of its body"),
    ],
)
def test_an_operation_that_cannot_be_attacked_fails_and_says_what_to_add(
    ours: Onboarding, document: Json, words: str
) -> None:
    with pytest.raises(pytest.fail.Exception) as told:
        request(listed(document)[0], ours, None)
    assert words in str(told.value)


def test_a_new_operation_that_anybody_may_call_is_noticed() -> None:
    assert [one.name for one in listed(described(security=[])) if one.identity == "nobody" and one.name not in OPEN]


def test_every_path_is_filled_in(cloud: LocalCloud, ours: Onboarding) -> None:
    assert not [path for one in operations(cloud) if "{" in (path := path_of(one, ours))]
