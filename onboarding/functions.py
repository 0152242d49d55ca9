"""The operator's triggers: customers, services, the onboarding wizard's steps, the Microsoft 365 page."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import azure.functions as func

from shared.kinds import Kind
from shared.lazy import lazily
from shared.minted import mint
from shared.platform import platform
from shared.queues import wake, work
from shared.web.auth import reader, writer
from shared.web.calls import calls_of
from shared.web.replies import page, reply
from shared.web.requests import body, idempotency_key, if_match, query

if TYPE_CHECKING:
    from onboarding import models, problems, short_names
    from onboarding.operations import customers, owed, registrations, retention, services
    from onboarding.records import Customer, Service
    from validation.records import Registration
else:
    models, problems, short_names = map(lazily, ("onboarding.models", "onboarding.problems", "onboarding.short_names"))
    customers, services = lazily("onboarding.operations.customers"), lazily("onboarding.operations.services")
    owed, registrations = lazily("onboarding.operations.owed"), lazily("onboarding.operations.registrations")
    retention = lazily("onboarding.operations.retention")

onboarding = func.Blueprint()
call = calls_of(onboarding, lazily("onboarding.contract"))


@call("api/me", "GET")
def show_me(req: func.HttpRequest) -> func.HttpResponse:
    """Who is signed in, for which provider, in which role."""
    return reply(models.me.me(reader(req)))


# Customers


@call("api/customers", "POST")
def create_customer(req: func.HttpRequest) -> func.HttpResponse:
    """A new customer."""
    operator, key = writer(req), idempotency_key(req)
    return _customer(
        customers.create_customer(platform(), operator, body(req, models.customers.NewCustomer), key, mint()), 201
    )


@call("api/customers", "GET")
def list_customers(req: func.HttpRequest) -> func.HttpResponse:
    """Customers by name (step 2)."""
    operator, asked = reader(req), query(req, models.customers.CustomerFilters)
    found, cursor = customers.list_customers(platform(), operator, asked)
    return page(req, [models.customers.customer_view(customer) for customer in found], cursor)


@call("api/customers/{id}", "GET")
def show_customer(req: func.HttpRequest) -> func.HttpResponse:
    """One customer."""
    return _customer(customers.show_customer(platform(), reader(req), req.route_params["id"]))


@onboarding.queue_output(arg_name="rename", queue_name=Kind.RENAME.value, connection="Data")
@call("api/customers/{id}", "PATCH")
def change_customer(req: func.HttpRequest, rename: func.Out[str]) -> func.HttpResponse:
    """Another name or tenant, archived or restored. Its services take the new name within a minute or two."""
    operator, version = writer(req), if_match(req)
    wanted = body(req, models.customers.ChangedCustomer)
    customer, wake_up = customers.change_customer(platform(), operator, req.route_params["id"], version, wanted, mint())
    wake(rename, wake_up)
    return _customer(customer)


@call("api/customers/{id}", "DELETE")
def archive_customer(req: func.HttpRequest) -> func.HttpResponse:
    """Hidden from the list, and no new services; those that it has go on. PATCH restores it."""
    operator, version = writer(req), if_match(req)
    wanted = models.customers.ChangedCustomer(archived=True)
    return _customer(
        customers.change_customer(platform(), operator, req.route_params["id"], version, wanted, mint())[0]
    )


@call("api/customers/{id}/events", "GET")
def list_customer_events(req: func.HttpRequest) -> func.HttpResponse:
    """Who did what to a customer, when."""
    operator, asked = reader(req), query(req, models.services.EventFilters)
    found, cursor = services.list_customer_events(platform(), operator, req.route_params["id"], asked.cursor)
    return page(req, [models.services.event_view(event) for event in found], cursor)


def _customer(customer: "Customer", status: int = 200) -> func.HttpResponse:
    view = models.customers.customer_view(customer)
    return reply(view, status, {"ETag": view.etag, "Location": f"/api/customers/{view.id}"})


@onboarding.queue_trigger(arg_name="message", queue_name=Kind.RENAME.value, connection="Data")
def rename_customer(message: func.QueueMessage) -> None:
    """Give a renamed customer's services its new name."""
    work(customers.spread_name, message)


