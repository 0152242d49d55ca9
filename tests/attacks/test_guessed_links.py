"""Somebody guesses at links: whatever they try, they get one and the same answer, and nothing is written."""

import base64
from collections.abc import Callable
from urllib.parse import quote
from uuid import UUID

import pytest
import requests

from shared.web.contract import Who, contract
from tests.attacks.stored import nothing_changes
from tests.integration.asking import CALLS, asking
from tests.integration.cloud import LocalCloud
from tests.integration.procedure import CONTOSO, FABRIKAM, NORTHWIND, Onboarding, good, refused

LINK_CALLS = [name for name, call in CALLS.items() if contract(call).who is Who.LINK]
# The token's bytes (docs/decisions/0005-link-token.md).
REGIONS = {"version": range(1), "provider": range(1, 17), "service": range(17, 29), "random": range(31, 63)}
NUMBER = range(29, 31)


@pytest.fixture(scope="module")
def target(running_cloud: LocalCloud) -> Onboarding:
    """A service whose invitation waits, with a link in its administrator's hands."""
    return held(running_cloud, NORTHWIND)


@pytest.fixture(scope="module")
def another(running_cloud: LocalCloud) -> Onboarding:
    """Another service of the same provider, just like it."""
    return held(running_cloud, NORTHWIND)


@pytest.fixture(scope="module")
def elsewhere(running_cloud: LocalCloud) -> Onboarding:
    """A service of another provider, just like it."""
    return held(running_cloud, FABRIKAM)


def held(cloud: LocalCloud, provider: str) -> Onboarding:
    cloud.mend()
    way = Onboarding.begin(cloud, provider)
    way.mail()
    way.admin()
    return way


def token_of(way: Onboarding) -> str:
    """The token of its living link."""
    return str(way.admins[-1].headers["Authorization"]).partition(" ")[2]


def raw(token: str) -> bytearray:
    return bytearray(base64.urlsafe_b64decode(token))


def text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()


def put(start: int, content: bytes) -> Callable[[str], str]:
    """The token with other bytes from there on."""
    return lambda token: text(bytes(raw(token)[:start]) + content + bytes(raw(token)[start + len(content) :]))


def flipped(at: int, bit: int = 0) -> Callable[[str], str]:
    """The token with one bit turned over."""
    return lambda token: put(at, bytes([raw(token)[at] ^ (1 << bit)]))(token)


