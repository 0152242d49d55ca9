"""Requests that must be refused: each call's own, made ready, and what it could have changed is what it was."""

import types
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import requests
from pydantic.fields import FieldInfo

from shared.web.contract import Who, contract
from shared.web.models import Body
from tests.integration.asking import CALLS, Asking, asking
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import FABRIKAM, Json, Onboarding, good, listed, refused

WITH_BODY = [name for name, call in CALLS.items() if contract(call).body]
LINK_CALLS = [name for name, call in CALLS.items() if contract(call).who is Who.LINK]
OPERATOR_CALLS = [name for name, call in CALLS.items() if contract(call).who in (Who.OPERATOR, Who.MONITOR)]


def ready(name: str, way: Onboarding, **changes: Any) -> Asking:
    """A good request by whoever may make it; the link's calls share one link.

    A customer is made at the other provider, where a list of all of them is short.
    """
    caller = way.operator
    if name in LINK_CALLS:
        caller = way.admins[-1]
    elif name == "create_customer":
        caller = way.cloud.operator(FABRIKAM)
    return asking(name, way, caller, **changes)


def still(cloud: LocalCloud) -> Onboarding:
    """A service that waits for its administrator, who has a link already; nothing of it changes by itself."""
    cloud.mend()
    way = Onboarding.begin(cloud)
    way.mail()
    way.admin()
    return way


def sent(asked: Asking, way: Onboarding) -> requests.Response:
    """The answer to a request that must change nothing, of a service where all others change nothing either."""
    look(asked, way)
    reply = asked.send()
    if asked.call.methods[0] != "GET":
        assert_unchanged(asked, way)
    return reply


def look(asked: Asking, way: Onboarding) -> None:
    """Remember what the call could change, before the first request that must not."""
    kind = _kind_of_state(asked)
    if kind not in way.seen:
        way.seen[kind] = _state(kind, way)


def assert_unchanged(asked: Asking, way: Onboarding) -> None:
    """What the call could have changed is what it was at the last look."""
    kind = _kind_of_state(asked)
    before, now = way.seen[kind], _state(kind, way)
    way.seen[kind] = now
    assert now == before


def _kind_of_state(asked: Asking) -> str:
    path = asked.call.path
    return "customers" if path == "api/customers" else "customer" if path.startswith("api/customers/") else "service"


def _state(kind: str, way: Onboarding) -> Json:
    if kind == "customers":
        return {"customers": listed(way.cloud.operator(FABRIKAM), "/api/customers")}
    if kind == "customer":
        customer = good(way.operator.get(f"/api/customers/{way.customer['id']}"))
        services = listed(way.operator, f"/api/services?customerId={way.customer['id']}")
        return {"customer": customer, "services": [service["etag"] for service in services]}
    return way.read()


def untouched(asked: Asking, way: Onboarding, status: int, code: str) -> Json:
    """The problem of a request that is refused with this status and code, and that changes nothing."""
    return refused(sent(asked, way), status, code)


# The fields of bodies


def good_body(asked: Asking) -> Json:
    """The body that would be taken."""
    assert not isinstance(asked.body, bytes)
    return dict(contract(asked.call).sends if asked.body is None else asked.body)


@dataclass(frozen=True)
class Place:
    """A field of a body: the names that lead to it, the JSON type that it takes, whether null is one, and may it go."""

    names: tuple[str, ...]
    kind: Literal["string", "integer", "boolean", "object"]
    nullable: bool
    required: bool

    @property
    def pointer(self) -> str:
        return "".join(f"/{name}" for name in self.names)


def places(model: type[Body], *above: str) -> Iterator[Place]:
    """Every field of a body, those inside others too."""
    for field in model.model_fields.values():
        inner, nullable = _type(field)
        names = (*above, str(field.alias))
        yield Place(names, _kind(inner), nullable, field.is_required())
        if isinstance(inner, type) and issubclass(inner, Body):
            yield from places(inner, *names)


def changed(body: Json, names: tuple[str, ...], *value: object) -> Json:
    """The body with another value at that place; without a value, it is left out there."""
    first, *rest = names
    if rest:
        return {**body, first: changed(body[first], tuple(rest), *value)}
    kept = {name: old for name, old in body.items() if name != first}
    return {**kept, first: value[0]} if value else kept


def unknown(name: str, names: tuple[str, ...] = ("colour",)) -> dict[str, str]:
    """How an unknown field at that place is told: a submission does not repeat its name, which may be a secret."""
    told = names if model_of(name).repeats_names else names[:-1]
    return {"".join("/" + part.replace("~", "~0").replace("/", "~1") for part in told): "extra-forbidden"}


def model_of(name: str) -> type[Body]:
    model = contract(CALLS[name]).body
    assert model is not None
    return model


def _type(field: FieldInfo) -> tuple[Any, bool]:
    """The type behind annotations, and whether null may stand there."""
    return _bare(field.annotation), type(None) in _members(field.annotation)


def _members(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def _bare(annotation: Any) -> Any:
    inner = next(one for one in _members(annotation) if one is not type(None))
    return _bare(get_args(inner)[0]) if get_origin(inner) is Annotated else inner


def _kind(inner: Any) -> Literal["string", "integer", "boolean", "object"]:
    if inner is bool:
        return "boolean"
    if inner is int:
        return "integer"
    if isinstance(inner, type) and issubclass(inner, Body):
        return "object"
    assert (
        get_origin(inner) is Literal
        or issubclass(inner, str | Enum)
        or inner.__module__ in ("datetime", "pydantic.types")
    ), inner
    return "string"
