"""The API's description: whole, valid, with good examples; and docs/api.md is made of the same contracts."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from scripts import describe
from shared import settings as settings_module
from shared.problems import Problem
from shared.web import openapi
from shared.web.calls import CALLS, Call, allowed
from shared.web.contract import calls, contract, refusals
from tests.unit.builders import environment

describe.text()  # registers every call


@pytest.fixture(scope="module")
def document() -> Iterator[dict[str, Any]]:
    before = dict(os.environ)
    os.environ.update(environment())
    settings_module.settings.cache_clear()
    openapi.document.cache_clear()
    try:
        yield openapi.document()
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings_module.settings.cache_clear()
        openapi.document.cache_clear()


def test_the_description_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_registered_call_is_described_with_each_of_its_methods(document: dict[str, Any]) -> None:
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert described == {(f"/{call.path}", method) for call in CALLS.values() for method in call.methods}


def examples(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    for methods in document["paths"].values():
        for operation in methods.values():
            contents = [operation.get("requestBody", {}).get("content", {})]
            contents += [response.get("content", {}) for response in operation["responses"].values()]
            for media in (media for content in contents for media in content.values()):
                given = [media["example"]] if "example" in media else []
                given += [example["value"] for example in media.get("examples", {}).values()]
                yield from ((operation["operationId"], media["schema"], example) for example in given)


def test_every_example_is_what_its_schema_says(document: dict[str, Any]) -> None:
    found = list(examples(document))
    assert len(found) > 300
    for name, schema, example in found:
        whole = {**schema, "components": document["components"]}
        faults = list(Draft202012Validator(whole).iter_errors(example))
        assert not faults, (name, faults[0].message, example)


def test_every_body_and_every_good_answer_has_an_example(document: dict[str, Any]) -> None:
    for call in calls():
        terms = contract(call)
        assert bool(terms.sends) == (terms.body is not None), call.name
        operation = document["paths"][f"/{call.path}"][call.methods[0].lower()]
        for status in terms.answers:
            json_content = operation["responses"][str(status)].get("content", {}).get("application/json", {})
            assert "schema" not in json_content or json_content["example"], (call.name, status)


@pytest.mark.parametrize("call", CALLS.values(), ids=lambda call: call.name)
def test_each_problem_of_a_call_has_a_code_of_its_own(call: Call) -> None:
    codes = [problem.code for problem in refusals(call)]
    assert len(set(codes)) == len(codes)
    assert all(issubclass(problem, Problem) for problem in refusals(call))


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("api/customers", ["GET", "POST"]),
        ("API/Customers", ["GET", "POST"]),
        ("api/customers/", ["GET", "POST"]),
        ("api/customers/abc", ["DELETE", "GET", "PATCH"]),
        ("api/customers/abc/services", ["POST"]),
        ("api/customers/abc/nothing", []),
        ("api/services//m365", []),
        ("api", []),
        ("invite", ["GET", "HEAD"]),
    ],
)
def test_a_path_s_methods_are_those_of_the_calls_that_match(path: str, methods: list[str]) -> None:
    assert allowed(path) == methods


def test_the_table_in_docs_is_up_to_date() -> None:
    assert describe.PATH.read_text(encoding="utf-8") == describe.text(), "run make docs"
