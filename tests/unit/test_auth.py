"""Operator tokens: the good one is accepted, and every kind of forged, foreign or stale one is refused.

The tokens are signed with keys of the test's own; only the fetch of Microsoft's signing keys is replaced.
"""

import base64
import io
import json
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import shared.settings
from shared.problems import Problem
from shared.web import auth
from shared.web.auth import KeysUnavailable, NotAllowed, NotSignedIn, ProviderDisabled, Role, reader, writer
from tests.unit.builders import NOW, OTHER_PROVIDER, PROVIDER, environment, request, settings

AUTHORITY = "https://login.microsoftonline.com"
API = environment()["API_CLIENT_ID"]
PORTAL = json.loads(environment()["PORTAL_CLIENT_IDS"])[0]
SECONDS = int(NOW.timestamp())
OID = "66666666-aaaa-4bbb-8ccc-000000000006"
STRANGER = "77777777-aaaa-4bbb-8ccc-000000000007"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
FOREIGN_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def published(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return content | {"kid": kid, "use": "sig"}


class Microsoft:
    """What stands at the address of the signing keys, and who asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: bytes | Exception = json.dumps({"keys": [published(KEY, "k1")]}).encode()

    def open(self, req: urllib.request.Request, *_: object, **__: object) -> io.BytesIO:
        self.asked.append(req.full_url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return io.BytesIO(self.answer)


@pytest.fixture(autouse=True)
def microsoft(monkeypatch: pytest.MonkeyPatch) -> Iterator[Microsoft]:
    """Settings of the tests' own, a fixed time, and signing keys without a network."""
    stand_in = Microsoft()
    read = settings()
    monkeypatch.setattr(shared.settings, "settings", lambda: read)
    monkeypatch.setattr(urllib.request.OpenerDirector, "open", lambda _, *args, **named: stand_in.open(*args, **named))
    auth._signing_keys.cache_clear()
    with time_machine.travel(NOW, tick=False):
        yield stand_in
    auth._signing_keys.cache_clear()


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token; a change of None takes one away."""
    good: dict[str, Any] = {
        "iss": f"{AUTHORITY}/{PROVIDER}/v2.0",
        "aud": API,
        "tid": PROVIDER,
        "oid": OID,
        "azp": PORTAL,
        "scp": "Onboarding.Access",
        "ver": "2.0",
        "iat": SECONDS - 10,
        "nbf": SECONDS - 10,
        "exp": SECONDS + 600,
        "name": "Olga Operator",
        "roles": ["Onboarding.Operator"],
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(
    content: dict[str, Any], key: Any = KEY, algorithm: str = "RS256", headers: dict[str, Any] | None = None
) -> str:
    """Signed below PyJWT's own look at the claims, so that any claims can be signed."""
    given = {"typ": "JWT", "kid": "k1"} | (headers or {})
    return jwt.PyJWS().encode(json.dumps(content).encode(), key, algorithm, headers=given)


def calling(token: str, role: Callable[..., auth.Operator] = reader) -> auth.Operator:
    return role(request(headers={"Authorization": f"Bearer {token}"}))


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


# Accepted


def test_a_good_token_says_who_calls_for_which_provider() -> None:
    operator = calling(signed(claims()))
    assert (operator.provider.id, operator.oid, operator.name) == (PROVIDER, OID, "Olga Operator")
    assert operator.role is Role.OPERATOR
    assert (operator.actor.tid, operator.actor.oid) == (PROVIDER, OID)


@pytest.mark.parametrize(
    "changes",
    [
        {"scp": "openid Onboarding.Access profile"},
        {"roles": ["Something.Else", "Onboarding.Operator"]},
        {"exp": SECONDS - 30},
        {"nbf": SECONDS + 30},
        {"unknown": {"claim": ["of", "any", "kind"]}},
    ],
    ids=["further scopes", "further roles", "clock ahead", "clock behind", "further claims"],
)
def test_what_a_good_token_may_differ_in(changes: dict[str, Any]) -> None:
    assert calling(signed(claims(**changes))).oid == OID


def test_the_scheme_s_case_does_not_count() -> None:
    assert reader(request(headers={"Authorization": f"bearer {signed(claims())}"})).oid == OID


@pytest.mark.parametrize("name", [None, ""])
def test_a_person_without_a_name_is_an_operator(name: str | None) -> None:
    assert calling(signed(claims(name=name))).name == "An operator"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Olga\r\nOperator", "Olga Operator"),
        ("\u202eOlga", "Olga"),
        ("Olga\ud800", "Olga"),
        ("\u202e\0", "An operator"),
        (["Olga"], "An operator"),
        (5, "An operator"),
    ],
)
def test_a_name_is_kept_as_one_line_that_can_be_seen(name: object, expected: str) -> None:
    assert calling(signed(claims(name=name))).name == expected


def test_a_name_is_kept_short() -> None:
    assert len(calling(signed(claims(name="x" * 5000))).name) == 100


# Refused: the claims

