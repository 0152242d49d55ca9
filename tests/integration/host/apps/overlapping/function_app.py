"""Routes that overlap, are the same, or are missing; each function answers with its name and its parameters."""

import json

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def answer(name: str, req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps([name, dict(req.route_params)]), mimetype="application/json")


@app.route("items/recent", methods=["GET", "PUT"])
def c_recent(req: func.HttpRequest) -> func.HttpResponse:
    return answer("c_recent", req)


@app.route("items/{id}", methods=["GET"])
def b_item(req: func.HttpRequest) -> func.HttpResponse:
    return answer("b_item", req)


@app.route("items/{id:alpha}", methods=["DELETE"])
def a_deletion(req: func.HttpRequest) -> func.HttpResponse:
    return answer("a_deletion", req)


@app.route("same/{id}", methods=["GET", "POST"])
def d_first(req: func.HttpRequest) -> func.HttpResponse:
    return answer("d_first", req)


@app.route("/Same/{id}/", methods=["POST"])
def e_second(req: func.HttpRequest) -> func.HttpResponse:
    return answer("e_second", req)


@app.route("same/{id}", methods=["PUT"])
def f_other_method(req: func.HttpRequest) -> func.HttpResponse:
    return answer("f_other_method", req)


@app.route("", methods=["GET"])
def empty(req: func.HttpRequest) -> func.HttpResponse:
    return answer("empty", req)


@app.route(methods=["GET"])
def missing(req: func.HttpRequest) -> func.HttpResponse:
    return answer("missing", req)


@app.route("any")
def anything(req: func.HttpRequest) -> func.HttpResponse:
    return answer("anything", req)


@app.route("Administration/x")
def reserved(req: func.HttpRequest) -> func.HttpResponse:
    return answer("reserved", req)


@app.route("{*path}", methods=["GET"])
def z_rest(req: func.HttpRequest) -> func.HttpResponse:
    return answer("z_rest", req)
