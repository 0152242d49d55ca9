"""Somebody wants to be an operator without having signed in: no token opens anything but Entra's own for this API."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from local.callers import Caller
from tests.attacks.forging import CURVE_KEY, OWN_KEY, Forger, seconds_from_now
from tests.attacks.operations import operations, request
from tests.attacks.stored import nothing_changes
from tests.integration.cloud import Faults, LocalCloud
from tests.integration.procedure import FABRIKAM, NORTHWIND, Desk, Json, Onboarding, good, order, refused, unique

STRANGER = "33333333-aaaa-4bbb-8ccc-000000000001"
API, OTHER_CLIENT = "a0000000-0000-4000-8000-000000000001", "b0000000-0000-4000-8000-000000000001"
PORTAL = "a0000000-0000-4000-8000-000000000002"
KEYS = "GET /common/discovery/v2.0/keys"

type Forge = Callable[[Forger], str]


def claiming(**claims: object) -> Forge:
    """The issuer's signature under other claims."""
    return lambda forger: forger.issued(**claims)


def issuer(text: str) -> Forge:
    """The issuer's signature under another issuer's name; `<base>` is ours."""
    return lambda forger: forger.issued(iss=text.replace("<base>", forger.claims["iss"].partition("/1111")[0]))


def headed(key: object = None, algorithm: str = "RS256", **header: object) -> Forge:
    """Good claims under another header, signed with that key; without one, with the issuer's."""
    return lambda forger: forger.signed(key=key, algorithm=algorithm, header=header)


# Well signed, for somebody else or something else.
CLAIMS: dict[str, Forge] = {
    **{f"no {name}": claiming(**{name: None}) for name in
       ("aud", "iss", "tid", "ver", "exp", "nbf", "azp", "scp", "oid")},
    "expired": claiming(exp=seconds_from_now(-90)),
    "expired long ago": claiming(exp=1_700_000_000),
    "an end that is no time": claiming(exp="tomorrow"),
    "an end beyond every number": claiming(exp=1e400),
    "not valid yet": claiming(nbf=seconds_from_now(3600)),
    "issued in the future": claiming(iat=seconds_from_now(3600)),
    "another audience": claiming(aud=OTHER_CLIENT),
    "the audience in a list": claiming(aud=[API]),
    "the audience among others": claiming(aud=[OTHER_CLIENT, API]),
    "the audience by its URI": claiming(aud=f"api://{API}"),
    "the audience in upper case": claiming(aud=API.upper()),
    "of another provider's tenant": claiming(tid=FABRIKAM),
    "of another provider's issuer": issuer(f"<base>/{FABRIKAM}/v2.0"),
    "of a tenant that is no provider": issuer(f"<base>/{STRANGER}/v2.0"),
    "of a tenant that is no provider, consistently": lambda forger: forger.issued(
        tid=STRANGER, iss=forger.claims["iss"].replace(NORTHWIND, STRANGER)
    ),
    "of all tenants": issuer("<base>/common/v2.0"),
    "of the issuer of version 1": claiming(iss=f"https://sts.windows.net/{NORTHWIND}/"),
    "of the real Entra, which is not ours here": claiming(iss=f"https://login.microsoftonline.com/{NORTHWIND}/v2.0"),
    "of an issuer without its port": claiming(iss=f"https://localhost/{NORTHWIND}/v2.0"),
    "of an issuer with a slash more": issuer(f"<base>/{NORTHWIND}/v2.0/"),
    "of an issuer in upper case": issuer(f"<base>/{NORTHWIND.upper()}/v2.0"),
    "of an issuer that ours begins": issuer(f"<base>/{NORTHWIND}/v2.0.evil.example"),
    "the tenant in a list": claiming(tid=[NORTHWIND]),
    "the tenant in upper case": claiming(tid=NORTHWIND.upper()),
    "version 1": claiming(ver="1.0"),
    "version 2 as a number": claiming(ver=2.0),
    "of another portal": claiming(azp=OTHER_CLIENT),
    "of the API itself": claiming(azp=API),
    "with the portal as appid, as version 1 has it": claiming(azp=None, appid=PORTAL),
    "for another scope": claiming(scp="User.Read Onboarding.Access.All"),
    "for the scope in other case": claiming(scp="onboarding.access"),
    "for the scope in a list": claiming(scp=["Onboarding.Access"]),
    "of an application, with its role": claiming(scp=None, idtyp="app", roles=["Onboarding.Operator"]),
    "an id token": claiming(aud=PORTAL, scp=None, azp=None, nonce="n"),
    "an id token for the API": claiming(scp=None, azp=None, nonce="n"),
    "the oid as a number": claiming(oid=5),
    "no object": lambda forger: forger.raw({"alg": "RS256", "typ": "JWT", "kid": forger.genuine.id}, ["x"]),
}  # fmt: skip

