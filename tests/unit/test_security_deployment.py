"""What docs/security.md says of a deployment, held against the commands that docs/operations.md gives."""

import json
import re
import tomllib

import pytest

from local.config import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = re.sub(r"\\\n\s*", "", "".join(re.findall(r"^```sh\n(.*?)^```", OPERATIONS, re.MULTILINE | re.DOTALL)))
SHIPPED = {"function_app.py", "host.json", "requirements.txt", "invitations", "onboarding", "shared", "validation"}


def command(beginning: str) -> str:
    """The one line of commands that begins so."""
    (line,) = (line.strip() for line in COMMANDS.splitlines() if line.strip().startswith(beginning))
    return line


@pytest.mark.parametrize(
    ("beginning", "option"),
    [
        ("az functionapp create", "--https-only true"),
        ("az storage account create", "--min-tls-version TLS1_2"),
        ("az storage account create", "--allow-shared-key-access false"),
        ("az storage account create", "--allow-blob-public-access false"),
        ("az keyvault create", "--enable-rbac-authorization true"),
        ("az keyvault create", "--enable-purge-protection true"),
        ("grant 'Key Vault", "'Key Vault Secrets User'"),
    ],
)
def test_what_protects_a_deployment_is_in_its_commands(beginning: str, option: str) -> None:
    assert option in command(beginning)


def test_the_package_holds_the_app_and_nothing_else() -> None:
    named = command("git archive").partition(" HEAD ")[2].split()
    assert set(named) == SHIPPED
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_what_publishes_a_checkout_leaves_the_rest_behind() -> None:
    """Core Tools take the folder as it stands, but for what .funcignore names."""
    left_behind = (ROOT / ".funcignore").read_text(encoding="utf-8").split()
    for name in ("local", "tests", "local.settings*.json", ".*", "portal", "node_modules"):
        assert name in left_behind


def test_secrets_reach_the_app_by_identity_or_by_reference() -> None:
    settings = OPERATIONS.partition("**7. Settings**")[2].partition("**8. The code.**")[0]
    assert 'SEALING_KEYS: "@Microsoft.KeyVault(' in settings
    assert not re.search(r"accesskey|AccountKey|connection-string", settings, re.IGNORECASE)


def test_the_app_cannot_import_the_local_cloud() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (contract,) = (one for one in contracts if one["name"] == "The app does not know the local cloud")
    assert set(contract["source_modules"]) == SHIPPED - {"function_app.py", "host.json", "requirements.txt"}
    assert contract["forbidden_modules"] == ["local"]


def test_the_host_keeps_no_debugging_on() -> None:
    host = json.loads((ROOT / "host.json").read_bytes())
    assert not {"Debug", "Trace"} & set(host["logging"]["logLevel"].values())
