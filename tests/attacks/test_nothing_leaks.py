"""Client secrets, links, tokens and keys stay where they belong, in a whole run with every refusal and every fault."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import pytest

from local.callers import Caller
from local.demo.story import begin
from local.demo.walk import STEPS
from local.waiting import wait_until
from shared.web.contract import Who, contract
from tests.attacks.searching import KINDS, Search
from tests.attacks.stored import body_of, planted
from tests.attacks.test_dead_links import ENDS
from tests.integration.asking import CALLS, PAIRS, asking
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import (
    ADATUM,
    CONTOSO,
    NORTHWIND,
    SECONDS,
    Onboarding,
    check_ended,
    good,
    in_a_tenant_of_its_own,
    new_customer,
    order,
    submit,
    unique,
    view_of,
)
from tests.integration.test_refusals import REFUSALS, WARNINGS, Seen
from tests.integration.test_refused_requests import GENERIC, caller_of

WRONG = "Wrong~secret.of-the-right_length-0123456"
MISPLACED = "Misplaced~secret.in-a-field-of-a-row-987"
MALFORMED = '{"tenantId": "%s", "clientId": "%s", "credential": {"kind": "secret", "value": "%s"'


@dataclass
class Run:
    """One run, and who took part in it."""

    cloud: LocalCloud
    search: Search
    faults: Faults
    callers: list[Caller] = field(default_factory=list)

    def joined(self, way: Onboarding) -> Onboarding:
        """The service's people take part: their identities are searched for, and so are their replies."""
        for caller in (way.operator, *way.admins):
            self.with_(caller)
        return way

    def with_(self, caller: Caller) -> Caller:
        if caller not in self.callers:
            self.callers.append(caller)
            self.search.keep_caller(caller)
        return caller


@pytest.fixture(scope="module")
def run(running_cloud: LocalCloud) -> Run:
    """Everything that is done before the search begins."""
    running_cloud.mend()
    made = Run(running_cloud, Search(running_cloud), Faults(running_cloud))
    made.faults.clear()
    search = made.search
    search.keep_keys()
    earlier = {mail.id for mail in running_cloud.inbox.mails()}
    for name, secret in (("a wrong secret", WRONG), ("a misplaced secret", MISPLACED)):
        search.keep(name, secret)
    try:
        for part in PARTS:
            part(made)
            made.faults.clear()
            running_cloud.mend()
            search.look(f"after {part.__name__}")
    finally:
        made.faults.clear()
        running_cloud.mend()
    sent = [mail for mail in running_cloud.inbox.mails() if mail.id not in earlier]
    for mail in sent:
        search.keep_link(mail.link)
    search.look_at_logs()
    search.look_at_replies(made.callers)
    search.look_at_mails(sent)
    return made


def the_demo(run: Run) -> None:
    """All 21 steps."""
    story = begin(run.cloud.config)
    run.search.keep("the demo's client secret", story.secret)
    for _, act in STEPS:
        act(story)
    assert story.admin is not None
    run.with_(story.operator)
    run.with_(story.admin)


def what_microsoft_refuses(run: Run) -> None:
    """Every refusal and warning that the pretend directory holds, each for a service of its own."""
    seen = Seen(run.cloud)
    wanted = {name: one.registered for name, one in REFUSALS.items()} | {name: one[0] for name, one in WARNINGS.items()}
    for name, registered in wanted.items():
        if registered.secret not in run.search.secrets.values():
            run.search.keep(f"the secret of {name}", registered.secret)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(seen.begin, wanted))
        list(pool.map(seen.submit, wanted, wanted.values()))
        run.search.look("while checks run")
        list(pool.map(seen.end, wanted))
    for way in seen.ways.values():
        run.joined(way)


