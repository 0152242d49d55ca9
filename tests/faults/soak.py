"""A bounded mixed load with faults on, two hosts on one storage: ``python -m tests.faults.soak [--minutes N]``.

Afterwards everything must have come to an end, once, and nothing but what its callers asked for.
"""

import argparse
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import override

from local.waiting import wait_until
from tests.attacks.searching import forms
from tests.faults.gate import Armed, Call, Spoil
from tests.faults.invariants import SECRETS, broken
from tests.faults.known import LOST, STUCK, Book, Fault, events, identity_faults, service_faults, services_in
from tests.faults.lane import SECONDS, STEP, Lane, Rows
from tests.faults.walkers import Walker
from tests.faults.watch import Watch, subject
from tests.integration.cloud import Host

PORTS = range(27000, 32000)
EVERY_SECONDS, KILL_SECONDS, AWAY_SECONDS = 10.0, (7.0, 14.0), (2.0, 6.0)
ALL_ENDED = timedelta(days=40)  # past every invitation's end
EXPIRED_SECONDS, STARTS = 300.0, 5
ODDS = {Spoil.REFUSED: 40, Spoil.BUSY: 25, Spoil.CUT: 32, Spoil.SILENT: 3}
# Nothing but the sending of a mail cannot simply be repeated: it is spoiled more often, and both hosts may die of it.
SENDING_ODDS = {**ODDS, Spoil.KILL_BEFORE: 10, Spoil.KILL_AFTER: 25}
CHANCE, SENDING_CHANCE = 0.02, 0.15
AWAY = (
    ("mail", "POST /emails:send", {"status": 429, "retryAfter": 2}),
    ("mail", "POST /emails:send", {"status": 503}),
    ("mail", "POST /emails:send", {"status": 500, "afterwards": True}),
    ("mail", "GET /emails/operations/", {"status": 429}),
    ("entra", "POST .*/token", {"status": 503}),
    ("entra", "POST .*/token", {"status": 429, "retryAfter": 1}),
    ("entra", "GET /v1.0/", {"status": 503}),
)


@dataclass
class Weather(Armed):
    """Spoils each call with a small chance; one that is refused is refused to the SDK's repeats, too."""

    dice: random.Random = field(default_factory=random.Random)
    passed: int = 0
    spoiled: Counter[Spoil] = field(default_factory=Counter)
    torn: int = 0

    @override
    def takes(self, call: Call) -> bool:
        if not call.counts:
            return False
        self.passed += 1
        sending = call.what == "mail: send"
        if self.calls and self.calls[-1] == call:
            self.calls.pop()
            self.spoil = Spoil.REFUSED
        elif self.dice.random() < (SENDING_CHANCE if sending else CHANCE):
            odds = SENDING_ODDS if sending else ODDS
            (self.spoil,) = self.dice.choices(list(odds), list(odds.values()))
            self.calls = [call] * self.dice.choice((0, 0, 3)) if self.spoil is Spoil.REFUSED else []
        else:
            return False
        self.spoiled[self.spoil] += 1
        self.torn += sending and self.spoil not in (Spoil.REFUSED, Spoil.KILL_BEFORE)
        return True


