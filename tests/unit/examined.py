"""What a check may have seen, and its verdict, with what a test changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.unit.builders import (
    NOW,
    SECRET,
    TENANT,
)
from validation.evidence import ApplicationRecord, Evidence, Organization, Refusal, Secret, Token
from validation.models import ItemView, item_view
from validation.records import (
    ItemName,
    ItemState,
    Verdict,
)
from validation.rules import (
    TEAMS_ADMINISTRATOR,
    Requirements,
    judge,
)

HINT = SECRET[:3]
NUMBER = "Its error number is AADSTS{}."
RESOURCE = "48ac35b8-9aa8-4d74-927d-1f4a14a0b239"
CLAIMS: dict[str, Any] = {
    "tid": TENANT,
    "oid": "service-principal",
    "roles": ["Organization.Read.All", "Application.Read.All"],
    "wids": [TEAMS_ADMINISTRATOR],
}
ORGANIZATION = Organization(TENANT, "Contoso", ("contoso.com", "contoso.onmicrosoft.com"))
ENDS = NOW + timedelta(days=90)
WANTED = Requirements(
    items=("resources", "permissions"),
    permissions=("Organization.Read.All",),
    pins=frozenset(),
    invited_domain="contoso.com",
    typed_expiry=None,
)
REFUSED = Refusal("invalid_client", 7000215, "trace-1")
WAITS, PASSES, WARNS, FAILS = ItemState.WAITING, ItemState.PASSED, ItemState.WARNING, ItemState.FAILED


def token(**claims: Any) -> Token:
    """A token with those claims; a claim of None is missing."""
    return Token("header.claims.signature", {k: v for k, v in (CLAIMS | claims).items() if v is not None})


def evidence(**changes: Any) -> Evidence:
    good = Evidence(
        tenant_id=TENANT,
        hint=HINT,
        graph=token(),
        resources={RESOURCE: token()},
        organization=ORGANIZATION,
        application=ApplicationRecord("Contoso voice", (Secret(HINT, ENDS),)),
    )
    return replace(good, **changes)


def verdict(wanted: Requirements = WANTED, **changes: Any) -> Verdict:
    return judge(evidence(**changes), wanted, NOW)


def states(given: Verdict) -> Mapping[ItemName, ItemState]:
    return {item.name: item.state for item in given.items}


def item(given: Verdict, name: ItemName) -> ItemView:
    """The item as it is read in English."""
    (found,) = (each for each in given.items if each.name is name)
    return item_view(found)
