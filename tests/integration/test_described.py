"""Every outcome that a contract names is provoked by a test, and every good answer is given."""

from invitations import problems as invitation_problems
from onboarding import problems
from shared.due import insert
from shared.kinds import Kind
from shared.problems import Problem
from shared.store import StoreUnavailable
from shared.web.auth import KeysUnavailable, ProviderDisabled
from shared.web.contract import contract
from tests.integration.asking import CALLS, PAIRS, asking
from tests.integration.cloud import LocalCloud
from tests.integration.described import Outcome
from tests.integration.procedure import (
    Onboarding,
    good,
    unique,
)
from tests.integration.test_owed import lying, never_claimed
from tests.integration.test_refused_requests import GENERIC
from tests.integration.test_refused_states import LINKS, STATES

# What takes another start of the host, one for all calls: the tests at the end of this module.
BY_START = {ProviderDisabled, KeysUnavailable, StoreUnavailable, invitation_problems.LinkSuspended}
# What the clock must bring about.
BY_TIME = {invitation_problems.LinkExpired, invitation_problems.LinkTooOld}
# What must not happen at all: the wall that turns it into this is tested in tests/unit/test_replies.py.
UNEXPECTED = {Problem}


def test_every_documented_refusal_is_provoked_here() -> None:
    told = {pair for pair in PAIRS if pair[1] not in GENERIC.keys() | BY_START | BY_TIME | UNEXPECTED}
    by_link = {(name, problem) for problem, (_, names) in LINKS.items() for name in names}
    by_name = {
        ("create_customer", problems.CustomerNameTaken),
        ("change_customer", problems.CustomerNameTaken),
        ("create_service", problems.ShortNameTaken),
        ("create_customer", problems.IdempotencyKeyReused),
        ("create_service", problems.IdempotencyKeyReused),
        ("submit_registration", invitation_problems.CheckInProgress),
        ("request_link", invitation_problems.LinkRevoked),
    }
    assert told == set(STATES) | by_link | by_name


def test_every_good_answer_is_given(cloud: LocalCloud) -> None:
    """A tour: each call once, in the order in which a service would meet them."""
    assert cloud.description is not None or cloud.anybody()
    description = cloud.description
    assert description is not None
    description.seen.clear()
    way = Onboarding.begin(cloud)
    way.mail()
    page, everybody = cloud.anybody(), cloud.anybody()
    for path in ("/invite", "/invite/wizard.css", "/api/openapi.json", "/api/health"):
        good_or_none = everybody.get(path)
        assert good_or_none.status_code == 200
        everybody.head(path) if path.startswith("/invite") else None
    etag = page.get("/invite/wizard.css").headers["ETag"]
    for method in ("GET", "HEAD"):
        assert page.request(method, "/invite/wizard.css", headers={"If-None-Match": etag}).status_code == 304
    for name in ("show_me", "list_customers", "show_customer", "ask_short_name",
        "list_customer_events", "list_services", "show_service",
                 "list_events", "list_invitations", "show_invitation", "list_owed"):  # fmt: skip
        good(asking(name, way).send())
    good(asking("create_customer", way).send(), 201)
    renamed = good(asking("change_customer", way, body={"name": unique("Customer ")}).send())["name"]
    way.until(lambda service: service["customer"]["name"] == renamed, "the customer's new name on its service")
    for name in ("change_service", "extend_invitation", "revoke_invitation"):
        good(asking(name, way).send())
    good(asking("resend_invitation", way, body={}).send())
    way.mail(2)
    holder = way.admin()
    good(asking("decline_invitation", way, holder).send())
    good(asking("request_link", way, holder).send())
    good(asking("resend_invitation", way, body={}).send())
    way.mail(3)
    way.added()
    good(asking("show_m365", way).send())
    way.validate()
    way.complete()
    good(asking("disconnect_service", way).send())
    good(asking("reinitiate_invitation", way).send(), 201)
    way.mail_settled()
    good(asking("cancel_service", way).send())
    good(asking("erase_service", way).send())
    late = never_claimed(Kind.EXPIRE)
    with lying(cloud, insert(late).row):
        good(asking("wake_owed", way, ids={"id": late.work_id}).send())
    good(asking("archive_customer", way).send())
    wanted = {
        Outcome(name if method != "HEAD" else f"{name}_head", status, None)
        for name, call in CALLS.items()
        for method in call.methods
        for status in contract(call).answers
        if status != 503
    }
    assert wanted <= description.seen, wanted - description.seen
