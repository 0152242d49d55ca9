"""What should become of a service when owed work is done: mails, checks, expiry."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tests.stateful.known import ANSWERABLE, Known
from tests.stateful.outside import BUSY, THROTTLED

ADD_WITHIN = timedelta(days=30)
SENT_WITHIN = timedelta(days=2)
MOST_TRIES = 10
LATER = {"busy", "throttled", "broken"}


@dataclass(frozen=True)
class Work:
    """A piece of work as its delivery finds it. ``attempts`` counts this one, ``about`` is a link or a time."""

    id: str
    attempts: int
    age: timedelta
    now: datetime
    about: str = ""

    def gives_up(self, answer: str, attempts: int, age: timedelta) -> bool:
        """Whether patience has run out when the service cannot answer; being throttled is nobody's attempt."""
        return self.age > age or self.attempts - (answer == "throttled") >= attempts


def mail(one: Known, work: Work, answer: str, *, taken: bool, late: bool = False) -> Known:
    """``taken``: an earlier attempt went out, and the service says so. ``late``: it goes out whatever happens now."""
    mine = one.mail_link == work.about
    line = one.links.get(work.about)
    wanted = mine and line is not None and line.end is None and one.status in ANSWERABLE and work.now < one.expires
    if work.attempts > 1 and answer in LATER:
        return _unsent(one, work, answer, mine=mine)
    if taken:
        return _sent(one, mine=mine)
    if not (wanted or late):
        return _counted(replace(one, mail="dropped")) if mine and one.mail == "queued" else one
    if work.attempts > 12 or work.age > SENT_WITHIN or answer == "refused":
        return _counted(replace(one, mail="failed")) if mine else one
    return _sent(one, mine=mine) if answer == "accepted" else _unsent(one, work, answer, mine=mine)


def _sent(one: Known, *, mine: bool) -> Known:
    return _counted(replace(one, sent=one.sent + 1, mail="sent" if mine else one.mail))


def _unsent(one: Known, work: Work, answer: str, *, mine: bool) -> Known:
    if mine and work.gives_up(answer, 16, SENT_WITHIN + timedelta(hours=6)):
        return _counted(replace(one, mail="failed"))
    told = mine and one.mail == "queued" and one.status in ANSWERABLE
    return _counted(one) if told and not _known(one.mail_waits_for, answer) else one


def _known(waits_for: str | None, answer: str) -> bool:
    """Whether it is told already: the same words again are no news."""
    words = {"throttled": THROTTLED, "broken": "Something went wrong"}.get(answer, BUSY)
    return (waits_for or "").startswith(words)


def check(one: Known, work: Work, answer: str, pins: Collection[str]) -> Known:
    """``pins`` are the tenants that the registration must be of."""
    if work.id not in (one.submission, one.check):
        return one
    if work.attempts > 20:
        answer = "unavailable"
    elif answer in LATER:
        if not work.gives_up(answer, 20, timedelta(hours=1)):
            return one if _known(one.checks_wait_for.get(work.id), answer) else _counted(one)
        answer = "unavailable"
    subject = one.proposal if work.id == one.submission else one.registered
    if answer in ("passed", "refused") and subject and any(pin != subject.tenant for pin in pins):
        answer = "lacking"
    return _counted(_submission_ends(one, answer, work) if work.id == one.submission else _check_ends(one, answer))


def _submission_ends(one: Known, answer: str, work: Work) -> Known:
    one = replace(one, submission=None)
    if answer == "passed":
        end = work.now + ADD_WITHIN
        used = {
            name: replace(line, end="used", died=work.now) if line.end is None else line
            for name, line in one.links.items()
        }
        return replace(one, status="authenticated", links=used, expires=end, asked=None).followed()
    one = replace(one, status="pending", proposal=None, tries=one.tries + (answer == "refused")).followed()
    if one.tries >= MOST_TRIES:
        return one.ended("locked", "locked", work.now)
    return one.ended("expired", "expired", work.now) if one.expires <= work.now else one


def _check_ends(one: Known, answer: str) -> Known:
    completion = one.purpose == "completion"
    state = one.state
    if completion:
        state = "active" if answer == "passed" else "validated"
    elif answer == "passed" and state == "authenticated":
        state = "validated"
    elif answer in ("refused", "lacking") and state == "validated":
        state = "authenticated"
    return replace(one, state=state, check=None, purpose=None)


def expire(one: Known, work: Work) -> Known:
    stamped = work.about == one.expires.isoformat() and one.waits
    if not stamped or one.status not in ("pending", "authenticated") or work.now < one.expires:
        return one
    return _counted(one.ended("expired", "expired", one.expires))


def forget(one: Known) -> Known:
    registered = one.registered and replace(one.registered, address="")
    return _counted(replace(one, address="", registered=registered))


def _counted(one: Known) -> Known:
    return replace(one, version=one.version + 1)
