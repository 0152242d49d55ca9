"""What the requests are about: services in every state, customers, owed work and links, made by the real procedure.

Cases use it up: they cancel, disconnect, archive, answer. So it is looked at anew before each call's cases, and topped
up where a call would find nothing left that allows it.
"""

import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random

import requests

from invitations.links import Token, encode
from local.waiting import wait_until
from tests.fuzz.tenants import Tenants
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import (
    FABRIKAM,
    NORTHWIND,
    SECONDS,
    Json,
    Onboarding,
    good,
    listed,
    new_customer,
    submit,
    submitted,
    unique,
)

ENOUGH, A_PAGE_AND_MORE, A_FEW = 2, 54, 6
LONG = 600  # seconds that a mail waits, longer than any run needs it to
WRONG_SECRET = "Wrong~secret.that-nobody-made"

type Fits = Callable[[Json], bool]


def _state(*states: str) -> Fits:
    return lambda service: service["state"] in states


def _status(*statuses: str) -> Fits:
    return lambda service: service["invitation"]["status"] in statuses


def _ended(service: Json) -> bool:
    """Whether *Re-initiate* is possible: a connection without an open invitation."""
    return service["state"] in ("active", "disconnected") and service["invitation"]["status"] in ("accepted", "revoked")


def _resendable(service: Json) -> bool:
    """Whether *Resend* needs no address: one that was erased has to be entered again."""
    over = ("pending", "expired", "revoked", "declined", "locked")
    return service["invitation"]["status"] in over and service["invitation"]["adminEmail"] is not None


# What a service must be for a call to be allowed, and the state of the procedure that makes one.
HOMES: Mapping[str, tuple[Fits, str]] = {
    "change_service": (_state("invited", "authenticated", "validated", "active"), "invited"),
    "cancel_service": (_state("invited", "authenticated", "validated"), "invited"),
    "disconnect_service": (_state("active"), "active"),
    "add_registration": (lambda one: one["state"] == "authenticated" and bool(one["proposal"]), "authenticated"),
    "show_m365": (_state("validated", "active"), "validated"),
    "validate_m365": (_state("validated", "active"), "validated"),
    "complete_service": (_state("validated"), "validated"),
    "reinitiate_invitation": (_ended, "active"),
    "erase_service": (lambda one: one["personalData"] == "kept", "cancelled"),
    "resend_invitation": (_resendable, "invited"),
    "extend_invitation": (_status("pending"), "invited"),
    "revoke_invitation": (_status("pending"), "invited"),
    "copy_link": (_status("pending"), "invited"),
}


