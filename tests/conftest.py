"""The local cloud that tests share: one for each pytest process, started at its first use, mended before every test."""

import socket
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from invitations.mail import Post
from local import servers
from local.callers import Caller
from shared.settings import Settings
from tests.integration.cloud import SETTINGS, Directory, Faults, LocalCloud
from tests.integration.procedure import CONTOSO, Desk, Onboarding
from validation.evidence import Evidence
from validation.examination import examine


@contextmanager
def a_cloud(folder: Path) -> Iterator[LocalCloud]:
    """A new cloud with the first customers, which ends with the block."""
    cloud = LocalCloud(folder, SETTINGS)
    try:
        cloud.start()
        cloud.seed()
        yield cloud
    finally:
        cloud.stop()


@pytest.fixture(scope="session")
def running_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    with a_cloud(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalCloud]:
    """A cloud in good order: everything runs, at the real time, with the checkout's directory.

    It is the one that all tests of this process share, save for those marked `days_later`.
    """
    if request.node.get_closest_marker("days_later"):
        with a_cloud(tmp_path) as own:
            yield own
    else:
        shared: LocalCloud = request.getfixturevalue("running_cloud")
        shared.mend()
        yield shared


@pytest.fixture
def directory(cloud: LocalCloud) -> Directory:
    """The pretend directory, for tests that edit it."""
    return cloud.directory


@pytest.fixture
def faults(cloud: LocalCloud) -> Iterator[Faults]:
    """What Entra, Graph and the e-mail service do wrong during this test."""
    faults = Faults(cloud)
    faults.clear()
    yield faults
    faults.clear()


@pytest.fixture
def desk(cloud: LocalCloud) -> Desk:
    return Desk(cloud.operator())


@pytest.fixture
def way(cloud: LocalCloud) -> Onboarding:
    """A service that has just been ordered."""
    return Onboarding.begin(cloud)


@pytest.fixture(scope="module")
def shared_ways() -> list[Onboarding]:
    return []


@pytest.fixture
def waiting(cloud: LocalCloud, shared_ways: list[Onboarding]) -> Onboarding:
    """A service whose invitation waits for its administrator; the same one until a test's clock has expired it."""
    if not shared_ways or shared_ways[-1].read()["invitation"]["status"] != "pending":
        shared_ways.append(Onboarding.begin(cloud))
        shared_ways[-1].mail()
    shared_ways[-1].operator = cloud.operator()
    return shared_ways[-1]


@pytest.fixture
def admin(way: Onboarding) -> Caller:
    """Whoever holds the link to `way`."""
    return way.admin()


@pytest.fixture
def foreign() -> Iterator[socket.socket]:
    """A server of somebody else's; it must not even be connected to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server
        with pytest.raises(BlockingIOError):
            server.accept()


type Examined = Callable[..., Evidence]


@pytest.fixture
def examined(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Examined:
    """One check of a good registration in this process, as the queue function does it; against other hosts at will."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", cloud.bundle)
    ours = cloud.config.entra_url

    def examined(tenant: str = CONTOSO.tenant, *, entra: str = ours, graph: str = ours) -> Evidence:
        settings = SimpleNamespace(authority_host=entra, graph_host=graph, required_resources=())
        return examine(cast(Settings, settings), tenant, CONTOSO.client, CONTOSO.secret, (), lambda _: None)

    return examined


@pytest.fixture
def post(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Post:
    return a_post(cloud, monkeypatch)


def a_post(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Post:
    """The product's door to the e-mail service, in this process."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", cloud.bundle)
    settings = servers.app_environment(cloud.config)
    return Post(settings["MAIL"], "DoNotReply@mail.tenantlink.example", None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the cloud wrote beside a failure."""
    report = yield
    arguments = getattr(item, "funcargs", {})
    cloud = arguments.get("cloud", arguments.get("running_cloud"))
    if report.failed and isinstance(cloud, LocalCloud):
        report.sections.append(("local cloud", cloud.log()))
    return report
