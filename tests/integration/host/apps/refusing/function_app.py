"""Refuses to start in its own words, as an app with a missing setting does."""

import os

import azure.functions as func

if os.environ.get("HOW") == "exit":
    raise SystemExit("Set SEALING_KEY: it is missing.")
if os.environ.get("HOW") == "import":
    import no_such_module  # noqa: F401
if os.environ.get("HOW") == "value":
    raise ValueError("PORT must be a number.")

app = func.FunctionApp()

if os.environ.get("HOW") == "twice":
    for _ in range(2):

        @app.route("twice")
        def twice(req: func.HttpRequest) -> str:
            return "never called"


if os.environ.get("HOW") == "argument":

    @app.queue_trigger(arg_name="message", queue_name="work", connection="Data")
    def wrong_name(letter: func.QueueMessage) -> None:
        raise AssertionError("never called")


if os.environ.get("HOW") == "annotation":

    @app.route("wrong")
    @app.queue_output(arg_name="messages", queue_name="work", connection="Data")
    def wrong_type(req: func.HttpRequest, messages: func.Out[list[str]]) -> str:
        return "never called"


@app.event_grid_trigger(arg_name="event")
def strange(event: func.EventGridEvent) -> None:
    raise AssertionError("never called")


@app.route("administrators")
def reserved(req: func.HttpRequest) -> str:
    return "never called"


@app.route("off")
def off(req: func.HttpRequest) -> str:
    return "never called"


@app.route("on")
def on(req: func.HttpRequest) -> str:
    return os.environ["GREETING"] + os.environ["NAME"]