class Stock:
    """The first provider's customers, services, owed work and links, as they were when it was last looked at."""

    def __init__(self, cloud: LocalCloud, random: Random) -> None:
        self.cloud = cloud
        self.random = random
        self.tenants = Tenants(cloud.directory)
        self.services: list[Json] = []
        self.customers: list[Json] = []
        self.archived: list[Json] = []
        self.theirs: set[str] = set()
        self.live: list[str] = []
        self.dead: list[str] = []
        self.cursors: dict[str, set[str]] = {}

    # Seeding

    def seed(self, *, thoroughly: bool) -> None:
        """Everything once, of each a few. ``thoroughly``: expired and locked ones too, and lists of pages."""
        expiring = self._expired() if thoroughly else []
        customers = A_PAGE_AND_MORE if thoroughly else A_FEW
        self.customers = self._at_once([lambda: new_customer(self.cloud.operator())] * customers)
        states = ["invited"] * 3 + ["authenticated", "validated", "active", "disconnected", "cancelled"] * 2
        ends = ["replaced", "revoked", "declined", "cancelled", "used"]
        ends += ["locked"] if thoroughly else []
        made: list[Callable[[], object]] = [partial(self.kill_a_link, end) for end in reversed(ends)]
        made += [partial(self.make, state) for state in states]
        self._at_once(made)
        theirs = self._at_once([lambda: Onboarding.begin(self.cloud, FABRIKAM)] * 2)
        self.theirs = {way.id for way in theirs} | {way.customer["id"] for way in theirs}
        for way in expiring:
            way.operator = self.cloud.operator()
            way.until(lambda service: service["invitation"]["status"] == "expired", "the end of its time")
        for number in range(3):
            archived = new_customer(self.cloud.operator(), name=unique(f"Archived {number} "))
            good(self._archive(archived))
        self.owe()
        self.look()

    def _expired(self) -> list[Onboarding]:
        """Invitations that were made nine days ago: their links die when the clock is right again."""
        self.cloud.restart("-9d")
        made = self._at_once([lambda: Onboarding.begin(self.cloud)] * 2)
        self.dead += [way.copy_link() for way in made]
        self.cloud.restart()
        return made

    def _archive(self, customer: Json) -> requests.Response:
        headers = {"If-Match": customer["etag"]}
        return self.cloud.operator().delete(f"/api/customers/{customer['id']}", headers=headers)

    def make(self, state: str) -> Onboarding:
        """One more service in that state, by the procedure's own steps, in a tenant that others ask little of."""
        way, tenant = Onboarding.begin(self.cloud), self.tenants.next()
        match state:
            case "authenticated":
                way.authenticated(tenant)
            case "validated":
                way.validated(tenant)
            case "active":
                way.active(tenant)
            case "disconnected":
                way.active(tenant)
                good(way.change(f"{way.path}/disconnect"))
            case "cancelled":
                good(way.change(f"{way.path}/cancel"))
        return way

    def kill_a_link(self, end: str) -> None:
        """A link that has died so, of an invitation of its own."""
        way = Onboarding.begin(self.cloud)
        link = way.copy_link()
        holder = self.cloud.admin(link)
        match end:
            case "replaced":
                self.live.append(way.copy_link())
            case "revoked":
                good(way.change(f"{way.invitation}/revoke"))
            case "declined":
                good(holder.post("/api/invitation/decline", json={"reason": "We use another provider."}))
            case "cancelled":
                good(way.change(f"{way.path}/cancel"))
            case "used":
                assert submitted(holder, self.tenants.next())["status"] == "authenticated"
            case "locked":
                tenant = self.tenants.next()
                while way.read()["invitation"]["triesLeft"]:
                    good(submit(holder, tenant, value=WRONG_SECRET), 202)
                    way.until(lambda one: one["invitation"]["status"] != "validating", "the end of the check")
        self.dead.append(link)

    def owe(self) -> None:
        """Mails that the e-mail service does not take: owed work that can be woken."""
        faults = Faults(self.cloud)
        faults.mail(status=503, retryAfter=LONG)
        for way in self._at_once([lambda: Onboarding.begin(self.cloud)] * ENOUGH):
            way.until(lambda service: service["attention"], "what its mail waits for")
        faults.clear()

    def _at_once[T](self, made: Sequence[Callable[[], T]]) -> list[T]:
        with ThreadPoolExecutor(6) as pool:
            return list(pool.map(lambda make: make(), made))

    # Looking

    def __str__(self) -> str:
        """What there is, in words."""
        states = Counter(f"{one['state']}/{one['invitation']['status']}" for one in self.services)
        told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        return f"{told}; {len(self.customers)} customers, {len(self.owed)} owed mails, {len(self.dead)} dead links"

    def look(self) -> None:
        """See what there is by now."""
        operator = self.cloud.operator()
        self.services = listed(operator, "/api/services")
        self.customers = listed(operator, "/api/customers")
        self.archived = listed(operator, "/api/customers?archived=true")

    @property
    def ours(self) -> set[str]:
        """The ids that are nobody else's to see."""
        found = {one["id"] for one in (*self.services, *self.customers, *self.archived)}
        return found | {one["invitation"]["id"] for one in self.services}

    @property
    def owed(self) -> list[str]:
        """The ids of work that can be woken."""
        return [one["attention"]["work"] for one in self.services if (one["attention"] or {}).get("work")]

    def prepare(self, call: str) -> None:
        """Look, and see to it that this call finds enough that allows it."""
        self.look()
        if call in HOMES:
            fits, state = HOMES[call]
            lacking = ENOUGH - sum(map(fits, self.services))
            if lacking > 0:
                self._at_once([lambda: self.make(state)] * lacking)
                self.look()
        elif call == "wake_owed" and len(self.owed) < ENOUGH:
            self.owe()
            self.look()
        elif len(self.customers) < A_FEW:
            self.customers += self._at_once([lambda: new_customer(self.cloud.operator())] * ENOUGH)

    def fitting(self, call: str) -> Json:
        """A service that allows the call at this moment, as it is now; made if none is left."""
        fits, state = HOMES.get(call, (lambda _: True, "invited"))
        candidates = [one for one in self.services if fits(one)]
        self.random.shuffle(candidates)
        for candidate in candidates[:5]:
            service = self.read(f"/api/services/{candidate['id']}")
            if fits(service) and service["invitation"]["emailState"] != "queued":
                return service
        made = self.make(state)
        return made.mail_settled()

    def read(self, path: str) -> Json:
        return good(self.cloud.operator().get(path))

    def customer(self) -> Json:
        """A customer that is not archived, as it is now; rather one without services, whose pin matters to none."""
        busy = {one["customer"]["id"] for one in self.services}
        idle = [one for one in self.customers if one["id"] not in busy]
        for candidate in self.random.sample(idle, min(len(idle), 5)):
            customer = self.read(f"/api/customers/{candidate['id']}")
            if customer["archivedAt"] is None:
                return customer
        return new_customer(self.cloud.operator())

    # Links

    def living_link(self) -> str:
        """A link that can be answered now."""
        while self.live:
            link = self.random.choice(self.live)
            if self._opens(link) == "pending":
                return link
            self.live.remove(link)
            self.dead.append(link)
        self.live += self._at_once([lambda: self.make("invited").copy_link()] * ENOUGH)
        return self.live[-1]

    def dead_link(self, *, askable: bool) -> str:
        """A link that has died, or done its work. ``askable``: one whose holder may ask for a new one."""
        for link in self.random.sample(self.dead, len(self.dead)):
            if self._opens(link) in (["ask"] if askable else ["ask", "", "authenticated"]):
                return link
        self.kill_a_link("replaced")
        return self.dead[-1]

    def _opens(self, link: str) -> str:
        """What the link opens once no check is under way: a status, `ask` if it asks for a new one, or nothing."""
        holder = self.cloud.admin(link)

        def ended() -> str | None:
            reply = holder.get("/api/invitation")
            content = reply.json()
            if reply.status_code != 200:
                return "ask" if content.get("canRequest") else ""
            return None if content["status"] == "validating" else str(content["status"])

        return wait_until(ended, SECONDS, "the end of the check")

    def unknown_link(self) -> str:
        """A link of the right form that nobody has made, to an invitation that there is."""
        service = self.random.choice(self.services)
        return f"#{encode(Token(NORTHWIND, service['id'], 1, secrets.token_bytes(32)))}"

    def malformed_link(self) -> str:
        token = self.unknown_link()[1:]
        return "#" + self.random.choice(
            ["", token[:-1], token + "A", "=" + token[1:], "B" + token[1:], json.dumps(token), token[:40] + " " + token]
        )
