"""Route templates as ASP.NET reads them: `{id}`, `{id:guid}`, `{id?}`, `{id=1}`, `{*path}`, in any case."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_to_bytes

_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_CONSTRAINT = re.compile(r"([a-zA-Z]+)(?:\((.*)\))?", re.DOTALL)
_PARAMETER = re.compile(r"(\*{0,2})([^:=?*{}/]+)(.*)", re.DOTALL)
_ESCAPED_SLASH = re.compile(rb"(%2[fF])")

Check = Callable[[str], bool]


@dataclass(frozen=True)
class _Parameter:
    name: str
    checks: tuple[Check, ...]
    default: str | None


class Route:
    """One route template; raises ValueError for one that is malformed or uses an unknown constraint."""

    def __init__(self, template: str) -> None:
        self.template = template.strip("/")
        self._parameters: list[_Parameter] = []
        self._has_catch_all = False
        pattern = "".join(self._segment(one, index) for index, one in enumerate(_split(self.template)))
        self._pattern = re.compile(pattern, re.IGNORECASE | re.DOTALL)

    def match(self, path: str) -> Mapping[str, str] | None:
        """The parameters' values if the path (decoded by `decode_path`, no leading slash) fits, else None."""
        if not self._has_catch_all:
            path = path.removesuffix("/")
        found = self._pattern.fullmatch("/" + path if path or self._pattern.pattern else "")
        if found is None:
            return None
        values = {}
        for parameter, value in zip(self._parameters, found.groups(), strict=True):
            if value and not all(check(value) for check in parameter.checks):
                return None
            if found_or_default := value or parameter.default:
                values[parameter.name] = found_or_default
        return values

    def _segment(self, segment: str, index: int) -> str:
        if self._has_catch_all:
            raise ValueError(f"the route template '{self.template}' goes on after its catch-all")
        parts = _parts(segment)
        if len(parts) == 1 and parts[0].startswith("{"):
            return self._whole_segment(parts[0][1:-1], index)
        patterns = [self._parameter(part[1:-1])[0] if part.startswith("{") else re.escape(part) for part in parts]
        return "/" + "".join(patterns)

    def _whole_segment(self, text: str, index: int) -> str:
        pattern, is_optional = self._parameter(text)
        if self._has_catch_all:
            # The slash in front may be missing when the rest is empty; at the root there is always one.
            return f"/{pattern}" if index == 0 else f"(?:/{pattern})?"
        if is_optional:
            return f"(?:/{pattern})?" if index else f"/?{pattern}?"
        return f"/{pattern}"

    def _parameter(self, text: str) -> tuple[str, bool]:
        match = _PARAMETER.fullmatch(text)
        if match is None:
            raise ValueError(f"the route template '{self.template}' is malformed at '{{{text}}}'")
        stars, name, rest = match.groups()
        is_optional = rest.endswith("?")
        checks, default = _constraints(rest.removesuffix("?"), self.template)
        self._parameters.append(_Parameter(name, checks, default))
        self._has_catch_all = bool(stars)
        return ("(.*)" if stars else "([^/]+)"), is_optional or default is not None


def decode_path(raw: bytes) -> str | None:
    """A request's raw path, percent-decoded except for `%2F`, dot segments resolved, no leading slash.

    None when it is no path or holds a NUL, which Azure's server refuses.
    """
    pieces = _ESCAPED_SLASH.split(raw)
    decoded = b"".join(piece if index % 2 else unquote_to_bytes(piece) for index, piece in enumerate(pieces))
    if not decoded.startswith(b"/") or b"\0" in decoded:
        return None
    segments: list[str] = []
    for segment in decoded[1:].decode("utf-8", "replace").split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    return "/".join(segments)


def _split(template: str) -> list[str]:
    """The template's segments; a slash inside braces belongs to a regex constraint."""
    segments, depth, start = [], 0, 0
    for index, char in enumerate(template):
        depth += (char == "{") - (char == "}")
        if char == "/" and depth == 0:
            segments.append(template[start:index])
            start = index + 1
    if depth != 0:
        raise ValueError(f"the route template '{template}' has unbalanced braces")
    segments.append(template[start:])
    return [one for one in segments if one]


def _parts(segment: str) -> list[str]:
    """A segment's literals and `{parameters}`, in order; doubled braces inside a parameter are one brace."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(segment):
        if char == "{":
            if depth == 0 and start < index:
                parts.append(segment[start:index])
                start = index
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                parts.append(segment[start : index + 1])
                start = index + 1
    if start < len(segment):
        parts.append(segment[start:])
    return parts


def _constraints(text: str, template: str) -> tuple[tuple[Check, ...], str | None]:
    """Read `:guid:length(3,5)=default`; a default ends the text, outside parentheses."""
    default = None
    checks: list[Check] = []
    pieces = re.split(r"([:=])(?![^(]*\))", text)
    for sign, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if sign == "=":
            default = piece
        else:
            checks.append(_constraint(piece, template))
    return tuple(checks), default


def _constraint(text: str, template: str) -> Check:
    match = _CONSTRAINT.fullmatch(text)
    name, argument = (match[1].lower(), match[2]) if match else ("", None)
    if argument is None and name in _PLAIN:
        return _PLAIN[name]
    if argument is not None and name == "regex":
        expression = re.compile(argument.replace("{{", "{").replace("}}", "}"), re.IGNORECASE)
        return lambda value: expression.search(value) is not None
    if argument is not None and name in _WITH_NUMBERS:
        numbers = argument.split(",")
        if all(_INTEGER.fullmatch(number) for number in numbers):
            check, low, high = _WITH_NUMBERS[name], int(numbers[0]), int(numbers[-1])
            return lambda value: check(value, low, high)
    raise ValueError(f"the route template '{template}' uses the unknown constraint '{text}'")


def _is_guid(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    # uuid.UUID takes more than .NET does: a urn, braces without a partner, hyphens anywhere.
    return re.fullmatch(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value) is not None


def _is_datetime(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_integer(value: str, bits: int) -> bool:
    return _INTEGER.fullmatch(value) is not None and -(2 ** (bits - 1)) <= int(value) < 2 ** (bits - 1)


def _in_range(value: str, low: int, high: int) -> bool:
    return _is_integer(value, 64) and low <= int(value) <= high


_PLAIN: dict[str, Check] = {
    "int": lambda value: _is_integer(value, 32),
    "long": lambda value: _is_integer(value, 64),
    "bool": lambda value: value.lower() in ("true", "false"),
    "guid": _is_guid,
    "alpha": lambda value: re.fullmatch("[a-zA-Z]*", value) is not None,
    "datetime": _is_datetime,
    "decimal": lambda value: _NUMBER.fullmatch(value) is not None,
    "double": lambda value: _NUMBER.fullmatch(value) is not None,
    "float": lambda value: _NUMBER.fullmatch(value) is not None,
    "required": lambda value: value != "",
}
_WITH_NUMBERS: dict[str, Callable[[str, int, int], bool]] = {
    "length": lambda value, low, high: low <= len(value) <= high,
    "minlength": lambda value, low, _: len(value) >= low,
    "maxlength": lambda value, low, _: len(value) <= low,
    "range": _in_range,
    "min": lambda value, low, _: _in_range(value, low, 2**63 - 1),
    "max": lambda value, low, _: _in_range(value, -(2**63), low),
}
