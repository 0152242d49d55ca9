"""The app of this checkout on the host: no two routes overlap, and every function is indexed and reached.

Nothing here names a function: what there is comes from the app and from the host, and requests are made from the
route templates, so that a new function is covered as it is.
"""

import itertools
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from azure.storage.queue import QueueClient

from local import servers
from local.callers import Caller, operator
from local.host.ncrontab import Schedule
from local.host.routes import Route
from local.settings import read_values
from tests.integration.cloud import SETTINGS, LocalCloud
from tests.integration.host.overlaps import is_catch_all, overlap, share_a_method
from tests.integration.host.running import RunningHost, wait_until

REST = "api/{*path}"
"""The one function that may overlap: it answers what no other does."""

DECLARED = """
import json
import function_app
print(json.dumps([one.get_function_name() for one in function_app.app.get_functions()]))
"""


@dataclass(frozen=True)
class Triggered:
    """A function and what triggers it, in the host's words: `GET,HEAD /invite`, `queue mail`, `timer * * * * * *`."""

    name: str
    kind: str
    what: str

    @property
    def methods(self) -> frozenset[str]:
        """An HTTP function's methods; empty for all."""
        return frozenset() if self.kind == "any method" else frozenset(self.kind.split(","))


@dataclass(frozen=True)
class OurApp:
    """The app on a host of its own, on a cloud whose host has made room for it."""

    host: RunningHost
    cloud: LocalCloud
    declared: list[str]
    indexed: list[Triggered]

    def of(self, *kinds: str) -> list[Triggered]:
        """The functions of these kinds; without any, the HTTP functions."""
        return [one for one in self.indexed if one.kind in kinds or (not kinds and one.kind not in ("queue", "timer"))]

    def caller(self) -> Caller:
        return operator(self.cloud.config.api_url, self.cloud.token("operator"))

    def wait_for_line_after(self, begin: int, pattern: str) -> None:
        """Return once the host has printed a line with the pattern after this position of its output."""

        def printed() -> bool:
            return any(re.search(pattern, line) for line in self.host.output[begin:].splitlines())

        wait_until(printed, f"a line with '{pattern}' in:\n{self.host.output[begin:]}", 15)


@pytest.fixture(scope="module")
def our_app(running_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurApp]:
    """The cloud's own host stops for it; whatever test comes next mends the cloud."""
    config = running_cloud.config
    environment = {**read_values(config.root), **servers.app_environment(config), **SETTINGS}
    running_cloud.host.stop()
    folder = tmp_path_factory.mktemp("our-app")
    host = RunningHost(config.root, folder, environment, "--verbose", port=config.ports.api)
    try:
        host.ready()
        yield OurApp(host, running_cloud, declared_names(config.root, environment), indexed(host))
    finally:
        host.stop()


def declared_names(root: Path, environment: dict[str, str]) -> list[str]:
    """The names of all functions that the app registers, as the library that declares them tells."""
    command = [sys.executable, "-c", DECLARED]
    told = subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True, text=True).stdout
    names: list[str] = json.loads(told.splitlines()[-1])
    return names


def indexed(host: RunningHost) -> list[Triggered]:
    """What the host says that it runs, when asked to say everything."""
    triggers = r"([A-Z,]+|any method|queue|timer) (.*)"
    found = [re.fullmatch(rf"host: (\w+): {triggers}", line) for line in host.lines("^host: ")]
    return [Triggered(match[1], match[2], match[3].removeprefix("/")) for match in found if match]


@pytest.mark.parametrize(
    ("one", "other", "do"),
    [
        ("api/customers", "api/customers", True),
        ("api/customers", "API/Customers/", True),
        ("api/customers", "api/services", False),
        ("api/customers", "api/customers/{id}", False),
        ("api/customers", "api/customers/{id?}", True),
        ("api/customers", "api/customers/{id=first}", True),
        ("api/customers/{id}", "api/customers/recent", True),
        ("api/customers/{id:int}", "api/customers/recent", False),
        ("api/customers/{id:guid}", f"api/customers/{uuid.UUID(int=5)}", True),
        (r"api/{code:regex(^\d{{2}}/x$)}", "api/12", False),
        ("api/{a}/x", "api/{b}/x", True),
        ("api/{a}/x", "api/{b}/y", False),
        ("api/{a}/x", "api/y/{b}", True),
        ("api/{a:int}", "api/{b:alpha}", True),  # taken to overlap: constraints are not compared
        ("invite", "invite/{asset}", False),
        ("invite/{name}.{kind}", "invite/wizard.css", True),
        ("invite/{name}.{kind}", "invite/wizard", False),
        ("api/{*path}", "api", True),
        ("api/{*path}", "api/a/b", True),
        ("api/{**path}", "invite", False),
        ("{*path}", "api/{a}/{b}", True),
        ("", "{a}", False),
        ("", "{a?}", True),
        ("", "", True),
    ],
)
def test_two_templates_overlap_when_a_path_can_match_both(one: str, other: str, do: bool) -> None:
    assert (overlap(one, other), overlap(other, one)) == (do, do)


