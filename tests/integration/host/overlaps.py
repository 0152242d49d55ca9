"""Whether two route templates can match one path: what an app must not leave to the order of its functions' names."""

import re

from local.host.routes import Route

_BETWEEN_SEGMENTS = re.compile(r"/(?![^{]*\})")
"""A slash inside braces belongs to a constraint."""


def overlap(one: str, other: str) -> bool:
    """Whether a path exists that both templates match.

    A literal is tried against a parameter's constraints. Two parameters are taken to have a value in common
    whatever their constraints are: an answer of True may err there, one of False never does.
    """
    return _meet(_segments(one), _segments(other))


def share_a_method(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a method is in both sets; an empty one stands for all methods."""
    return not one or not other or bool(one & other)


def is_catch_all(segment: str) -> bool:
    """Whether a segment takes the rest of a path: `{*path}`, `{**path}`."""
    return segment.startswith("{*")


def _segments(template: str) -> list[str]:
    return [segment for segment in _BETWEEN_SEGMENTS.split(template.strip("/")) if segment]


def _meet(one: list[str], other: list[str]) -> bool:
    if not one or not other:
        return all(_may_be_missing(segment) for segment in one or other)
    if is_catch_all(one[0]) or is_catch_all(other[0]):
        return True
    return _have_a_text_in_common(one[0], other[0]) and _meet(one[1:], other[1:])


def _may_be_missing(segment: str) -> bool:
    return is_catch_all(segment) or Route(segment).match("") is not None


def _have_a_text_in_common(one: str, other: str) -> bool:
    if "{" not in one:
        return Route(other).match(one) is not None
    if "{" not in other:
        return Route(one).match(other) is not None
    return True