def what_microsoft_says_of_it(run: Run) -> None:
    """Entra and Graph repeat what they were sent, in every place that somebody might show or log."""
    registered = in_a_tenant_of_its_own(run.cloud.directory, CONTOSO)
    said = f"AADSTS7000215: the secret {registered.secret} of {registered.client} is wrong"
    told = {"error": "invalid_client", "error_description": said, "error_codes": [7000215], "trace_id": said,
            "correlation_id": said, "error_uri": said, "claims": said, "suberror": said}  # fmt: skip
    answers = [
        (registered.sign_in, 401, told),
        (registered.sign_in, 400, {**told, "error": said, "error_codes": [said]}),
        (registered.sign_in, 503, {"error": said}),
        (registered.sign_in, 200, f"<html>{said}{'busy ' * 50}</html>"),
        (registered.sign_in, 200, {"access_token": 7, "error": said}),
        ("GET /v1.0/organization", 403, {"error": {"code": said, "message": said}}),
        ("GET /v1.0/organization", 200, f"[{json.dumps(said)}"),
        ("GET /v1.0/applications", 200, {"displayName": 7, "passwordCredentials": [said, {"hint": said}]}),
    ]
    for match, status, body in answers:
        run.faults.clear()
        headers = dict.fromkeys(("request-id", "client-request-id", "WWW-Authenticate"), registered.secret)
        run.faults.entra(match, status=status, body=body, headers=headers)
        way = Onboarding.begin(run.cloud)
        admin = way.admin()
        good(submit(admin, registered), 202)
        wait_until(lambda: looked_at(admin), SECONDS, "an end or words")  # noqa: B023 - it is over before the next one
        run.joined(way)
    run.search.look("while Microsoft talks")


def looked_at(admin: Caller) -> bool:
    view = view_of(admin)
    return bool(view["status"] != "validating" or view["check"]["waitingFor"])


def what_submissions_get_wrong(run: Run) -> None:
    """Secrets in misspelt fields, in other fields, in broken JSON; and their seals opened again and again."""
    way = Onboarding.begin(run.cloud)
    run.search.look("while a mail is owed")
    way.mail()
    admin = way.admin()
    typed = CONTOSO.typed()
    for body in (
        {**typed, "credential": {"kind": "secret", "Value": CONTOSO.secret, "x": WRONG}},
        {**typed, "credential": {"kind": CONTOSO.secret, "value": WRONG}},
        {**typed, "credential": CONTOSO.secret},
        {**typed, "tenantId": CONTOSO.secret, "clientId": WRONG},
        {**typed, CONTOSO.secret: WRONG},
        {**typed, "credential": {"kind": "secret", "value": f"{CONTOSO.secret}\n{WRONG}" * 200}},
        {**typed, "credential": {"kind": "secret", "value": [CONTOSO.secret]}},
        {**typed, "credential": {"kind": "secret", "value": CONTOSO.secret, "expiresOn": WRONG}},
    ):
        assert admin.post("/api/invitation/submission", json=body).status_code == 422
    for raw in (MALFORMED % (CONTOSO.tenant, CONTOSO.client, CONTOSO.secret), CONTOSO.secret, json.dumps(WRONG)):
        headers = {"Content-Type": "application/json"}
        assert admin.post("/api/invitation/submission", data=raw, headers=headers).status_code == 400
    assert admin.post("/api/invitation/submission", data={"secret": CONTOSO.secret}).status_code == 415
    good(submit(admin, CONTOSO, value=WRONG), 202)
    assert check_ended(admin)["triesLeft"] == 9
    good(submit(admin, CONTOSO), 202)
    way.until(lambda one: one["state"] == "authenticated", "the check")
    run.search.look("while authenticated")
    good(way.add())
    for step in (way.validate, way.complete, way.validate):
        step()
    for path in ("/api/me", "/api/customers", "/api/services", "/api/invitations", "/api/health", "/api/owed"):
        way.operator.get(path)
    way.events()
    run.joined(way)


def links_after_their_ends(run: Run) -> None:
    """Every end of a link, each for a service of its own, and every call with it afterwards."""

    def ended(end: str) -> Onboarding:
        way = Onboarding.begin(run.cloud)
        holder = ENDS[end][0](way)
        for name in ("open_invitation", "submit_registration", "decline_invitation", "request_link"):
            asking(name, way, holder).send()
        return way

    with ThreadPoolExecutor(4) as pool:
        for way in pool.map(ended, ENDS):
            run.joined(way)
            run.search.keep("a secret of the directory", ADATUM.secret)


def what_requests_get_wrong(run: Run) -> None:
    """Each problem that any call answers to a spoilt request; tokens in the wrong places, too."""
    way = Onboarding.begin(run.cloud)
    way.mail_settled()
    for name, problem in PAIRS:
        if problem in GENERIC:
            asked = asking(name, way, caller_of(CALLS[name], way))
            GENERIC[problem](run.cloud, asked)
            assert asked.send().status_code == problem.status
            if "Authorization" in asked.caller.headers:
                run.with_(asked.caller)
    token = str(way.operator.headers["Authorization"]).partition(" ")[2]
    held, stranger = way.copy_link().partition("#")[2], run.cloud.anybody()
    run.search.keep_link(f"#{held}")
    for scheme in ("Basic", "Invitation", "Bearer x", "Bearer,"):
        stranger.get("/api/services", headers={"Authorization": f"{scheme} {token}"})
        stranger.get("/api/invitation", headers={"Authorization": f"{scheme} {held}"})
    run.callers.append(stranger)
    run.joined(way)