# Whoever made them, it was not the issuer.
SIGNATURES: dict[str, Forge] = {
    "unsigned": lambda forger: forger.unsigned(),
    "unsigned in upper case": lambda forger: forger.unsigned("NONE"),
    "unsigned with a signature": lambda forger: forger.unsigned("none", "AAAA"),
    "of no algorithm": lambda forger: forger.unsigned(None, forger.signed().rpartition(".")[2]),
    "of a list of algorithms": lambda forger: forger.unsigned(["RS256"], forger.signed().rpartition(".")[2]),
    "signed with nothing": lambda forger: forger.unsigned("RS256"),
    "one bit of its signature flipped": lambda forger: flipped(forger.signed()),
    "other claims under a good signature": lambda forger: forger.with_other_claims(oid=STRANGER),
    "another provider under a good signature": lambda forger: forger.with_other_claims(
        tid=FABRIKAM, iss=forger.claims["iss"].replace(NORTHWIND, FABRIKAM)
    ),
    "the public key as the secret": lambda forger: forger.hs256(forger.public(Encoding.PEM)),
    "the public key's bytes as the secret": lambda forger: forger.hs256(forger.public(Encoding.DER)),
    "HS256 with an empty secret": lambda forger: forger.hs256(b""),
    "RS384": headed(algorithm="RS384"),
    "RS512": headed(algorithm="RS512"),
    "PS256": headed(algorithm="PS256"),
    "ES256": headed(CURVE_KEY, "ES256"),
    "a key of the forger's under the issuer's key id": headed(OWN_KEY.private),
    "a key of the forger's under its own key id": headed(OWN_KEY.private, kid=OWN_KEY.id),
    "no key id": lambda forger: forger.raw({"alg": "RS256", "typ": "JWT"}),
    "an empty key id": headed(kid=""),
    "a list of key ids": lambda forger: forger.raw({"alg": "RS256", "kid": [forger.genuine.id]}),
    "a key id that is a path": headed(OWN_KEY.private, kid="../../../../dev/null"),
    "a key id that is an address": headed(OWN_KEY.private, kid="https://evil.example/keys"),
    "a key id with a condition": headed(OWN_KEY.private, kid="' or '1' eq '1"),
    "a critical extension": lambda forger: forger.raw(
        {"alg": "RS256", "kid": forger.genuine.id, "crit": ["x"], "x": 1}
    ),
    "an empty list of critical extensions": lambda forger: forger.raw(
        {"alg": "RS256", "kid": forger.genuine.id, "crit": []}
    ),
    "an encoded payload that is none": lambda forger: forger.raw(
        {"alg": "RS256", "kid": forger.genuine.id, "b64": False, "crit": ["b64"]}
    ),
}  # fmt: skip


def flipped(token: str) -> str:
    return token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:]


# Signed in, and given nothing to do here.
ROLES: dict[str, Forge] = {
    "no roles": claiming(roles=None),
    "an empty list": claiming(roles=[]),
    "a text": claiming(roles="Onboarding.Operator"),
    "an object": claiming(roles={"Onboarding.Operator": True}),
    "lists in a list": claiming(roles=[["Onboarding.Operator"]]),
    "another case": claiming(roles=["onboarding.operator", "ONBOARDING.MONITOR"]),
    "alike": claiming(roles=["Onboarding.Operators", " Onboarding.Operator", "Onboarding.*"]),
    "a directory role": claiming(roles=["Global Administrator"], wids=["62e90394-69f5-4237-9190-012177145e10"]),
    "groups": claiming(roles=None, groups=["Onboarding.Operator"], role="Onboarding.Operator"),
}

FORGED = {
    **{f"{name} (claims)": (forge, 401, "not-signed-in") for name, forge in CLAIMS.items()},
    **{f"{name} (signature)": (forge, 401, "not-signed-in") for name, forge in SIGNATURES.items()},
    **{f"{name} (roles)": (forge, 403, "not-allowed") for name, forge in ROLES.items()},
}


@pytest.fixture(scope="module")
def desk(running_cloud: LocalCloud) -> Desk:
    running_cloud.mend()
    return Desk(running_cloud.operator(NORTHWIND))


@pytest.fixture
def forger(cloud: LocalCloud) -> Forger:
    return Forger.of(cloud)


@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_entra_did_not_issue_for_us_neither_reads_nor_writes(
    cloud: LocalCloud, desk: Desk, forger: Forger, name: str
) -> None:
    forge, status, code = FORGED[name]
    caller, body = cloud.bearer(forge(forger)), order()
    for reply in (caller.get("/api/services"), caller.create(desk.path, unique("key-"), body)):
        refused(reply, status, code)
        assert reply.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)
    desk.assert_nothing_was_written(body["shortName"])


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_forger_s_own_way_makes_good_tokens_too(cloud: LocalCloud, forger: Forger, scheme: str) -> None:
    """Else the refusals above would prove nothing. A clock that is up to a minute wrong takes nothing away."""
    plain = forger.raw({"alg": "RS256", "kid": forger.genuine.id})
    for token in (forger.issued(), plain, forger.issued(exp=seconds_from_now(-30))):
        caller = Caller(cloud.config.api_url, f"{scheme} {token}")
        assert good(caller.get("/api/me"))["role"] == "operator"