FORGED_CLAIMS: dict[str, dict[str, Any]] = {
    **{f"no {name}": {name: None} for name in ("exp", "nbf", "iss", "aud", "tid", "oid", "scp", "azp", "ver")},
    "expired": {"exp": SECONDS - 90},
    "not valid yet": {"nbf": SECONDS + 3600},
    "issued in the future": {"iat": SECONDS + 3600},
    "exp that is no number": {"exp": "tomorrow"},
    "another tenant": {"tid": STRANGER, "iss": f"{AUTHORITY}/{STRANGER}/v2.0"},
    "another tenant's issuer": {"iss": f"{AUTHORITY}/{STRANGER}/v2.0"},
    "another provider's issuer": {"iss": f"{AUTHORITY}/{OTHER_PROVIDER}/v2.0"},
    "another provider's tenant": {"tid": OTHER_PROVIDER},
    "a version 1 issuer": {"iss": f"https://sts.windows.net/{PROVIDER}/"},
    "another authority": {"iss": f"https://login.microsoftonline.us/{PROVIDER}/v2.0"},
    "an issuer with a slash": {"iss": f"{AUTHORITY}/{PROVIDER}/v2.0/"},
    "the common issuer": {"iss": f"{AUTHORITY}/common/v2.0"},
    "an issuer in a list": {"iss": [f"{AUTHORITY}/{PROVIDER}/v2.0"]},
    "a tenant in a list": {"tid": [PROVIDER]},
    "an oid that is no text": {"oid": 5},
    "another audience": {"aud": "a0000000-0000-4000-8000-000000000009"},
    "an audience by its URI": {"aud": f"api://{API}"},
    "two audiences": {"aud": [API, "00000003-0000-0000-c000-000000000000"]},
    "an audience in a list": {"aud": [API]},
    "version 1": {"ver": "1.0"},
    "a version that is a number": {"ver": 2.0},
    "another scope": {"scp": "User.Read"},
    "a scope that begins alike": {"scp": "Onboarding.Access.All"},
    "scopes in a list": {"scp": ["Onboarding.Access"]},
    "an app's own token": {"scp": None, "idtyp": "app"},
    "another portal": {"azp": "a0000000-0000-4000-8000-000000000009"},
    "the API as its own portal": {"azp": API},
}


@pytest.mark.parametrize("changes", FORGED_CLAIMS.values(), ids=FORGED_CLAIMS.keys())
def test_a_token_that_was_not_issued_for_us_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotSignedIn):
        calling(signed(claims(**changes)))


@pytest.mark.parametrize("name", ["another tenant", "another audience", "another scope", "another portal", "version 1"])
def test_for_a_foreign_token_nobody_asks_microsoft(name: str, microsoft: Microsoft) -> None:
    with pytest.raises(NotSignedIn):
        calling(signed(claims(**FORGED_CLAIMS[name])))
    assert microsoft.asked == []


# Refused: the signature


def unsigned() -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT', 'kid': 'k1'})}.{part(claims())}."


def with_public_key_as_secret() -> str:
    import hashlib  # noqa: PLC0415 - PyJWT itself refuses to make such a token
    import hmac  # noqa: PLC0415

    content = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'k1'})}.{part(claims())}"
    mac = hmac.new(PUBLIC_PEM, content.encode(), hashlib.sha256).digest()
    return f"{content}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def with_other_claims() -> str:
    header, _, signature = signed(claims()).split(".")
    return f"{header}.{part(claims(oid=STRANGER))}.{signature}"


def with_its_own_key(name: str, value: Any) -> str:
    return signed(claims(), FOREIGN_KEY, headers={name: value})


FORGED: dict[str, Callable[[], str]] = {
    "unsigned": unsigned,
    "alg none with a signature": lambda: unsigned() + "AAAA",
    "public key as the secret": with_public_key_as_secret,
    "other claims under a good signature": with_other_claims,
    "another key under a known id": lambda: signed(claims(), FOREIGN_KEY),
    "an unknown key id": lambda: signed(claims(), FOREIGN_KEY, headers={"kid": "k2"}),
    "no key id": lambda: jwt.encode(claims(), KEY, "RS256"),
    "an empty key id": lambda: signed(claims(), headers={"kid": ""}),
    "PS256": lambda: signed(claims(), algorithm="PS256"),
    "RS512": lambda: signed(claims(), algorithm="RS512"),
    "ES256": lambda: signed(claims(), CURVE_KEY, "ES256"),
    "its own jwk": lambda: with_its_own_key("jwk", published(FOREIGN_KEY, "k1")),
    "its own jku": lambda: with_its_own_key("jku", "https://evil.example/keys"),
    "its own x5u": lambda: with_its_own_key("x5u", "https://evil.example/certificate"),
    "a critical extension": lambda: signed(claims(), headers={"crit": ["exp"]}),
    "an empty crit": lambda: signed(claims(), headers={"crit": []}),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused(forge: Callable[[], str], microsoft: Microsoft) -> None:
    with pytest.raises(NotSignedIn):
        calling(forge())
    assert set(microsoft.asked) <= {f"{AUTHORITY}/common/discovery/v2.0/keys"}


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer a.b.c.d.e",
        "Bearer \u00fc.\u00fc.\u00fc",
        "Bearer " + "a" * 20_000,
        "Basic b2xnYTpwYXNzd29yZA==",
        "Invitation {token}",
        "{token}",
        "Bearer {token} {token}",
        "Bearer, {token}",
    ],
    ids=lambda header: repr(header)[:24],
)
def test_what_is_no_bearer_token_is_refused(header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.format(token=signed(claims()))}
    with pytest.raises(NotSignedIn):
        reader(request(headers=headers))


