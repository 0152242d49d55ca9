"""Sealing: a value opens at its own place with a key on file, and nowhere else."""

import base64

import pytest

from shared.sealing import KeyMissing, SealBroken, Sealer, key_id

OLD, NEW = bytes(32), bytes(range(32))
SEALER = Sealer({"new": NEW, "old": OLD})
PLACE = ("client-secret", "provider", "service", "credential.value")
VALUE = "Kd7~sTq.never-shown"


def raw(sealed: str) -> bytearray:
    return bytearray(base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)))


def text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize("value", ["", VALUE, "Stra\u00dfe \U0001f600\n\0", "x" * 10_000], ids=len)
def test_a_value_opens_at_its_own_place(value: str) -> None:
    assert SEALER.open(SEALER.seal(value, *PLACE), *PLACE) == value


def test_a_sealed_value_shows_nothing_of_what_it_holds() -> None:
    one, other = SEALER.seal(VALUE, *PLACE), SEALER.seal(VALUE, *PLACE)
    assert VALUE.encode() not in raw(one)
    assert one != other
    assert raw(one)[5:17] != raw(other)[5:17]  # the nonces: version, length, "new", then 12 bytes


def test_a_sealed_value_has_the_agreed_layout() -> None:
    sealed = raw(SEALER.seal(VALUE, *PLACE))
    assert sealed[:5] == b"\x01\x03new"
    assert len(sealed) == 5 + 12 + len(VALUE) + 16  # header, nonce, ciphertext, tag


@pytest.mark.parametrize(
    "place",
    [
        ("link", "provider", "service", "credential.value"),
        ("client-secret", "other", "service", "credential.value"),
        ("client-secret", "provider", "other", "credential.value"),
        ("client-secret", "provider", "service", "other"),
        ("client-secret", "service", "provider", "credential.value"),
        ("client-secret", "provider", "service"),
        ("client-secret", "provider", "service", "credential.value", ""),
        ("client-secret", "providers", "ervice", "credential.value"),
        ("client-secretproviderservicecredential.value",),
        (),
    ],
    ids=["purpose", "provider", "service", "field", "order", "shorter", "longer", "shifted", "joined", "none"],
)
def test_a_value_copied_to_another_place_does_not_open(place: tuple[str, ...]) -> None:
    sealed = SEALER.seal(VALUE, *PLACE)
    with pytest.raises(SealBroken):
        SEALER.open(sealed, *place)


def test_a_change_of_any_byte_breaks_the_seal() -> None:
    sealed = raw(SEALER.seal(VALUE, *PLACE))
    opened = []
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        try:
            opened.append((position, SEALER.open(text(bytes(changed)), *PLACE)))
        except SealBroken:
            continue
    assert opened == []


def test_a_value_cut_off_anywhere_breaks_the_seal() -> None:
    sealed = SEALER.seal(VALUE, *PLACE)
    for length in range(len(sealed)):
        with pytest.raises(SealBroken) as broken:
            SEALER.open(sealed[:length], *PLACE)
        assert not isinstance(broken.value, KeyMissing), "half an id is the id of no key"


@pytest.mark.parametrize("sealed", ["", "A", "AAAA", "not base64!", "\u00e9\u00e9\u00e9\u00e9", "A" * 400])
def test_what_was_never_sealed_does_not_open(sealed: str) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(sealed, *PLACE)


def test_the_first_key_seals_and_every_key_opens() -> None:
    earlier = Sealer({"old": OLD}).seal(VALUE, *PLACE)
    assert SEALER.open(earlier, *PLACE) == VALUE
    assert Sealer({"new": NEW}).open(SEALER.seal(VALUE, *PLACE), *PLACE) == VALUE


def test_a_key_that_was_taken_away_is_named_and_the_value_is_not() -> None:
    sealed = SEALER.seal(VALUE, *PLACE)
    with pytest.raises(KeyMissing) as missing:
        Sealer({"old": OLD}).open(sealed, *PLACE)
    assert missing.value.key_id == "new"
    assert str(missing.value) == "sealed with the key 'new', which SEALING_KEYS does not hold"


@pytest.mark.parametrize("name", ["k", "2027-05", "local_1.b", "x" * 32])
def test_the_key_of_a_sealed_value_is_told_without_opening_it(name: str) -> None:
    assert key_id(Sealer({name: NEW}).seal(VALUE, *PLACE)) == name


@pytest.mark.parametrize("name", ["", "two words", "line\nfeed", "\u00e9", "x" * 33, "\x1b[2J"], ids=range(6))
def test_what_cannot_be_the_id_of_a_key_is_never_said(name: str) -> None:
    forged = text(bytes([1, len(name.encode())]) + name.encode() + bytes(60))
    with pytest.raises(SealBroken) as told:
        key_id(forged)
    with pytest.raises(SealBroken) as opened:
        SEALER.open(forged, *PLACE)
    assert str(told.value) == str(opened.value) == "unknown layout"


@pytest.mark.parametrize("sealed", ["", "A", "AAAA", "not base64!", "AgNuZXc", "AQ"])
def test_what_was_never_sealed_has_no_key(sealed: str) -> None:
    with pytest.raises(SealBroken):
        key_id(sealed)


def test_another_key_under_the_same_name_does_not_open() -> None:
    with pytest.raises(SealBroken):
        Sealer({"new": OLD}).open(SEALER.seal(VALUE, *PLACE), *PLACE)
