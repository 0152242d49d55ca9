"""The settings: what stops the start, that it names each faulty setting, and that it never says a value."""

import base64
import json
import secrets
import traceback
from dataclasses import FrozenInstanceError
from datetime import timedelta
from typing import Any

import pytest

from local.config import ROOT
from shared.setting_values import contrast
from shared.settings import SETTINGS, STORAGE, SettingsError, read_settings
from tests.unit.builders import OTHER_PROVIDER, PROVIDER, environment, settings


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


KEY = encoded(bytes(range(100, 132)))
SHORT_KEY = encoded(bytes(range(31)))
SIXTEEN = bytes(range(16)) * 2
REQUIRED = [
    "PROVIDERS",
    "PUBLIC_BASE_URL",
    "API_CLIENT_ID",
    "PORTAL_CLIENT_IDS",
    "SEALING_KEYS",
    "MAIL",
    "MAIL_SENDER",
    "SWEEP_SCHEDULE",
]


def providers(**changes: Any) -> str:
    provider = {"id": PROVIDER, "name": "Northwind Voice", "contact": {"name": "Desk"}}
    return json.dumps([provider | changes])


MALFORMED = {
    "providers that are no JSON": ("PROVIDERS", "[{s3cr3t"),
    "no provider": ("PROVIDERS", "[]"),
    "a provider's id that is no GUID": ("PROVIDERS", providers(id="s3cr3t")),
    "a provider without a name": ("PROVIDERS", providers(name="")),
    "a provider in no known state": ("PROVIDERS", providers(state="s3cr3t")),
    "a provider's unknown field": ("PROVIDERS", providers(clour="s3cr3t")),
    "a contact without a name": ("PROVIDERS", providers(contact={"email": "s3cr3t"})),
    "a colour by its name": ("PROVIDERS", providers(colors={"accent": "s3cr3t"})),
    "a colour of five digits": ("PROVIDERS", providers(colors={"accent": "#12345"})),
    "colours too alike": ("PROVIDERS", providers(colors={"accent": "#777777", "onAccent": "#888888"})),
    "a provider twice": ("PROVIDERS", json.dumps(json.loads(providers()) * 2)),
    "a base URL with a path": ("PUBLIC_BASE_URL", "https://s3cr3t.example/app"),
    "a base URL with a slash": ("PUBLIC_BASE_URL", "https://s3cr3t.example/"),
    "a plain base URL elsewhere": ("PUBLIC_BASE_URL", "http://s3cr3t.example"),
    "a base URL with a user": ("PUBLIC_BASE_URL", "https://s3cr3t@connect.example"),
    "a base URL with a line feed": ("PUBLIC_BASE_URL", "https://s3cr3t.example\n"),
    "a base URL that begins like this machine": ("PUBLIC_BASE_URL", "http://localhost.s3cr3t.example"),
    "a base URL with this machine as its user": ("PUBLIC_BASE_URL", "http://localhost:7071@s3cr3t.example"),
    "a plain authority": ("AUTHORITY_HOST", "http://s3cr3t.example"),
    "a plain authority on this machine": ("AUTHORITY_HOST", "http://localhost:7072"),
    "a plain Graph": ("GRAPH_HOST", "http://s3cr3t.example"),
    "a plain Graph on this machine": ("GRAPH_HOST", "http://127.0.0.1:7072"),
    "a client id that is no GUID": ("API_CLIENT_ID", "s3cr3t"),
    "a portal id that is no GUID": ("PORTAL_CLIENT_IDS", '["s3cr3t"]'),
    "portal ids that are no list": ("PORTAL_CLIENT_IDS", '"s3cr3t"'),
    "no sealing key": ("SEALING_KEYS", ""),
    "a sealing key without a name": ("SEALING_KEYS", KEY),
    "a sealing key that is too short": ("SEALING_KEYS", f"s3cr3t:{SHORT_KEY}"),
    "a sealing key that is no base64": ("SEALING_KEYS", "s3cr3t:***"),
    "a sealing key beyond ASCII": ("SEALING_KEYS", "s3cr3t:\u00e9\u00e9\u00e9\u00e9"),
    "a sealing key with a blank in its name": ("SEALING_KEYS", f"s3cr3t s3cr3t:{KEY}"),
    "a sealing key twice": ("SEALING_KEYS", f"s3cr3t:{KEY},s3cr3t:{KEY}"),
    "a second key that is malformed": ("SEALING_KEYS", f"s3cr3t:{KEY},"),
    "one key under two names": ("SEALING_KEYS", f"s3cr3t:{KEY},s3cr3t-too:{KEY}"),
    "a key of one byte": ("SEALING_KEYS", f"s3cr3t:{encoded(bytes(32))}"),
    "a key of hex digits": ("SEALING_KEYS", f"s3cr3t:{encoded(b'0123456789abcdef0123456789abcdef')}"),
    "a second key that is a phrase": (
        "SEALING_KEYS",
        f"new:{KEY},s3cr3t:{encoded(b'correct horse s3cr3t s3cr3t horse')}",
    ),
    "keys that are a Key Vault reference": ("SEALING_KEYS", f"new:{KEY},old:@Microsoft.KeyVault(s3cr3t)"),
    "a plain mail endpoint": ("MAIL", "endpoint=http://s3cr3t.example/;accesskey=c2VjcmV0"),
    "mail without a key": ("MAIL", "endpoint=https://s3cr3t.example/;accesskey="),
    "a sender without a domain": ("MAIL_SENDER", "s3cr3t"),
    "a sender with a name": ("MAIL_SENDER", "s3cr3t <x@mail.example>"),
    "a contact's address that is none": ("PROVIDERS", providers(contact={"name": "Desk", "email": "s3cr3t"})),
    "an empty schedule": ("SWEEP_SCHEDULE", ""),
    "a storage connection that is none": ("Data", "s3cr3t"),
    "a storage over http": ("Data", "AccountName=a;AccountKey=s3cr3t;TableEndpoint=http://a.table.core.windows.net"),
    "a storage over http by its protocol": ("Data", "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=s3cr3t"),
    "a storage whose queues are over http by its protocol": (
        "Data",
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=s3cr3t;TableEndpoint=http://127.0.0.1:1/a",
    ),
    "a storage that begins like this machine": (
        "Data",
        "AccountName=a;TableEndpoint=http://127.0.0.1.s3cr3t.example/a",
    ),
    "a storage behind this machine's name": ("Data", "AccountName=a;TableEndpoint=http://localhost@s3cr3t.example/a"),
    "a table over http": ("Data__tableServiceUri", "http://s3cr3t.table.core.windows.net"),
    "queues over http": ("Data__queueServiceUri", "http://s3cr3t.queue.core.windows.net"),
    "a mail endpoint over http, for the identity": ("MAIL", "http://s3cr3t.communication.azure.com"),
    "a lifetime below an hour": ("INVITATION_LIFETIME", "PT59M59S"),
    "a lifetime beyond 30 days": ("INVITATION_LIFETIME", "P30DT1S"),
    "a lifetime that is none": ("INVITATION_LIFETIME", "s3cr3t"),
    "a resource that is no GUID": ("REQUIRED_RESOURCES", '["s3cr3t"]'),
}