class Soak:
    """One run: its lane, the second host, the weather, the walkers and their book."""

    def __init__(self, folder: Path, seed: int, walkers: int) -> None:
        self.dice = random.Random(seed)
        self.weather = Weather(dice=random.Random(seed + 1))
        self.lane = Lane(folder, PORTS)
        self.second, self._second_url = self.lane.another_host()
        self.lane.gate.kill = self._kill_both
        self.book, self.watch = Book(), Watch()
        self.kills, self.deaths = 0, 0
        self._seed, self._walkers = seed, walkers
        self._threads: list[threading.Thread] = []

    @property
    def _hosts(self) -> tuple[Host, Host]:
        return self.lane.cloud.host, self.second

    def start(self) -> None:
        self.lane.start()
        self.lane.fresh(timedelta(0), sweeps=True)
        self.second.start()
        cloud = self.lane.cloud
        urls = (cloud.config.api_url, self._second_url)
        for number in range(self._walkers):
            name = f"{self._seed} {number}"
            walker = Walker(self.book, urls, f"Bearer {cloud.token('operator')}", cloud.config.inbox_url, name)
            self._threads.append(threading.Thread(target=walker.run, name=f"walker {name}", daemon=True))

    def load(self, seconds: float) -> None:
        """Walk, with faults on and a host killed now and then."""
        ends, said = time.monotonic() + seconds, time.monotonic()
        kill, away = self._soon(KILL_SECONDS), self._soon(AWAY_SECONDS)
        with self.lane.gate.under(self.weather):
            for thread in self._threads:
                thread.start()
            while (now := time.monotonic()) < ends and any(thread.is_alive() for thread in self._threads):
                if now > said + EVERY_SECONDS:
                    said = now
                    say(f"  {self.progress(ends - now)}")
                if now > away:
                    self.watch.look(self.lane.rows(), self.lane.now())
                    self._send_away()
                    away = self._soon(AWAY_SECONDS)
                if now > kill:
                    self._kill_one()
                    kill = self._soon(KILL_SECONDS)
                self._replace()
                time.sleep(0.1)
        self.book.over.set()

    def finish(self) -> list[Fault]:
        """Fair weather: the walkers finish what they are at, then one fresh host does all that is owed, up to the end
        of every invitation.
        """
        self.lane.faults.clear()
        self._replace()
        say("Fair weather: the walkers finish what they are at, then one host all that is owed …")
        for thread in self._threads:
            thread.join(SECONDS * 4)
        faults = [Fault(STUCK, f"{one.name} has not finished") for one in self._threads if one.is_alive()]
        try:
            wait_until(self.lane.is_taken, SECONDS, "the end of the messages that are waiting")
            self.second.kill()
            self.lane.fresh(STEP, sweeps=True)
            self.lane.until_quiet()
            faults += self._broken()
            self.lane.fresh(max(ALL_ENDED, self.lane.ahead), sweeps=True)
            wait_until(self.lane.is_calm, EXPIRED_SECONDS, "the end of every invitation")
        except (TimeoutError, AssertionError) as error:
            faults.append(Fault(STUCK, str(error)))
        return faults

    def stop(self) -> None:
        """End it all, also in the midst of it."""
        self.book.over.set()
        self.book.stopped.set()
        for host in self._hosts:
            host.kill()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(SECONDS)
        self.lane.stop()

    def progress(self, left: float) -> str:
        spoiled, done = self.weather.spoiled.total(), self.book.done
        return (
            f"{max(0, int(left)) // 60}:{max(0, int(left)) % 60:02} left; {len(self.book.ways)} services, "
            f"{done['done']} at an end, {done['left']} left on their way; {self.book.changes} changes; "
            f"{self.weather.passed} calls, {spoiled} spoiled; {self.kills} kills"
        )

    def faults(self) -> Iterator[Fault]:
        """All that is not as it must be, once everything is quiet."""
        yield from (*self.book.faults, *self.watch.faults.values(), *self._broken())
        rows = self.lane.rows()
        yield from identity_faults(rows, "service", [way.id for way in self.book.ways])
        customers = [known.subject.removeprefix("customer-") for known in self.book.customers]
        yield from identity_faults(rows, "customer", customers)
        for known in (*(way.known for way in self.book.ways), *self.book.customers):
            yield from known.faults(rows)
        yield from self._ended(rows)
        if self.lane.poisoned():
            yield Fault(LOST, f"messages were given up as poison: {self.lane.poisoned()}")
        logs = self.lane.cloud.config.data.rglob("*.log")
        yield from leaks(logs, [link.partition("#")[2] for way in self.book.ways for link in way.links])

    def _broken(self) -> Iterator[Fault]:
        rows = self.lane.rows()
        for words in broken(rows, self.lane.now()):
            yield Fault(STUCK if "owe" in words or " due" in words else LOST, words, subject(words, rows))

    def _ended(self, rows: Rows) -> Iterator[Fault]:
        mails, addresses = self._mails(), {way.id: way.email for way in self.book.ways}
        for service in services_in(rows).values():  # the rows have forgotten the addresses by now
            yield from service_faults(rows, service, mails[addresses.get(service.id, "")])
            if service.invitation.status in ("pending", "validating", "authenticated"):
                yield Fault(STUCK, f"its invitation is still {service.invitation.status}", service.id)

    def _mails(self) -> Counter[str]:
        """How many mails have arrived at each address, once the e-mail service has done all that it took."""

        def delivered() -> bool:
            operations = self.lane.cloud.mail().get("/control/operations").json()["value"]
            return all(operation["status"] not in ("NotStarted", "Running") for operation in operations)

        wait_until(delivered, SECONDS, "the delivery of all mails")
        return Counter(address for mail in self.lane.cloud.inbox.mails() for address in mail.to)

    def _soon(self, seconds: tuple[float, float]) -> float:
        return time.monotonic() + self.dice.uniform(*seconds)

    def _send_away(self) -> None:
        """A service outside is away for a call or two."""
        stand_in, match, fault = self.dice.choice(AWAY)
        add = self.lane.faults.mail if stand_in == "mail" else self.lane.faults.entra
        add(match, **fault, times=self.dice.randint(1, 2))

    def _both_run(self) -> bool:
        return all(host.runs for host in self._hosts)

    def _kill_one(self) -> None:
        self.dice.choice(self._hosts).kill()
        self.kills += 1
        self._replace()

    def _kill_both(self) -> None:
        for host in self._hosts:
            host.kill()
        self.kills += 1

    def _replace(self) -> None:
        """Start again what does not run, also when it is killed while it starts."""
        reason = AssertionError("a host does not start")
        for _ in range(STARTS):
            if self._both_run():
                return
            self.deaths += sum(host.exit_code not in (None, -signal.SIGKILL) for host in self._hosts)
            try:
                if not self.lane.cloud.host.runs:
                    self.lane.fresh(timedelta(0), sweeps=True)
                if not self.second.runs:
                    self.second.start()
            except AssertionError as error:
                reason = error
        raise reason


