"""The run: rounds over all calls, each tried by everybody; counts, findings, and what was proved."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, override
from urllib.parse import parse_qs, urlsplit

import requests
import schemathesis
from schemathesis import GenerationMode, Response

from local.callers import Caller
from tests.fuzz.cases import AnyCase, Filler, Operation, Try, generated, operation_id, operations
from tests.fuzz.judge import Finding, Judge
from tests.fuzz.senders import LINKS, Sender, call_name, is_busy, main_sender, purpose
from tests.fuzz.stock import Stock
from tests.integration.asking import without_role
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import CONTOSO, FABRIKAM, NORTHWIND

MAIN_CASES, OTHER_CASES = 8, 2  # a round's cases of each call for whom it is for, and for each of the others
PATIENCE = 5  # exact requests until a pair's answer must have come
REPLY_SECONDS = 60
EVERY_SECONDS = 10.0
GARBAGE = "Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA"


@dataclass
class Tally:
    """What a run has seen."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    answers: defaultdict[tuple[str, Sender], Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    found: dict[tuple[str, str, str], tuple[Finding, str]] = field(default_factory=dict)
    server_errors: int = 0
    undocumented: int = 0

    def note(self, asked: str, sender: Sender, status: int) -> None:
        self.requests += 1
        self.statuses[status] += 1
        self.answers[asked, sender][status] += 1

    def add(self, asked: str, finding: Finding, how: str) -> bool:
        """Count a finding; returns whether it is the first of its kind."""
        self.server_errors += finding.server_error
        self.undocumented += not finding.server_error
        key = (asked, finding.rule, finding.detail[:40])
        is_new = key not in self.found
        self.found.setdefault(key, (finding, how))
        return is_new

    def met(self, asked: str, sender: Sender) -> bool:
        """Whether the pair has given the answer that it exists for."""
        wanted = purpose(asked, sender)
        return any(status in wanted for status in self.answers[asked, sender])

    def line(self) -> str:
        """The run in one line."""
        return (
            f"fuzz: {self.requests} requests, {self.server_errors} server errors, "
            f"{self.undocumented} undocumented answers"
        )


class Ground(LocalCloud):
    """A cloud whose callers' answers are not held against the description as they come in other tests.

    That takes most of a run's time, and the judge does it for what the run is about.
    """

    @override
    def _described(self, caller: Caller) -> Caller:
        return caller

    def sign_in_again(self) -> None:
        """Forget the tokens, which live for an hour: a run may last longer."""
        self._tokens.clear()


