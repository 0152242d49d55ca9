"""Functions that outlive their time-out of one second, in a thread, on the event loop, with a message."""

import time

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("thread")
def in_a_thread(req: func.HttpRequest) -> str:
    time.sleep(30)
    return "too late"


@app.route("loop")
async def on_the_loop(req: func.HttpRequest) -> str:
    time.sleep(30)
    return "too late"


@app.queue_trigger(arg_name="message", queue_name="%SLOW_QUEUE%", connection="Data")
def with_a_message(message: str) -> None:
    time.sleep(30)
