"""The operator's triggers: customers, services, the onboarding wizard's steps, the Microsoft 365 page."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import azure.functions as func

from shared.kinds import Kind
from shared.lazy import lazily
from shared.minted import mint
from shared.platform import platform
from shared.web.auth import reader, writer
from shared.web.replies import answers, page, reply
from shared.web.requests import body, idempotency_key, if_match, query

if TYPE_CHECKING:
    from onboarding import models, problems, short_names
    from onboarding.operations import customers, registrations, services
    from onboarding.records import Service
    from validation.records import Registration
else:
    models, problems, short_names = map(lazily, ("onboarding.models", "onboarding.problems", "onboarding.short_names"))
    customers, services = lazily("onboarding.operations.customers"), lazily("onboarding.operations.services")
    registrations = lazily("onboarding.operations.registrations")

onboarding = func.Blueprint()


@onboarding.route("api/me", methods=["GET"])
@answers
def show_me(req: func.HttpRequest) -> func.HttpResponse:
    """Who is signed in, for which provider, in which role."""
    return reply(models.me.me(reader(req)))


# Customers


@onboarding.route("api/customers", methods=["POST"])
@answers
def create_customer(req: func.HttpRequest) -> func.HttpResponse:
    """A new customer."""
    operator, key = writer(req), idempotency_key(req)
    view = models.customers.customer_view(
        customers.create_customer(platform(), operator, body(req, models.customers.NewCustomer), key, mint())
    )
    return reply(view, 201, {"ETag": view.etag, "Location": f"/api/customers/{view.id}"})


@onboarding.route("api/customers", methods=["GET"])
@answers
def list_customers(req: func.HttpRequest) -> func.HttpResponse:
    """Customers by name (step 2)."""
    operator, asked = reader(req), query(req, models.customers.CustomerFilters)
    found, cursor = customers.list_customers(platform(), operator, asked.name, asked.cursor)
    return page(req, [models.customers.customer_view(customer) for customer in found], cursor)


@onboarding.route("api/customers/{id}", methods=["GET"])
@answers
def show_customer(req: func.HttpRequest) -> func.HttpResponse:
    """One customer."""
    view = models.customers.customer_view(customers.show_customer(platform(), reader(req), req.route_params["id"]))
    return reply(view, headers={"ETag": view.etag})


# Services


@onboarding.route("api/short-names", methods=["GET"])
@answers
def ask_short_name(req: func.HttpRequest) -> func.HttpResponse:
    """Whether a short name is free, taken, or which rule it breaks (step 4)."""
    operator, asked = writer(req), query(req, models.services.ShortNameQuestion)
    state = services.short_name_state(platform(), operator, asked.value)
    if isinstance(state, tuple):
        words = " ".join(short_names.MESSAGES[code] for code in state)
        return reply(models.services.ShortNameView(value=asked.value, available=False, code=state[0], detail=words))
    if not state:
        taken = problems.ShortNameTaken()
        return reply(
            models.services.ShortNameView(value=asked.value, available=False, code=taken.code, detail=taken.detail)
        )
    return reply(models.services.ShortNameView(value=asked.value, available=True))


@onboarding.route("api/customers/{id}/services", methods=["POST"])
@onboarding.queue_output(arg_name="mail", queue_name=Kind.MAIL.value, connection="Data")
@answers
def create_service(req: func.HttpRequest, mail: func.Out[str]) -> func.HttpResponse:
    """Steps 1 to 7: the service, its invitation and its mail."""
    operator, key = writer(req), idempotency_key(req)
    order = body(req, models.services.NewService)
    made = services.create_service(platform(), operator, req.route_params["id"], order, key, mint())
    if wake_up := made.wake_up(Kind.MAIL):
        mail.set(wake_up)
    return _shown(made.service, 201)


@onboarding.route("api/services", methods=["GET"])
@answers
def list_services(req: func.HttpRequest) -> func.HttpResponse:
    """The Services page, newest first."""
    operator, asked = reader(req), query(req, models.services.ServiceFilters)
    state = asked.state.value if asked.state else None
    found, cursor = services.list_services(platform(), operator, asked.customer_id, state, asked.cursor)
    return page(req, [models.services.service_view(service) for service in found], cursor)


@onboarding.route("api/services/{id}", methods=["GET"])
@answers
def show_service(req: func.HttpRequest) -> func.HttpResponse:
    """One service (steps 14 and 18)."""
    return _shown(services.show_service(platform(), reader(req), req.route_params["id"]))


@onboarding.route("api/services/{id}/events", methods=["GET"])
@answers
def list_events(req: func.HttpRequest) -> func.HttpResponse:
    """Who did what, when."""
    operator, asked = reader(req), query(req, models.services.EventFilters)
    found, cursor = services.list_events(platform(), operator, req.route_params["id"], asked.cursor)
    return page(req, [models.services.event_view(event) for event in found], cursor)


@onboarding.route("api/services/{id}/registration", methods=["POST"])
@answers
def add_registration(req: func.HttpRequest) -> func.HttpResponse:
    """*Add* (step 14)."""
    operator, version = writer(req), if_match(req)
    seen = body(req, models.registrations.AddedRegistration)
    return _shown(registrations.add_registration(platform(), operator, req.route_params["id"], version, seen, mint()))


@onboarding.route("api/services/{id}/m365", methods=["GET"])
@answers
def show_m365(req: func.HttpRequest) -> func.HttpResponse:
    """The Microsoft 365 Settings page (steps 19 to 21)."""
    return _m365(*registrations.show_m365(platform(), reader(req), req.route_params["id"]))


@onboarding.route("api/services/{id}/m365/validate", methods=["POST"])
@onboarding.queue_output(arg_name="check", queue_name=Kind.CHECK.value, connection="Data")
@answers
def validate_m365(req: func.HttpRequest, check: func.Out[str]) -> func.HttpResponse:
    """*Next* (step 15) and *Validate Authentication* (step 21): the stored credentials are checked, live."""
    operator, version = writer(req), if_match(req)
    started = registrations.validate(platform(), operator, req.route_params["id"], version, mint())
    if wake_up := started.wake_up(Kind.CHECK):
        check.set(wake_up)
    return _m365(started.service, registrations.registration_of(started.service), 202)


@onboarding.route("api/services/{id}/complete", methods=["POST"])
@onboarding.queue_output(arg_name="check", queue_name=Kind.CHECK.value, connection="Data")
@answers
def complete_service(req: func.HttpRequest, check: func.Out[str]) -> func.HttpResponse:
    """Steps 16 to 18: the service is created, asynchronously."""
    operator, version = writer(req), if_match(req)
    started = registrations.complete(platform(), operator, req.route_params["id"], version, mint())
    if wake_up := started.wake_up(Kind.CHECK):
        check.set(wake_up)
    return _shown(started.service, 202, {"Retry-After": "1"})


@onboarding.route("api/services/{id}/cancel", methods=["POST"])
@answers
def cancel_service(req: func.HttpRequest) -> func.HttpResponse:
    """*Cancel*: the way out of everything before `active`; it frees the short name."""
    operator, version = writer(req), if_match(req)
    return _shown(services.cancel(platform(), operator, req.route_params["id"], version, mint()).service)


def _shown(service: "Service", status: int = 200, headers: dict[str, str] | None = None) -> func.HttpResponse:
    view = models.services.service_view(service)
    always = {"ETag": view.etag, "Location": f"/api/services/{view.id}"}
    return reply(view, status, {**always, **(headers or {})})


def _m365(service: "Service", registration: "Registration", status: int = 200) -> func.HttpResponse:
    view = models.registrations.m365_view(service, registration, datetime.now(UTC))
    headers = {"ETag": view.etag}
    if status == 202:
        headers |= {"Location": f"/api/services/{service.id}/m365", "Retry-After": "1"}
    return reply(view, status, headers)
