"""The end of an invitation's time: ended, looked at again, or nobody's business any more."""

from datetime import timedelta
from typing import Any

import pytest

from invitations.records import InvitationStatus, LinkEnd
from invitations.rules.expiry import LOOK_AGAIN, expired, look_again
from invitations.rules.states import device_authenticated
from onboarding.records import Service, ServiceState
from shared.due import Due
from shared.kinds import Kind
from tests.unit.builders import (
    AFTER_ADD,
    ENDED,
    NOW,
    after,
    due,
    ends,
    others,
    service,
)

LONG_AGO = NOW - timedelta(days=8)


def look_at(one: Service, **changes: Any) -> Due:
    """The owed look at that invitation's end."""
    return due(Kind.EXPIRE, note={"stamp": one.invitation.expires_at.isoformat()}, **changes)


@pytest.mark.parametrize(("stage", "words"), [("pending", "Nobody answered"), ("authenticated", "secret was deleted")])
def test_what_waits_ends_at_its_time_and_not_before(stage: str, words: str) -> None:
    one = service(stage)
    ends_at = one.invitation.expires_at
    early = ends_at - timedelta(microseconds=1)
    assert (look_again(one, look_at(one), early), expired(one, look_at(one), early)) == (ends_at, None)
    assert look_again(one, look_at(one), ends_at) is None
    over = after(expired(one, look_at(one), ends_at))
    assert (over.state, over.invitation.status) == (ServiceState.INVITED, InvitationStatus.EXPIRED)
    assert ends(over) == [LinkEnd.EXPIRED]
    assert over.invitation.proposal is None
    assert over.invitation.reason is not None
    assert words in over.invitation.reason.detail
    assert not device_authenticated(over)


@pytest.mark.parametrize("expires", [-timedelta(days=8), timedelta(days=1)], ids=["its time is over", "not yet"])
def test_nothing_expires_while_it_is_checked(expires: timedelta) -> None:
    one = service("validating", invitation__expires_at=NOW + expires)
    assert look_again(one, look_at(one), NOW) == max(NOW, NOW + expires) + LOOK_AGAIN
    assert expired(one, look_at(one), NOW) is None


@pytest.mark.parametrize("stage", others("pending", "validating", "authenticated"))
def test_what_waits_for_nobody_does_not_expire(stage: str) -> None:
    one = service(stage, invitation__expires_at=LONG_AGO)
    assert look_again(one, look_at(one), NOW) is None
    assert expired(one, look_at(one), NOW) is None


@pytest.mark.parametrize("stage", AFTER_ADD + ENDED)
def test_what_waits_for_nobody_is_not_looked_at_again(stage: str) -> None:
    one = service(stage)
    assert look_again(one, look_at(one), NOW) is None


@pytest.mark.parametrize("stage", ["pending", "validating", "authenticated"])
@pytest.mark.parametrize("note", [{}, {"stamp": ""}, {"stamp": NOW.isoformat()}], ids=["none", "empty", "another"])
def test_a_look_at_another_time_is_not_for_this_end(stage: str, note: dict[str, str]) -> None:
    one = service(stage, invitation__expires_at=LONG_AGO)
    assert look_again(one, due(Kind.EXPIRE, note=note), NOW) is None
    assert expired(one, due(Kind.EXPIRE, note=note), NOW) is None
