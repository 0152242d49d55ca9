"""host.json: what is read, with Azure's defaults, and what is refused with a sentence that names the member.

The members follow Learn, "Azure Queue storage trigger and bindings for Azure Functions overview" and "host.json
reference for Azure Functions"; their bounds follow QueuesOptions.cs of azure-sdk-for-net.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.host.errors import HostError
from local.host.host_json import HostJson, QueueOptions, read_host_json


def read(folder: Path, content: object) -> HostJson:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "host.json").write_text(text, "utf-8")
    return read_host_json(folder)


def queues(**members: object) -> dict[str, Any]:
    return {"version": "2.0", "extensions": {"queues": members}}


def test_what_is_not_said_is_azures_default(tmp_path: Path) -> None:
    """The batch threshold is that of one processor, as on the Consumption plan."""
    assert read(tmp_path, {"version": "2.0"}) == HostJson(
        route_prefix="api",
        function_timeout=timedelta(minutes=30),
        queues=QueueOptions(
            max_polling_interval=timedelta(minutes=1),
            visibility_timeout=timedelta(0),
            batch_size=16,
            new_batch_threshold=8,
            max_dequeue_count=5,
            base64=True,
        ),
    )


@pytest.mark.parametrize("content", ["{}", '\ufeff{"version": "2.0"}', {"version": "2.0", "logging": {}, "own": 1}])
def test_an_empty_file_a_bom_and_members_of_others_are_no_error(tmp_path: Path, content: object) -> None:
    """HostJsonFileConfigurationSource.cs of azure-functions-host: an empty object gets the version by itself."""
    assert read(tmp_path, content) == HostJson()


@pytest.mark.parametrize(
    ("members", "options"),
    [
        ({"maxPollingInterval": "00:00:02"}, QueueOptions(max_polling_interval=timedelta(seconds=2))),
        ({"maxPollingInterval": "00:00:00.1"}, QueueOptions(max_polling_interval=timedelta(milliseconds=100))),
        ({"visibilityTimeout": "00:00:30"}, QueueOptions(visibility_timeout=timedelta(seconds=30))),
        ({"batchSize": 32}, QueueOptions(batch_size=32, new_batch_threshold=16)),
        ({"batchSize": 1}, QueueOptions(batch_size=1, new_batch_threshold=0)),
        ({"batchSize": 4, "newBatchThreshold": 40}, QueueOptions(batch_size=4, new_batch_threshold=40)),
        ({"maxDequeueCount": 1}, QueueOptions(max_dequeue_count=1)),
        ({"messageEncoding": "none"}, QueueOptions(base64=False)),
        # .NET's configuration finds names in any case and reads numbers in quotes.
        ({"MAXDEQUEUECOUNT": "7", "messageencoding": "None"}, QueueOptions(max_dequeue_count=7, base64=False)),
        ({"batchSize": None}, QueueOptions()),
    ],
)
def test_queue_options_are_read(tmp_path: Path, members: dict[str, object], options: QueueOptions) -> None:
    assert read(tmp_path, queues(**members)).queues == options


@pytest.mark.parametrize(
    ("text", "limit"),
    [("00:01:00", timedelta(minutes=1)), ("-1", None), (-1, None), ("00:00:01", timedelta(seconds=1))],
)
def test_the_time_out_is_read(tmp_path: Path, text: object, limit: timedelta | None) -> None:
    """Learn, "host.json reference for Azure Functions", functionTimeout."""
    assert read(tmp_path, {"version": "2.0", "functionTimeout": text}).function_timeout == limit


@pytest.mark.parametrize(("text", "prefix"), [("", ""), ("api", "api"), ("/v1/", "v1"), ("a/b", "a/b")])
def test_the_route_prefix_is_read(tmp_path: Path, text: str, prefix: str) -> None:
    """Learn, "Azure Functions HTTP trigger", customize the HTTP endpoint."""
    assert read(tmp_path, {"version": "2.0", "extensions": {"http": {"routePrefix": text}}}).route_prefix == prefix


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "host.json is not JSON"),
        ("[]", "must hold one JSON object"),
        # azure-functions-host issue 5310
        ({"logging": {}}, 'version must be "2.0"'),
        ({"version": "3.0"}, 'version must be "2.0"'),
        ({"version": "2.0", "extensions": []}, "extensions must be an object"),
        ({"version": "2.0", "extensions": {"queues": 5}}, r"extensions\.queues must be an object"),
        ({"version": "2.0", "extensions": {"http": {"routePrefix": ["api"]}}}, r"http\.routePrefix must be text"),
        ({"version": "2.0", "functionTimeout": "10 minutes"}, "functionTimeout: '10 minutes' is not a time span"),
        ({"version": "2.0", "functionTimeout": "00:00:00"}, "functionTimeout must not be less than 0:00:01"),
        (queues(batchSize=33), r"queues\.batchSize must be a number from 1 to 32"),
        (queues(batchSize=0), r"queues\.batchSize must be a number from 1 to 32"),
        (queues(batchSize=True), r"queues\.batchSize must be text"),
        (queues(batchSize=1.5), r"queues\.batchSize must be text"),
        (queues(batchSize="many"), r"queues\.batchSize must be a number from 1 to 32"),
        (queues(newBatchThreshold=-1), r"queues\.newBatchThreshold must be a number from 0"),
        (queues(maxDequeueCount=0), r"queues\.maxDequeueCount must be a number from 1"),
        (queues(maxPollingInterval=2000), r"queues\.maxPollingInterval: '2000' is not a time span"),
        (queues(maxPollingInterval="00:00:00.05"), r"maxPollingInterval must not be less than 0:00:00\.100000"),
        (queues(visibilityTimeout="soon"), r"queues\.visibilityTimeout: 'soon' is not a time span"),
        (queues(messageEncoding="utf-8"), r"queues\.messageEncoding must be base64 or none"),
        (queues(maxPollInterval="00:00:02"), r"queues\.maxPollInterval is unknown; there are maxPollingInterval,"),
    ],
)
def test_an_unknown_or_malformed_value_is_named(tmp_path: Path, content: object, said: str) -> None:
    with pytest.raises(HostError, match=said):
        read(tmp_path, content)