def everything_away(run: Run) -> None:
    """Storage, Entra and the e-mail service, each while it is needed."""
    way = Onboarding.begin(run.cloud)
    way.mail()
    admin = way.admin()
    run.joined(way)
    for fault in ({"status": 503}, {"drop": True}, {"status": 401}, {"status": 400, "body": {"error": {"code": "x"}}}):
        run.faults.clear()
        run.faults.mail(**fault)
        run.joined(other := Onboarding.begin(run.cloud))
        wait_until(partial(run.faults.used, "mail"), SECONDS, "the attempt to send")
        other.copy_link()
    run.faults.clear()
    run.faults.entra(r"* /(?!common)", drop=True)
    good(submit(admin, CONTOSO), 202)
    wait_until(lambda: view_of(admin)["check"]["waitingFor"], SECONDS, "what the page says")
    run.faults.clear()
    run.faults.entra("GET /common/discovery/v2.0/keys", status=503)
    run.cloud.host.restart(Data=run.cloud.without_tables())
    for call in CALLS.values():
        if contract(call).who is not Who.ANYONE:
            holder = admin if contract(call).who is Who.LINK else way.operator
            reply = holder.request(call.methods[0], "/" + call.path.format(id=way.id), json=CONTOSO.typed())
            assert reply.status_code >= 400


def rows_that_cannot_be_read(run: Run) -> None:
    """A secret in a field where none can be: the error that this is must not repeat it."""
    way = Onboarding.begin(run.cloud).added()
    key = (NORTHWIND, f"service:{way.id}")
    before = body_of(run.cloud, key)
    spoilt = [
        json.dumps({**before, "state": MISPLACED}),
        json.dumps({**before, "invitation": {**before["invitation"], "status": MISPLACED, "expires_at": MISPLACED}}),
        json.dumps({**before, "registration": MISPLACED}),
        json.dumps(before)[:-1] + MISPLACED,
    ]
    admin = way.admins[-1]
    for body in spoilt:
        planted(run.cloud, key, body=body)
        for reply in (way.operator.get(way.path), way.operator.get("/api/services"), admin.get("/api/invitation")):
            assert (reply.status_code, reply.json()["code"]) == (500, "unexpected")
        assert admin.post("/api/invitation/submission", json=CONTOSO.typed()).status_code == 500
    planted(run.cloud, key, body=json.dumps(before))
    assert way.read()["state"] == "authenticated"
    run.joined(way)


def many_at_once(run: Run) -> None:
    """Services on their way at one moment, and what stands in the queues then."""
    busy = [run.with_(run.cloud.operator()) for _ in range(4)]
    customer = new_customer(busy[0])["id"]
    run.faults.mail(delaySeconds=2)
    with ThreadPoolExecutor(4) as pool:
        for number in range(20):  # until some have to wait for the workers: what is worked on cannot be looked at
            orders = [(one, unique("key-"), order()) for one in busy]
            list(pool.map(lambda one: one[0].create(f"/api/customers/{customer}/services", *one[1:]), orders))
            run.search.look(f"with {4 * number} mails and more on their way")
            if run.search.texts["message"]:
                break


PARTS: tuple[Callable[[Run], None], ...] = (
    the_demo,
    what_microsoft_refuses,
    what_microsoft_says_of_it,
    what_submissions_get_wrong,
    links_after_their_ends,
    what_requests_get_wrong,
    everything_away,
    rows_that_cannot_be_read,
    many_at_once,
)


# What was found


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_link_token_or_key_is_anywhere(run: Run, kind: str) -> None:
    assert run.search.found(kind) == []


def test_enough_was_done_and_looked_at(run: Run) -> None:
    """Else nothing would be found, either."""
    texts = run.search.texts
    assert {kind: len(texts[kind]) > least for kind, least in LEAST.items()} == dict.fromkeys(LEAST, True)
    assert len(run.search.secrets) > 60
    told = {code for reply in texts["reply"].values() for code in re.findall(r'"code": "([a-z-]+)"', reply)}
    assert told >= {"unexpected", "storage-unavailable", "invalid-link", "link-locked", "link-revoked"}
    assert "unexpected" in "".join(texts["log"].values()), "an error that nobody expected was logged"


LEAST = {"row": 300, "message": 0, "event": 300, "log": 5, "mail": 10, "reply": 500}
