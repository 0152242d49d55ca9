"""Walkers: each takes one service after the other through a random way of the procedure, as portals and pages do it:
whatever is not answered for sure is looked at again. What was answered is kept in a book that they share.
"""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import requests

from local.callers import Caller, Inbox
from tests.faults.known import DOUBLED, JOINS, LOST, STUCK, Book, Fault, Known, Way
from tests.integration.procedure import CONTOSO, Json, order, unique

WRONG = "not~the.secret-of-this-registration-9Q"
STEPS, STEP_SECONDS, SERVICE_SECONDS, ANSWER_SECONDS = 40, 5.0, 60.0, 180.0
LOOK_SECONDS = 0.25
TWICE = 0.2  # how often a button is pressed twice, on both hosts at once
ANSWERS = {200, 201, 202, 409, 410, 412}  # and any 5xx: that is no answer

MOVES: dict[str, dict[str, float]] = {  # what is done next and how often, by what the service shows
    "pending": {
        "submit": 6, "submit wrong": 2, "copy": 1, "resend": 0.7, "revoke": 0.4, "extend": 0.5, "decline": 0.3,
        "ask": 0.5, "change": 0.5, "cancel": 0.2, "wait": 0.5,
    },
    "validating": {
        "wait": 8, "resend": 0.5, "revoke": 0.3, "extend": 0.5, "decline": 0.3, "change": 0.4, "submit": 0.5,
        "cancel": 0.2,
    },
    "authenticated": {"add": 6, "resend": 0.4, "revoke": 0.3, "change": 0.4, "ask": 0.3, "cancel": 0.2},
    "ended": {"resend": 5, "ask": 1, "cancel": 0.7, "revoke": 0.3},
    "added": {"validate": 5, "wait": 3, "change": 0.4, "reinitiate": 0.3, "cancel": 0.3},
    "validated": {"complete": 6, "validate": 1, "wait": 1, "change": 0.4, "reinitiate": 0.3, "cancel": 0.2},
    "creating": {"wait": 8, "cancel": 0.3, "change": 0.4, "complete": 0.5},
    "active": {"leave": 3, "validate": 1, "change": 1, "reinitiate": 0.7, "disconnect": 0.7},
    "disconnected": {"leave": 3, "reinitiate": 2},
    "cancelled": {"leave": 1},
}  # fmt: skip


class Stopped(Exception):
    """The soak was interrupted."""