GUESSES: dict[str, Callable[[str], str]] = {
    "nothing": lambda _: "",
    "nonsense": lambda _: "nonsense",
    "cut off": lambda token: token[:-4],
    "83 characters": lambda token: token[:-1],
    "85 characters": lambda token: f"{token}A",
    "with a tail": lambda token: f"{token}AAAA",
    "padded": lambda token: f"{token}=",
    "padded inside its length": lambda token: f"{token[:-4]}====",
    "of the other alphabet": lambda token: f"{token[:40]}+/{token[42:]}",
    "of base32's letters": lambda token: token.upper(),
    "in lower case": str.lower,
    "in hex": lambda token: raw(token).hex(),
    "backwards": lambda token: token[::-1],
    "doubled": lambda token: token * 2,
    "doubled with a comma": lambda token: f"{token},{token}",
    "encoded for an address": lambda token: quote(f"{token[:-1]}=", safe=""),
    "encoded byte by byte": lambda token: "".join(f"%{ord(one):02x}" for one in token),
    "encoded once more": lambda token: base64.urlsafe_b64encode(token.encode()).decode(),
    "with a blank in it": lambda token: f"{token[:40]} {token[41:]}",
    "with a tab before it": lambda token: f"\t{token[1:]}",
    "beyond ASCII": lambda token: f"{token[:-1]}\u00e9",
    "no base64": lambda token: f"{token[:40]}!{token[41:]}",
    "the whole link": lambda token: f"https://localhost/invite#{token}",
    "with its hash": lambda token: f"#{token}",
    "in quotes": lambda token: f'"{token}"',
    "10,000 characters": lambda token: token * 119,
    "zeros": lambda _: "A" * 84,
    "of version 0": put(0, b"\x00"),
    "of version 2": put(0, b"\x02"),
    "of version 129": put(0, b"\x81"),
    "of the other provider": put(1, UUID(FABRIKAM).bytes),
    "of a tenant that is no provider": put(1, UUID(CONTOSO.tenant).bytes),
    "of the table's own partition": put(1, b"system".ljust(16, b"\x00")),
    "of no service": put(17, b"\x00" * 12),
    "with no random part": put(31, b"\x00" * 32),
    **{
        f"a bit of the {region} flipped at byte {at}": flipped(at, at % 8)
        for region, bytes_ in REGIONS.items()
        for at in sorted({bytes_[0], bytes_[len(bytes_) // 2], bytes_[-1]})
    },
}


def answers(way: Onboarding, token: str) -> dict[str, tuple[int, bytes, dict[str, str]]]:
    """What each of the wizard's calls answers to that token; headers without the time of day."""
    told = {}
    for name in LINK_CALLS:
        caller = way.cloud.anybody()
        # A header takes no blank at its ends and nothing beyond Latin-1.
        caller.headers["Authorization"] = f"Invitation {token}".strip().encode("latin-1").decode("latin-1")
        told[name] = seen(asking(name, way, caller).send())
    return told


def seen(reply: requests.Response) -> tuple[int, bytes, dict[str, str]]:
    refused(reply, 401, "invalid-link")
    headers = {name.lower(): value for name, value in reply.headers.items() if name.lower() != "date"}
    assert headers["www-authenticate"] == "Invitation"
    return reply.status_code, reply.content, headers


@pytest.fixture(scope="module")
def the_one_answer(target: Onboarding) -> dict[str, tuple[int, bytes, dict[str, str]]]:
    """What each call answers to what cannot be a token at all."""
    return answers(target, "x")


@pytest.mark.parametrize("guess", GUESSES)
def test_every_guess_gets_the_one_answer_and_writes_nothing(
    cloud: LocalCloud, target: Onboarding, the_one_answer: object, guess: str
) -> None:
    token = GUESSES[guess](token_of(target))
    assert token != token_of(target)
    with nothing_changes(target):
        assert answers(target, token) == the_one_answer


def test_no_part_of_one_link_opens_another_invitation(
    cloud: LocalCloud, target: Onboarding, another: Onboarding, elsewhere: Onboarding, the_one_answer: object
) -> None:
    """The address of one and the random part of another, of the same provider and of another one."""
    tokens = [token_of(way) for way in (target, another, elsewhere)]
    mixed = {
        text(bytes(raw(first)[:at]) + bytes(raw(then)[at:]))
        for first in tokens
        for then in tokens
        for at in (1, 17, 31)
    }
    with nothing_changes(target, another, elsewhere):
        for token in mixed.difference(tokens):
            assert answers(target, token) == the_one_answer


def test_the_number_in_a_token_opens_nothing_more(cloud: LocalCloud, target: Onboarding) -> None:
    """Nothing is looked up by it: with any number, the random part opens its own invitation or none at all."""
    own = good(target.admins[-1].get("/api/invitation"))
    with nothing_changes(target):
        for number in (0, 2, 255, 65535):
            guess = put(NUMBER[0], number.to_bytes(2, "big"))(token_of(target))
            reply = cloud.admin(f"{cloud.config.api_url}/invite#{guess}").get("/api/invitation")
            assert reply.status_code == 401 or reply.json() == own


def test_what_a_link_does_it_does_to_its_own_invitation_alone(
    cloud: LocalCloud, target: Onboarding, elsewhere: Onboarding
) -> None:
    """The calls name no invitation but by the token: ids in the body or the address are none of theirs."""
    way = held(cloud, NORTHWIND)
    ids = {"id": target.id, "serviceId": target.id, "invitation": f"{target.id}-1", "provider": FABRIKAM}
    with nothing_changes(target, elsewhere):
        asked = asking("submit_registration", way, way.admins[-1], query=ids)
        good(asked.send(), 202)
        way.until(lambda one: one["invitation"]["status"] != "validating", "the end of the check")
        asked = asking("decline_invitation", way, way.admins[-1], query=ids, body={"reason": "No.", **ids})
        refused(asked.send(), 422, "invalid-input")
        good(asking("decline_invitation", way, way.admins[-1], query=ids).send())
