"""The API's description in OpenAPI 3.1, made of the calls, their contracts and their models."""

import functools
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.json_schema import models_json_schema

from shared.languages.catalogs import languages
from shared.problems import Problem
from shared.settings import settings
from shared.web.auth import SCOPE
from shared.web.calls import Call
from shared.web.contract import Answer, Contract, File, Page, Who, calls, contract, refusals
from shared.web.models import View
from shared.web.replies import problem_document, problem_headers

type Json = dict[str, Any]

NAME = re.compile("``([a-z_]+)``")
REF = "#/components/schemas/{model}"
HEADERS: dict[str, Json] = {
    "ETag": {"description": "The state that was answered; changes take it as If-Match.", "schema": {"type": "string"}},
    "Location": {"description": "Where to look, as a path.", "schema": {"type": "string", "format": "uri-reference"}},
    "Retry-After": {
        "description": "When to look again (s).",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "WWW-Authenticate": {"description": "How to sign in.", "schema": {"type": "string"}},
    "Content-Language": {"description": "The language of the texts.", "schema": {"enum": list(languages())}},
    "Content-Security-Policy": {"description": "What the page may load.", "schema": {"type": "string"}},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the state that you saw.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$', "examples": ['"3"']},
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Yours; repeat it when you repeat the request after an unknown answer.",
    "schema": {"type": "string", "pattern": "^[!-+\\--~]{8,128}$", "examples": ["9f0c1d7e-order-17"]},
}
ACCEPT_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "The languages that the administrator reads; English when we speak none of them.",
    "schema": {"type": "string", "examples": ["de-AT,de;q=0.9,en;q=0.5"]},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the copy that you hold; answered by 304 while it is good.",
    "schema": {"type": "string", "examples": ['"9f0c1d7e9f0c1d7e9f0c1d7e9f0c1d7e"']},
}
PROBLEM: Json = {
    "type": "object",
    "description": "A problem as RFC 9457 has it; `detail` says what happened and what to do next.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "reference": {"type": "string", "description": "For support, where the fault is ours."},
        "errors": {
            "type": "array",
            "description": "Each faulty field, all at once.",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
        "at": {"type": "string", "format": "date-time", "description": "Since when a link is dead."},
        "canRequest": {
            "type": "boolean",
            "enum": [True],
            "description": "The holder of this dead link may ask for a new one.",
        },
        "requestedAt": {"type": "string", "format": "date-time", "description": "When somebody asked for a new link."},
        "provider": {"$ref": "#/components/schemas/Inviter"},
    },
}


@functools.cache
def document() -> Json:
    """The whole description; made once for the process."""
    known = calls()
    paths: Json = {}
    for call in known:
        for method in call.methods:
            paths.setdefault(f"/{call.path}", {})[method.lower()] = _operation(call, method)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "TenantLink",
            "version": "1",
            "summary": "Connects customers' Microsoft 365 tenants to a voice service provider, by invitation.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**_schemas(known), "Problem": PROBLEM, **_problem_schemas(known)},
            "securitySchemes": _security_schemes(),
        },
    }


