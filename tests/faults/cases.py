"""Every use case, with each call that it makes to the outside: what a round trip costs is held here."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from invitations.records import InvitationStatus, MailState
from local.callers import Caller
from onboarding.records import Service, ServiceState
from shared.kinds import Kind
from tests.faults.gate import Spoil
from tests.faults.lane import STEP, Lane
from tests.faults.scene import Scene, UseCase, changed, created, held
from tests.integration.procedure import CONTOSO, Json, Onboarding, good, new_customer, order, submitted, unique, view_of

WRONG = "not~the.secret-of-this-registration-9Q"
CLAIM = ("read due", "transaction", "read service")
COUNTED = ("read quota", "transaction")
SENT = ("mail: send", "transaction", "end of mail message")
MAIL = (*CLAIM, *COUNTED, *SENT)
SENT_AGAIN = (*CLAIM, "mail: fate", *COUNTED, *SENT)  # counted anew: `Lane.count_anew`
ASKED = ("entra: openid-configuration", "entra: token", "entra: token", "graph: organization", "graph: applications")
TOLD = ("transaction", "end of check message")
CHECK = (*CLAIM, "read customer", *COUNTED, *ASKED, *TOLD)
SUBMISSION = (*CLAIM, "read customer", *COUNTED, *COUNTED, *ASKED, *TOLD)
REFUSED = (*CLAIM, "read customer", *COUNTED, *COUNTED, *ASKED[:2], *TOLD)
CHANGE = ("read service", "transaction")
ADD = ("read service", "read customer", "query tenant", "transaction")
LOOK = (*CLAIM, "transaction", "end of expire message")
FORGET = (*CLAIM, "query event", "transaction", "transaction", "end of forget message")
RENAME = (
    "read customer", "read customer-name", "transaction", "wake rename",
    *("read due", "transaction", "read customer", "query service", "read service", "transaction"),
    *("transaction", "end of rename message"),
)  # fmt: skip
PROVIDERS = 2
LIVES = timedelta(minutes=61)


def swept(*kinds: str) -> tuple[str, ...]:
    """A sweep's run: a query a provider, a move and a wake-up for each due row, and the heartbeat read and written."""
    beat = ("sweep: heartbeat", "sweep: heartbeat")
    moves, wakes = ["transaction"] * len(kinds), [f"wake {kind}" for kind in kinds]
    return ("make table", *["sweep: query"] * PROVIDERS, *moves, *beat, *wakes)


# What comes before


def nothing(lane: Lane) -> Scene:
    good(lane.cloud.operator().get("/api/me"))  # a host that has just started fetches Entra's keys at its first call
    return Scene(lane, body={"name": unique("Customer ")}, key=unique("key-"))


def customer(lane: Lane) -> Scene:
    made = new_customer(lane.cloud.operator())
    return Scene(lane, customer=made, etag=made["etag"], subject=f"customer-{made['id']}", version=1)


def ordering(lane: Lane) -> Scene:
    """An operator who is about to press *Next*."""
    scene = customer(lane)
    scene.body, scene.key = order(), unique("key-")
    scene.way = Onboarding(lane.cloud, scene.operator, scene.customer, "", scene.body["adminEmail"])
    scene.version = 0
    return scene


def invited(lane: Lane, **other: Any) -> Scene:
    way = Onboarding.begin(lane.cloud, **other)
    way.mail()
    return Scene(lane, way).seen()


def short_lived(lane: Lane) -> Scene:
    return invited(lane, expiresAt=(lane.now() + LIVES).isoformat())


def opened(lane: Lane) -> Scene:
    """An administrator with the wizard before them."""
    scene = invited(lane)
    scene.admin = scene.service.admin()
    return scene.seen()


def asking(lane: Lane) -> Scene:
    """An administrator whose link was replaced by a newer one."""
    scene = opened(lane)
    good(scene.service.change(f"{scene.service.invitation}/resend", {}))
    scene.service.mail(2)
    return scene.seen()


def authenticated(lane: Lane) -> Scene:
    scene = invited(lane)
    scene.service.authenticated()
    return scene.seen()


def added(lane: Lane) -> Scene:
    scene = invited(lane)
    scene.service.added()
    return scene.seen()


