"""Which items of a check must pass, and which only warn."""

from dataclasses import replace
from typing import Any

import pytest

from shared.setting_values import OPTIONAL_ITEMS
from tests.unit.builders import (
    OTHER_TENANT,
)
from tests.unit.examined import FAILS, ORGANIZATION, PASSES, REFUSED, RESOURCE, WANTED, WARNS, item, token, verdict
from validation.evidence import Unreadable
from validation.records import (
    ItemName,
    Outcome,
)

FALLS_SHORT: dict[str, dict[str, Any]] = {
    "resources": {"resources": {RESOURCE: REFUSED}},
    "permissions": {"graph": token(roles=[])},
    "directory-roles": {"graph": token(wids=[])},
    "domain": {"organization": replace(ORGANIZATION, verified_domains=("fabrikam.com",))},
    "secret-expiry": {"application": None},
}


@pytest.mark.parametrize("name", OPTIONAL_ITEMS)
@pytest.mark.parametrize("required", [True, False])
def test_an_optional_item_fails_the_check_only_where_it_is_required(name: str, required: bool) -> None:
    wanted = replace(WANTED, items=(name,) if required else ())
    given = verdict(wanted, **FALLS_SHORT[name])
    found = item(given, ItemName(name))
    assert found.state is (FAILS if required else WARNS)
    assert found.detail
    assert given.outcome is (Outcome.REFUSED if required else Outcome.PASSED)
    assert not given.credentials_refused
    assert [each.name for each in given.items if each.state is not PASSES] == [name]


@pytest.mark.parametrize(
    "changes",
    [
        {"tenant_id": None, "graph": None},
        {"graph": REFUSED},
        {"graph": token(oid=None)},
        {"organization": replace(ORGANIZATION, id=OTHER_TENANT)},
        {"organization": Unreadable("trace-2")},
    ],
    ids=["tenant", "sign-in", "service principal", "another organisation", "unreadable organisation"],
)
def test_the_tenant_the_sign_in_and_the_organisation_are_always_required(changes: dict[str, Any]) -> None:
    assert verdict(replace(WANTED, items=()), **changes).outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("items", "roles", "steps"),
    [
        (("permissions",), [], 0),
        (("permissions",), ["Application.Read.All"], 0),
        (("permissions",), ["Organization.Read.All"], 3),
        ((), [], 3),
    ],
    ids=["nothing granted", "another granted", "granted all the same", "only a warning"],
)
def test_what_to_do_about_a_missing_permission_is_said_once(
    items: tuple[str, ...], roles: list[str], steps: int
) -> None:
    given = verdict(replace(WANTED, items=items), graph=token(roles=roles), organization=Unreadable("trace-2"))
    found = item(given, ItemName.ORGANIZATION)
    assert found.state is FAILS
    assert len(found.steps) == steps
    assert (found.trace_id is None) is (steps == 0)


def test_a_refused_resource_is_named() -> None:
    other = "00000003-0000-0ff1-ce00-000000000000"
    given = verdict(resources={RESOURCE: token(), other: REFUSED})
    assert other in item(given, ItemName.RESOURCES).detail
    assert "Teams administration" in item(verdict(resources={RESOURCE: REFUSED}), ItemName.RESOURCES).detail