@pytest.mark.parametrize("name", ["unsigned", "a key of the forger's under the issuer's key id"])
def test_a_forged_token_opens_no_operation_of_all_that_the_document_lists(
    cloud: LocalCloud, forger: Forger, waiting: Onboarding, name: str
) -> None:
    _every_operation_refuses(cloud, waiting, SIGNATURES[name](forger))


@pytest.mark.parametrize("name", ["of another provider's tenant", "of an application, with its role", "no exp"])
def test_a_token_for_something_else_opens_no_operation_either(
    cloud: LocalCloud, forger: Forger, waiting: Onboarding, name: str
) -> None:
    _every_operation_refuses(cloud, waiting, CLAIMS[name](forger))


def _every_operation_refuses(cloud: LocalCloud, way: Onboarding, token: str) -> None:
    listed = [one for one in operations(cloud) if one.signs_in]
    assert len(listed) > 20
    with nothing_changes(way):
        for operation in listed:
            refused(request(operation, way, f"Bearer {token}"), 401, "not-signed-in")


# Where a token may stand


@pytest.mark.parametrize("place", ["access_token", "token", "authorization", "Authorization", "code"])
def test_a_good_token_in_the_address_is_no_identity(cloud: LocalCloud, waiting: Onboarding, place: str) -> None:
    """Addresses stand in logs and histories: a token there must not become a habit (RFC 9700, section 4.3.2)."""
    token = cloud.token("operator", NORTHWIND)
    with nothing_changes(waiting):
        for operation in (one for one in operations(cloud) if one.signs_in):
            reply = request(operation, waiting, None, query={place: token})
            refused(reply, 401, "not-signed-in")
            assert token not in reply.text


# A key that the token brings along


@pytest.mark.parametrize("member", ["jku", "x5u", "jwk", "x5c", "url", "iss"])
def test_a_key_that_the_token_brings_along_is_never_asked_for(
    cloud: LocalCloud, forger: Forger, foreign: socket.socket, member: str
) -> None:
    """`foreign` stands at the address that the token names, and fails the test for any connection."""
    address = f"https://localhost:{foreign.getsockname()[1]}/keys"
    brought: Json = {"jwk": OWN_KEY.jwk, "x5c": ["MIIB"]}
    for kid in (OWN_KEY.id, forger.genuine.id, address):
        header = {member: brought.get(member, address), "kid": kid}
        for path in ("/api/me", "/api/services"):
            refused(cloud.bearer(forger.signed(key=OWN_KEY.private, header=header)).get(path), 401, "not-signed-in")


ISSUERS = [
    "https://localhost:<port>/<tid>/v2.0",
    "https://localhost:<port>@<host>/<tid>/v2.0",
    "<ours>@localhost:<port>",
]


@pytest.mark.parametrize("named", ISSUERS)
def test_an_issuer_with_keys_of_its_own_is_never_asked(
    cloud: LocalCloud, forger: Forger, foreign: socket.socket, named: str
) -> None:
    ours = forger.claims["iss"]
    names = {"port": str(foreign.getsockname()[1]), "tid": NORTHWIND, "ours": ours, "host": urlsplit(ours).netloc}
    for name, value in names.items():
        named = named.replace(f"<{name}>", value)
    token = forger.signed({"iss": named}, key=OWN_KEY.private, header={"kid": OWN_KEY.id})
    refused(cloud.bearer(token).get("/api/me"), 401, "not-signed-in")


# The keys' address, on which everybody's sign-in hangs


def test_a_storm_of_unknown_keys_asks_entra_seldom_and_locks_nobody_out(
    cloud: LocalCloud, faults: Faults, forger: Forger
) -> None:
    faults.entra(KEYS, delaySeconds=0.01)  # a fault that does nothing but count
    good(cloud.operator(NORTHWIND).get("/api/me"))

    def called(number: int) -> int:
        forged = forger.signed(key=OWN_KEY.private, header={"kid": unique(f"kid-{number}-")})
        caller = cloud.operator(NORTHWIND) if number % 10 == 0 else cloud.bearer(forged)
        return caller.get("/api/me").status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(called, range(80)))
    assert statuses == [200 if number % 10 == 0 else 401 for number in range(80)]
    assert faults.used() <= 2


def test_a_token_for_somebody_else_makes_nobody_ask_entra(cloud: LocalCloud, faults: Faults, forger: Forger) -> None:
    """What its claims refuse costs no request, whatever key it names."""
    faults.entra(KEYS, delaySeconds=0.01)
    for claims in ({"aud": OTHER_CLIENT}, {"tid": STRANGER}, {"azp": OTHER_CLIENT}, {"scp": None}, {"ver": "1.0"}):
        token = forger.signed(claims, key=OWN_KEY.private, header={"kid": unique("kid-")})
        refused(cloud.bearer(token).get("/api/me"), 401, "not-signed-in")
    assert faults.used() == 0
