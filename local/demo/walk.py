"""The steps in their order, and the walk: one line a step, in the running cloud or in one of its own."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from local import claim
from local.child import Child
from local.config import Config, ConfigError, free_ports
from local.demo import connecting, inviting
from local.demo.story import StepError, Story, begin
from local.directory import DirectoryError
from local.waiting import wait_until

START_SECONDS = 90.0

STEPS: tuple[tuple[str, Callable[[Story], str]], ...] = (
    ("operator", inviting.opens_services),
    ("operator", inviting.chooses_customer),
    ("operator", inviting.opens_wizard),
    ("operator", inviting.enters_names),
    ("operator", inviting.selects_license),
    ("operator", inviting.selects_users),
    ("operator", inviting.sends_link),
    ("admin", inviting.opens_link),
    ("admin", inviting.starts_authentication),
    ("admin", inviting.sees_confirmation),
    ("operator", connecting.sees_authenticated),
    ("operator", connecting.reopens_wizard),
    ("operator", connecting.opens_pending),
    ("operator", connecting.adds_registration),
    ("operator", connecting.validates_again),
    ("operator", connecting.goes_on),
    ("operator", connecting.completes),
    ("operator", connecting.sees_created),
    ("operator", connecting.opens_service),
    ("operator", connecting.opens_m365),
    ("operator", connecting.validates_authentication),
)


def run(config: Config) -> int:
    """Walk all steps: 0 when each passed, 1 when one failed, 130 when interrupted. Raises ConfigError."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with _cloud(config) as cloud:
            return walk(cloud)
    except KeyboardInterrupt:
        print("demo: interrupted", flush=True)
        return 130


def walk(config: Config) -> int:
    """Walk all steps in the cloud that runs there; prints each as it passes."""
    try:
        story = begin(config)
    except DirectoryError as error:
        raise ConfigError(str(error)) from None
    for number, (who, act) in enumerate(STEPS, 1):
        begun = time.monotonic()
        try:
            what = act(story)
        except StepError as error:
            return _failed(number, who, act, error.expected, error.got)
        except KeyError as error:
            return _failed(number, who, act, "an answer in the agreed shape", f"one without {error}")
        except (TimeoutError, requests.RequestException) as error:
            return _failed(number, who, act, "an answer in time", str(error))
        print(f"step {number:>2}  {who:<8}  {what}   {time.monotonic() - begun:.2f} s", flush=True)
    print(f"demo: {len(STEPS)} of {len(STEPS)} steps passed", flush=True)
    return 0


def _failed(number: int, who: str, act: Callable[[Story], str], expected: str, got: str) -> int:
    print(f"step {number:>2}  {who:<8}  {act.__name__.replace('_', ' ')}: FAILED")
    print(f"  expected  {expected}")
    print(f"  got       {got}")
    print(f"demo: step {number} of {len(STEPS)} failed", flush=True)
    return 1


@contextmanager
def _cloud(config: Config) -> Iterator[Config]:
    """The running cloud, else one that lives as long as the demo."""
    if (found := claim.running(config)) is not None:
        print(f"demo: in the running local cloud, {found.api_url}", flush=True)
        yield found
        return
    with tempfile.TemporaryDirectory(prefix="local-cloud-") as folder:
        own = Config(data=Path(folder), directory=config.directory, ports=free_ports())
        command = [sys.executable, "-m", "local", "up"]
        up = Child("up", command, own.data / "up.log", ready="ready", patience=30)
        print("demo: no local cloud is running; starting one for this walk …", flush=True)
        try:
            up.start({**os.environ, **own.variables()}, own.root)
            wait_until(lambda: _is_ready(up), START_SECONDS, "the start of a local cloud")
            yield own
        finally:
            up.stop()


def _is_ready(up: Child) -> bool:
    if not up.runs:
        raise ConfigError("\n".join(["The local cloud could not start:", *up.last_lines(20)]))
    return up.is_ready()