def leaks(logs: Iterator[Path], tokens: Sequence[str]) -> Iterator[Fault]:
    """A client secret in any form, or a link's token or its random part, in a log."""
    wanted = {form for secret in SECRETS for form in forms(secret)}
    random_parts = {token[-42:] for token in tokens}
    for log in logs:
        text = log.read_text(encoding="utf-8", errors="replace")
        if any(form in text for form in wanted):
            yield Fault(LOST, f"{log.name} holds a client secret")
        runs = set(re.findall(r"[A-Za-z0-9_-]{42,}", text))
        if "/invite#" in text or any(run[-42:] in random_parts for run in runs):
            yield Fault(LOST, f"{log.name} holds a link")


def report(soak: Soak, minutes: float, faults: list[Fault]) -> int:
    """Say what came of it, each fault with its events; returns the exit code."""
    rows = soak.lane.rows()
    for fault in faults:
        say(f"FAILED {fault.kind}: {f'{fault.subject}: ' if fault.subject else ''}{fault.words}")
    for about in dict.fromkeys(fault.subject for fault in faults if fault.subject):
        told = events(rows, about) or events(rows, f"customer-{about}")
        say(f"    {about}: {', '.join(f'{at} {what}' for at, what in told.items())}")
    for spoil, count in sorted(soak.weather.spoiled.items()):
        say(f"  {count:5} × {spoil} a call")
    say(
        f"  {soak.book.changes} changes were answered with yes; {soak.weather.torn} answers to an accepted mail were "
        f"lost, and {soak.deaths} hosts died by themselves"
    )
    kinds = Counter(fault.kind for fault in faults)
    counted = ", ".join(f"{kinds[kind]} {kind}" for kind in ("lost", "doubled", "stuck"))
    say(
        f"soak: {minutes:g} min, {len(soak.book.ways)} services, {soak.weather.passed} calls, "
        f"{soak.weather.spoiled.total()} spoiled, {soak.kills} kills: {counted}"
    )
    return 1 if faults or not soak.book.ways else 0


def soaked(minutes: float, seed: int, walkers: int) -> int:
    """Run it all; returns the exit code. The data of a run that found something stay."""
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    say(f"soak: {minutes:g} min, {walkers} walkers, seed {seed}")
    soak, code = Soak(folder, seed, walkers), 130
    try:
        soak.start()
        soak.load(minutes * 60)
        stuck = soak.finish()
        code = report(soak, minutes, list(dict.fromkeys([*stuck, *soak.faults()])))
    except KeyboardInterrupt:
        say("Stopped: nothing was judged.")
    finally:
        soak.stop()
        if code == 1:
            say(f"Rows, mails and logs of this run are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return code


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="how long the load lasts")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="repeats the choices")
    parser.add_argument("--walkers", type=int, default=6, help="how many callers work at once")
    wanted = parser.parse_args()
    return soaked(wanted.minutes, wanted.seed, wanted.walkers)


if __name__ == "__main__":
    sys.exit(main())
