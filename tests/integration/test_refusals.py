"""Every refusal that Microsoft documents, from the pretend directory to the admin's page: what fails, what helps,
what it costs, and that the invitation can be answered again.

All are submitted at once, each for a service of its own; the tests look at what became of them.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.callers import Caller
from local.config import ROOT
from local.directory import load_directory
from local.waiting import wait_until
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import (
    ADATUM,
    CONTOSO,
    SECONDS,
    Json,
    Onboarding,
    Registered,
    check_ended,
    failed_item,
    good,
    registered,
    submit,
    submitted,
    unique,
    view_of,
)

TAILSPIN = "55555555-aaaa-4bbb-8ccc-000000000001"
GONE = "66666666-aaaa-4bbb-8ccc-000000000001"
NAMES = [application.display_name for application in load_directory(ROOT / "local" / "directory.json").applications]
WRONG = replace(CONTOSO, secret="Wrong~secret.of-the-right_length-0123456")
UNKNOWN_APPLICATION = replace(CONTOSO, client="b0000000-0000-4000-8000-0000000000ff")
MALFORMED = "malformed.example"


def named(name: str) -> Registered:
    """The app registration of that name, as it stands in Tailspin."""
    return replace(registered(NAMES.index(name)), tenant=TAILSPIN)


@dataclass(frozen=True)
class Refused:
    """A registration that is refused: the first failed item, words of its help, and what else it comes with."""

    registered: Registered
    item: str
    words: str
    counts: bool = True
    traced: bool = True


# Of two secrets that begin alike the one that ends earlier counts.
IN_TWENTY_DAYS = f"expires on {datetime.now(UTC) + timedelta(days=20):%-d %B %Y}"

TENANT, SIGN_IN = "tenant", "sign-in"

REFUSALS = {
    "tenant gone": Refused(replace(CONTOSO, tenant=GONE), TENANT, "no tenant", traced=False),
    "domain gone": Refused(replace(CONTOSO, tenant="wingtip.example"), TENANT, "no tenant", traced=False),
    "tenant malformed": Refused(replace(CONTOSO, tenant=MALFORMED), TENANT, "no tenant", traced=False),
    "application of another tenant": Refused(replace(CONTOSO, tenant=ADATUM.tenant), SIGN_IN, "no application"),
    "application unknown": Refused(UNKNOWN_APPLICATION, SIGN_IN, "no application"),
    "secret wrong": Refused(WRONG, SIGN_IN, "does not accept this client secret"),
    "secret expired": Refused(named("Tailspin with an expired secret"), SIGN_IN, "expired"),
    "application disabled": Refused(named("Tailspin disabled"), SIGN_IN, "switched off"),
    "no service principal": Refused(named("Tailspin without a service principal"), SIGN_IN, "not installed"),
    "conditional access": Refused(named("Tailspin behind conditional access"), SIGN_IN, "Conditional Access"),
    "unknown number": Refused(named("Tailspin refused for another reason"), SIGN_IN, "refused the sign-in"),
    "token without oid": Refused(
        named("Tailspin with a token and no service principal"),
        "service-principal",
        "not installed",
        counts=False,
        traced=False,
    ),
    "second resource": Refused(
        named("Tailspin without the Teams service"), "resources", "Teams administration service", counts=False
    ),
    "one permission": Refused(
        named("Tailspin without Organization.Read.All"),
        "permissions",
        "Organization.Read.All",
        counts=False,
        traced=False,
    ),
    "no permission": Refused(
        named("Tailspin without any permission"), "permissions", "Organization.Read.All", counts=False, traced=False
    ),
    "organisation closed": Refused(
        named("Tailspin whose organisation is closed"), "organization", "may not read the organisation", counts=False
    ),
}

# Different causes that the same remedy heals; all others must not share their words.
SAME_REMEDY = (
    {"tenant gone", "domain gone", "tenant malformed"},
    {"application of another tenant", "application unknown"},
    {"no service principal", "token without oid"},
    {"one permission", "no permission"},
)

# Registrations that pass with a warning: the item, and words of it.
WARNINGS = {
    "role missing": (named("Tailspin without Teams Administrator"), "directory-roles", "Teams Administrator"),
    "registration closed": (named("Tailspin whose registration is closed"), "secret-expiry", "Application.Read.All"),
    "registration elsewhere": (named("Adatum's application in Tailspin"), "secret-expiry", "not kept in this tenant"),
    "secret without end": (named("Tailspin with a secret without end"), "secret-expiry", "unknown"),
    "two secrets of one hint": (named("Tailspin with two secrets of one hint"), "secret-expiry", IN_TWENTY_DAYS),
    "secret ends soon": (named("Tailspin with a secret that ends soon"), "secret-expiry", "Renew it in time"),
}

# What looks like a refusal and is none: the check waits, and goes on by itself.
TRANSIENT = {
    "throttled": named("Tailspin throttled"),
    "directory away": named("Tailspin while the directory is away"),
    "request loop": named("Tailspin in a request loop"),
    "throttled by Graph": named("Tailspin throttled by Graph"),
}


# On a busy machine a transient one is tried twice before it is healed; the pause after that lasts up to 30 seconds.
PAUSES = 90.0


@dataclass
class Seen:
    """What became of the submissions: each one's service and admin, the page, the words while it waited."""

    cloud: LocalCloud
    ways: dict[str, Onboarding] = field(default_factory=dict)
    admins: dict[str, Caller] = field(default_factory=dict)
    views: dict[str, Json] = field(default_factory=dict)
    waited: dict[str, str] = field(default_factory=dict)

    def begin(self, name: str) -> None:
        way = self.ways[name] = Onboarding.begin(self.cloud, adminEmail=f"{unique('it-')}@tailspin.example")
        self.admins[name] = way.admin()

    def submit(self, name: str, registration: Registered) -> None:
        good(submit(self.admins[name], registration), 202)

    def end(self, name: str) -> None:
        self.views[name] = check_ended(self.admins[name], PAUSES)

    def wait(self, name: str) -> None:
        def words() -> str | None:
            view = view_of(self.admins[name])
            return view["check"]["waitingFor"] if view["status"] == "validating" else f"It is {view['status']}."

        self.waited[name] = wait_until(words, SECONDS, f"the wait of {name}")


