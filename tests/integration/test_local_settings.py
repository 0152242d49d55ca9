"""The settings file of a developer's machine, and the variables that move a local cloud elsewhere."""

import base64
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.config import ROOT, ConfigError, Ports, from_environment
from local.servers import app_environment
from local.settings import NAME, SAMPLE, ensure_settings, mail_key, read_values


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / SAMPLE).write_bytes((ROOT / SAMPLE).read_bytes())
    return tmp_path


def sample() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / SAMPLE).read_bytes())
    return content


def test_a_new_settings_file_has_fresh_keys_and_is_private(checkout: Path) -> None:
    assert ensure_settings(checkout) == [f"Made {NAME} with keys of its own."]
    values = read_values(checkout)
    name, _, key = values["SEALING_KEYS"].partition(":")
    assert name == "local-1"
    assert len(base64.b64decode(key, validate=True)) == 32
    assert len(base64.b64decode(mail_key(values), validate=True)) == 64
    assert stat.S_IMODE((checkout / NAME).stat().st_mode) == 0o600
    kept = {name: value for name, value in values.items() if name not in {"SEALING_KEYS", "MAIL"}}
    assert kept.items() <= sample()["Values"].items()


def test_an_edited_settings_file_is_left_alone(checkout: Path) -> None:
    ensure_settings(checkout)
    settings = json.loads((checkout / NAME).read_bytes())
    settings["Values"]["INVITATION_LIFETIME"] = "P1D"
    (checkout / NAME).write_text(json.dumps(settings))
    before = (checkout / NAME).read_bytes()
    assert ensure_settings(checkout) == []
    assert (checkout / NAME).read_bytes() == before


def test_what_only_the_sample_has_is_added_and_named(checkout: Path) -> None:
    ensure_settings(checkout)
    keys = read_values(checkout)["SEALING_KEYS"]
    settings = json.loads((checkout / NAME).read_bytes())
    del settings["Values"]["MAIL"], settings["Values"]["MAIL_SENDER"]
    (checkout / NAME).write_text(json.dumps(settings))
    assert ensure_settings(checkout) == [f"Added to {NAME} what it lacked: MAIL, MAIL_SENDER."]
    assert read_values(checkout)["SEALING_KEYS"] == keys
    assert mail_key(read_values(checkout))


def test_set_ups_at_once_agree_on_one_set_of_keys(checkout: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ensure_settings(checkout), range(8)))
    assert sum(map(len, made)) == 1
    assert sorted(path.name for path in checkout.iterdir()) == [NAME, SAMPLE]


@pytest.mark.parametrize("content", ["{", "[]", '{"Values": 3}'])
def test_a_broken_settings_file_is_named(checkout: Path, content: str) -> None:
    (checkout / NAME).write_text(content)
    with pytest.raises(ConfigError, match=NAME):
        ensure_settings(checkout)


def test_the_sample_names_the_default_ports() -> None:
    values = sample()["Values"]
    config = from_environment({})
    assert values["Data"] == values["AzureWebJobsStorage"] == config.azurite
    assert values["PUBLIC_BASE_URL"] == config.api_url
    assert values["AUTHORITY_HOST"] == values["GRAPH_HOST"] == config.entra_url
    assert values["MAIL"].startswith(f"endpoint={config.mail_url}/;")


def test_variables_describe_a_cloud_and_are_read_back() -> None:
    ports = Ports(api=1, entra=2, mail=3, inbox=4, smtp=5, blob=6, queue=7, table=8, portal=9, entra_http=10)
    config = from_environment(
        {
            "LOCAL_DATA": "/d",
            "LOCAL_DIRECTORY": "/e.json",
            **{name: str(port) for name, port in ports.named().items()},
        }
    )
    assert config.ports == ports
    assert from_environment(config.variables()) == config


@pytest.mark.parametrize("text", ["x", "0", "65536", "-1", "7071.0", "\u0667", " 7071"])
def test_a_port_that_is_none_is_refused_with_its_variable(text: str) -> None:
    with pytest.raises(ConfigError, match="LOCAL_QUEUE_PORT"):
        from_environment({"LOCAL_QUEUE_PORT": text})


def test_two_servers_on_one_port_are_refused() -> None:
    with pytest.raises(ConfigError, match="LOCAL_API_PORT and LOCAL_ENTRA_PORT are both 7072"):
        from_environment({"LOCAL_API_PORT": "7072"})


def test_the_clouds_addresses_win_over_a_login_shells_mail(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_settings(checkout)
    monkeypatch.setenv("MAIL", "/var/mail/somebody")
    config = replace(from_environment({"LOCAL_DATA": str(checkout / "data")}), root=checkout)
    environment = app_environment(config)
    key = mail_key(read_values(checkout))
    assert environment["MAIL"] == f"endpoint=https://localhost:7073/;accesskey={key}"
    assert environment["REQUESTS_CA_BUNDLE"] == str(checkout / "data" / "tls" / "bundle.pem")