def test_a_good_environment_gives_every_setting() -> None:
    read = settings(INVITATION_LIFETIME="PT1H", REQUIRED_PERMISSIONS='["A.Read", "B.Read"]')
    assert [provider.name for provider in read.providers] == ["Northwind Voice", "Fabrikam Telecom"]
    assert read.sealing_keys == {"2026": bytes(range(32))}
    assert read.invitation_lifetime == timedelta(hours=1)
    assert read.required_permissions == ("A.Read", "B.Read")


def test_what_is_not_set_has_the_documented_default() -> None:
    read = settings()
    assert read.authority_host == "https://login.microsoftonline.com"
    assert read.graph_host == "https://graph.microsoft.com"
    assert read.invitation_lifetime == timedelta(days=7)
    assert read.required_permissions == ("Organization.Read.All",)
    assert read.required_resources == ()


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_setting_stops_the_start_and_is_named(name: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings(**{name: None})
    assert named(error.value) == {name}


def test_all_missing_settings_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({})
    assert named(error.value) == {*REQUIRED, "Data"}


@pytest.mark.parametrize(("name", "value"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_setting_is_named_and_its_value_is_not_said(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings(**{name: value})
    text = str(error.value)
    assert name in text
    for secret in ("s3cr3t", KEY, SHORT_KEY, "c2VjcmV0"):
        assert secret not in text
    assert error.value.__cause__ is None


ALL = [*SETTINGS, *STORAGE, "Data__credential", "Data__blobServiceUri"]
REFERENCE, PLACEHOLDER = "@Microsoft.KeyVault(SecretUri=https://s3cr3t.example/secrets/keys)", "<made by make setup>"
UNRESOLVED = {
    REFERENCE: "the Key Vault reference was not resolved",
    f"  {REFERENCE}": "the Key Vault reference was not resolved",
    f"2027:{KEY},{REFERENCE}": "the Key Vault reference was not resolved",
    f'["{REFERENCE.lower()}"]': "the Key Vault reference was not resolved",
    PLACEHOLDER: "still holds the sample's placeholder",
    f"endpoint=https://s3cr3t.example/;accesskey={PLACEHOLDER}": "still holds the sample's placeholder",
    f'[{{"id": "{PLACEHOLDER}", "s3cr3t": 1}}]': "still holds the sample's placeholder",
}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("value", UNRESOLVED)
def test_what_somebody_should_have_replaced_is_refused_in_every_setting(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings(**{name: value})
    assert f"  {name}: {UNRESOLVED[value]}" in str(error.value)
    assert named(error.value) == {name}
    assert "s3cr3t" not in str(error.value)


def test_the_sample_starts_nothing_before_make_setup_has_filled_it_in() -> None:
    sample = json.loads((ROOT / "local.settings.sample.json").read_bytes())["Values"]
    with pytest.raises(SettingsError) as error:
        read_settings(sample)
    assert named(error.value) == {"SEALING_KEYS", "MAIL"}
    assert str(error.value).count("make setup writes a value of its own") == 2


MARK = "M4rk3r"
HOSTILE = (
    MARK,
    f" {MARK}\n",
    f"{MARK}\0",
    f"http://{MARK}.example",
    f"https://{MARK.lower()}.example/{MARK}?{MARK}#{MARK}",
    f"{MARK}@{MARK}",
    f"P{MARK}D",
    f"{MARK}:{MARK},{MARK}:{KEY}",
    f"endpoint={MARK};accesskey={MARK}",
    f"AccountKey={MARK};{MARK}",
    f'"{MARK}"',
    f'["{MARK}\\n"]',
    f'[["{MARK}"]]',
    f'{{"{MARK}": "{MARK}"}}',
    f'["{MARK}',
    f'[{{"{MARK}": 1}}]',
    f'[{{"id": "{MARK}", "name": "{MARK}", "contact": "{MARK}"}}]',
    f'[{"[" * 5000}"{MARK}"',
    providers(**{MARK: 1}),
    providers(id=[MARK]),
    providers(name={MARK: MARK}),
    providers(name=f"{MARK}\u202e"),
    providers(state=MARK),
    providers(state={MARK: MARK}),
    providers(contact={MARK: MARK}),
    providers(contact={"name": "Desk", MARK: MARK}),
    providers(contact={"name": "Desk", "email": {MARK: MARK}}),
    providers(contact={"name": "Desk", "phone": MARK * 20}),
    providers(colors=[MARK]),
    providers(colors={MARK: "#000000"}),
    providers(colors={"accent": {MARK: MARK}}),
)


@pytest.mark.parametrize("name", [*SETTINGS, *STORAGE])
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_no_part_of_a_value_is_ever_said(name: str, value: str) -> None:
    """Where the setting takes this value there is still a line about another one, so something is always said."""
    changes = {"PORTAL_CLIENT_IDS": "missing", name: value}
    with pytest.raises(SettingsError) as error:
        settings(**changes)
    assert named(error.value) <= changes.keys() | {"Data"}
    assert MARK.lower() not in "".join(traceback.format_exception(error.value)).lower()
    assert error.value.__context__ is None, "a value could stand in what it came from"


@pytest.mark.parametrize("name", [*SETTINGS, *STORAGE])
def test_every_setting_refuses_some_of_these_values(name: str) -> None:
    assert any(refuses(name, value) for value in HOSTILE)


def refuses(name: str, value: str) -> bool:
    try:
        settings(**{name: value})
    except SettingsError as error:
        return name in named(error)
    return False


def test_a_random_key_is_always_good() -> None:
    for _ in range(2000):
        assert settings(SEALING_KEYS=f"new:{encoded(secrets.token_bytes(32))}").sealing_keys


def test_a_key_of_seventeen_different_bytes_is_good_and_of_sixteen_is_not() -> None:
    assert settings(SEALING_KEYS=f"new:{encoded(SIXTEEN[:-1] + b'x')}").sealing_keys
    with pytest.raises(SettingsError, match="SEALING_KEYS: holds a key that is not random; openssl rand"):
        settings(SEALING_KEYS=f"new:{encoded(SIXTEEN)}")


@pytest.mark.parametrize(
    "data",
    [{"Data": None}, {"Data": ""}, {"Data": None, "Data__clientId": "a0000000-0000-4000-8000-000000000009"}],
    ids=["missing", "empty", "identity without an address"],
)
def test_storage_must_be_named_one_way_or_the_other(data: dict[str, str | None]) -> None:
    with pytest.raises(SettingsError, match="Data"):
        settings(**data)


def test_storage_may_be_an_address_for_the_managed_identity() -> None:
    read = settings(
        Data=None,
        Data__tableServiceUri="https://account.table.core.windows.net",
        Data__queueServiceUri="https://account.queue.core.windows.net/",
    )
    assert (read.data_connection, read.data_table_uri) == (None, "https://account.table.core.windows.net")


@pytest.mark.parametrize(("text", "days"), [("PT1H", 1 / 24), ("P7D", 7), ("P30D", 30)])
def test_a_lifetime_from_an_hour_to_30_days_is_accepted(text: str, days: float) -> None:
    assert settings(INVITATION_LIFETIME=text).invitation_lifetime == timedelta(days=days)


@pytest.mark.parametrize("url", ["https://connect.example", "https://localhost:7071", "http://127.0.0.1:7071"])
def test_an_origin_is_https_or_on_this_machine(url: str) -> None:
    assert settings(PUBLIC_BASE_URL=url).public_base_url == url


def test_mail_may_be_an_endpoint_for_the_managed_identity() -> None:
    assert settings(MAIL="https://mail.example").mail == "https://mail.example"


def test_the_first_sealing_key_stays_the_first() -> None:
    keys = settings(SEALING_KEYS=f"2027:{KEY}, 2026:{encoded(bytes(range(32)))}").sealing_keys
    assert list(keys.items()) == [("2027", bytes(range(100, 132))), ("2026", bytes(range(32)))]


def test_a_provider_is_found_by_its_tenant_id_whatever_its_state() -> None:
    read = settings()
    found = [read.provider(each) for each in (PROVIDER, OTHER_PROVIDER, "33333333-aaaa-4bbb-8ccc-000000000009")]
    assert [provider and provider.disabled for provider in found] == [False, True, None]


def test_ids_are_kept_in_lower_case() -> None:
    read = settings(PROVIDERS=providers(id=PROVIDER.upper()), API_CLIENT_ID="A0000000-0000-4000-8000-00000000000A")
    assert read.provider(PROVIDER) is not None
    assert read.api_client_id == "a0000000-0000-4000-8000-00000000000a"


def test_settings_do_not_change() -> None:
    read = settings()
    with pytest.raises(FrozenInstanceError):
        read.mail = "https://other.example"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#ffffff", "#767676", 4.54), ("#123456", "#123456", 1)]
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(("accent", "readable"), [("#767676", True), ("#777777", False)])
def test_a_provider_s_colours_need_a_contrast_of_four_and_a_half(accent: str, readable: bool) -> None:
    text = providers(colors={"accent": accent, "onAccent": "#ffffff"})
    if readable:
        assert settings(PROVIDERS=text).providers[0].colors.accent == accent
    else:
        with pytest.raises(SettingsError, match="contrast"):
            settings(PROVIDERS=text)


def test_only_our_own_settings_are_read() -> None:
    assert read_settings({**environment(), "PATH": "/bin", "mail": "nothing"}) == settings()


def named(error: SettingsError) -> set[str]:
    """The settings that an error's lines name."""
    return {line.strip().partition(":")[0] for line in str(error).splitlines()[1:]}


def test_the_settings_in_a_log_or_a_traceback_show_no_secret() -> None:
    text = repr(settings())
    assert "bWFpbC1rZXk=" not in text
    assert "a2V5" not in text
    assert repr(bytes(range(32))) not in text