@pytest.mark.parametrize("changes", [{"aud": STRANGER}, {"exp": SECONDS - 90, "name": STRANGER}], ids=["aud", "exp"])
def test_a_refusal_tells_nothing_of_the_token(changes: dict[str, Any]) -> None:
    token = signed(claims(**changes))
    with pytest.raises(NotSignedIn) as refused:
        calling(token)
    error = refused.value
    told = [error.detail, error.args, error.members, "".join(traceback.format_exception(error))]
    assert not [text for text in (token, STRANGER, OID) if text in repr(told)]


@pytest.mark.parametrize(
    ("problem", "status"), [(NotSignedIn, 401), (NotAllowed, 403), (ProviderDisabled, 403), (KeysUnavailable, 503)]
)
def test_each_refusal_has_its_status(problem: type[Problem], status: int) -> None:
    assert problem().status == status


# Roles and providers


@pytest.mark.parametrize(
    ("roles", "may_read", "may_write"),
    [
        (["Onboarding.Operator"], True, True),
        (["Onboarding.Monitor"], True, False),
        (["Onboarding.Monitor", "Onboarding.Operator"], True, True),
        (["onboarding.operator"], False, False),
        (["Onboarding.Operators"], False, False),
        (["Global Administrator"], False, False),
        ([], False, False),
        (None, False, False),
        ("Onboarding.Operator", False, False),
        ({"Onboarding.Operator": True}, False, False),
    ],
    ids=["operator", "monitor", "both", "case", "alike", "other", "none", "no claim", "no list", "a dict"],
)
def test_operators_write_and_monitors_read(roles: object, may_read: bool, may_write: bool) -> None:
    token = signed(claims(roles=roles))
    for role, may in ((reader, may_read), (writer, may_write)):
        if may:
            assert calling(token, role).oid == OID
        else:
            with pytest.raises(NotAllowed):
                calling(token, role)


@pytest.mark.parametrize("role", [reader, writer])
def test_a_disabled_provider_s_people_are_told_so(role: Callable[..., auth.Operator]) -> None:
    token = signed(claims(tid=OTHER_PROVIDER, iss=f"{AUTHORITY}/{OTHER_PROVIDER}/v2.0"))
    with pytest.raises(ProviderDisabled):
        calling(token, role)


# Microsoft's keys


def test_keys_come_from_the_configured_address_once_for_many_calls(microsoft: Microsoft) -> None:
    for _ in range(3):
        calling(signed(claims()))
    assert microsoft.asked == [f"{AUTHORITY}/common/discovery/v2.0/keys"]


def test_unknown_key_ids_do_not_make_us_ask_again_and_again(microsoft: Microsoft) -> None:
    calling(signed(claims()))
    for number in range(20):
        with pytest.raises(NotSignedIn):
            calling(signed(claims(), FOREIGN_KEY, headers={"kid": f"unknown-{number}"}))
    assert len(microsoft.asked) <= 2


def test_a_new_signing_key_is_accepted_after_the_pause(microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch) -> None:
    calling(signed(claims()))
    microsoft.answer = json.dumps({"keys": [published(KEY, "k1"), published(FOREIGN_KEY, "k2")]}).encode()
    token = signed(claims(), FOREIGN_KEY, headers={"kid": "k2"})
    later = time.monotonic() + auth.KEYS_PAUSE_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert calling(token).oid == OID
    assert len(microsoft.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        urllib.error.URLError("refused"),
        TimeoutError(),
        urllib.error.HTTPError("https://x", 503, "busy", {}, None),  # type: ignore[arg-type]
        b"<html>The proxy says no</html>",
    ],
    ids=["unreachable", "too slow", "503", "a page instead of keys"],
)
def test_keys_that_cannot_be_read_are_our_trouble_not_the_operator_s(
    answer: bytes | Exception, microsoft: Microsoft
) -> None:
    microsoft.answer = answer
    with pytest.raises(Problem) as refused:
        calling(signed(claims()))
    assert isinstance(refused.value, KeysUnavailable)
    assert refused.value.retry_after


def test_after_a_failed_fetch_nobody_waits_for_another_one_for_a_while(
    microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, microsoft.answer = microsoft.answer, TimeoutError()
    for _ in range(5):
        with pytest.raises(KeysUnavailable):
            calling(signed(claims()))
    assert len(microsoft.asked) == 1
    microsoft.answer, later = good, time.monotonic() + auth.KEYS_PAUSE_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert calling(signed(claims())).oid == OID


def test_an_outage_after_the_keys_were_read_disturbs_nobody(microsoft: Microsoft) -> None:
    calling(signed(claims()))
    microsoft.answer = urllib.error.URLError("refused")
    assert calling(signed(claims())).oid == OID
