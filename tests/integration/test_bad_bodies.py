"""Bodies that are no sound JSON of ours, for every call that takes one: refused before anything is changed."""

import gzip
import json
from collections.abc import Callable

import pytest

from tests.integration.cloud import LocalCloud
from tests.integration.procedure import Json, Onboarding, pointers
from tests.integration.untouched import (
    WITH_BODY,
    Place,
    changed,
    good_body,
    model_of,
    places,
    ready,
    still,
    unknown,
    untouched,
)

LIMIT = 64 * 1024

OTHER_MEDIA_TYPES = [
    *(None, "", "text/plain", "text/json", "application/*", "application/jsonp", "application/json, text/plain"),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/problem+json"),
    *("application/json-patch+json", "application/merge-patch+json", "application/octet-stream"),
]
JSON_MEDIA_TYPES = [
    "APPLICATION/JSON",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8";x=y',
    "application/json ; charset=utf-16",  # RFC 8259, section 11: a charset has no effect
]


@pytest.fixture(scope="module")
def waiting(running_cloud: LocalCloud) -> Onboarding:
    """A service that waits for its administrator, and that no test here changes."""
    return still(running_cloud)


def with_colour(body: Json) -> Json:
    """A body that is read, and then refused for one unknown field alone."""
    return {**body, "colour": "blue"}


@pytest.mark.parametrize("media_type", OTHER_MEDIA_TYPES)
@pytest.mark.parametrize("name", WITH_BODY)
def test_another_media_type_is_refused(waiting: Onboarding, name: str, media_type: str | None) -> None:
    asked = ready(name, waiting, headers={"Content-Type": media_type})
    untouched(asked, waiting, 415, "wrong-media-type")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "identity, gzip", "x"])
@pytest.mark.parametrize("name", WITH_BODY)
def test_a_compressed_body_is_refused_whatever_is_in_it(waiting: Onboarding, name: str, encoding: str) -> None:
    asked = ready(name, waiting, headers={"Content-Encoding": encoding})
    raw = json.dumps(good_body(asked)).encode()
    asked.body = gzip.compress(raw) if encoding == "gzip" else raw
    untouched(asked, waiting, 415, "wrong-media-type")


@pytest.mark.parametrize("media_type", JSON_MEDIA_TYPES)
@pytest.mark.parametrize("name", WITH_BODY)
def test_json_is_read_in_any_case_and_with_parameters(waiting: Onboarding, name: str, media_type: str) -> None:
    asked = ready(name, waiting, headers={"Content-Type": media_type})
    asked.body = with_colour(good_body(asked))
    assert pointers(untouched(asked, waiting, 422, "invalid-input")) == unknown(name)


def more(text: str) -> Callable[[bytes], bytes]:
    """One more member."""
    return lambda raw: raw[:-1] + b", " + text.encode() + b"}"


def nested(levels: int) -> Callable[[bytes], bytes]:
    """So many levels in all."""
    return more(f'"colour": {"[" * (levels - 1)}{"]" * (levels - 1)}')


def recoded(encoding: str) -> Callable[[bytes], bytes]:
    return lambda raw: more('"colour": "gr\u00fcn"')(raw).decode().encode(encoding)


def first_field_twice(raw: bytes) -> bytes:
    name, value = next(iter(json.loads(raw).items()))
    return more(f"{json.dumps(name)}: {json.dumps(value)}")(raw)


UNREADABLE: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "blanks": lambda _: b" \n\t",
    "a form": lambda _: b"fullName=Contoso&licensedUsers=5",
    "XML": lambda _: b"<service/>",
    "half of it": lambda raw: raw[: len(raw) // 2],
    "without its end": lambda raw: raw[:-1],
    "a list of it": lambda raw: b"[" + raw + b"]",
    "a text": lambda raw: json.dumps(raw.decode()).encode(),
    "a number": lambda _: b"5",
    "true": lambda _: b"true",
    "null": lambda _: b"null",
    "two documents": lambda raw: raw + raw,
    "two documents on two lines": lambda raw: raw + b"\n" + raw,
    "a tail": lambda raw: raw + b"x",
    "NUL behind it": lambda raw: raw + b"\0",
    "a comma too many": lambda raw: raw[:-1] + b",}",
    "a comment": lambda raw: b"/* */" + raw,
    "single quotes": lambda raw: raw.replace(b'"', b"'"),
    "the first field twice": first_field_twice,
    "a field twice, escaped": more('"colour": 1, "c\\u006flour": 2'),
    "a field twice, further in": more('"colour": [{"a": 1, "a": 1}]'),
    "NaN": more('"colour": NaN'),
    "Infinity": more('"colour": Infinity'),
    "minus Infinity": more('"colour": -Infinity'),
    "a number of 5,000 digits": more(f'"colour": {"9" * 5000}'),
    "a hexadecimal number": more('"colour": 0x10'),
    "a leading nought": more('"colour": 007'),
    "21 levels": nested(21),
    "10,000 levels": nested(10_000),
    "30,000 levels": nested(30_000),
    "UTF-16": recoded("utf-16"),
    "UTF-16 without a mark": recoded("utf-16-le"),
    "UTF-32": recoded("utf-32"),
    "Latin-1": recoded("latin-1"),
    "a byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "UTF-8 that is cut off": lambda raw: raw[:-1] + b', "colour": "gr\xc3"}',
    "UTF-8 in too many bytes": lambda raw: raw[:-1] + b', "colour": "\xc0\xaf"}',
    "a surrogate in UTF-8": lambda raw: raw[:-1] + b', "colour": "\xed\xa0\x80"}',
    "a lone surrogate, escaped": more('"colour": "\\ud800"'),
    "a lone surrogate as a name": more('"\\udfff": 1'),
    "NUL within a text": more('"colour": "a\0b"'),
    "a line break within a text": more('"colour": "a\nb"'),
}  # fmt: skip


