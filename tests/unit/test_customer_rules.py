"""The rules of customers: names, creation and the pin."""

import unicodedata
from typing import Any

import pytest
from pydantic import ValidationError

from onboarding import problems
from onboarding.models.customers import NewCustomer
from onboarding.rules.customers import customer_key, customer_name_key, fingerprint, new_customer, pinned, rewritten
from shared.rows import Insert, Put, Replace, Row
from shared.stored import to_json
from tests.unit.builders import (
    OTHER_TENANT,
    TENANT,
    customer,
)


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
    assert (customer_name_key(one) == customer_name_key(other)) is same


def test_customers_sort_by_name() -> None:
    names = ["adatum", "Contoso", "contoso 2", "Fabrikam", "\u00c9clair", "\u0416\u0443\u043a"]
    assert sorted(names, key=customer_name_key) == names


def test_the_beginning_of_a_name_is_the_beginning_of_its_key() -> None:
    assert customer_name_key("Contoso Bristol").startswith(customer_name_key("CONT"))


@pytest.mark.parametrize("letter", ["x", "\u00df", "\u0416", "\u65e5", "\U0001f600", "\ufdfa"], ids=unicodedata.name)
def test_the_longest_name_that_is_accepted_fits_into_a_key(letter: str) -> None:
    longest = next(name for length in range(100, 0, -1) if (name := accepted(letter * length)))
    assert len(longest) > 1
    assert len(customer_name_key(longest)) <= 512  # 1 KiB of UTF-16, the bound of a row's key


def accepted(name: str) -> str | None:
    try:
        return NewCustomer.model_validate({"name": name}).name
    except ValidationError:
        return None


def test_a_new_customer_takes_its_name_in_the_same_transaction() -> None:
    one, name = new_customer(customer(), "k", "b", "c0ffee")
    assert isinstance(one, Insert)
    assert isinstance(name, Insert)
    assert (one.row.key, one.row.commit) == (customer_key("customer-1"), "c0ffee")
    assert (name.row.key, name.row.columns) == (customer_name_key("Contoso"), {"key": "k", "request": "b"})
    assert one.row.body == name.row.body == to_json(customer())


@pytest.mark.parametrize("before", [None, TENANT], ids=["first", "again"])
def test_the_first_add_pins_the_customer_to_its_tenant(before: str | None) -> None:
    pin = pinned(customer(before), TENANT)
    assert (pin.tenant_id, pin.version) == (TENANT, 2)


def test_another_tenant_than_the_pinned_one_is_refused_without_naming_it() -> None:
    with pytest.raises(problems.TenantNotThisCustomers) as refused:
        pinned(customer(TENANT), OTHER_TENANT)
    assert TENANT not in repr((refused.value.detail, refused.value.args, refused.value.members))


def test_a_customer_is_rewritten_under_its_etag_and_its_name_s_row_keeps_its_columns() -> None:
    name = Row(customer_name_key("Contoso"), "old", {"key": "k", "request": "b"}, "etag of the name")
    one, other = rewritten(pinned(customer(), TENANT), "etag", name, "c0ffee")
    assert one == Replace(
        Row(customer_key("customer-1"), to_json(pinned(customer(), TENANT)), {"commit": "c0ffee"}, "etag")
    )
    assert other == Put(Row(name.key, to_json(pinned(customer(), TENANT)), name.columns))


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
