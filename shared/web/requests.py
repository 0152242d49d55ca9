"""Requests in: bodies and queries held against their models, and the headers that changes want."""

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

import azure.functions as func

from shared.languages.accepted import accepted
from shared.languages.catalogs import translation
from shared.languages.translations import Translation
from shared.problems import Fault, InvalidInput, Problem
from shared.texts import N_, Text, Words

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from shared.web.models import Body, Query

MAX_BODY_BYTES = 64 * 1024
MAX_DEPTH = 20
ETAG = re.compile(r'"([0-9]{1,9})"')
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]{8,128}")  # no comma: that is how two headers arrive as one

LIMITS = frozenset({"min_length", "max_length", "ge", "le", "expected"})
WORDS = {  # marked for translation is what an administrator's page may send wrong
    "missing": N_("This field is needed."),
    "extra_forbidden": N_("There is no such field. Check its spelling, or leave it out."),
    "string_type": N_("This must be a text."),
    "string_too_short": N_("This is too short: it needs {min_length} characters at least."),
    "string_too_long": N_("This is too long: it may have {max_length} characters at most."),
    "int_type": "This must be a whole number, without quotes.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "greater_than_equal": "This must be {ge} or more.",
    "less_than_equal": "This must be {le} or less.",
    "enum": N_("This must be {expected}."),
    "literal_error": N_("This must be {expected}."),
    "model_type": N_("This must be a JSON object."),
    "model_attributes_type": N_("This must be a JSON object."),
}
UNKNOWN_WITHIN = N_("This has a field that we do not know. Check the names of its fields.")


class BadRequest(Problem):
    status, code, title = 400, "bad-request", N_("The request could not be read")
    detail = N_("Send a JSON object as application/json.")


class BodyTooLarge(Problem):
    status, code, title = 413, "body-too-large", N_("The request is too large")
    detail = N_("A request's body has 64 KiB at most.")


class WrongMediaType(Problem):
    status, code, title = 415, "wrong-media-type", N_("The body is not JSON")
    detail = N_("Send the body as application/json in UTF-8, without compression.")


class IfMatchRequired(Problem):
    status, code, title = 428, "if-match-required", "Say which state you have seen"
    detail = "Send the ETag of the state that you saw as If-Match, so that nobody's change is overwritten."


class IfMatchMalformed(Problem):
    status, code, title = 400, "if-match-malformed", "This If-Match is not an ETag of ours"
    detail = 'Send one ETag exactly as a reply gave it, such as "3".'


class IdempotencyKeyRequired(Problem):
    status, code, title = 400, "idempotency-key-required", "An Idempotency-Key is needed"
    detail = (
        "Send one Idempotency-Key of 8 to 128 visible ASCII characters, without a comma. "
        "Repeat it when you repeat the request."
    )


def body[M: "Body"](req: func.HttpRequest, model: type[M]) -> M:
    """The request's body as that model. Raises BadRequest, BodyTooLarge, WrongMediaType, InvalidInput."""
    from pydantic import ValidationError  # noqa: PLC0415 - cold start

    raw = req.get_body()
    if len(raw) > MAX_BODY_BYTES:
        raise BodyTooLarge
    media_type = req.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    encoded = req.headers.get("Content-Encoding", "identity").strip().lower() != "identity"
    if media_type != "application/json" or encoded:
        raise WrongMediaType
    content = _parsed(raw)
    try:
        return model.model_validate_json(json.dumps(content))
    except ValidationError as error:
        raise InvalidInput(faults=_faults(error, repeats_names=model.repeats_names)) from None


def query[Q: "Query"](req: func.HttpRequest, model: type[Q]) -> Q:
    """The request's query as that model; all values are text. Raises InvalidInput."""
    from pydantic import ValidationError  # noqa: PLC0415 - cold start

    try:
        return model.model_validate(dict(req.params))
    except ValidationError as error:
        raise InvalidInput(faults=_faults(error)) from None


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        content = json.loads(raw.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
        json.dumps(content, ensure_ascii=False).encode("utf-8")  # a lone surrogate is no text
    except (ValueError, RecursionError):
        raise BadRequest from None
    if not isinstance(content, dict):
        raise BadRequest
    if _too_deep(content, MAX_DEPTH):
        raise BadRequest(N_("The JSON is nested too deeply."))
    return content


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise BadRequest(N_("The JSON names a field twice."))
    return dict(pairs)


def _no_constant(_: str) -> NoReturn:
    raise BadRequest(N_("NaN and Infinity are not JSON."))


def _too_deep(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    if levels == 0:
        return True
    children = value.values() if isinstance(value, dict) else value
    return any(_too_deep(child, levels - 1) for child in children)


def _faults(error: "ValidationError", *, repeats_names: bool = True) -> tuple[Fault, ...]:
    """All faulty fields at once, never with what was sent; without ``repeats_names``, unknown names are not told."""
    found = error.errors(include_input=False, include_url=False)
    faults = (_fault(one, repeats_names=repeats_names) for one in found)
    return tuple({(fault.pointer, fault.code): fault for fault in faults}.values())


def _fault(found: "ErrorDetails", *, repeats_names: bool) -> Fault:
    kind, location = found["type"], found["loc"]
    if kind == "extra_forbidden" and not repeats_names:
        return Fault(_pointer(location[:-1]), _code(kind), UNKNOWN_WITHIN)
    return Fault(_pointer(location), _code(kind), _words(found))


def _words(fault: "ErrorDetails") -> Words:
    """Our words for pydantic's own faults, which name limits and never values; our fields bring words of their own."""
    limits = {name: str(value) for name, value in fault.get("ctx", {}).items() if name in LIMITS}
    return Text(WORDS[fault["type"]], limits) if fault["type"] in WORDS else fault["msg"]


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _code(kind: str) -> str:
    return kind.replace("_", "-")


def language(req: func.HttpRequest) -> Translation:
    """The translation into the language that the reader asks for."""
    return translation(accepted(req.headers.get("Accept-Language", "")))


def if_match(req: func.HttpRequest) -> int:
    """The version that the caller saw. Raises IfMatchRequired, IfMatchMalformed."""
    value = req.headers.get("If-Match")
    if value is None:
        raise IfMatchRequired
    match = ETAG.fullmatch(value.strip())
    if match is None:
        raise IfMatchMalformed
    return int(match.group(1))


def idempotency_key(req: func.HttpRequest) -> str:
    """Raises IdempotencyKeyRequired."""
    value: str = req.headers.get("Idempotency-Key", "").strip()
    if not IDEMPOTENCY_KEY.fullmatch(value):
        raise IdempotencyKeyRequired
    return value