@pytest.mark.parametrize("unreadable", UNREADABLE)
@pytest.mark.parametrize("name", WITH_BODY)
def test_what_is_not_one_plain_json_object_is_a_bad_request(waiting: Onboarding, name: str, unreadable: str) -> None:
    asked = ready(name, waiting)
    asked.body = UNREADABLE[unreadable](json.dumps(good_body(asked)).encode())
    untouched(asked, waiting, 400, "bad-request")


READABLE: dict[str, Callable[[bytes], bytes]] = {
    "20 levels": nested(20),
    "64 KiB": lambda raw: more('"colour": 1')(raw).ljust(LIMIT),
    "a number beyond every float": more('"colour": 1e999'),
    "a number of 4,000 digits": more(f'"colour": {"9" * 4000}'),
    "a number that is nearly nought": more('"colour": -1e-999'),
    "NUL, escaped": more('"colour": "\\u0000"'),
    "letters beyond the first plane": more('"colour": "\U0001f600\\ud83d\\ude00"'),
}


@pytest.mark.parametrize("readable", READABLE)
@pytest.mark.parametrize("name", WITH_BODY)
def test_what_is_strange_but_json_is_read(waiting: Onboarding, name: str, readable: str) -> None:
    asked = ready(name, waiting)
    asked.body = READABLE[readable](json.dumps(good_body(asked)).encode())
    assert pointers(untouched(asked, waiting, 422, "invalid-input")) == unknown(name)


@pytest.mark.parametrize("size", [LIMIT + 1, 2 * LIMIT])
@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_beyond_64_kib_is_too_large(waiting: Onboarding, name: str, size: int) -> None:
    asked = ready(name, waiting)
    asked.body = json.dumps(good_body(asked)).encode().ljust(size)
    untouched(asked, waiting, 413, "body-too-large")


# Fields

PLACES = [(name, place) for name in WITH_BODY for place in places(model_of(name))]
PLACE_IDS = [f"{name}{place.pointer}" for name, place in PLACES]
LOOSE: dict[str, list[object]] = {
    "string": [5, 5.5, True, ["x"], {"x": 1}, ""],
    "integer": ["5", "", 5.0, 1e300, True, [5], {"x": 5}],
    "boolean": [1, 0, "true", "", [], {}],
    "object": ["x", "", 5, True, [], [{}]],
}


@pytest.mark.parametrize(("name", "place"), PLACES, ids=PLACE_IDS)
def test_a_loose_type_is_refused_at_its_field(waiting: Onboarding, name: str, place: Place) -> None:
    asked = ready(name, waiting)
    body = good_body(asked)
    for value in LOOSE[place.kind]:
        asked.body = changed(body, place.names, value)
        assert set(pointers(untouched(asked, waiting, 422, "invalid-input"))) == {place.pointer}, value


@pytest.mark.parametrize(("name", "place"), PLACES, ids=PLACE_IDS)
def test_null_is_a_value_only_where_it_says_something(waiting: Onboarding, name: str, place: Place) -> None:
    asked = ready(name, waiting)
    asked.body = with_colour(changed(good_body(asked), place.names, None))
    told = pointers(untouched(asked, waiting, 422, "invalid-input"))
    assert set(told) == set(unknown(name)) | (set() if place.nullable else {place.pointer})


@pytest.mark.parametrize(("name", "place"), PLACES, ids=PLACE_IDS)
def test_a_field_that_is_missing_is_named_if_it_is_needed(waiting: Onboarding, name: str, place: Place) -> None:
    asked = ready(name, waiting)
    asked.body = with_colour(changed(good_body(asked), place.names))
    told = pointers(untouched(asked, waiting, 422, "invalid-input"))
    assert told == unknown(name) | ({place.pointer: "missing"} if place.required else {})


OBJECTS = [(name, place.names) for name, place in PLACES if place.kind == "object"] + [(name, ()) for name in WITH_BODY]


@pytest.mark.parametrize("field", ["colour", "", "Name", "a/b~c", "__proto__", "\u0000", "x" * 2000])
@pytest.mark.parametrize(("name", "above"), OBJECTS)
def test_an_unknown_field_is_refused_wherever_it_stands(
    waiting: Onboarding, name: str, above: tuple[str, ...], field: str
) -> None:
    asked = ready(name, waiting)
    asked.body = changed(good_body(asked), (*above, field), "x")
    assert pointers(untouched(asked, waiting, 422, "invalid-input")) == unknown(name, (*above, field))