class Walker:
    """``urls`` are the hosts'; each request goes to one of them at random."""

    def __init__(self, book: Book, urls: Sequence[str], authorization: str, inbox: str, seed: str) -> None:
        self._book = book
        self._urls = urls
        self._operators = [Caller(url, authorization) for url in urls]
        self._inbox = Inbox(inbox)
        self._random = random.Random(seed)
        self._pool = ThreadPoolExecutor(len(urls))
        self._customer: Known | None = None
        self._names: list[str] = []
        self._steps: dict[str, Callable[[Way, Json], object]] = {
            "submit": lambda way, _: self._submit(way, CONTOSO.secret),
            "submit wrong": lambda way, _: self._submit(way, WRONG),
            "decline": lambda way, _: self._held(way, "decline", "invitation-declined", {"reason": "Not us."}),
            "ask": lambda way, _: self._ask_for_link(way),
            "copy": self._copy,
            "resend": lambda way, seen: self._invitation(way, seen, "resend", "invitation-resent", {}),
            "revoke": lambda way, seen: self._invitation(way, seen, "revoke", "invitation-revoked"),
            "extend": lambda way, seen: self._invitation(way, seen, "extend", "invitation-extended", self._later()),
            "reinitiate": self._reinitiate,
            "change": self._change_users,
            "add": self._add,
            "validate": lambda way, seen: self._service(way, seen, "m365/validate", "validation-started"),
            "complete": lambda way, seen: self._service(way, seen, "complete", "completion-started"),
            "disconnect": lambda way, seen: self._service(way, seen, "disconnect", "service-disconnected"),
            "cancel": lambda way, seen: self._service(way, seen, "cancel", "service-cancelled"),
            "wait": self._wait,
        }

    def run(self) -> None:
        """Walk until it is over. What nobody expected is a fault, and the end of this walker."""
        try:
            while not self._book.over.is_set():
                self._walk()
        except Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it was, the others go on and the report tells it
            self._fault(LOST, f"a walker broke down: {type(error).__name__}: {error}")
        finally:
            self._pool.shutdown()

    def _walk(self) -> None:
        if self._customer is None or self._random.random() < 0.25:
            self._customer = self._new_customer()
        way = self._order(self._customer)
        if way is not None:
            ended = self._onwards(way)
            self._book.done["done" if ended else "left"] += 1
        roll = self._random.random()
        if roll < 0.15:
            self._change_customer("PATCH", "customer-changed", {"name": unique("Renamed ")})
        elif roll < 0.22:
            self._change_customer("DELETE", "customer-archived", None)

    def _onwards(self, way: Way) -> bool:
        """One step after the other; whether the service has come to an end, or else is left as it is."""
        begun = datetime.now(UTC)
        for _ in range(STEPS):
            seen = self._look(way.path)
            if self._book.over.is_set() or datetime.now(UTC) - begun > timedelta(seconds=SERVICE_SECONDS):
                return False
            moves = MOVES[_place(seen)]
            (move,) = self._random.choices(list(moves), list(moves.values()))
            if move == "leave":
                return True
            self._steps[move](way, seen)
        return False

    # What operators do

    def _new_customer(self) -> Known:
        body, key = {"name": unique("Customer ")}, unique("key-")
        made = self._created("/api/customers", key, body)
        assert made is not None, f"the customer {body['name']} was refused"
        known = Known(f"customer-{made['id']}")
        known.yes[1] = ["customer-created"]
        self._book.customers.append(known)
        return known

    def _order(self, customer: Known) -> Way | None:
        """Steps 1 to 7, now and then under a name that is, or was, taken; None when it was refused."""
        body = order(licensedUsers=self._random.randint(1, 500))
        if self._names and self._random.random() < 0.1:
            body["shortName"] = self._random.choice(self._names)
        owner = customer.subject.removeprefix("customer-")
        made = self._created(f"/api/customers/{owner}/services", unique("key-"), body)
        if made is None:
            return None
        self._names.append(body["shortName"])
        way = Way(owner, body["adminEmail"], Known(made["id"]))
        way.known.yes[1] = ["service-created"]
        self._book.ways.append(way)
        return way

    def _created(self, path: str, key: str, body: Json) -> Json | None:
        """What was made; None when it was refused. The same request is repeated until its outcome is known."""
        replies = self._surely(lambda caller: caller.create(path, key, body), path)
        made = [reply.json() for reply in replies if reply.status_code == 201]
        if len({one["id"] for one in made}) > 1 or len({reply.status_code for reply in replies}) > 1:
            answers = [(reply.status_code, reply.json().get("id")) for reply in replies]
            self._fault(DOUBLED, f"one creation at {path} was answered with {answers}")
        return made[0] if made else None

    def _change_customer(self, method: str, what: str, body: Json | None) -> None:
        assert self._customer is not None
        path = f"/api/customers/{self._customer.subject.removeprefix('customer-')}"
        seen = self._look(path)
        self._changed(self._customer, seen, what, path, body, method)
        if method == "DELETE":
            self._customer = None

    def _copy(self, way: Way, seen: Json) -> None:
        for told in self._invitation(way, seen, "link", "link-copied"):
            way.links.append(told["link"])

    def _invitation(self, way: Way, seen: Json, verb: str, what: str, body: Json | None = None) -> list[Json]:
        return self._changed(way.known, seen, what, f"/api/invitations/{seen['invitation']['id']}/{verb}", body)

    def _service(self, way: Way, seen: Json, verb: str, what: str, body: Json | None = None) -> list[Json]:
        return self._changed(way.known, seen, what, f"{way.path}/{verb}", body)

    def _reinitiate(self, way: Way, seen: Json) -> None:
        self._service(way, seen, "invitations", "invitation-reinitiated", {"adminEmail": way.email})

    def _add(self, way: Way, seen: Json) -> None:
        body = {"tenantId": CONTOSO.tenant, "clientId": CONTOSO.client, "acknowledged": True}
        before = seen["state"] in ("invited", "authenticated") and not self._has_registration(way)
        self._service(way, seen, "registration", "registration-added" if before else "registration-replaced", body)

    def _has_registration(self, way: Way) -> bool:
        (reply,) = self._surely(lambda caller: caller.get(f"{way.path}/m365"), "a look", twice=False)
        return reply.status_code == 200

    def _change_users(self, way: Way, seen: Json) -> None:
        body = {"licensedUsers": seen["licensedUsers"] % 500 + 1}
        self._changed(way.known, seen, "service-changed", way.path, body, "PATCH")

    def _later(self) -> Json:
        return {"expiresAt": (datetime.now(UTC) + timedelta(days=self._random.uniform(1, 29))).isoformat()}

    def _changed(
        self, known: Known, seen: Json, what: str, path: str, body: Json | None = None, method: str = "POST"
    ) -> list[Json]:
        """A change of what was seen, and a note of what was answered; returns the answers that say yes."""
        version, headers = _version(seen["etag"]), {"If-Match": seen["etag"]}
        replies = self._ask(lambda caller: caller.request(method, path, json=body, headers=headers))
        told = []
        for reply in replies:
            if reply is None:
                known.maybe[version + 1].append(what)
            elif reply.status_code < 300:
                told.append(reply.json())
                now = _version(reply.headers["ETag"])
                if what in JOINS:
                    known.maybe[version + 1].append(what)
                    known.joined.append(now)
                elif now == version + 1:
                    known.yes[now].append(what)
                elif now != version:
                    self._fault(LOST, f"{what} of version {version} was answered with version {now}", known.subject)
        return told

    # What the administrator does

    def _submit(self, way: Way, secret: str) -> None:
        self._held(way, "submission", "credentials-submitted", CONTOSO.typed(value=secret))

    def _ask_for_link(self, way: Way) -> None:
        if way.links:
            self._held(way, "request-link", "link-requested", None, self._random.choice(way.links))

    def _held(self, way: Way, path: str, what: str, body: Json | None, link: str | None = None) -> None:
        """With the newest link, mailed or copied, unless another is given."""
        link = link or self._newest_link(way)
        if link is None:
            return
        token = link.partition("#")[2]
        callers = [Caller(url, f"Invitation {token}") for url in self._urls]
        for reply in self._ask(lambda caller: caller.post(f"/api/invitation/{path}", json=body), callers):
            # A request for a link is answered with yes as well when the invitation is flagged already.
            if reply is None or (reply.status_code < 300 and what == "link-requested"):
                way.known.maybe_held[what] += 1
            elif reply.status_code < 300:
                way.known.held[what] += 1

    def _newest_link(self, way: Way) -> str | None:
        mails = self._inbox.mails(way.email)
        way.links += [mail.link for mail in mails if mail.link not in way.links]
        if not mails or self._random.random() < 0.5:
            self._copy(way, self._look(way.path))
            return way.links[-1] if way.links else None
        return mails[-1].link

    # How they ask

    def _look(self, path: str) -> Json:
        (reply,) = self._surely(lambda caller: caller.get(path), "a look", twice=False)
        seen: Json = reply.json()
        return seen

    def _wait(self, way: Way, seen: Json) -> None:
        """Until something of the service changes, or patience is over."""
        until = datetime.now(UTC) + timedelta(seconds=self._random.uniform(0.5, STEP_SECONDS))
        while datetime.now(UTC) < until and self._look(way.path)["etag"] == seen["etag"]:
            self._pause()

    def _surely(
        self, call: Callable[[Caller], requests.Response], what: str, *, twice: bool = True
    ) -> list[requests.Response]:
        """Repeat until there is an answer."""
        until = datetime.now(UTC) + timedelta(seconds=ANSWER_SECONDS)
        while True:
            replies = [reply for reply in self._ask(call, twice=twice) if reply is not None]
            if replies:
                return replies
            if datetime.now(UTC) > until:
                self._fault(STUCK, f"{what} had no answer within {ANSWER_SECONDS:g} seconds")
                raise Stopped
            self._pause()

    def _ask(
        self,
        call: Callable[[Caller], requests.Response],
        callers: Sequence[Caller] | None = None,
        *,
        twice: bool = True,
    ) -> list[requests.Response | None]:
        """Ask one host, or both at the same moment; None is an answer that was lost, or is no answer."""
        if self._book.stopped.is_set():
            raise Stopped
        ends = list(callers or self._operators)
        if not twice or self._random.random() > TWICE:
            ends = [self._random.choice(ends)]
        return list(self._pool.map(lambda caller: self._answer(caller, call), ends))

    def _answer(self, caller: Caller, call: Callable[[Caller], requests.Response]) -> requests.Response | None:
        try:
            reply = call(caller)
        except requests.RequestException:
            return None
        finally:
            caller.replies.clear()
        if reply.status_code >= 500:
            return None
        if reply.status_code not in ANSWERS:
            self._fault(LOST, f"{reply.request.method} {reply.url} was answered {reply.status_code} {reply.text}")
        return reply

    def _pause(self) -> None:
        if self._book.stopped.wait(LOOK_SECONDS):
            raise Stopped

    def _fault(self, kind: str, words: str, subject: str = "") -> None:
        self._book.faults.append(Fault(kind, words, subject))


def _place(seen: Json) -> str:
    """Where a service is, in the words of MOVES."""
    state, status = seen["state"], seen["invitation"]["status"]
    if state in ("cancelled", "disconnected", "creating"):
        return str(state)
    taken_back = status == "revoked" and state != "invited"
    if status == "accepted" or taken_back:
        return "added" if state == "authenticated" else str(state)
    return str(status) if status in MOVES else "ended"


def _version(etag: str) -> int:
    return int(etag.strip('"'))
