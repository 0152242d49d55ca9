"""The local cloud as one process tree: started in order, watched, and ended in reverse by one Ctrl-C."""

import signal
import threading
import time
from collections.abc import Iterable

from local import claim, servers
from local.child import Child
from local.config import Config
from local.seed import seed
from local.settings import ensure_settings

START_SECONDS = 60.0
# How the functions host ends when a function ran past its time-out; in Azure that ends a worker, too.
TIMED_OUT = 70


class ChildError(Exception):
    """A server ended, or did not become ready, without having been asked to."""

    def __init__(self, child: Child, what: str) -> None:
        super().__init__(f"{child.name} {what}")
        self.child = child


class StopError(Exception):
    """Somebody asked the cloud to end."""


class Signals:
    """Ctrl-C, SIGTERM and a closed terminal, counted: a handler that raised could lose a child."""

    def __init__(self) -> None:
        self.count = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # it is under nohup
            signal.signal(signal.SIGHUP, self._note)

    def _note(self, number: int, frame: object) -> None:
        del number, frame
        self.count += 1

    def check(self) -> None:
        if self.count:
            raise StopError

    def interrupted(self) -> bool:
        return self.count > 0

    def hurry(self) -> bool:
        """Whether somebody has asked twice."""
        return self.count > 1


class Cloud:
    """The servers of one local cloud while they run."""

    def __init__(self, config: Config, signals: Signals, *, with_host: bool, clock: str | None) -> None:
        self.config = config
        self.signals = signals
        self.with_host = with_host
        self.environment = servers.app_environment(config)
        self.azurite = servers.azurite(config)
        self.stand_ins = servers.stand_ins(config, clock=clock)
        self.host = servers.host(config, clock=clock)
        self.begun = time.monotonic()

    def children(self) -> list[Child]:
        return [self.azurite, *self.stand_ins, *([self.host] if self.with_host else [])]

    def start(self) -> None:
        """Start everything and wait until it is ready. Raises StopError, ChildError."""
        first = [self.azurite, *self.stand_ins]
        for child in first:
            self._start(child)
        for child in first:
            self._await(child)
        if self.with_host:
            self._start(self.host)
            self._await(self.host)
            self._seed()

    def watch(self) -> None:
        """Pass the host's lines on until somebody asks to stop. Raises StopError, ChildError."""
        while True:
            self.signals.check()
            self._pass_on()
            for child in self.children():
                if not child.runs:
                    self._ended(child)
            time.sleep(0.05)

    def stop(self) -> None:
        """End what runs: the host first, to let it finish its work; Azurite last, to let it save."""
        self._end(self.host)
        self._pass_on()
        for child in self.stand_ins:
            child.send(signal.SIGTERM)
        for child in self.stand_ins:
            self._end(child)
        # Not even a second Ctrl-C makes this one hurry: killed right after a write, Azurite loses it all.
        if not self.azurite.stop():
            say("azurite did not end by itself and was killed; its last writes may be lost.")

    def _end(self, child: Child) -> None:
        if not child.stop(self.signals.hurry):
            say(f"{child.name} did not end by itself and was killed.")

    def _start(self, child: Child) -> None:
        self.signals.check()
        child.start(self.environment, self.config.root)

    def _await(self, child: Child) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not child.is_ready():
            self.signals.check()
            if not child.runs:
                raise ChildError(child, f"could not start ({_how(child.exit_code)})")
            if time.monotonic() > deadline:
                raise ChildError(child, f"was not ready within {START_SECONDS:.0f} seconds")
            time.sleep(0.02)
        say(f"  {child.name} is ready ({time.monotonic() - self.begun:.1f} s)")

    def _seed(self) -> None:
        # In a thread that can be abandoned, so that a slow answer does not hold up a Ctrl-C.
        thread = threading.Thread(target=_say_all, args=(seed(self.config),), daemon=True)
        thread.start()
        while thread.is_alive():
            self.signals.check()
            thread.join(0.05)

    def _pass_on(self) -> None:
        for line in self.host.new_lines():
            say(line)

    def _ended(self, child: Child) -> None:
        if child is not self.host or child.exit_code != TIMED_OUT:
            raise ChildError(child, f"ended unexpectedly ({_how(child.exit_code)})")
        self._pass_on()
        say("A function ran past its time-out, which ended the functions host; starting it again.")
        self._start(child)
        self._await(child)
        self._publish()

    def _publish(self) -> None:
        claim.publish(self.config, {child.name: child.pid for child in self.children()})

    def announce(self) -> None:
        """Tell people, and programs that read the data folder, where everything is."""
        claim.write_private(self.config.data / "app.env", servers.exports(self.config))
        self._publish()
        self.host.new_lines()  # what the start wrote is in its log; from here on every line is passed on
        rows = _places(self.config, with_host=self.with_host)
        width = max(len(name) for name, _ in rows)
        for name, place in rows:
            say(f"  {name:<{width}}  {place}")
        say("ready")


def run(config: Config, *, with_host: bool = True, clock: str | None = None) -> int:
    """Run the local cloud until a signal ends it, and return the exit code. Raises ConfigError.

    clock: what to add to the clocks of host and stand-ins, such as `+8d`; Azure Storage keeps the real time.
    """
    signals = Signals()
    with claim.claimed(config, signals.interrupted):
        for sentence in ensure_settings(config.root):
            say(sentence)
        cloud = Cloud(config, signals, with_host=with_host, clock=clock)
        try:
            return _run(cloud)
        finally:
            cloud.stop()
            claim.state_file(config).unlink(missing_ok=True)
            say("The local cloud has ended.")


def _run(cloud: Cloud) -> int:
    say("Starting the local cloud …")
    try:
        cloud.start()
        cloud.announce()
        cloud.watch()
    except StopError:
        say("Stopping the local cloud …")
    except ChildError as died:
        say(f"{died}; its last lines ({died.child.log}):")
        for line in died.child.last_lines():
            say(f"  {line}")
        return 1
    return 0


def _places(config: Config, *, with_host: bool) -> list[tuple[str, str]]:
    app = [("API", f"{config.api_url}/api"), ("Invitation wizard", f"{config.api_url}/invite")]
    settings = [("Environment for the app", str(config.data / "app.env"))]
    return [
        ("Portal", config.portal_url),
        *(app if with_host else settings),
        ("Inbox", config.inbox_url),
        ("Entra and Graph", config.entra_url),
        ("E-mail service", config.mail_url),
        ("Data", str(config.data)),
    ]


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def _say_all(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        say(f"  {sentence}")


def say(text: str) -> None:
    """Print a line now. A terminal that has gone away must not keep the cloud from ending in order."""
    try:
        print(text, flush=True)
    except OSError:
        return