@pytest.fixture(scope="module")
def seen(running_cloud: LocalCloud) -> Iterator[Seen]:
    running_cloud.mend()
    seen, faults = Seen(running_cloud), Faults(running_cloud)
    faults.clear()
    refusal = {"error": "invalid_request", "error_codes": [900023], "trace_id": "t"}
    faults.entra(f"GET /{MALFORMED}/", status=400, body=refusal)
    submissions = (
        {name: one.registered for name, one in REFUSALS.items()}
        | {name: one[0] for name, one in WARNINGS.items()}
        | TRANSIENT
    )
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(seen.begin, submissions))
        list(pool.map(seen.submit, submissions, submissions.values()))
        list(pool.map(seen.wait, TRANSIENT))
        with running_cloud.directory.edit() as content:
            _heal(content)
        list(pool.map(seen.end, submissions))
    yield seen
    faults.clear()
    running_cloud.directory.restore()


def _heal(content: dict[str, Any]) -> None:
    """Ends what is transient."""
    clients = {one.client for one in TRANSIENT.values()}
    for application in content["applications"]:
        if application["appId"] in clients:
            for installation in application["tenants"].values():
                installation.pop("tokenRefusals", None)
                installation.pop("graphRefusals", None)


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_names_its_item_its_help_and_its_price(seen: Seen, name: str) -> None:
    expected, view = REFUSALS[name], seen.views[name]
    item = failed_item(view)
    assert (view["status"], view["check"]["outcome"]) == ("pending", "refused")
    assert item["name"] == expected.item
    assert expected.words in item["detail"]
    assert item["steps"]
    assert bool(item["traceId"]) is expected.traced
    assert view["triesLeft"] == (9 if expected.counts else 10)
    row = seen.ways[name].row()
    assert row["reason"] == {"code": expected.item, "detail": item["detail"]}
    assert seen.ways[name].told()[-1] == "credentials-refused"


def test_no_two_refusals_share_their_words_where_the_remedies_differ(seen: Seen) -> None:
    alike: dict[str, set[str]] = {}
    for name in REFUSALS:
        item = failed_item(seen.views[name])
        alike.setdefault(json.dumps([item["detail"], item["steps"]]), set()).add(name)
    apart = {name for names in alike.values() if len(names) == 1 for name in names}
    shared = [names for names in alike.values() if len(names) > 1]
    assert sorted(map(sorted, shared)) == sorted(map(sorted, SAME_REMEDY))
    assert apart == set(REFUSALS).difference(*SAME_REMEDY)


def test_a_refused_secret_is_in_no_row_any_more(seen: Seen) -> None:
    ids = {seen.ways[name].id for name in REFUSALS}
    rows = [row for row in seen.cloud.rows() if any(id_ in json.dumps(row, default=str) for id_ in ids)]
    assert {row["RowKey"].partition(":")[0] for row in rows} >= {"service", "event", "open"}
    assert [row["RowKey"] for row in rows if "sealed" in json.dumps(row, default=str)] == []
    passed = next(row for row in seen.cloud.rows() if row["RowKey"] == f"service:{seen.ways['role missing'].id}")
    assert "sealed" in json.dumps(passed, default=str), "what the search would have found"


@pytest.mark.parametrize("name", WARNINGS)
def test_a_registration_with_a_weakness_passes_and_is_told_what_it_lacks(seen: Seen, name: str) -> None:
    _, item_name, words = WARNINGS[name]
    view = seen.views[name]
    assert (view["status"], view["check"]["outcome"], view["triesLeft"]) == ("authenticated", "passed", 10)
    (item,) = [item for item in view["check"]["items"] if item["state"] == "warning"]
    assert item["name"] == item_name
    assert words in item["detail"]


@pytest.mark.parametrize("name", TRANSIENT)
def test_what_is_transient_waits_costs_nothing_and_heals_by_itself(seen: Seen, name: str) -> None:
    assert "We ask again by ourselves." in seen.waited[name]
    view = seen.views[name]
    assert (view["status"], view["triesLeft"]) == ("authenticated", 10)
    assert list(dict.fromkeys(seen.ways[name].told()))[2:] == ["credentials-submitted", "check-waits", "authenticated"]


def test_after_every_refusal_the_same_link_takes_a_better_answer(seen: Seen) -> None:
    def again(name: str) -> Json:
        return submitted(seen.admins[name], CONTOSO)

    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip(REFUSALS, pool.map(again, REFUSALS), strict=True))
    assert {name: view["status"] for name, view in answers.items()} == dict.fromkeys(REFUSALS, "authenticated")
