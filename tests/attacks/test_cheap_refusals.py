"""Somebody floods the wizard's calls with made-up tokens: what cannot be a link of ours costs no call to storage."""

import base64
import secrets
from collections.abc import Callable
from typing import cast
from uuid import UUID, uuid4

import pytest

from invitations.links import InvalidLink, encode, new_token
from invitations.operations import admins
from shared.minted import mint
from shared.platform import Platform
from shared.rows import Row
from shared.sealing import Sealer
from shared.store import Store
from tests.unit.builders import OTHER_PROVIDER, PROVIDER, SERVICE_ID, settings

CALLS: dict[str, Callable[[Platform, str], object]] = {
    "hold": admins.hold,
    "open": lambda platform, text: admins.open_link(platform, text, mint()),
    "request a link": lambda platform, text: admins.request_link(platform, text, mint()),
}


class NoStore:
    """A storage that must not be asked for anything."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the storage was asked to {name}")


class EmptyStore:
    """A storage without any service; it counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def read(self, partition: str, key: str) -> Row | None:
        self.asked.append((partition, key))
        return None


def platform(store: object) -> Platform:
    read = settings()
    return Platform(read, cast(Store, store), Sealer(read.sealing_keys))


def made(provider: str = PROVIDER, service: str = SERVICE_ID) -> str:
    return encode(new_token(provider, service, 1))


def versioned(version: int) -> str:
    raw = base64.urlsafe_b64decode(made())
    return base64.urlsafe_b64encode(bytes([version]) + raw[1:]).decode()


NONE_OF_OURS = {
    "nothing": "",
    "a word": "x",
    "a character less": made()[:-1],
    "a character more": made() + "A",
    "padded": made()[:-1] + "=",
    "of the other alphabet": made()[:-1] + "/",
    "with a line break": made() + "\n",
    "beyond ASCII": made()[:-1] + "\u0661",
    "a million characters": "A" * 1_000_000,
    "NUL": "\0" * 84,
    "random letters": secrets.token_urlsafe(63),
    "of version 0": versioned(0),
    "of version 2": versioned(2),
    "of version 255": versioned(255),
    "of a tenant that is no provider": made(str(uuid4())),
    "of no tenant": made(str(UUID(int=0))),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("text", NONE_OF_OURS.values(), ids=NONE_OF_OURS.keys())
def test_what_cannot_be_a_link_of_ours_is_refused_before_storage_is_asked(call: str, text: str) -> None:
    with pytest.raises(InvalidLink):
        CALLS[call](platform(NoStore()), text)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("provider", [PROVIDER, OTHER_PROVIDER], ids=["active", "disabled"])
def test_a_guess_in_our_own_shape_costs_one_read_and_learns_nothing(call: str, provider: str) -> None:
    """Of a disabled provider, too: that it is disabled is told to whoever holds a link on file alone."""
    store = EmptyStore()
    with pytest.raises(InvalidLink):
        CALLS[call](platform(store), made(provider))
    assert store.asked == [(provider, f"service:{SERVICE_ID}")]
