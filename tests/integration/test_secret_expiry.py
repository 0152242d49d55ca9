"""When a client secret expires: what Graph tells, what the admin typed, or why nobody knows."""

from datetime import UTC, datetime, timedelta

import pytest

from local.callers import Caller
from tests.integration.cloud import Directory, Faults
from tests.integration.procedure import (
    ADATUM,
    CONTOSO,
    TAILSPIN_EXPIRED,
    Onboarding,
    failed_item,
    good,
    submitted,
)


def test_where_graph_does_not_tell_the_expiry_is_unknown_and_says_why(way: Onboarding, admin: Caller) -> None:
    view = submitted(admin, ADATUM)
    (item,) = [item for item in view["check"]["items"] if item["name"] == "secret-expiry"]
    assert item["state"] == "warning"
    assert "Application.Read.All" in item["detail"]
    assert way.read()["proposal"]["secretExpiresOn"] is None
    good(way.add(ADATUM, acknowledged=True))
    m365 = good(way.operator.get(f"{way.path}/m365"))
    assert (m365["secretDaysUntilExpire"], m365["secretExpiresSource"]) == (None, None)
    assert "Application.Read.All" in m365["secretExpiryUnknownWhy"]


@pytest.mark.parametrize("secrets", [5, None, [], [7], [{"hint": CONTOSO.secret[:3], "endDateTime": "soon"}]])
def test_a_list_of_secrets_that_says_nothing_leaves_the_expiry_unknown(
    faults: Faults, admin: Caller, secrets: object
) -> None:
    faults.entra("GET /v1.0/applications", status=200, body={"displayName": "Voice", "passwordCredentials": secrets})
    view = submitted(admin, CONTOSO)
    (item,) = [item for item in view["check"]["items"] if item["state"] == "warning"]
    assert (view["status"], item["name"]) == ("authenticated", "secret-expiry")


def test_the_typed_date_counts_where_graph_does_not_tell(way: Onboarding, admin: Caller) -> None:
    ends = datetime.now(UTC).date() + timedelta(days=100)
    submitted(admin, ADATUM, expiresOn=ends.isoformat())
    good(way.add(ADATUM, acknowledged=True))
    m365 = good(way.operator.get(f"{way.path}/m365"))
    assert m365["secretExpiresOn"].startswith(ends.isoformat())
    assert (m365["secretExpiresSource"], m365["secretExpiryUnknownWhy"]) == ("typed", None)
    assert m365["secretDaysUntilExpire"] in {99, 100}


def test_what_graph_tells_counts_more_than_the_typed_date(way: Onboarding) -> None:
    way.authenticated(CONTOSO, expiresOn=(datetime.now(UTC).date() + timedelta(days=5)).isoformat())
    good(way.add())
    m365 = good(way.operator.get(f"{way.path}/m365"))
    assert (m365["secretExpiresSource"], m365["secretDaysUntilExpire"]) == ("graph", 400)


def test_of_two_secrets_with_one_hint_the_earlier_end_counts(directory: Directory, way: Onboarding) -> None:
    with directory.edit() as content:
        secrets = content["applications"][0]["secrets"]
        twin = {**secrets[0], "keyId": "d0000000-0000-4000-8000-0000000000aa", "value": CONTOSO.secret[:3] + "another"}
        secrets.append({**twin, "endDateTime": "+12d"})
    way.authenticated()
    good(way.add())
    m365 = good(way.operator.get(f"{way.path}/m365"))
    assert m365["secretDaysUntilExpire"] == 12


def test_a_secret_that_ends_soon_is_a_warning(directory: Directory, admin: Caller) -> None:
    with directory.edit() as content:
        content["applications"][0]["secrets"][0]["endDateTime"] = "+12d"
    view = submitted(admin, CONTOSO)
    (item,) = [item for item in view["check"]["items"] if item["state"] == "warning"]
    assert (view["status"], item["name"]) == ("authenticated", "secret-expiry")


def test_a_secret_that_has_ended_is_never_zero_days(admin: Caller) -> None:
    assert "expired" in failed_item(submitted(admin, TAILSPIN_EXPIRED))["detail"]
