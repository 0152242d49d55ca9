"""Requests that are wrong in one respect: each call refuses them with the code that its contract names."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from invitations.links import InvalidLink
from local.callers import Caller
from shared.problems import ChangedMeanwhile, InvalidInput, NotFound, Problem
from shared.store import InvalidCursor, StoreUnavailable
from shared.web.auth import KeysUnavailable, NotAllowed, NotSignedIn
from shared.web.calls import Call
from shared.web.contract import Who, contract
from shared.web.requests import (
    BadRequest,
    BodyTooLarge,
    IdempotencyKeyRequired,
    IfMatchMalformed,
    IfMatchRequired,
    WrongMediaType,
)
from tests.integration.asking import CALLS, PAIRS, Asking, asking, in_minutes, without_role
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import (
    Onboarding,
    good,
    order,
    pointers,
    refused,
    unique,
)

UNKNOWN = {"id": "f" * 24, "asset": "nothing.css"}


def spoilt(**changes: Any) -> Callable[[LocalCloud, Asking], None]:
    def spoil(_: LocalCloud, asked: Asking) -> None:
        for name, value in changes.items():
            setattr(asked, name, value)

    return spoil


def nobody(cloud: LocalCloud, asked: Asking) -> None:
    asked.caller = cloud.anybody()


def who_may_not(cloud: LocalCloud, asked: Asking) -> None:
    writes = contract(asked.call).who is Who.OPERATOR
    asked.caller = cloud.monitor() if writes else without_role(cloud)


def nowhere(_: LocalCloud, asked: Asking) -> None:
    suffix = "-1" if asked.call.path.startswith("api/invitations/") else ""
    asked.ids = {"id": UNKNOWN["id"] + suffix, "asset": UNKNOWN["asset"]}


def unknown_field(_: LocalCloud, asked: Asking) -> None:
    terms = contract(asked.call)
    if terms.body:
        asked.body = {**terms.sends, "colour": "blue"}
    else:
        asked.query = {"colour": "blue"}


# What spoils any call in the same way.
GENERIC: dict[type[Problem], Callable[[LocalCloud, Asking], None]] = {
    NotSignedIn: nobody,
    NotAllowed: who_may_not,
    NotFound: nowhere,
    BadRequest: spoilt(body=b'{"broken":'),
    BodyTooLarge: spoilt(body=b" " * (64 * 1024) + b"{}"),
    WrongMediaType: spoilt(headers={"Content-Type": "text/plain"}),
    InvalidInput: unknown_field,
    InvalidCursor: spoilt(query={"cursor": "not-a-cursor"}),
    IfMatchRequired: spoilt(headers={"If-Match": None}),
    IfMatchMalformed: spoilt(headers={"If-Match": 'W/"1"'}),
    ChangedMeanwhile: spoilt(etag='"999"'),
    IdempotencyKeyRequired: spoilt(headers={"Idempotency-Key": None}),
    InvalidLink: nobody,
}


def caller_of(call: Call, way: Onboarding) -> Caller:
    """Who may make this call: for the link's calls, whoever holds a living one."""
    return way.admin() if contract(call).who is Who.LINK else way.operator


@pytest.mark.parametrize(("name", "problem"), [pair for pair in PAIRS if pair[1] in GENERIC])
def test_a_spoilt_request_is_refused_and_changes_nothing(
    cloud: LocalCloud, waiting: Onboarding, name: str, problem: type[Problem]
) -> None:
    call = CALLS[name]
    asked = asking(name, waiting, caller_of(call, waiting))
    before = waiting.read()
    GENERIC[problem](cloud, asked)
    refused(asked.send(), problem.status, problem.code)
    assert waiting.read() == before


@pytest.mark.parametrize("name", ["create_service", "extend_invitation", "reinitiate_invitation"])
@pytest.mark.parametrize("minutes", [-1, 0, 43, 59, 30 * 24 * 60 + 1])
def test_an_invitation_lives_for_an_hour_to_30_days(cloud: LocalCloud, name: str, minutes: int) -> None:
    prepare = Onboarding.begin(cloud)
    way = prepare.added() if name == "reinitiate_invitation" else prepare
    before = way.mail_settled()
    asked = asking(name, way)
    assert isinstance(asked.body, dict)
    asked.body = {**asked.body, "expiresAt": in_minutes(minutes)}
    assert pointers(refused(asked.send(), 422, "invalid-input")) == {"/expiresAt": "expires-at"}
    assert way.read() == before


def test_a_repetition_after_the_hour_has_begun_finds_its_answer(cloud: LocalCloud, waiting: Onboarding) -> None:
    asked = asking("create_service", waiting)
    asked.body = {**order(), "expiresAt": in_minutes(65)}
    made = good(asked.send(), 201)
    cloud.restart("+10m")
    asked.caller = cloud.operator()
    assert good(asked.send(), 201)["id"] == made["id"]
    asked.key = unique("key-")
    assert pointers(refused(asked.send(), 422, "invalid-input")) == {"/expiresAt": "expires-at"}


def test_a_wrong_method_is_told_the_right_ones(cloud: LocalCloud) -> None:
    for name, call in CALLS.items():
        if not call.path.startswith("api/"):
            continue
        path = "/" + call.path.format(id="f" * 24)
        taken = {method for one in CALLS.values() if one.path == call.path for method in one.methods}
        wrong: requests.Response = cloud.anybody().request(sorted({"GET", "PUT", "DELETE"} - taken)[0], path)
        problem = refused(wrong, 405, "method-not-allowed")
        assert set(wrong.headers["Allow"].split(", ")) == taken, name
        assert "Allow" in problem["detail"]


# What takes another start


def all_of(problem: type[Problem]) -> list[str]:
    return [name for name, one in PAIRS if one is problem]


def test_without_microsoft_s_keys_nobody_is_signed_in_nor_out(
    cloud: LocalCloud, faults: Faults, waiting: Onboarding
) -> None:
    ready = [asking(name, waiting) for name in all_of(KeysUnavailable)]
    faults.entra("GET /common/discovery/v2.0/keys", status=503)
    cloud.host.restart()
    for asked in ready:
        refused(asked.send(), 503, "sign-in-unavailable")
    faults.clear()
    cloud.host.restart()  # a failed fetch is not repeated at once


def test_without_storage_every_call_says_so(cloud: LocalCloud, waiting: Onboarding) -> None:
    holder = waiting.admin()
    names = all_of(StoreUnavailable)
    ready = [asking(name, waiting, holder if contract(CALLS[name]).who is Who.LINK else None) for name in names]
    cloud.host.restart(Data=cloud.without_tables())
    for asked in ready:
        refused(asked.send(), 503, "storage-unavailable")