def swapping(lane: Lane) -> Scene:
    """A validated service whose next registration waits for *Add*."""
    scene = invited(lane)
    scene.service.validated().reinitiated()
    scene.service.authenticated()
    return scene.seen()


def validated(lane: Lane) -> Scene:
    scene = invited(lane)
    scene.service.validated()
    return scene.seen()


def active(lane: Lane) -> Scene:
    scene = invited(lane)
    scene.service.active()
    return scene.seen()


def cancelled(lane: Lane) -> Scene:
    scene = invited(lane)
    good(scene.service.change(f"{scene.service.path}/cancel"))
    return scene.seen()


def almost_locked(lane: Lane) -> Scene:
    scene = opened(lane)
    for _ in range(9):
        submitted(scene.holder, CONTOSO, value=WRONG)
    return scene.seen()


def renaming(lane: Lane) -> Scene:
    """A customer that has a service."""
    scene = invited(lane)
    made = scene.service.customer
    scene.customer, scene.etag = made, made["etag"]
    scene.subject, scene.version = f"customer-{made['id']}", 1
    scene.body = {"name": unique("Renamed ")}
    return scene


def with_lost_wake_up(lane: Lane) -> Scene:
    """An order whose mail nobody was woken for."""
    scene = ordering(lane)
    with lane.gate.armed(1, Spoil.REFUSED, only="wake mail"):
        scene.operator.create(_services(scene), scene.key, scene.body)
    return _found(scene)


def with_waiting_mail(lane: Lane) -> Scene:
    """An order whose mail the e-mail service would not take at once."""
    lane.faults.mail(status=503, times=1)
    scene = ordering(lane)
    scene.operator.create(_services(scene), scene.key, scene.body)
    return _found(scene)


def waking(lane: Lane) -> Scene:
    """An operator who is about to press *Try now*."""
    scene = with_waiting_mail(lane)
    scene.key = next(due.work_id for due in lane.due() if due.kind is Kind.MAIL)
    return scene


def with_waiting_check(lane: Lane) -> Scene:
    """A submission while Entra was away."""
    scene = opened(lane)
    lane.faults.entra(CONTOSO.sign_in, status=503, times=1)
    good(scene.holder.post("/api/invitation/submission", json=CONTOSO.typed()), 202)
    return scene.seen()


def _found(scene: Scene) -> Scene:
    scene.service.id = good(scene.operator.get(f"/api/services?customerId={scene.customer['id']}"))["value"][0]["id"]
    return scene.seen()


# What callers do


def _services(scene: Scene) -> str:
    return f"/api/customers/{scene.customer['id']}/services"


def _at(path: str) -> Callable[[Scene], str]:
    return lambda scene: f"{scene.service.path}{path}"


def _invitation(path: str) -> Callable[[Scene], str]:
    return lambda scene: f"{scene.service.invitation}{path}"


def _rename(scene: Scene) -> bool:
    if scene.etag is None:
        shown = good(scene.operator.get(f"/api/customers/{scene.customer['id']}"))
        if shown["name"] == scene.body["name"]:
            return True
        scene.etag = shown["etag"]
    headers = {"If-Match": scene.etag}
    scene.etag = None
    reply = scene.operator.patch(f"/api/customers/{scene.customer['id']}", json=scene.body, headers=headers)
    return reply.status_code == 200


def _archive(scene: Scene) -> bool:
    if scene.etag is None:
        shown = good(scene.operator.get(f"/api/customers/{scene.customer['id']}"))
        if shown["archivedAt"]:
            return True
        scene.etag = shown["etag"]
    headers = {"If-Match": scene.etag}
    scene.etag = None
    return scene.operator.delete(f"/api/customers/{scene.customer['id']}", headers=headers).status_code == 200


def _users(scene: Scene) -> bool:
    if scene.etag is None:
        shown = scene.service.read()
        if shown["licensedUsers"] == 77:
            return True
        scene.etag = shown["etag"]
    headers = {"If-Match": scene.etag}
    scene.etag = None
    return scene.operator.patch(scene.service.path, json={"licensedUsers": 77}, headers=headers).status_code == 200


