"""What is sealed in a row, which key it stands under, what is to be done about it, and what a count of it means."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from invitations.links import sealed_place
from onboarding.records import Service
from shared import due
from shared.due import Due
from shared.kinds import Kind
from shared.rows import Row
from shared.sealing import KeyMissing, SealBroken, Sealer, key_id
from shared.stored import from_json
from validation.rules import credential_place

FAULTS_KEPT = 20


class What(StrEnum):
    """What is sealed."""

    SECRET = "client secret"  # noqa: S105 - the name of a kind
    LINK = "link"


@dataclass(frozen=True)
class Sealed:
    """A sealed value, and the place for which it was sealed."""

    what: What
    value: str = field(repr=False)
    place: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """A row that cannot be read, or holds what cannot be opened, and why. It holds no value."""

    provider: str
    row: str
    why: str


@dataclass
class Tally:
    """What was found: how many values stand under which key, by provider; and the faults, of which the first are kept.

    ``missing`` are the ids of needed keys that SEALING_KEYS does not hold.
    """

    under: Counter[tuple[str, str, What]] = field(default_factory=Counter)
    missing: set[str] = field(default_factory=set)
    faults: int = 0
    kept: list[Fault] = field(default_factory=list)

    def note(self, fault: Fault) -> None:
        self.faults += 1
        if len(self.kept) < FAULTS_KEPT:
            self.kept.append(fault)

    def of(self, *, provider: str | None = None, key: str | None = None) -> Counter[What]:
        """How many secrets and links there are: of one provider or all, under one key or any."""
        found: Counter[What] = Counter()
        for (owner, name, what), number in self.under.items():
            if provider in (None, owner) and key in (None, name):
                found[what] += number
        return found

    def older(self, newest: str) -> int:
        """How many values do not stand under the newest key."""
        return self.of().total() - self.of(key=newest).total()


# Rows


def may_hold(key: str) -> bool:
    """Whether the row of that key is one in which something sealed may stand."""
    return key.startswith("service:") or key.split(":")[2:3] == [Kind.MAIL]


def sealed_in(provider: str, row: Row) -> tuple[Sealed, ...]:
    """What is sealed in a service's row, or a mail's. Raises ValueError when the row is not one of ours."""
    return (link_of(work_in(provider, row)),) if row.key.startswith("due:") else _secrets_of(provider, row)


def work_in(provider: str, row: Row) -> Due:
    """A due row's work. Raises ValueError when the row is not one of ours."""
    return due.from_row(row, provider)


def link_of(work: Due) -> Sealed:
    """The link that a mail holds. Raises ValueError when there is none."""
    if "token" not in work.note:
        raise ValueError("the mail has no link")
    return Sealed(What.LINK, work.note["token"], sealed_place(work.provider, work.subject, work.work_id))


def _secrets_of(provider: str, row: Row) -> tuple[Sealed, ...]:
    service = from_json(Service, row.body)
    if (service.provider, f"service:{service.id}") != (provider, row.key):
        raise ValueError("the row stands elsewhere than its own place")
    place = credential_place(service.provider, service.id)
    held = (service.invitation.proposal, service.registration)
    return tuple(Sealed(What.SECRET, one.credential.sealed, place) for one in held if one is not None)


def resealed(row: Row, values: Mapping[str, str]) -> Row:
    """The row with each of these sealed values replaced, and otherwise to the letter what it is.

    A sealed value is base64url with a random nonce in it, so it needs no escape in JSON, and its text stands nowhere
    else. What only a newer version of the app knows of stays in the row.
    """
    body = row.body
    for old, new in values.items():
        body = body.replace(f'"{old}"', f'"{new}"')
    return replace(row, body=body)


# Keys


def needs(one: Sealed, sealer: Sealer) -> str:
    """The id of the key that a value stands under; it was opened to be sure. Raises SealBroken, KeyMissing."""
    sealer.open(one.value, *one.place)
    return key_id(one.value)


def anew(found: Collection[Sealed], sealer: Sealer, newest: str) -> dict[str, str]:
    """Each value under an older key → the same, sealed with the newest. What does not open is left as it is."""
    values = {}
    for one in found:
        try:
            if key_id(one.value) != newest:
                values[one.value] = sealer.seal(sealer.open(one.value, *one.place), *one.place)
        except SealBroken:
            continue
    return values


def counted(tally: Tally, provider: str, row: Row, sealer: Sealer) -> None:
    """Count what is sealed in a row."""
    try:
        found = sealed_in(provider, row)
    except (ValueError, TypeError):
        tally.note(Fault(provider, row.key, "it cannot be read"))
        return
    for one in found:
        try:
            tally.under[provider, needs(one, sealer), one.what] += 1
        except KeyMissing as lacking:
            tally.under[provider, lacking.key_id, one.what] += 1
            tally.missing.add(lacking.key_id)
        except SealBroken as broken:
            tally.note(Fault(provider, row.key, f"its {one.what} does not open: {broken}"))


def exit_code(tally: Tally, newest: str) -> int:
    """0: all stand under the newest key; 3: an older one is needed; 1: a missing one is, or there are faults."""
    if tally.missing or tally.faults:
        return 1
    return 3 if tally.older(newest) else 0
