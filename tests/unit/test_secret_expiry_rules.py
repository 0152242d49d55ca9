"""When a secret ends, who says so, and when that is a warning."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.builders import (
    NOW,
)
from tests.unit.examined import ENDS, HINT, PASSES, WANTED, WARNS, evidence, item, verdict
from validation.evidence import ApplicationRecord, Secret, Unreadable
from validation.records import (
    ExpirySource,
    ItemName,
    ItemState,
    Outcome,
)
from validation.rules import (
    secret_expiry,
)

SOON = NOW + timedelta(days=20)
TYPED_END = datetime(2027, 3, 1, 23, 59, 59, tzinfo=UTC)
NO_RECORD, DENIED = None, Unreadable("trace-4")


def record(*secrets: tuple[str, datetime]) -> ApplicationRecord:
    return ApplicationRecord("Contoso voice", tuple(Secret(hint, ends) for hint, ends in secrets))


@pytest.mark.parametrize(
    ("application", "typed", "expected"),
    [
        (record((HINT, ENDS)), None, (ENDS, ExpirySource.GRAPH)),
        (record((HINT, ENDS)), "2027-03-01", (ENDS, ExpirySource.GRAPH)),
        (record(("abc", SOON), (HINT, ENDS)), None, (ENDS, ExpirySource.GRAPH)),
        (record((HINT, ENDS), (HINT, SOON)), None, (SOON, ExpirySource.GRAPH)),
        (record((HINT, SOON), (HINT, ENDS)), None, (SOON, ExpirySource.GRAPH)),
        (record((HINT, NOW), (HINT, ENDS)), None, (ENDS, ExpirySource.GRAPH)),
        (record((HINT, NOW)), "2027-03-01", (TYPED_END, ExpirySource.TYPED)),
        (record(("abc", SOON)), "2027-03-01", (TYPED_END, ExpirySource.TYPED)),
        (record((HINT.lower(), SOON)), "2027-03-01", (TYPED_END, ExpirySource.TYPED)),
        (record(), "2027-03-01", (TYPED_END, ExpirySource.TYPED)),
        (DENIED, "2027-03-01", (TYPED_END, ExpirySource.TYPED)),
        (NO_RECORD, "2027-03-01", (TYPED_END, ExpirySource.TYPED)),
    ],
    ids=[
        "Graph tells",
        "Graph before typed",
        "its own among others",
        "two with one hint",
        "two with one hint, turned round",
        "two with one hint, one over",
        "typed for want of one that lives",
        "typed for want of the hint",
        "hints differ in case",
        "typed for want of secrets",
        "typed for want of a permission",
        "typed for want of a record",
    ],
)
def test_the_secret_s_end_is_graph_s_else_the_typed_day_s(
    application: ApplicationRecord | Unreadable | None, typed: str | None, expected: tuple[datetime, ExpirySource]
) -> None:
    wanted = replace(WANTED, typed_expiry=typed)
    assert secret_expiry(evidence(application=application), wanted, NOW) == (*expected, None)
    found = verdict(wanted, application=application).findings
    assert (found.secret_expires_on, found.secret_expires_source, found.expiry_unknown_why) == (*expected, None)


@pytest.mark.parametrize(
    ("application", "why"),
    [(DENIED, "Application.Read.All"), (NO_RECORD, "not kept in this tenant"), (record(("abc", ENDS)), "begins like")],
    ids=["not allowed", "no record", "no such hint"],
)
def test_an_unknown_end_says_why_and_is_no_number(application: ApplicationRecord | Unreadable | None, why: str) -> None:
    given = verdict(application=application)
    found = given.findings
    assert (found.secret_expires_on, found.secret_expires_source) == (None, None)
    assert why in (found.expiry_unknown_why or "")
    told = item(given, ItemName.SECRET_EXPIRY)
    assert told.state is WARNS
    assert why in told.detail
    assert given.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("left", "state"),
    [(timedelta(days=30), PASSES), (timedelta(days=30, microseconds=-1), WARNS), (timedelta(microseconds=1), WARNS)],
)
def test_a_secret_that_ends_within_30_days_warns(left: timedelta, state: ItemState) -> None:
    given = verdict(application=record((HINT, NOW + left)))
    assert item(given, ItemName.SECRET_EXPIRY).state is state
    assert given.outcome is Outcome.PASSED
