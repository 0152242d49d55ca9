"""The rules of customers: names, creation and the pin."""

import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from onboarding import problems
from onboarding.models.customers import NewCustomer
from onboarding.records import Customer
from onboarding.rules.customers import (
    changed,
    customer_key,
    new_customer,
    pinned,
    place_key,
    places,
    rewritten,
    tenant_key,
    told,
)
from onboarding.rules.requests import fingerprint
from shared.rows import Delete, Insert, Put, Replace, Row, Write
from shared.stored import to_json
from tests.unit.builders import NOW, OTHER_TENANT, TENANT, customer

ARCHIVED = replace(customer(), archived_at=NOW)


def place(name: str) -> str:
    return place_key(replace(customer(), name=name))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Contoso", "CONTOSO", True),
        ("Stra\u00dfe", "STRASSE", True),
        ("\uff23ontoso", "Contoso", True),
        ("Caf\u00e9", "Cafe\u0301", True),
        ("Contoso", "Contoso 2", False),
        ("M\u00fcller", "Muller", False),
    ],
)
def test_customers_names_are_compared_without_case_and_form(one: str, other: str, same: bool) -> None:
    assert (place(one) == place(other)) is same


def test_customers_sort_by_name() -> None:
    names = ["adatum", "Contoso", "contoso 2", "Fabrikam", "\u00c9clair", "\u0416\u0443\u043a"]
    assert sorted(names, key=place) == names


def test_the_beginning_of_a_name_is_the_beginning_of_its_key() -> None:
    assert place("Contoso Bristol").startswith(places("CONT", archived=False)[0])


@pytest.mark.parametrize("letter", ["x", "\u00df", "\u0416", "\u65e5", "\U0001f600", "\ufdfa"], ids=unicodedata.name)
def test_the_longest_name_that_is_accepted_fits_into_a_key(letter: str) -> None:
    longest = next(name for length in range(100, 0, -1) if (name := accepted(letter * length)))
    assert len(longest) > 1
    key = place_key(replace(customer(), name=longest, archived_at=NOW))
    assert len(key) <= 512  # 1 KiB of UTF-16, the bound of a row's key


def accepted(name: str) -> str | None:
    try:
        return NewCustomer.model_validate({"name": name}).name
    except ValidationError:
        return None


def test_a_new_customer_takes_its_name_in_the_same_transaction() -> None:
    one, name = new_customer(customer())
    assert isinstance(one, Insert)
    assert isinstance(name, Insert)
    assert one.row.key == customer_key("customer-1")
    assert name.row.key == place("Contoso")
    assert one.row.body == name.row.body == to_json(customer())


def test_a_new_customer_with_a_tenant_stands_among_that_tenant_s() -> None:
    tenant = new_customer(customer(TENANT))[-1]
    assert tenant == Insert(Row(f"tenant:{TENANT}:customer-1", to_json(customer(TENANT))))


def test_the_first_add_pins_the_customer_to_its_tenant_and_later_ones_change_nothing() -> None:
    pin = pinned(customer(), TENANT, NOW)
    assert (pin.tenant_id, pin.version) == (TENANT, 2)
    assert pinned(pin, TENANT, NOW) is pin


@pytest.mark.parametrize(
    ("after", "event"),
    [
        (replace(customer(), name="New"), ("customer-changed", {"name": "changed"})),
        (customer(TENANT), ("customer-changed", {"tenantId": TENANT})),
        (ARCHIVED, ("customer-archived", {})),
        (replace(ARCHIVED, name="New"), ("customer-archived", {"name": "changed"})),
    ],
)
def test_a_customer_s_event_tells_what_changed_and_no_name(after: Customer, event: tuple[str, dict[str, str]]) -> None:
    assert told(customer(), after) == event


def test_a_restored_customer_and_one_without_its_pin_say_so() -> None:
    assert told(ARCHIVED, customer()) == ("customer-restored", {})
    assert told(customer(TENANT), customer()) == ("customer-changed", {"tenantId": "none"})