def _wake(scene: Scene) -> bool:
    reply = scene.operator.post(f"/api/owed/{scene.key}/wake")
    return reply.status_code in (200, 404)


def _later(scene: Scene) -> dict[str, Any]:
    scene.body = scene.body or {"expiresAt": (scene.lane.now() + timedelta(days=20)).isoformat()}
    return scene.body


def _extended(scene: Scene) -> bool:
    reach = changed(_invitation("/extend"), lambda shown: _same(shown["invitation"]["expiresAt"], scene), _later)
    return reach(scene)


def _same(shown: str, scene: Scene) -> bool:
    return datetime.fromisoformat(shown) == datetime.fromisoformat(scene.body["expiresAt"])


def _linked(scene: Scene) -> bool:
    """A copied link stands in one answer alone: who has not got it asks for another."""
    return changed(_invitation("/link"), lambda _: False)(scene)


# How it ends


def status(wanted: InvitationStatus, state: ServiceState = ServiceState.INVITED) -> Callable[[Service], bool]:
    def ends(service: Service) -> bool:
        return service.invitation.status is wanted and service.state is state

    return ends


def is_sent(service: Service) -> bool:
    return service.state is ServiceState.INVITED and service.invitation.mail.state is MailState.SENT


def in_state(wanted: ServiceState) -> Callable[[Service], bool]:
    return lambda service: service.state is wanted


def always(_: Service) -> bool:
    return True


def _is_dead(holder: Caller) -> bool:
    return holder.get("/api/invitation").status_code == 410


def _is_locked(holder: Caller) -> bool:
    """Locked, or on its way to it."""
    reply = holder.get("/api/invitation")
    return reply.status_code == 410 or (reply.status_code == 200 and reply.json()["status"] == "validating")


def _is_resent(shown: Json) -> bool:
    return bool(shown["invitation"]["emailSentCount"] > 1 or shown["invitation"]["emailState"] == "queued")


def _to_the_same(scene: Scene) -> Json:
    return {"adminEmail": scene.service.email}


ADDED = {"tenantId": CONTOSO.tenant, "clientId": CONTOSO.client, "acknowledged": True}
ADDING = changed(_at("/registration"), lambda shown: shown["invitation"]["status"] == "accepted", ADDED)
PENDING = InvitationStatus.PENDING
AUTHENTICATED = status(InvitationStatus.AUTHENTICATED, ServiceState.AUTHENTICATED)
ACCEPTED = status(InvitationStatus.ACCEPTED, ServiceState.AUTHENTICATED)

