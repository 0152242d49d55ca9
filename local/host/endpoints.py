"""HTTP functions and their routes: in the order in which they are tried, without those that Azure refuses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from local.host.errors import HostError
from local.host.functions import Function
from local.host.routes import Route

_RESERVED = ("admin", "runtime")


@dataclass(frozen=True)
class Endpoint:
    """An HTTP function with its route; no methods means any."""

    function: Function
    route: Route
    methods: frozenset[str]

    @property
    def trigger(self) -> str:
        """What triggers the function, in words: its methods and its route."""
        return f"{','.join(sorted(self.methods)) or 'any method'} /{self.route.template}"


def endpoints(functions: Iterable[Function], prefix: str) -> list[Endpoint]:
    """The HTTP functions' endpoints, in the order in which they are tried: by the functions' names."""
    return [_endpoint(one, prefix) for one in functions if one.trigger.type == "httpTrigger"]


def refusal(function: Function, earlier: Iterable[Function]) -> str:
    """Why Azure would not serve this HTTP function beside those that come before it by name, or ""."""
    template = template_of(function).lower()
    if template.startswith(_RESERVED):
        return "routes that begin with admin or runtime are reserved"
    for other in earlier:
        is_same = other.trigger.type == "httpTrigger" and template_of(other).lower() == template
        if is_same and _share_a_method(_methods(function), _methods(other)):
            return f"its route is that of {other.name}, for the same method"
    return ""


def is_the_hosts(path: str) -> bool:
    """Whether a path (as `decode_path` gives it) is one of the host's own in Azure, whatever the app's routes are."""
    segments = path.lower().split("/")
    return segments[0] == "admin" or segments[:2] == ["runtime", "webhooks"]


def template_of(function: Function) -> str:
    """The route template without the prefix; the function's name when there is none or an empty one."""
    return (function.trigger.text("route").strip() or function.name).strip("/")


def _share_a_method(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one or not other or bool(one & other)


def _endpoint(function: Function, prefix: str) -> Endpoint:
    template = template_of(function)
    try:
        route = Route(f"{prefix}/{template}" if prefix else template)
    except ValueError as error:
        raise HostError(f"Function {function.name}: {error}.") from None
    return Endpoint(function, route, _methods(function))


def _methods(function: Function) -> frozenset[str]:
    methods = function.trigger.properties.get("methods") or ()
    if not isinstance(methods, Sequence) or isinstance(methods, str):
        raise HostError(f"Function {function.name}: its methods are not a list.")
    return frozenset(str(method).upper() for method in methods)
