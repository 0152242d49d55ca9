"""What goes out over HTTP: what it shows, and what it never does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from invitations.models import invitation_view, page_view
from onboarding.models.registrations import days_until, m365_view
from onboarding.models.services import service_view
from shared.languages.catalogs import translation
from shared.settings import Colors, Contact, Provider
from tests.unit.builders import CLIENT, NOW, TENANT, registration, service, settings
from validation.permissions import needs_role
from validation.records import Findings

SEALED = registration().credential.sealed


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (timedelta(days=41), 41),
        (timedelta(days=41, microseconds=-1), 40),
        (timedelta(hours=23), 0),
        (timedelta(0), 0),
        (timedelta(days=-3), 0),
        (None, None),
    ],
)
def test_days_until_expire_are_whole_days_and_unknown_is_not_nought(left: timedelta | None, days: int | None) -> None:
    assert days_until(None if left is None else NOW + left, NOW) == days


@pytest.mark.parametrize(
    ("granted", "lacking"),
    [
        ((), ["Organization.Read.All", "X.Read", "Application.Read.All"]),
        (("X.Read", "Application.Read.All"), ["Organization.Read.All"]),
        (("Organization.Read.All", "X.Read", "Application.Read.All", "More.Read"), []),
    ],
)
def test_the_settings_page_names_what_is_missing_and_what_breaks_without_it(
    granted: tuple[str, ...], lacking: list[str]
) -> None:
    held = replace(registration(), findings=Findings(permissions=granted))
    view = m365_view(service("active"), held, ("Organization.Read.All", "X.Read"), NOW)
    assert [one.name for one in view.missing_permissions] == lacking
    assert all(one.detail for one in view.missing_permissions)
    assert view.permissions == granted


@pytest.mark.parametrize("stage", ["pending", "validating", "authenticated", "added", "active"])
def test_no_reply_holds_a_sealed_secret_or_a_link(stage: str) -> None:
    one = service(stage)
    shown = [service_view(one).model_dump_json(by_alias=True), repr(invitation_view(one))]
    if one.registration:
        shown.append(m365_view(one, one.registration, (), NOW).model_dump_json(by_alias=True))
    for text in shown:
        assert SEALED not in text
        assert one.invitation.links[0].hash not in text


@pytest.mark.parametrize(
    ("stage", "proposed"),
    [("pending", False), ("validating", False), ("authenticated", True), ("added", True), ("active", True)],
)
def test_a_service_shows_what_add_would_attach_or_has_attached(stage: str, proposed: bool) -> None:
    assert (service_view(service(stage)).proposal is not None) is proposed


@pytest.mark.parametrize(
    ("stage", "done", "status"),
    [
        ("pending", False, "pending"),
        ("validating", False, "validating"),
        ("authenticated", True, "authenticated"),
        ("active", True, "authenticated"),
    ],
)
def test_the_admin_s_page_shows_where_it_stands(stage: str, done: bool, status: str) -> None:
    provider = Provider(id=TENANT, name="Northwind", contact=Contact(name="Desk"), colors=Colors())
    page = page_view(service(stage), provider, ("Organization.Read.All", "X.Read"), done=done)
    assert (page.status, page.tries_left, page.service.full_name) == (status, 10, "Contoso Bristol")
    assert [each.name for each in page.permissions] == ["Organization.Read.All", "X.Read", "Application.Read.All"]
    assert all(each.why for each in page.permissions)
    states = {item.state.value for item in page.check.items} if page.check else None
    assert states == {"pending": None, "validating": {"waiting"}}.get(stage, set())


def test_the_admin_s_page_lists_the_role_where_it_is_needed() -> None:
    provider = Provider(id=TENANT, name="Northwind", contact=Contact(name="Desk"), colors=Colors())
    page = page_view(service("pending"), provider, ("X.Read",), translation("de"), done=False, with_role=True)
    assert [each.name for each in page.permissions] == ["Teams-Administrator", "X.Read", "Application.Read.All"]


@pytest.mark.parametrize(
    ("items", "resources", "needed"),
    [
        (("resources", "permissions"), ("48ac35b8",), True),
        (("resources", "permissions"), (), False),
        (("permissions",), ("48ac35b8",), False),
        (("directory-roles",), (), True),
    ],
)
def test_the_role_is_needed_where_an_item_that_must_pass_needs_it(
    items: tuple[str, ...], resources: tuple[str, ...], needed: bool
) -> None:
    given = replace(settings(), required_items=items, required_resources=resources)
    assert needs_role(given) is needed


@pytest.mark.parametrize("done", [False, True])
def test_the_admin_s_page_shows_no_id_and_no_address(done: bool) -> None:
    provider = Provider(id=TENANT, name="Northwind", contact=Contact(name="Desk"), colors=Colors())
    one = service("authenticated", invitation__proposal=registration("contoso.com"))
    text = page_view(one, provider, ("Organization.Read.All",), done=done).model_dump_json(by_alias=True)
    for hidden in (one.id, TENANT, CLIENT, SEALED, str(one.invitation.admin_email), one.customer_id, "Olga", '"id"'):
        assert hidden not in text
