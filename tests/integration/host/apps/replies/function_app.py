"""Replies of every kind, and a function that goes on when its caller has gone."""

import json
import os
import time
from pathlib import Path

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
notes = Path(os.environ["NOTES"])


@app.route("status/{code}", methods=["GET", "HEAD"])
def status(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("x", status_code=int(req.route_params["code"]))


@app.route("headers", methods=["GET"])
def headers(req: func.HttpRequest) -> func.HttpResponse:
    reply = func.HttpResponse("four", headers={"Location": "/there", "Content-Length": "99", "Vary": "Accept"})
    reply.headers.add("X-Twice", "1")
    reply.headers.add("X-Twice", "2")
    reply.headers.add("Access-Control-Expose-Headers", "ETag")
    return reply


@app.route("plain", methods=["GET", "POST"])
def plain(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(b"")


@app.route("seen", methods=["GET", "POST"])
def seen(req: func.HttpRequest) -> func.HttpResponse:
    content = {"headers": dict(req.headers), "query": dict(req.params), "body": req.get_body().decode()}
    return func.HttpResponse(json.dumps(content), mimetype="application/json")


@app.route("big/{size:int}", methods=["GET"])
def big(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(b"x" * int(req.route_params["size"]))


@app.route("patient", methods=["GET"])
def patient(req: func.HttpRequest) -> func.HttpResponse:
    (notes / "began").touch()
    end = time.monotonic() + 10
    while not (notes / "go").exists() and time.monotonic() < end:
        time.sleep(0.01)
    (notes / "finished").touch()
    return func.HttpResponse("too late")
