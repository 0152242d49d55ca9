"""One cloud for each data folder and each port: the claims that `up` makes before it starts anything."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from local.config import Config, ConfigError, Ports, is_free

# How long a cloud whose `up` was killed may take to let go of its ports.
DYING_SECONDS = 20.0


def state_file(config: Config) -> Path:
    """Where a running cloud writes its process id, its ports, and its servers' process ids."""
    return config.data / "up.json"


@contextmanager
def claimed(config: Config, interrupted: Callable[[], bool]) -> Iterator[None]:
    """Hold the data folder, and know that the ports are free. Raises ConfigError with what is in the way.

    Two Azurites on one folder would destroy each other's data. The lock dies with its holder, so a cloud that
    was killed leaves nothing to clean up by hand.
    """
    config.data.mkdir(parents=True, exist_ok=True)
    with (config.data / "up.lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise ConfigError(_already_running(lock.read())) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        _await_free_ports(config, interrupted)
        yield


def running(config: Config) -> Config | None:
    """The cloud that runs on this data folder, with the ports that it has taken; None when none does."""
    try:
        state = json.loads(state_file(config).read_bytes())
        os.kill(state["pid"], 0)
    except (OSError, ValueError):
        return None
    return replace(config, ports=Ports(**state["ports"]))


def publish(config: Config, children: dict[str, int | None]) -> None:
    """Write the state file. children: the servers' process ids by name."""
    state = {"pid": os.getpid(), "ports": asdict(config.ports), "children": children}
    write_private(state_file(config), json.dumps(state, indent=2) + "\n")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, all of it or nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _taken(config: Config) -> dict[str, int]:
    return {variable: port for variable, port in config.ports.named().items() if not is_free(port)}


def _already_running(pid: str) -> str:
    return (
        f"The local cloud of this checkout is already running (process {pid or 'unknown'}); stop it, or set "
        "LOCAL_DATA, LOCAL_API_PORT and the other LOCAL_*_PORT variables to run a second one."
    )


def _await_free_ports(config: Config, interrupted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + (DYING_SECONDS if state_file(config).exists() else 0)
    while taken := _taken(config):
        if interrupted() or time.monotonic() >= deadline:
            raise ConfigError(_in_use(taken))
        time.sleep(0.1)


def _in_use(taken: dict[str, int]) -> str:
    named = ", ".join(f"{port} ({variable})" for variable, port in taken.items())
    if len(taken) == 1:
        return f"Port {named} is in use by another program; stop it or set {next(iter(taken))} to a free port."
    return f"Ports {named} are in use by another program; stop it or set these variables to free ports."