@pytest.mark.parametrize(
    ("one", "other", "do"),
    [({"GET"}, {"GET", "HEAD"}, True), ({"GET"}, {"POST"}, False), (set(), {"GET"}, True), (set(), set(), True)],
)
def test_no_methods_stand_for_all(one: set[str], other: set[str], do: bool) -> None:
    assert share_a_method(frozenset(one), frozenset(other)) is do


def test_no_two_routes_overlap_but_for_the_one_that_answers_the_rest(our_app: OurApp) -> None:
    """Azure picks among them by the functions' names: azure-functions-host issue 9876."""
    routes = our_app.of()
    assert len(routes) > 10
    assert [one.what for one in routes].count(REST) == 1
    pairs = itertools.combinations([one for one in routes if one.what != REST], 2)
    assert [
        (one.name, other.name)
        for one, other in pairs
        if share_a_method(one.methods, other.methods) and overlap(one.what, other.what)
    ] == []


def test_the_function_that_answers_the_rest_is_the_last_by_name(our_app: OurApp) -> None:
    """Else it would take what belongs to others: azure-functions-host issue 9876."""
    rest = next(one.name for one in our_app.of() if one.what == REST)
    overlapped = [one.name for one in our_app.of() if overlap(one.what, REST)]
    assert max(overlapped, key=str.casefold) == rest


def test_every_function_is_indexed(our_app: OurApp) -> None:
    assert sorted(one.name for one in our_app.indexed) == sorted(our_app.declared)
    assert our_app.host.lines("does not run here") == []
    assert our_app.host.wait_for_line(f"host: ready on .*, {len(our_app.declared)} functions$")


def path_of(template: str, probe: str) -> str:
    """A path that the template matches, with the probe as the value of each parameter that allows it."""
    values = (probe, "5", str(uuid.uuid4()), "true", "2026-11-24")
    segments = []
    for segment in template.split("/"):
        if "{" not in segment:
            segments.append(segment)
        elif is_catch_all(segment):
            segments += [probe, "x"]
        else:
            parameter = re.compile(r"\{[^{}]+\}")
            tried = [parameter.sub(value, segment) for value in values]
            segments.append(next(one for one in tried if Route(segment).match(one) is not None))
    return "/" + "/".join(segments)


def test_every_http_function_is_reached_by_each_of_its_methods(our_app: OurApp) -> None:
    caller, begin = our_app.caller(), len(our_app.host.output)
    for one in our_app.of():
        path = path_of(one.what, f"probe-{one.name.replace('_', '-')}")
        for method in sorted(one.methods or {"GET"}):
            reply = caller.request(method, path, json=None if method in ("GET", "HEAD") else {})
            assert reply.status_code != 500, f"{method} {path}: {reply.text}"
            line = rf"  {method} {re.escape(path)} → {reply.status_code}  \d+ ms  {one.name}$"
            our_app.wait_for_line_after(begin, line)


def test_every_queue_function_is_reached_by_a_message(our_app: OurApp) -> None:
    functions = our_app.of("queue")
    assert functions
    for one in functions:
        begin = len(our_app.host.output)
        queue = our_app.cloud.queue(one.what)
        message = queue.send_message(f"probe {uuid.uuid4()}")
        our_app.wait_for_line_after(begin, rf"queue {one.what}  ok  \d+ ms  {one.name}$")
        wait_until(partial(is_gone, queue, message.id), f"the end of the message for {one.name}")


def is_gone(queue: QueueClient, message_id: str) -> bool:
    """Whether the message is not to be seen in its queue."""
    return message_id not in [message.id for message in queue.peek_messages(32)]


def test_every_timer_runs_by_its_schedule(our_app: OurApp) -> None:
    """As far as its next time is near: of the others it is known that the host could read their schedules."""
    near = datetime.now(UTC) + timedelta(seconds=10)
    timers = [one for one in our_app.of("timer") if Schedule(one.what).next_after(datetime.now(UTC)) < near]
    assert timers
    for one in timers:
        our_app.wait_for_line_after(len(our_app.host.output), rf"timer  ok  \d+ ms  {one.name}$")
