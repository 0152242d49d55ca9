"""local.settings.json, the environment on top of it, `%NAME%`, and connections."""

import json
from pathlib import Path

import pytest

from local.host.errors import HostError
from local.host.settings import publish, read_local_settings, resolve, storage_connection
from tests.integration.host.conftest import StartHost
from tests.integration.host.running import copy_app, free_port


def write(folder: Path, content: object) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "local.settings.json").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "local.settings.json is not JSON"),
        ("[]", "must be one JSON object"),
        ({"IsEncrypted": True, "Values": {"A": "CfDJ8"}}, "is encrypted .*func settings decrypt"),
        ({"Values": []}, "Values must be an object"),
        ({"Values": {"COUNT": 5}}, "the value of COUNT must be text, in quotes"),
        ({"Host": "localhost"}, "Host must be an object"),
        ({"Host": {"LocalHttpPort": "7071"}}, "Host.LocalHttpPort must be a port number"),
        ({"Host": {"LocalHttpPort": True}}, "Host.LocalHttpPort must be a port number"),
        ({"Host": {"LocalHttpPort": 70000}}, "Host.LocalHttpPort must be a port number"),
        ({"Host": {"CORS": ["http://here"]}}, "Host.CORS must be text"),
        ({"Host": {"CORSCredentials": "true"}}, "Host.CORSCredentials must be true or false"),
        ({"Host": {"CORS": "*", "CORSCredentials": True}}, "must name its origins where Host.CORSCredentials is true"),
    ],
)
def test_a_malformed_file_is_refused(tmp_path: Path, content: object, said: str) -> None:
    """Learn, "Code and test Azure Functions locally" (the members and their types; values are text).

    Credentials for any origin are refused by ASP.NET Core's CORS, which Core Tools use (Startup.cs).
    """
    with pytest.raises(HostError, match=said):
        read_local_settings(write(tmp_path, content))


def test_no_file_means_no_settings(tmp_path: Path) -> None:
    found = read_local_settings(tmp_path)
    assert (found.values, found.port, found.cors_origins, found.cors_credentials) == ({}, None, (), False)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """azure-functions-core-tools issues 166 and 3121."""
    for name in ("FUNCTIONS_WORKER_RUNTIME", "HERE", "THERE"):
        monkeypatch.setenv(name, "")  # so that it is taken back at the end, whoever sets it
        monkeypatch.delenv(name)
    monkeypatch.setenv("HERE", "environment")
    publish(read_local_settings(write(tmp_path, {"Values": {"HERE": "file", "THERE": "file"}})))
    assert resolve("%HERE% %THERE%", "it") == "environment file"


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("%QUEUE%", "work"),
        ("%QUEUE%-%STAGE%", "work-test"),
        ("*/%SECONDS% * * * * *", "*/5 * * * * *"),
        ("work", "work"),
        ("50%", "50%"),
    ],
)
def test_names_in_percent_signs_become_settings(monkeypatch: pytest.MonkeyPatch, text: str, resolved: str) -> None:
    """Learn, "Azure Functions binding expression patterns", app settings."""
    for name, value in {"QUEUE": "work", "STAGE": "test", "SECONDS": "5"}.items():
        monkeypatch.setenv(name, value)
    assert resolve(text, "it") == resolved


def test_a_name_without_a_setting_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(HostError, match="Function f, binding b, refers to the setting NOT_SET"):
        resolve("%NOT_SET%", "Function f, binding b,")


@pytest.mark.parametrize(
    ("environment", "name", "found"),
    [
        ({"Data": "one"}, "Data", "one"),
        ({"AzureWebJobsData": "prefixed", "Data": "one"}, "Data", "prefixed"),
        ({"AzureWebJobsStorage": "own"}, "", "own"),
        ({"WHERE": "Data", "Data": "one"}, "%WHERE%", "one"),
    ],
)
def test_a_connection_is_the_name_of_a_setting(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], name: str, found: str
) -> None:
    """azure-webjobs-sdk pull request 1116 (the prefix first); StorageClientProvider.cs of azure-sdk-for-net (%)."""
    for variable in ("Data", "AzureWebJobsData", "AzureWebJobsStorage"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    assert storage_connection(name, "it") == found


def test_the_emulators_short_form_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learn, "Code and test Azure Functions locally", AzureWebJobsStorage."""
    monkeypatch.setenv("Data", "UseDevelopmentStorage=true")
    assert "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1" in storage_connection("Data", "it")


def test_the_port_of_the_file_is_used_unless_the_command_line_names_one(start_host: StartHost, tmp_path: Path) -> None:
    """Learn, "Code and test Azure Functions locally", LocalHttpPort."""
    app, port = copy_app("refusing", tmp_path), free_port()
    write(app, {"Host": {"LocalHttpPort": port}})
    start_host(app, {}, port=None).wait_for_line(f"ready on http://127.0.0.1:{port},")
    other = start_host(app, {})
    assert other.port != port
    other.wait_for_line(f"ready on {other.url},")


def test_settings_reach_the_app_and_turn_functions_off(start_host: StartHost, tmp_path: Path) -> None:
    """Learn, "Code and test Azure Functions locally": Values, and AzureWebJobs.<FUNCTION_NAME>.Disabled."""
    app = copy_app("refusing", tmp_path)
    write(app, {"Values": {"GREETING": "hello ", "NAME": "file", "AzureWebJobs.off.Disabled": "true"}})
    host = start_host(app, {"NAME": "environment"}).ready()
    assert host.get("/api/on").text == "hello environment"
    assert host.get("/api/off").status_code == 404
    assert host.wait_for_line("strange does not run here: this host has no eventGridTrigger")
    assert host.wait_for_line("off does not run here: the setting AzureWebJobs.off.Disabled says so")
    assert host.wait_for_line("host: ready on .*, 1 function$")