# Services


@call("api/short-names", "GET")
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


@onboarding.queue_output(arg_name="mail", queue_name=Kind.MAIL.value, connection="Data")
@call("api/customers/{id}/services", "POST")
def create_service(req: func.HttpRequest, mail: func.Out[str]) -> func.HttpResponse:
    """Steps 1 to 7: the service, its invitation and its mail."""
    operator, key = writer(req), idempotency_key(req)
    order = body(req, models.services.NewService)
    made = services.create_service(platform(), operator, req.route_params["id"], order, key, mint())
    wake(mail, made.wake_up(Kind.MAIL))
    return _service(made.service, 201)


@call("api/services", "GET")
def list_services(req: func.HttpRequest) -> func.HttpResponse:
    """The Services page, newest first."""
    operator, asked = reader(req), query(req, models.services.ServiceFilters)
    found, cursor = services.list_services(platform(), operator, asked.columns, asked.cursor)
    return page(req, [models.services.service_view(service) for service in found], cursor)


@call("api/services/{id}", "GET")
def show_service(req: func.HttpRequest) -> func.HttpResponse:
    """One service (steps 14 and 18), with the registration that waits for *Add*, or that was added."""
    service, others = registrations.show_proposal(platform(), reader(req), req.route_params["id"])
    return _service(service, others=others)


@call("api/services/{id}", "PATCH")
def change_service(req: func.HttpRequest) -> func.HttpResponse:
    """Another full name, licence or number of users."""
    operator, version = writer(req), if_match(req)
    wanted = body(req, models.services.ChangedService)
    return _service(
        services.change_service(platform(), operator, req.route_params["id"], version, wanted, mint()).service
    )


@call("api/services/{id}/events", "GET")
def list_events(req: func.HttpRequest) -> func.HttpResponse:
    """Who did what, when."""
    operator, asked = reader(req), query(req, models.services.EventFilters)
    found, cursor = services.list_events(platform(), operator, req.route_params["id"], asked.cursor)
    return page(req, [models.services.event_view(event) for event in found], cursor)


@call("api/services/{id}/cancel", "POST")
def cancel_service(req: func.HttpRequest) -> func.HttpResponse:
    """*Cancel*: the way out of everything before `active`; it frees the short name."""
    operator, version = writer(req), if_match(req)
    return _service(services.cancel(platform(), operator, req.route_params["id"], version, mint()).service)


@call("api/services/{id}/disconnect", "POST")
def disconnect_service(req: func.HttpRequest) -> func.HttpResponse:
    """*Disconnect*: an active connection ends, and its secret is wiped; the short name stays taken."""
    operator, version = writer(req), if_match(req)
    return _service(services.disconnect(platform(), operator, req.route_params["id"], version, mint()).service)


@onboarding.queue_output(arg_name="forget", queue_name=Kind.FORGET.value, connection="Data")
@call("api/services/{id}/erase", "POST")
def erase_service(req: func.HttpRequest, forget: func.Out[str]) -> func.HttpResponse:
    """*Delete personal data* of what is over: addresses and names go now, rather than some time later by themselves."""
    operator, version = writer(req), if_match(req)
    done = retention.erase(platform(), operator, req.route_params["id"], version, mint())
    wake(forget, done.wake_up(Kind.FORGET))
    return _service(done.service)


@onboarding.queue_trigger(arg_name="message", queue_name=Kind.FORGET.value, connection="Data")
def forget_people(message: func.QueueMessage) -> None:
    """Take the personal data out of what has been over for long enough."""
    work(retention.forget, message)


# Registrations


@call("api/services/{id}/registration", "POST")
def add_registration(req: func.HttpRequest) -> func.HttpResponse:
    """*Add* (step 14)."""
    operator, version = writer(req), if_match(req)
    seen = body(req, models.registrations.AddedRegistration)
    return _service(registrations.add_registration(platform(), operator, req.route_params["id"], version, seen, mint()))