class Fuzz:
    """A run against one cloud, which has started."""

    def __init__(self, cloud: Ground, number: int, say: Callable[[str], None]) -> None:
        """number: the seed; the same one makes the same cases. say: where progress and findings go."""
        self.tally = Tally()
        self._cloud, self._number, self._say = cloud, number, say
        self._random = Random(number)
        document = cloud.anybody().get("/api/openapi.json").json()
        schema = schemathesis.openapi.from_dict(_without_security(document))
        self.operations = operations(schema)
        self._judge = Judge(schema, document, (NORTHWIND, FABRIKAM), CONTOSO.secret)
        self.stock = Stock(cloud, self._random)
        self._filler = Filler(self.stock, self._random)
        self._web = requests.Session()
        self._web.trust_env = False
        self._roleless = ""
        self._said = time.monotonic()

    def round(self, number: int, *, main: int = MAIN_CASES, others: int = OTHER_CASES) -> None:
        """Try every call once more with other cases, by everybody. main, others: the cases of each sender."""
        self._cloud.sign_in_again()
        self._roleless = str(without_role(self._cloud).headers["Authorization"])
        for index, (name, operation) in enumerate(self.operations.items()):
            self.stock.prepare(call_name(name))
            self._try(operation, f"{self._number}/{number}/{index}", main, others)
            self._progress(f"round {number}, {operation.label}")

    def _try(self, operation: Operation, place: str, main: int, others: int) -> None:
        asked = operation_id(operation)
        senders = [sender for sender in Sender for _ in range(main if is_busy(asked, sender) else others)]
        self._random.shuffle(senders)
        made = {
            mode: generated(operation, mode, len(senders) // 2 + 1, Random(f"{place}/{mode}").getrandbits(32))
            for mode in GenerationMode
        }
        for index, sender in enumerate(senders):
            cases = made[list(GenerationMode)[index % 2]]
            if cases:
                self._send(self._filler.filled(_again(cases[index // 2 % len(cases)])), sender)
        for sender in Sender:
            self._prove(operation, sender)
        if operation.body:
            self._send(self._filler.spoiled(operation), main_sender(asked))

    def _prove(self, operation: Operation, sender: Sender) -> None:
        """See the answer that the pair exists for, at least once in a run."""
        for _ in range(PATIENCE):
            if self.tally.met(operation_id(operation), sender):
                return
            self._send(self._filler.exact(operation), sender)

    def _send(self, tried: Try, sender: Sender) -> None:
        asked = operation_id(tried.case.operation)
        tried.case.headers.pop("Authorization", None)
        authorization = self._authorization(sender, asked)
        headers = {**tried.headers, **({"Authorization": authorization} if authorization else {})}
        reply = tried.case.call(
            base_url=self._cloud.config.api_url,
            session=self._web,
            headers=headers,
            timeout=REPLY_SECONDS,
            allow_redirects=False,
        )
        self.tally.note(asked, sender, reply.status_code)
        self._learn(call_name(asked), sender, reply)
        foreign = self.stock.ours if sender is Sender.STRANGER else self.stock.theirs
        for finding in self._judge.findings(tried, sender, reply, foreign):
            how = repetition(tried, sender, reply)
            if self.tally.add(asked, finding, how):
                self._say(f"FOUND {finding.rule}: {finding.detail}\n    {how}")

    def _authorization(self, sender: Sender, asked: str) -> str | None:
        if sender in LINKS:
            return f"Invitation {self._link(sender, asked).partition('#')[2]}"
        token = self._cloud.token
        return {
            Sender.OPERATOR: f"Bearer {token('operator')}",
            Sender.MONITOR: f"Bearer {token('monitor')}",
            Sender.STRANGER: f"Bearer {token('operator', FABRIKAM)}",
            Sender.ROLELESS: self._roleless,
            Sender.GARBAGE: GARBAGE,
        }.get(sender)

    def _link(self, sender: Sender, asked: str) -> str:
        match sender:
            case Sender.LIVE:
                return self.stock.living_link()
            case Sender.DEAD:
                return self.stock.dead_link(askable=asked == "request_link")
            case Sender.UNKNOWN:
                return self.stock.unknown_link()
            case _:
                return self.stock.malformed_link()

    def _learn(self, name: str, sender: Sender, reply: Response) -> None:
        """Cursors and links that an answer to the operator gives."""
        if sender is not Sender.OPERATOR or reply.status_code != 200 or reply.request.method == "HEAD":
            return
        if name == "copy_link":
            self.stock.live.append(json.loads(reply.content)["link"])
        elif name.startswith("list_") and (following := json.loads(reply.content)["nextLink"]):
            cursor = parse_qs(urlsplit(following).query)["cursor"][0]
            self.stock.cursors.setdefault(name, set()).add(cursor)

    def _progress(self, where: str) -> None:
        if time.monotonic() - self._said > EVERY_SECONDS:
            self._said = time.monotonic()
            self._say(f"  {self.tally.requests} requests, {len(self.tally.found)} findings; {where}")

    # What it proved

    def summary(self) -> list[str]:
        """What was answered, and whether each call was tried in earnest."""
        good = [one for one in self.operations if self.tally.met(one, main_sender(one))]
        pairs = [(one, sender) for one in self.operations for sender in Sender]
        unmet = self.unmet()
        statuses = ", ".join(f"{count} × {status}" for status, count in sorted(self.tally.statuses.items()))
        return [
            f"  answers: {statuses}",
            *(f"  never met: {one} by {sender}: {dict(self.tally.answers[one, sender])}" for one, sender in unmet),
            f"  {len(good)} of {len(self.operations)} calls answered 2xx to whom they are for; "
            f"{len(pairs) - len(unmet)} of {len(pairs)} pairs of call and caller gave the answer that they are for",
        ]

    def unmet(self) -> list[tuple[str, Sender]]:
        """The pairs of call and sender that never gave the answer that they exist for."""
        pairs = [(one, sender) for one in self.operations for sender in Sender]
        return [(one, sender) for one, sender in pairs if not self.tally.met(one, sender)]

    def passed(self) -> bool:
        return not (self.tally.server_errors or self.tally.undocumented or self.unmet())


def repetition(tried: Try, sender: Sender, reply: Response) -> str:
    """How to repeat a request, without any token or secret."""
    address = urlsplit(str(reply.request.url))
    path = address.path + (f"?{address.query}" if address.query else "")
    headers = {
        name: value
        for name, value in {**tried.case.headers, **tried.headers}.items()
        if name.lower() != "authorization"
    }
    body = reply.request.body or b""
    text = body if isinstance(body, str) else body.decode(errors="backslashreplace")
    told = text.replace(CONTOSO.secret, "<a client secret>")[:500]
    return f"{reply.request.method} {path[:500]} by {sender}, headers {headers}, body {told or 'none'}"


def _without_security(document: dict[str, Any]) -> dict[str, Any]:
    """The description as schemathesis is to see it: who sends, and with what Authorization, is ours to say."""
    return {
        **document,
        "paths": {
            path: {method: {**one, "security": []} for method, one in methods.items()}
            for path, methods in document["paths"].items()
        },
    }


def _again(case: AnyCase) -> AnyCase:
    """A copy: what is brought to the stock's must not change what others will bring elsewhere."""
    return case.derive()