def _operation(call: Call, method: str) -> Json:
    terms = contract(call)
    summary, _, more = call.about.strip().partition("\n\n")
    name = call.name if method != "HEAD" else f"{call.name}_head"
    operation: Json = {
        "operationId": name,
        "summary": summary.removesuffix("."),
        "tags": [call.contract.__name__.partition(".")[0]],
        "security": _security(terms),
        "parameters": _parameters(call, terms),
        "responses": _responses(call, terms, method),
    }
    if more:
        operation["description"] = more
    if terms.body is not None:
        content = {"application/json": {"schema": _ref(terms.body), "example": terms.sends}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _security(terms: Contract) -> list[Json]:
    match terms.who:
        case Who.ANYONE:
            return []
        case Who.LINK:
            return [{"invitation": []}]
        case Who.MONITOR | Who.OPERATOR:
            return [{"entra": [_scope()]}]


def _scope() -> str:
    return f"api://{settings().api_client_id}/{SCOPE}"


def _security_schemes() -> Json:
    authority = f"{settings().authority_host}/organizations/oauth2/v2.0"
    flow = {
        "authorizationUrl": f"{authority}/authorize",
        "tokenUrl": f"{authority}/token",
        "scopes": {_scope(): "Onboard customers. What you may do is your app role: Onboarding.Operator or .Monitor."},
    }
    return {
        "entra": {"type": "oauth2", "flows": {"authorizationCode": flow}},
        "invitation": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Invitation <token>`: the link's part after the #.",
        },
    }


def _parameters(call: Call, terms: Contract) -> list[Json]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": terms.path[name]}}
        for name in re.findall(r"\{(\w+)\}", call.path)
    ]
    query = terms.query.model_json_schema() if terms.query else {}
    definitions = query.get("$defs", {})
    in_query = [
        {
            "name": name,
            "in": "query",
            "required": name in query.get("required", ()),
            "schema": _plain(schema, definitions),
        }
        for name, schema in query.get("properties", {}).items()
    ]
    known = (
        (IF_MATCH, terms.if_match),
        (IDEMPOTENCY_KEY, terms.idempotent),
        (ACCEPT_LANGUAGE, "Content-Language" in terms.headers),
        (IF_NONE_MATCH, HTTPStatus.NOT_MODIFIED in terms.answers),
    )
    headers = [header for header, taken in known if taken]
    return [*in_path, *in_query, *headers]


def _plain(schema: Json, definitions: Json) -> Json:
    """A query parameter's schema: it may be left out, but never null."""
    given = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    if "$ref" in given:
        given = definitions[given["$ref"].rpartition("/")[2]]
    return {name: value for name, value in _plainly(given).items() if name != "default"}


def _responses(call: Call, terms: Contract, method: str) -> Json:
    headers = _headers(dict.fromkeys(terms.headers, True))
    found: Json = {}
    for status, answer in terms.answers.items():
        found[str(status)] = {"description": HTTPStatus(status).phrase, "headers": headers}
        content = _content(answer, terms.shows)
        if content and method != "HEAD":
            found[str(status)]["content"] = content
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in refusals(call):
        by_status.setdefault(problem.status, []).append(problem)
    for status, problems in by_status.items():
        refused = _refused(problems)
        found[str(status)] = _either(found[str(status)], refused) if str(status) in found else refused
    return dict(sorted(found.items()))


def _content(answer: Answer, example: View | None) -> Json:
    shown = example.model_dump(mode="json", by_alias=True) if example else None
    match answer:
        case None:
            return {}
        case File(media_types):
            return {media_type: {} for media_type in media_types}
        case Page(entry):
            schema: Json = {
                "type": "object",
                "required": ["value", "nextLink"],
                "properties": {
                    "value": {"type": "array", "items": _ref(entry)},
                    "nextLink": {"type": ["string", "null"], "description": "The path of the next page."},
                },
            }
            return {"application/json": {"schema": schema, "example": {"value": [shown], "nextLink": None}}}
        case _:
            return {"application/json": {"schema": _ref(answer), "example": shown}}


def _refused(problems: Iterable[type[Problem]]) -> Json:
    made = [problem() for problem in problems]
    sent = [problem_headers(problem) for problem in made]
    headers = _headers({name: all(name in each for each in sent) for name in sorted(set().union(*sent))})
    if "WWW-Authenticate" in headers:
        schemes = sorted({each["WWW-Authenticate"] for each in sent if "WWW-Authenticate" in each})
        headers["WWW-Authenticate"]["schema"] = {"enum": schemes}
    schemas = [{"$ref": REF.format(model=_problem_name(problem))} for problem in made]
    return {
        "description": "; ".join(problem.title for problem in made),
        "headers": headers,
        "content": {
            "application/problem+json": {
                "schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas},
                "examples": {problem.code: {"value": problem_document(problem)} for problem in made},
            }
        },
    }


def _problem_name(problem: Problem) -> str:
    return f"{problem.code.title().replace('-', '')}Problem"


def _problem_schemas(known: Iterable[Call]) -> Json:
    """A schema for each code, so that a client can tell them apart by it."""
    problems = {problem().code: problem() for call in known for problem in refusals(call)}
    return {
        _problem_name(problem): {
            "allOf": [
                {"$ref": REF.format(model="Problem")},
                {"properties": {"code": {"enum": [problem.code]}, "status": {"enum": [problem.status]}}},
            ]
        }
        for problem in problems.values()
    }


def _headers(sent: Mapping[str, bool]) -> Json:
    """The headers of an answer; those that are always sent are required."""
    return {name: {**HEADERS[name], "required": always} for name, always in sent.items()}


def _either(one: Json, other: Json) -> Json:
    """A status that may be an answer or a problem."""
    headers = {name: {**header, "required": False} for name, header in (one["headers"] | other["headers"]).items()}
    return {**one, "headers": headers, "content": {**one["content"], **other["content"]}}


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": REF.format(model=model.__name__)}


def _schemas(known: Iterable[Call]) -> Json:
    bodies: set[type[BaseModel]] = set()
    views: set[type[BaseModel]] = set()
    for terms in map(contract, known):
        if terms.body is not None:
            bodies.add(terms.body)
        for answer in terms.answers.values():
            view = answer.of if isinstance(answer, Page) else answer
            if isinstance(view, type) and issubclass(view, View):
                views.add(view)
    wanted = [(body, "validation") for body in _named(bodies)] + [(view, "serialization") for view in _named(views)]
    _, made = models_json_schema(wanted, ref_template=REF)  # type: ignore[arg-type]
    schemas: Json = _plainly(made["$defs"])
    return schemas


def _plainly(value: Any) -> Any:
    """Schemas without pydantic's made-up titles, and with descriptions in Markdown."""
    if isinstance(value, list):
        return [_plainly(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {name: _plainly(each) for name, each in value.items() if name != "title" or not isinstance(each, str)}
    if isinstance(plain.get("description"), str):
        plain["description"] = NAME.sub(lambda name: f"`{to_camel(name[1])}`", plain["description"])
    return plain


def _named(models: Iterable[type[BaseModel]]) -> list[type[BaseModel]]:
    return sorted(models, key=lambda model: model.__name__)
