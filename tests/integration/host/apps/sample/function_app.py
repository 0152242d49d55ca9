"""One function of each kind, for the host's own tests; files in the folder NOTES tell what happened."""

import asyncio
import json
import logging
import os
import threading
import time
import typing
from pathlib import Path

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
log = logging.getLogger("sample")


def note(name: str, content: dict[str, typing.Any]) -> None:
    """Append one JSON line to a file of the folder NOTES."""
    with (Path(os.environ["NOTES"]) / name).open("a", encoding="utf-8") as file:
        file.write(json.dumps(content) + "\n")


def reply(content: object, status: int = 200) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(content), status_code=status, mimetype="application/json")


@app.route("echo/{name}/{part:guid?}")
def echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return reply(
        {
            "method": req.method,
            "url": req.url,
            "headers": dict(req.headers),
            "query": dict(req.params),
            "params": dict(req.route_params),
            "body": req.get_body().hex(),
            "function": context.function_name,
            "invocation": context.invocation_id,
            "trace": context.trace_context.trace_parent,
        }
    )


@app.route("echo-async/{*rest}", methods=["POST"])
async def echo_async(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    await asyncio.sleep(0)
    log.info("in the async function")
    return reply({"rest": req.route_params.get("rest"), "body": req.get_body().decode(), "id": context.invocation_id})


@app.route("binary", methods=["GET"])
def binary(req: func.HttpRequest) -> func.HttpResponse:
    answer = func.HttpResponse(bytes(range(256)), mimetype="application/octet-stream")
    answer.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly")
    answer.headers.add("Set-Cookie", "b=2; Secure")
    return answer


@app.route("text", methods=["GET", "HEAD"])
def text(req: func.HttpRequest) -> str:
    return "plain"


@app.route("status/{code:int}", methods=["GET"])
def status(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("x", status_code=int(req.route_params["code"]))


@app.route("bad-header", methods=["GET"])
def bad_header(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("x", headers={"x-name": "schöne Grüße, 世界"})


@app.route("raise", methods=["GET"])
def raises(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("it broke\nin two lines")


@app.route("exit", methods=["GET"])
def exits(req: func.HttpRequest) -> func.HttpResponse:
    raise SystemExit(3)


@app.route("choice", methods=["GET"])
def b_choice(req: func.HttpRequest) -> func.HttpResponse:
    return reply("b")


@app.route("cho{rest}", methods=["GET"])
def a_choice(req: func.HttpRequest) -> func.HttpResponse:
    return reply("a")


@app.route("logs", methods=["GET"])
def logs(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    log.info("in the function's own thread")
    logging.getLogger("azure.core").info("a request's headers")
    logging.getLogger("azure.core").warning("a library's warning")

    def elsewhere() -> None:
        context.thread_local_storage.invocation_id = context.invocation_id
        log.info("in a thread of its own")

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    return reply("ok")


@app.route("threads", methods=["GET"])
def threads(req: func.HttpRequest) -> func.HttpResponse:
    meeting.wait(timeout=5)
    return reply(threading.current_thread().name)


meeting = threading.Barrier(12)


@app.route("slow/{seconds}", methods=["GET"])
def slow(req: func.HttpRequest) -> func.HttpResponse:
    note("slow", {"began": time.time()})
    time.sleep(float(req.route_params["seconds"]))
    return reply("slept")


@app.route("now", methods=["GET"])
def now(req: func.HttpRequest) -> func.HttpResponse:
    return reply(time.time())


@app.route("send", methods=["POST"])
@app.queue_output(arg_name="messages", queue_name="%WORK_QUEUE%", connection="Data")
def send(req: func.HttpRequest, messages: func.Out[typing.List[str]]) -> func.HttpResponse:  # noqa: UP006
    messages.set(req.get_json())
    if req.params.get("fail"):
        raise RuntimeError("after the output was set")
    return reply("sent", 202)


@app.route("send-text", methods=["POST"])
@app.queue_output(arg_name="message", queue_name="texts", connection="Data")
def send_text(req: func.HttpRequest, message: func.Out[str]) -> func.HttpResponse:
    message.set(req.get_body().decode())
    return reply("sent", 202)


@app.route("send-bytes", methods=["POST"])
@app.queue_output(arg_name="message", queue_name="texts", connection="Data")
def send_bytes(req: func.HttpRequest, message: func.Out[bytes]) -> func.HttpResponse:
    message.set(req.get_body())
    return reply("sent", 202)


@app.route("send-nowhere", methods=["POST"])
@app.queue_output(arg_name="message", queue_name="texts", connection="Nowhere")
def send_nowhere(req: func.HttpRequest, message: func.Out[str]) -> func.HttpResponse:
    message.set("lost")
    return reply("sent", 202)


@app.queue_trigger(arg_name="message", queue_name="%WORK_QUEUE%", connection="Data")
def work(message: func.QueueMessage) -> None:
    body = message.get_body().decode()
    note(
        "work",
        {
            "body": body,
            "id": message.id,
            "count": message.dequeue_count,
            "inserted": str(message.insertion_time),
            "expires": str(message.expiration_time),
            "visible": str(message.time_next_visible),
            "receipt": message.pop_receipt,
        },
    )
    if body.startswith("fail"):
        raise RuntimeError(f"will not do {body}")
    if body.startswith("sleep"):
        time.sleep(float(body.partition(" ")[2]))
    note("worked", {"body": body})


@app.queue_trigger(arg_name="message", queue_name="letters", connection="Data")
@app.queue_output(arg_name="$return", queue_name="answers", connection="Data")
async def letters(message: str) -> str:
    return f"answer to {message}"


@app.queue_trigger(arg_name="message", queue_name="relays", connection="Data")
@app.queue_output(arg_name="output", queue_name="texts", connection="Nowhere")
def relay(message: str, output: func.Out[str]) -> None:
    output.set(message)


@app.timer_trigger(arg_name="timer", schedule="%EVERY%")
def tick(timer: func.TimerRequest) -> None:
    note("tick", {"at": time.time(), "late": timer.past_due})
    time.sleep(float(os.environ.get("TICK_SECONDS", "0")))
    note("ticked", {"at": time.time()})


@app.timer_trigger(arg_name="timer", schedule="0 0 3 * * *")
def nightly(timer: func.TimerRequest) -> None:
    note("nightly", {"late": timer.past_due, "status": timer.schedule_status})
