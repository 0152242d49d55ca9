"""The link's token: its layout, what is refused before any look at storage, and what is stored of it."""

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from invitations.links import (
    InvalidLink,
    Token,
    address,
    decode,
    digest,
    encode,
    find,
    link_of,
    new_token,
    sealed_place,
    sending,
)
from invitations.records import Channel, LinkEnd
from shared.sealing import SealBroken, Sealer
from tests.unit.builders import NOW, ORIGIN, PROVIDER, SERVICE_ID, link

RANDOM = bytes(range(32))
TOKEN = Token(PROVIDER, SERVICE_ID, 258, RANDOM)
TEXT = encode(TOKEN)
SEALER = Sealer({"k": bytes(32)})


def altered(position: int, value: int) -> str:
    raw = bytearray(base64.urlsafe_b64decode(TEXT))
    raw[position] = value
    return base64.urlsafe_b64encode(bytes(raw)).decode()


def test_the_token_is_84_url_safe_characters_of_the_agreed_layout() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{84}", TEXT)
    raw = base64.urlsafe_b64decode(TEXT)
    assert raw == b"\x01" + bytes.fromhex(PROVIDER.replace("-", "") + SERVICE_ID) + b"\x01\x02" + RANDOM


@pytest.mark.parametrize("number", [1, 2, 255, 256, 65535])
def test_a_token_comes_back_from_its_text(number: int) -> None:
    token = replace(TOKEN, number=number)
    assert decode(encode(token)) == token


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "A",
        TEXT[:-4] + "====",
        TEXT + "\n",
        " " + TEXT[1:],
        TEXT[:-1] + "+",
        TEXT[:-1] + "/",
        TEXT[:-1] + "\u0661",
        f"{ORIGIN}/invite#{TEXT}",
        altered(0, 0),
        altered(0, 2),
        "\0" * 84,
        "A" * 1_000_000,
    ],
    ids=[
        "empty",
        "cut off",
        "too long",
        "padded",
        "line feed",
        "blank",
        "plus",
        "slash",
        "arabic digit",
        "whole link",
        "version 0",
        "version 2",
        "nulls",
        "endless",
    ],
)
def test_what_cannot_be_a_token_of_ours_is_refused(text: str) -> None:
    with pytest.raises(InvalidLink):
        decode(text)


def test_only_sha_256_of_the_random_part_goes_on_file() -> None:
    stored = link_of(TOKEN, Channel.COPY, "Olga Operator", NOW)
    assert stored.hash == hashlib.sha256(RANDOM).hexdigest() == digest(TOKEN)
    assert (stored.channel, stored.by, stored.at, stored.died_at) == (Channel.COPY, "Olga Operator", NOW, None)


@pytest.mark.parametrize("why", [None, LinkEnd.REPLACED], ids=["living", "dead"])
def test_a_token_finds_its_own_link_living_or_dead(why: LinkEnd | None) -> None:
    own = replace(link_of(TOKEN, Channel.MAIL, "Olga Operator", NOW), died_at=NOW if why else None, why=why)
    assert find([link("before"), own, link("after")], TOKEN) is own


@pytest.mark.parametrize("position", [0, 15, 31])
def test_one_other_bit_in_the_random_part_finds_nothing(position: int) -> None:
    guess = bytearray(RANDOM)
    guess[position] ^= 1
    on_file = [link_of(TOKEN, Channel.MAIL, "Olga Operator", NOW)]
    with pytest.raises(InvalidLink):
        find(on_file, replace(TOKEN, random=bytes(guess)))


def test_malformed_and_unknown_tokens_get_the_same_answer() -> None:
    with pytest.raises(InvalidLink) as malformed:
        decode("x")
    with pytest.raises(InvalidLink) as unknown:
        find([link()], TOKEN)
    answers = [(e.value.status, e.value.code, e.value.detail, e.value.members) for e in (malformed, unknown)]
    assert answers[0] == answers[1]
    assert answers[0][:2] == (401, "invalid-link")


def test_every_new_token_is_another_one() -> None:
    tokens = [new_token(PROVIDER, SERVICE_ID, 1) for _ in range(50)]
    assert len({token.random for token in tokens}) == 50
    assert {len(token.random) for token in tokens} == {32}


def test_the_link_carries_its_token_in_the_fragment_only() -> None:
    assert address(ORIGIN, TOKEN) == f"{ORIGIN}/invite#{TEXT}"


def test_a_token_never_writes_itself_out() -> None:
    with pytest.raises(TypeError):
        f"{TOKEN}"
    with pytest.raises(TypeError):
        str(TOKEN)
    assert repr([TOKEN]) == "[Token(…)]"


def test_a_mails_token_is_sealed_for_its_own_piece_of_work() -> None:
    owed = sending(SEALER, TOKEN, "Olga Operator", NOW, NOW)
    assert owed.link.hash == digest(TOKEN)
    assert TEXT not in repr(owed)
    assert SEALER.open(owed.sealed_token, *sealed_place(PROVIDER, SERVICE_ID, owed.mail_work)) == TEXT
    with pytest.raises(SealBroken):
        SEALER.open(owed.sealed_token, *sealed_place(PROVIDER, SERVICE_ID, owed.expire_work))


def test_mail_and_expiry_are_two_pieces_of_work() -> None:
    one, other = (sending(SEALER, TOKEN, "Olga Operator", NOW, NOW) for _ in range(2))
    assert len({one.mail_work, one.expire_work, other.mail_work, other.expire_work}) == 4
