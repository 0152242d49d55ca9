"""The bases of what goes over HTTP: strict coming in, camelCase both ways."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel

from shared.actors import Reason
from shared.times import rfc3339

Time = Annotated[
    datetime,
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


class View(BaseModel):
    """What goes out over HTTP, in camelCase."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        from_attributes=True,
        defer_build=True,
        json_schema_serialization_defaults_required=True,
    )


class ReasonView(View):
    """Why a state came about: a stable code and a sentence for the person who reads it."""

    code: str
    detail: str


def reason_view(reason: Reason | None) -> ReasonView | None:
    return ReasonView(code=reason.code, detail=reason.detail) if reason else None


class ContactView(View):
    """Whom to call at the provider."""

    name: str
    email: str | None
    phone: str | None


class ColorsView(View):
    """The provider's colours, ``#rrggbb``."""

    accent: str
    on_accent: str


class Body(BaseModel):
    """What comes in over HTTP: camelCase, no unknown field, no loose type."""

    # Whether a refusal repeats the names of unknown fields; not where a secret may have been pasted as one.
    repeats_names: ClassVar[bool] = True

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=to_camel,
        hide_input_in_errors=True,
        regex_engine="python-re",
        defer_build=True,
    )


def left_out() -> Any:
    """The default of a field that a change may leave out. Null is refused there: it would say something else."""


class Change(Body):
    """What shall be different: the fields that are given, and no others."""

    def given(self) -> dict[str, Any]:
        """The given fields by their Python names."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Query(BaseModel):
    """What stands in a query: no unknown name."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, hide_input_in_errors=True, defer_build=True
    )


class Listing(Query):
    """What stands in a list's query; ``cursor`` comes from the last reply's nextLink."""

    cursor: str | None = None
