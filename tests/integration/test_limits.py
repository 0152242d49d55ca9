"""What is bounded: mails to one mailbox in a day, checks of one tenant in an hour, whoever asks for them."""

from datetime import UTC, datetime, timedelta

import pytest

from local.callers import Caller
from local.waiting import wait_until
from tests.integration.asking import asking
from tests.integration.cloud import Directory, LocalCloud
from tests.integration.procedure import (
    ADATUM,
    CONTOSO,
    SECONDS,
    Json,
    Onboarding,
    good,
    in_a_tenant_of_its_own,
    submit,
    submitted,
    unique,
    view_of,
)
from validation.bounds import SUBMISSIONS


def noon_of_the_day() -> timedelta:
    """How far the next noon is, in UTC: no test of a day's limit shall meet the day's end."""
    now = datetime.now(UTC)
    return (now.replace(hour=12, minute=0, second=0) - now) % timedelta(days=1)


def ahead(span: timedelta) -> str:
    return f"+{int(span / timedelta(minutes=1))}m"


def failed(way: Onboarding) -> str:
    """Why its mail was not sent."""
    reason: str = way.until(lambda one: one["invitation"]["emailState"] == "failed", "the failure of its mail")[
        "invitation"
    ]["emailReason"]
    return reason


def looked_at(holder: Caller) -> Json | None:
    """The page once its check has ended, or waits."""
    view = view_of(holder)
    return view if view["status"] != "validating" or view["check"]["waitingFor"] else None


@pytest.mark.days_later
def test_one_mailbox_gets_so_many_mails_a_day_however_often_a_service_is_made_anew(cloud: LocalCloud) -> None:
    noon = noon_of_the_day()
    cloud.restart(ahead(noon), MAILS_PER_ADDRESS_AND_DAY="2")
    box = unique("it")
    address = f"{box}@{CONTOSO.domain}"
    first = Onboarding.begin(cloud, adminEmail=address)
    first.mail()
    good(first.change(f"{first.path}/cancel"))
    Onboarding.begin(cloud, customer=first.customer, adminEmail=f"{box}+2@{CONTOSO.domain.upper()}").mail_settled()

    third = Onboarding.begin(cloud, adminEmail=address)
    assert "as anybody may get" in failed(third)
    assert third.read()["attention"]["code"] == "mail-failed"
    good(third.change(f"{third.invitation}/resend", {}))
    failed(third)
    assert len(cloud.inbox.mails(address)) == 1

    # The order is not lost, others are not affected, and the next day is another one.
    assert view_of(third.admin())["status"] == "pending"
    Onboarding.begin(cloud).mail()
    cloud.restart(ahead(noon + timedelta(days=1)), MAILS_PER_ADDRESS_AND_DAY="2")
    third.operator = cloud.operator()
    good(third.change(f"{third.invitation}/resend", {}))
    assert third.mail().link


def test_one_link_submits_so_often_an_hour_whatever_it_comes_to(cloud: LocalCloud) -> None:
    """Of another tenant than the customer's: that costs no try, and nobody signs in anywhere."""
    way = Onboarding.begin(cloud)
    good(asking("change_customer", way, body={"tenantId": ADATUM.tenant}).send())
    holder = way.admin()
    views: list[Json] = []
    while not views or views[-1]["status"] == "pending":
        good(submit(holder, CONTOSO), 202)
        views.append(wait_until(lambda: looked_at(holder), SECONDS, "the check, or what it waits for"))
        assert len(views) <= 2 * SUBMISSIONS.most + 1, "twice as many where the hour turns"
    assert len(views) > SUBMISSIONS.most
    assert {view["triesLeft"] for view in views} == {10}
    assert "Too much was submitted" in views[-1]["check"]["waitingFor"]
    other = Onboarding.begin(cloud, customer=way.customer)
    assert submitted(other.admin(), CONTOSO)["check"]["items"][-1]["name"] == "tenant"


def test_one_tenant_is_signed_in_to_so_often_an_hour_whoever_asks(cloud: LocalCloud, directory: Directory) -> None:
    past_the_hour = timedelta(hours=1) - timedelta(minutes=datetime.now(UTC).minute) + timedelta(minutes=5)
    cloud.restart(ahead(past_the_hour), CHECKS_PER_TENANT_AND_HOUR="1")
    theirs = in_a_tenant_of_its_own(directory, CONTOSO)
    Onboarding.begin(cloud).authenticated(theirs)
    other = Onboarding.begin(cloud)
    holder = other.admin()
    good(submit(holder, theirs), 202)

    def waits() -> str | None:
        words: str | None = view_of(holder)["check"]["waitingFor"]
        return words

    assert "too often" in str(wait_until(waits, SECONDS, "what the check waits for"))
    assert other.row()["triesLeft"] == 10
    Onboarding.begin(cloud).authenticated(in_a_tenant_of_its_own(directory, ADATUM))

    cloud.restart(ahead(past_the_hour + timedelta(hours=1)), CHECKS_PER_TENANT_AND_HOUR="1")
    other.operator = cloud.operator()
    assert other.until(lambda one: one["state"] == "authenticated", "the check in the next hour")
