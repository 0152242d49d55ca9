"""The local cloud that integration tests share: one for each pytest process, mended before every test."""

from collections.abc import Generator, Iterator

import pytest

from local.callers import Caller
from tests.integration.cloud import Directory, Faults, LocalCloud
from tests.integration.procedure import Desk, Onboarding

# The sweep repairs what a crash left behind; tests do not want to wait five seconds for it.
# All of them ask about a few tenants, more often than anybody else would.
SETTINGS = {"SWEEP_SCHEDULE": "* * * * * *", "CHECKS_PER_TENANT_AND_HOUR": "100000"}


@pytest.fixture(scope="session")
def running_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"), SETTINGS)
    try:
        cloud.start()
        cloud.seed()
        yield cloud
    finally:
        cloud.stop()


@pytest.fixture
def cloud(running_cloud: LocalCloud) -> LocalCloud:
    """A cloud in good order: everything runs, at the real time, with the checkout's directory."""
    running_cloud.mend()
    return running_cloud


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the cloud wrote beside a failure."""
    report = yield
    cloud = getattr(item, "funcargs", {}).get("running_cloud")
    if report.failed and isinstance(cloud, LocalCloud):
        report.sections.append(("local cloud", cloud.log()))
    return report