@call("api/services/{id}/m365", "GET")
def show_m365(req: func.HttpRequest) -> func.HttpResponse:
    """The Microsoft 365 Settings page (steps 19 to 21)."""
    return _m365(*registrations.show_m365(platform(), reader(req), req.route_params["id"]))


@onboarding.queue_output(arg_name="check", queue_name=Kind.CHECK.value, connection="Data")
@call("api/services/{id}/m365/validate", "POST")
def validate_m365(req: func.HttpRequest, check: func.Out[str]) -> func.HttpResponse:
    """*Next* (step 15) and *Validate Authentication* (step 21): the stored credentials are checked, live."""
    operator, version = writer(req), if_match(req)
    started = registrations.validate(platform(), operator, req.route_params["id"], version, mint())
    wake(check, started.wake_up(Kind.CHECK))
    return _m365(started.service, registrations.registration_of(started.service), 202)


@onboarding.queue_output(arg_name="check", queue_name=Kind.CHECK.value, connection="Data")
@call("api/services/{id}/complete", "POST")
def complete_service(req: func.HttpRequest, check: func.Out[str]) -> func.HttpResponse:
    """Steps 16 to 18: the service is created, asynchronously."""
    operator, version = writer(req), if_match(req)
    started = registrations.complete(platform(), operator, req.route_params["id"], version, mint())
    wake(check, started.wake_up(Kind.CHECK))
    return _service(started.service, 202)


def _service(service: "Service", status: int = 200, others: "list[Customer] | None" = None) -> func.HttpResponse:
    view = models.services.service_view(service, others or [])
    headers = {"ETag": view.etag, "Location": f"/api/services/{view.id}"}
    return reply(view, status, headers | ({"Retry-After": "1"} if status == 202 else {}))


def _m365(service: "Service", registration: "Registration", status: int = 200) -> func.HttpResponse:
    view = models.registrations.m365_view(
        service, registration, platform().settings.required_permissions, datetime.now(UTC)
    )
    headers = {"ETag": view.etag}
    if status == 202:
        headers |= {"Location": f"/api/services/{service.id}/m365", "Retry-After": "1"}
    return reply(view, status, headers)


# Owed work


@call("api/owed", "GET")
def list_owed(req: func.HttpRequest) -> func.HttpResponse:
    """Work that is late: no worker has taken it, or it never came to an end. Nothing of it is lost."""
    operator, asked = reader(req), query(req, models.owed.OwedFilters)
    now = datetime.now(UTC)
    found, cursor = owed.list_owed(platform(), operator, asked.cursor, now)
    return page(req, [models.owed.owed_view(row, due, now) for row, due in found], cursor)


@onboarding.queue_output(arg_name="mail", queue_name=Kind.MAIL.value, connection="Data")
@onboarding.queue_output(arg_name="check", queue_name=Kind.CHECK.value, connection="Data")
@onboarding.queue_output(arg_name="expire", queue_name=Kind.EXPIRE.value, connection="Data")
@onboarding.queue_output(arg_name="rename", queue_name=Kind.RENAME.value, connection="Data")
@onboarding.queue_output(arg_name="forget", queue_name=Kind.FORGET.value, connection="Data")
@call("api/owed/{id}/wake", "POST")
def wake_owed(
    req: func.HttpRequest,
    mail: func.Out[str],
    check: func.Out[str],
    expire: func.Out[str],
    rename: func.Out[str],
    forget: func.Out[str],
) -> func.HttpResponse:
    """*Try now*: wakes the worker of what is late, or waits for its next attempt. It is an attempt like any other."""
    now = datetime.now(UTC)
    row, due, wake_up = owed.wake(platform(), writer(req), req.route_params["id"], now)
    queues = {Kind.MAIL: mail, Kind.CHECK: check, Kind.EXPIRE: expire, Kind.RENAME: rename, Kind.FORGET: forget}
    wake(queues[due.kind], wake_up)
    return reply(models.owed.owed_view(row, due, now))