CASES = (
    UseCase(
        "make a customer", nothing, always, ("transaction",), ("customer-created",),
        created(lambda _: "/api/customers"),
    ),
    UseCase("rename a customer", renaming, always, RENAME, ("customer-changed",), _rename),
    UseCase(
        "archive a customer", customer, always, ("read customer", "read customer-archived", "transaction"),
        ("customer-archived",), _archive,
    ),
    UseCase(
        "create a service", ordering, is_sent, ("read customer", "transaction", "wake mail", *MAIL),
        ("service-created", "mail-sent"), created(_services), mails=1,
    ),
    UseCase("change a service", invited, is_sent, CHANGE, ("service-changed",), _users),
    UseCase(
        "resend", invited, is_sent, (*CHANGE, "wake mail", *MAIL), ("invitation-resent", "mail-sent"),
        changed(_invitation("/resend"), _is_resent, {}), mails=1,
    ),
    UseCase(
        "revoke", invited, status(InvitationStatus.REVOKED), CHANGE, ("invitation-revoked",),
        changed(_invitation("/revoke"), lambda shown: shown["invitation"]["status"] == "revoked"),
    ),
    UseCase("extend", invited, is_sent, CHANGE, ("invitation-extended",), _extended),
    UseCase("copy a link", invited, is_sent, CHANGE, ("link-copied",), _linked, repeats=frozenset({"link-copied"})),
    UseCase(
        "re-initiate", added, status(PENDING, ServiceState.AUTHENTICATED), (*CHANGE, "wake mail", *MAIL),
        ("invitation-reinitiated", "mail-sent"),
        changed(_at("/invitations"), lambda shown: shown["invitation"]["id"].endswith("-2"), _to_the_same), mails=1,
    ),
    UseCase(
        "submit", opened, AUTHENTICATED,
        (*CHANGE, "wake check", *SUBMISSION), ("credentials-submitted", "authenticated"),
        held("submission", CONTOSO.typed(), lambda holder: view_of(holder)["status"] != "pending"),
    ),
    UseCase(
        "submit a wrong secret", opened, lambda service: service.invitation.tries == 1,
        (*CHANGE, "wake check", *REFUSED), ("credentials-submitted", "credentials-refused"),
        held("submission", CONTOSO.typed(value=WRONG), lambda holder: bool(view_of(holder)["check"])),
    ),
    UseCase(
        "submit the tenth wrong secret", almost_locked, status(InvitationStatus.LOCKED),
        (*CHANGE, "wake check", *REFUSED), ("credentials-submitted", "invitation-locked"),
        held("submission", CONTOSO.typed(value=WRONG), _is_locked),
    ),
    UseCase(
        "decline", opened, status(InvitationStatus.DECLINED), CHANGE, ("invitation-declined",),
        held("decline", {"reason": "Not us."}, _is_dead),
    ),
    UseCase(
        "ask for a new link", asking, is_sent, CHANGE, ("link-requested",),
        held("request-link", None, lambda _: False),
    ),
    UseCase("add", authenticated, ACCEPTED, ADD, ("registration-added",), ADDING),
    UseCase("swap the registration", swapping, ACCEPTED, ADD, ("registration-replaced",), ADDING),
    UseCase(
        "validate", added, in_state(ServiceState.VALIDATED), (*CHANGE, "wake check", *CHECK),
        ("validation-started", "validation-passed"),
        changed(_at("/m365/validate"), lambda shown: shown["state"] == "validated"),
    ),
    UseCase(
        "complete", validated, in_state(ServiceState.ACTIVE), (*CHANGE, "wake check", *CHECK),
        ("completion-started", "service-activated"),
        changed(_at("/complete"), lambda shown: shown["state"] in ("creating", "active")),
    ),
    UseCase(
        "cancel", invited, in_state(ServiceState.CANCELLED), CHANGE, ("service-cancelled",),
        changed(_at("/cancel"), lambda shown: shown["state"] == "cancelled"),
    ),
    UseCase(
        "erase", cancelled, in_state(ServiceState.CANCELLED), (*CHANGE, "wake forget", *FORGET),
        ("personal-data-erased",), changed(_at("/erase"), lambda shown: shown["personalData"] == "erased"),
    ),
    UseCase(
        "forget", cancelled, in_state(ServiceState.CANCELLED), (*swept("forget"), *FORGET),
        ("personal-data-erased",), ahead=timedelta(days=1) + STEP,
    ),
    UseCase(
        "disconnect", active, in_state(ServiceState.DISCONNECTED), CHANGE, ("service-disconnected",),
        changed(_at("/disconnect"), lambda shown: shown["state"] == "disconnected"),
    ),
    UseCase(
        "expire", short_lived, status(InvitationStatus.EXPIRED), (*swept("expire"), *LOOK),
        ("invitation-expired",), ahead=LIVES + STEP,
    ),
    UseCase(
        "expire what nobody added", authenticated, status(InvitationStatus.EXPIRED),
        (*swept("expire", "expire"), *LOOK, *LOOK), ("invitation-expired",), ahead=timedelta(days=31),
    ),
    UseCase(
        "send after a lost wake-up", with_lost_wake_up, is_sent, (*swept("mail"), *MAIL), ("mail-sent",), ahead=STEP,
        mails=1,
    ),
    UseCase(
        "send again", with_waiting_mail, is_sent, (*swept("mail"), *SENT_AGAIN),
        ("mail-sent",), ahead=STEP, mails=1,
    ),
    UseCase(
        "try now", waking, is_sent,
        ("query due", "read service", "wake mail", *SENT_AGAIN), ("mail-sent",), _wake,
        mails=1, kept=False,
    ),
    UseCase(
        "check again", with_waiting_check, AUTHENTICATED,
        (*swept("check"), *SUBMISSION), ("authenticated",), ahead=STEP,
    ),
)  # fmt: skip