def test_another_tenant_than_the_pinned_one_is_refused_without_naming_it() -> None:
    with pytest.raises(problems.TenantNotThisCustomers) as refused:
        pinned(customer(TENANT), OTHER_TENANT, NOW)
    assert TENANT not in repr((refused.value.detail, refused.value.args, refused.value.members))


ROW = Row(customer_key("customer-1"), "old", etag="etag")


@pytest.mark.parametrize("now", [NOW, NOW + timedelta(hours=2)])
def test_a_customers_time_never_runs_backwards(now: datetime) -> None:
    before = replace(customer(), updated_at=NOW + timedelta(hours=1))
    for after in (changed(before, {"name": "Fabrikam"}, now), pinned(before, TENANT, now)):
        assert after.updated_at == max(before.updated_at or now, now)


@pytest.mark.parametrize(
    ("before", "given", "version"),
    [
        (customer(), {}, 1),
        (customer(), {"name": "Contoso"}, 1),
        (customer(), {"name": "Fabrikam"}, 2),
        (customer(), {"tenant_id": TENANT}, 2),
        (customer(TENANT), {"tenant_id": None}, 2),
        (customer(TENANT), {"tenant_id": TENANT, "archived": False}, 1),
        (customer(), {"archived": True}, 2),
        (ARCHIVED, {"archived": True}, 1),
        (ARCHIVED, {"archived": False}, 2),
    ],
)
def test_a_customer_changes_in_what_is_given_and_in_nothing_else(
    before: Customer, given: dict[str, Any], version: int
) -> None:
    after = changed(before, given, NOW)
    assert after.version == version
    wanted = {name: value for name, value in given.items() if name != "archived"}
    assert replace(after, archived_at=before.archived_at, updated_at=None) == replace(before, version=version, **wanted)
    assert after.updated_at == (NOW if version > 1 else None)
    assert (after.archived_at is not None) == given.get("archived", before.archived_at is not None)


@pytest.mark.parametrize(
    ("before", "after", "places_"),
    [
        (customer(), customer(TENANT), [Put, Insert]),
        (customer(TENANT), customer(TENANT), [Put, Put]),
        (customer(TENANT), customer(), [Put, Delete]),
        (customer(TENANT), customer(OTHER_TENANT), [Put, Delete, Insert]),
        (customer(), replace(customer(), name="CONTOSO"), [Put]),
        (customer(), replace(customer(), name="Fabrikam"), [Delete, Insert]),
        (customer(TENANT), replace(customer(TENANT), archived_at=NOW), [Delete, Insert, Put]),
        (ARCHIVED, customer(), [Delete, Insert]),
    ],
)
def test_a_customer_and_its_places_change_together_under_its_etag(
    before: Customer, after: Customer, places_: list[type[Write]]
) -> None:
    own, *others = rewritten(before, ROW, after)
    assert own == Replace(Row(customer_key("customer-1"), to_json(after), etag="etag"))
    assert [type(write) for write in others] == places_
    assert all(write.row.body == to_json(after) for write in others if not isinstance(write, Delete))
    keys = [write.key if isinstance(write, Delete) else write.row.key for write in (own, *others)]
    assert len(set(keys)) == len(keys)
    assert place_key(after) in keys
    assert tenant_key(after) in (*keys, None)


def test_archived_customers_may_share_a_name() -> None:
    one, other = ARCHIVED, replace(ARCHIVED, id="customer-2")
    assert place_key(one) != place_key(other)
    first, end = places("con", archived=True)
    assert first <= place_key(one) < end
    assert not first <= place_key(customer()) < end


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("o", "k"), ("o", "k"), True),
        (("o", {"a": 1, "b": 2}), ("o", {"b": 2, "a": 1}), True),
        (("o", "k"), ("p", "k"), False),
        (("ok",), ("o", "k"), False),
        (("o", {"a": 1}), ("o", {"a": "1"}), False),
    ],
    ids=["same", "order of fields", "caller", "split", "type"],
)
def test_a_request_s_fingerprint_tells_it_from_every_other(one: Any, other: Any, same: bool) -> None:
    assert (fingerprint(*one) == fingerprint(*other)) is same
