"""What a check proves: evidence in, items and a verdict out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from onboarding.records import Service
from tests.unit.builders import (
    NOW,
    OTHER_TENANT,
    SECRET,
    STAGES,
    TENANT,
    check,
    due,
    finished,
    registration,
    service,
    work_id,
)
from tests.unit.examined import (
    ENDS,
    FAILS,
    HINT,
    NUMBER,
    ORGANIZATION,
    PASSES,
    REFUSED,
    RESOURCE,
    WANTED,
    WARNS,
    evidence,
    item,
    states,
    token,
    verdict,
)
from validation import help as texts
from validation.evidence import Evidence, Organization, Refusal, Token, Unreadable
from validation.records import (
    DomainMatch,
    ExpirySource,
    ItemName,
    ItemState,
    Outcome,
)
from validation.rules import (
    PATIENCE,
    TEAMS_ADMINISTRATOR,
    Subject,
    domain_match,
    given_up,
    judge,
    sealed_away,
    subject,
)

# The items and the verdict


def test_good_evidence_passes_every_item_in_the_order_of_looking() -> None:
    given = verdict()
    assert [each.name for each in given.items] == list(ItemName)
    assert set(states(given).values()) == {PASSES}
    assert (given.outcome, given.tenant_id, given.credentials_refused) == (Outcome.PASSED, TENANT, False)


def test_the_findings_are_what_entra_and_graph_told() -> None:
    found = verdict().findings
    assert (found.tenant_name, found.verified_domains) == ("Contoso", ORGANIZATION.verified_domains)
    assert (found.application_name, found.secret_hint) == ("Contoso voice", HINT)
    assert (found.secret_expires_on, found.secret_expires_source) == (ENDS, ExpirySource.GRAPH)
    assert found.permissions == ("Organization.Read.All", "Application.Read.All")
    assert found.directory_roles == ("Teams Administrator",)
    assert found.domain_match is DomainMatch.MATCH


@pytest.mark.parametrize(
    ("number", "help_"),
    [
        (90002, texts.TENANT_UNKNOWN),
        (900023, texts.TENANT_UNKNOWN),
        (700016, texts.APPLICATION_UNKNOWN),
        (7000215, texts.SECRET_WRONG),
        (7000222, texts.SECRET_EXPIRED),
        (7000112, texts.APPLICATION_DISABLED),
        (7000229, texts.NO_SERVICE_PRINCIPAL),
        (53003, texts.BLOCKED_BY_POLICY),
        (9999999, replace(texts.UNKNOWN_REFUSAL, detail=f"{texts.UNKNOWN_REFUSAL.detail} {NUMBER.format(9999999)}")),
        (None, texts.UNKNOWN_REFUSAL),
    ],
)
def test_a_refusal_ends_the_check_with_the_help_for_its_number(number: int | None, help_: texts.Help) -> None:
    given = verdict(graph=Refusal("invalid_client", number, "trace-1"), resources={}, organization=None)
    assert states(given) == {ItemName.TENANT: PASSES, ItemName.SIGN_IN: FAILS}
    told = item(given, ItemName.SIGN_IN)
    assert (told.detail, told.steps, told.trace_id) == (help_.detail, help_.steps, "trace-1")
    assert told.steps
    assert (given.outcome, given.credentials_refused) == (Outcome.REFUSED, True)


def test_every_number_with_a_help_text_is_told_apart_by_it() -> None:
    assert set(texts.BY_NUMBER) == {90002, 900023, 700016, 7000215, 7000222, 7000112, 7000229, 53003}
    assert texts.UNKNOWN_REFUSAL not in texts.BY_NUMBER.values()


def test_an_unknown_tenant_ends_the_check_and_costs_a_try() -> None:
    given = judge(Evidence(None, HINT), WANTED, NOW)
    assert states(given) == {ItemName.TENANT: FAILS}
    assert item(given, ItemName.TENANT).steps == texts.TENANT_UNKNOWN.steps
    assert (given.outcome, given.tenant_id, given.credentials_refused) == (Outcome.REFUSED, None, True)


@pytest.mark.parametrize(("pin", "state"), [(None, PASSES), (TENANT, PASSES), (OTHER_TENANT, FAILS)])
def test_a_pinned_customer_takes_no_other_tenant(pin: str | None, state: ItemState) -> None:
    given = verdict(replace(WANTED, pins=frozenset(filter(None, [pin]))))
    assert states(given)[ItemName.TENANT] is state
    assert (given.outcome is Outcome.REFUSED) is (state is FAILS)


def test_a_refused_tenant_costs_no_try_and_the_pinned_one_is_not_named() -> None:
    given = judge(Evidence(TENANT, HINT), replace(WANTED, pins=frozenset({OTHER_TENANT})), NOW)
    assert (given.outcome, given.credentials_refused) == (Outcome.REFUSED, False)
    assert OTHER_TENANT not in repr(given)


@pytest.mark.parametrize(
    "claims",
    [{"oid": None}, {"oid": ""}, {"oid": 5}, {"tid": None}, {"tid": OTHER_TENANT}, {"tid": TENANT.upper()}],
    ids=["no oid", "empty oid", "oid is no text", "no tid", "another tid", "another spelling"],
)
def test_a_token_without_a_service_principal_of_the_tenant_is_refused(claims: dict[str, Any]) -> None:
    given = verdict(graph=token(**claims))
    assert states(given)[ItemName.SERVICE_PRINCIPAL] is FAILS
    assert (given.outcome, given.credentials_refused) == (Outcome.REFUSED, False)


def test_a_token_that_cannot_be_read_fails_for_want_of_claims_only() -> None:
    given = verdict(graph=Token("opaque", {}))
    assert states(given)[ItemName.SIGN_IN] is PASSES
    assert states(given)[ItemName.SERVICE_PRINCIPAL] is FAILS
    assert states(given)[ItemName.PERMISSIONS] is FAILS


def test_a_resource_that_refuses_fails_the_check_but_costs_no_try() -> None:
    given = verdict(resources={"first": token(), RESOURCE: Refusal("invalid_resource", 500011, "trace-2")})
    told = item(given, ItemName.RESOURCES)
    assert (told.state, told.trace_id, told.steps) == (FAILS, "trace-2", texts.RESOURCE_REFUSED.steps)
    assert (given.outcome, given.credentials_refused) == (Outcome.REFUSED, False)


def test_where_no_resource_is_wanted_none_is_listed() -> None:
    given = verdict(resources={})
    assert ItemName.RESOURCES not in states(given)
    assert given.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("roles", "missing"),
    [
        (["A.Read", "B.Read", "C.Read"], []),
        (["B.Read"], ["A.Read"]),
        ([], ["A.Read", "B.Read"]),
        (None, ["A.Read", "B.Read"]),
        ("A.Read B.Read", ["A.Read", "B.Read"]),
        (["a.read", "B.Read.All"], ["A.Read", "B.Read"]),
    ],
    ids=["all and more", "one", "empty", "no claim", "no list", "alike"],
)
def test_missing_permissions_are_named(roles: object, missing: list[str]) -> None:
    given = verdict(replace(WANTED, permissions=("A.Read", "B.Read")), graph=token(roles=roles))
    told = item(given, ItemName.PERMISSIONS)
    assert (told.state is FAILS) is bool(missing)
    assert [name for name in ("A.Read", "B.Read") if name in told.detail] == missing
    assert "{" not in f"{told.detail}{told.steps}"
    assert not missing or ", ".join(missing) in " ".join(told.steps)
    assert (given.outcome is Outcome.REFUSED) is bool(missing)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (ORGANIZATION, PASSES),
        (replace(ORGANIZATION, id=OTHER_TENANT), FAILS),
        (replace(ORGANIZATION, id=""), FAILS),
        (Unreadable("trace-3"), FAILS),
    ],
    ids=["the tenant", "another tenant", "no id", "unreadable"],
)
def test_the_organisation_is_read_and_is_the_tenant(answer: Organization | Unreadable, state: ItemState) -> None:
    given = verdict(organization=answer)
    told = item(given, ItemName.ORGANIZATION)
    assert told.state is state
    assert told.trace_id == ("trace-3" if isinstance(answer, Unreadable) else None)
    assert given.credentials_refused is False


@pytest.mark.parametrize("wids", [None, [], ["other"], TEAMS_ADMINISTRATOR])
def test_a_missing_directory_role_is_a_warning_that_can_wait(wids: object) -> None:
    given = verdict(graph=token(wids=wids))
    assert item(given, ItemName.DIRECTORY_ROLES).state is WARNS
    assert item(given, ItemName.DIRECTORY_ROLES).steps
    assert given.outcome is Outcome.PASSED


def test_a_failed_item_always_says_what_to_do() -> None:
    worst = [
        verdict(graph=REFUSED),
        verdict(graph=token(oid=None, roles=None), organization=Unreadable(None), resources={RESOURCE: REFUSED}),
        verdict(organization=replace(ORGANIZATION, id=OTHER_TENANT)),
        verdict(replace(WANTED, pins=frozenset({OTHER_TENANT}))),
        judge(Evidence(None, HINT), WANTED, NOW),
    ]
    for given in worst:
        failed = [each for each in given.items if each.state is FAILS]
        assert failed
        assert all(each.detail and (each.steps or each.detail == texts.ORGANIZATION_FOLLOWS.told) for each in failed)


def test_no_secret_is_in_a_verdict() -> None:
    given = verdict()
    assert SECRET not in repr(given)
    assert "header.claims.signature" not in repr((given, evidence()))


# The invited address


@pytest.mark.parametrize(
    ("domains", "address", "match"),
    [
        (("contoso.com",), "it@contoso.com", DomainMatch.MATCH),
        (("fabrikam.com", "contoso.com"), "it@CONTOSO.com", DomainMatch.MATCH),
        (("contoso.com",), "it@mail.contoso.com", DomainMatch.DIFFERS),
        (("mail.contoso.com",), "it@contoso.com", DomainMatch.DIFFERS),
        (("contoso.com",), "it@notcontoso.com", DomainMatch.DIFFERS),
        (("contoso.com",), "contoso.com@evil.example", DomainMatch.DIFFERS),
        ((), "it@contoso.com", DomainMatch.UNKNOWN),
        (None, "it@contoso.com", DomainMatch.UNKNOWN),
    ],
)
def test_the_invited_domain_is_one_of_the_tenant_s_or_differs(
    domains: tuple[str, ...] | None, address: str, match: DomainMatch
) -> None:
    organization = None if domains is None else replace(ORGANIZATION, verified_domains=domains)
    domain = replace(registration(), invited_address=address).invited_domain
    assert domain_match(organization, domain) is match
    wanted = replace(WANTED, invited_domain=domain)
    assert verdict(wanted, organization=organization or Unreadable(None)).findings.domain_match is match


def test_a_domain_beyond_those_kept_matches_all_the_same() -> None:
    many = (*(f"d{number}.example" for number in range(80)), "contoso.com")
    found = verdict(organization=replace(ORGANIZATION, verified_domains=many)).findings
    assert (len(found.verified_domains), found.domain_match) == (20, DomainMatch.MATCH)


# Whose check it is


@pytest.mark.parametrize("stage", STAGES)
def test_work_checks_the_registration_that_waits_for_it(stage: str) -> None:
    running = STAGES[stage].running
    assert subject(service(stage), due()) == (Subject(registration(), check(running)) if running else None)
    assert subject(service(stage), due(work_id=work_id("superseded"))) is None


@pytest.mark.parametrize(
    "over",
    [
        service("validating", invitation__check=finished(check())),
        service("creating", check=finished(check())),
        service("validating", invitation__proposal=None),
    ],
    ids=["submission over", "completion over", "proposal gone"],
)
def test_a_check_that_is_over_or_has_lost_its_registration_is_not_made(over: Service) -> None:
    assert subject(over, due()) is None


def test_another_company_s_tenant_cannot_make_us_store_without_bound() -> None:
    many = [f"{number}{'y' * 100}" for number in range(5000)]
    found = verdict(
        graph=token(roles=["Organization.Read.All", *many], wids=many),
        organization=replace(ORGANIZATION, verified_domains=tuple(f"{one}.{one}.example" for one in many)),
    ).findings
    kept = (found.permissions, found.directory_roles, found.verified_domains)
    assert all(1_500 < sum(map(len, names)) <= 2_000 for names in kept)


def test_the_invited_address_s_own_domain_is_kept_first() -> None:
    many = (*(f"d{number}.example" for number in range(5000)), "contoso.com")
    found = verdict(organization=replace(ORGANIZATION, verified_domains=many)).findings
    assert found.verified_domains[:2] == ("contoso.com", "d0.example")


def test_a_secret_that_cannot_be_opened_is_our_fault_and_costs_no_try() -> None:
    given = sealed_away()
    assert (given.outcome, given.credentials_refused) == (Outcome.UNAVAILABLE, False)
    assert states(given) == {ItemName.SIGN_IN: FAILS}


def test_a_check_is_given_up_after_an_hour() -> None:
    assert PATIENCE.age == timedelta(hours=1)


def test_giving_up_says_what_was_waited_for_and_costs_no_try() -> None:
    given = given_up("Microsoft did not answer in time.")
    assert (given.outcome, given.credentials_refused) == (Outcome.UNAVAILABLE, False)
    assert item(given, ItemName.SIGN_IN).detail.startswith("Microsoft did not answer in time.")
