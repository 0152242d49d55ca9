"""Which function answers where routes overlap, are the same, or are missing."""

from collections.abc import Iterator

import pytest

from tests.integration.host.running import APPS, RunningHost


@pytest.fixture(scope="module")
def overlapping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    host = RunningHost(APPS / "overlapping", tmp_path_factory.mktemp("overlapping"), {}).ready()
    yield host
    host.stop()


@pytest.mark.parametrize(
    ("method", "path", "function", "params"),
    [
        # azure-functions-host issues 9876 and 6062: the first in alphabetical order of the functions' names
        ("GET", "/items/recent", "b_item", {"id": "recent"}),
        ("GET", "/items/5", "b_item", {"id": "5"}),
        # the methods are a constraint of the route: WebScriptHostHttpRoutesManager.cs of azure-functions-host
        ("PUT", "/items/recent", "c_recent", {}),
        ("DELETE", "/items/recent", "a_deletion", {"id": "recent"}),
        # what no other route takes, or only for another method
        ("GET", "/other", "z_rest", {"path": "other"}),
        ("GET", "/runtime/other", "z_rest", {"path": "runtime/other"}),
        ("GET", "/same/1", "d_first", {"id": "1"}),
        ("POST", "/same/1", "d_first", {"id": "1"}),
        ("PUT", "/same/1", "f_other_method", {"id": "1"}),
        # Learn, "Azure Functions HTTP trigger", configuration: the function's name where there is no route
        ("GET", "/missing", "missing", {}),
        ("GET", "/empty", "empty", {}),
        # the same page: all methods where none is named
        ("OPTIONS", "/any", "anything", {}),
        ("DELETE", "/any", "anything", {}),
        # Learn, "Routing in ASP.NET Core": doubled slashes are an empty segment, which only a catch-all takes
        ("GET", "/items//5", "z_rest", {"path": "items//5"}),
        ("GET", "/items/5/", "b_item", {"id": "5"}),
        ("GET", "/ITEMS/5", "b_item", {"id": "5"}),
    ],
)
def test_the_first_function_by_name_that_takes_path_and_method_answers(
    overlapping: RunningHost, method: str, path: str, function: str, params: dict[str, str]
) -> None:
    assert overlapping.call(method, path).json() == [function, params]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/items/5"),  # fails the constraint alpha
        ("HEAD", "/items/5"),
        ("DELETE", "/same/1"),
        # the host's own paths: WebJobsRouter.cs of azure-webjobs-sdk-extensions, HostController.cs of the host
        ("GET", "/admin/host/status"),
        ("GET", "/Admin"),
        ("GET", "/runtime/webhooks/x"),
    ],
)
def test_what_nobody_takes_is_an_empty_404(overlapping: RunningHost, method: str, path: str) -> None:
    """azure-functions-host issues 10098 and 11625."""
    reply = overlapping.call(method, path)
    assert (reply.status_code, reply.content) == (404, b"")


def test_functions_that_azure_would_refuse_are_named_at_the_start(overlapping: RunningHost) -> None:
    """ScriptHost.cs of azure-functions-host: a route of another function for the same method, and reserved ones."""
    assert overlapping.lines("does not run here") == [
        "host: e_second does not run here: its route is that of d_first, for the same method",
        "host: reserved does not run here: routes that begin with admin or runtime are reserved",
    ]
