"""What the operator's calls take and answer."""

from dataclasses import replace

from onboarding import examples, problems
from onboarding.models import customers, me, owed, registrations, services
from onboarding.records import ServiceState
from shared.due import WORK_ID, insert
from shared.problems import WrongState
from shared.web.contract import Contract, Page, Who
from shared.web.models import ColorsView, ContactView

LOCATED = ("ETag", "Location")
STARTED = ("ETag", "Location", "Retry-After")

CUSTOMER = customers.customer_view(examples.CUSTOMER)
PENDING, AUTHENTICATED = services.service_view(examples.PENDING), services.service_view(examples.AUTHENTICATED)
ADDED = services.service_view(examples.ADDED)
CREATING = services.service_view(replace(examples.ADDED, state=ServiceState.CREATING))
CANCELLED = services.service_view(replace(examples.PENDING, state=ServiceState.CANCELLED))
DISCONNECTED = services.service_view(replace(examples.ACTIVE, state=ServiceState.DISCONNECTED, registration=None))
ERASED = services.service_view(examples.ERASED)
ORDER = {
    "type": "DirectRouting",
    "fullName": "Contoso voice",
    "shortName": "CONTOSO-1",
    "license": "HostedPro",
    "licensedUsers": 25,
    "adminEmail": "it@contoso.example",
    "sendLink": True,
}
ME = me.Me(
    provider=me.ProviderView(
        id=examples.PROVIDER,
        name="Northwind Voice",
        contact=ContactView(name="Onboarding desk", email="onboarding@northwind.example", phone=None),
        colors=ColorsView(accent="#0f5ea8", on_accent="#ffffff"),
    ),
    user=me.UserView(id=str(examples.OPERATOR.oid), name=examples.OPERATOR.name),
    role="operator",
    languages=(me.LanguageView(code="en", name="English"), me.LanguageView(code="de", name="Deutsch")),
)
M365 = registrations.m365_view(examples.ACTIVE, examples.REGISTRATION, ("Organization.Read.All",), examples.NOON)
LATE = owed.owed_view(insert(examples.LATE).row, examples.LATE, examples.NOON)

CONTRACTS = {
    "show_me": Contract(
        Who.MONITOR,
        {200: me.Me},
        stored=False,
        shows=ME,
    ),
    "create_customer": Contract(
        Who.OPERATOR,
        {201: customers.CustomerView},
        body=customers.NewCustomer,
        idempotent=True,
        headers=LOCATED,
        problems=(problems.CustomerNameTaken, problems.IdempotencyKeyReused),
        shows=CUSTOMER,
        sends={"name": "Contoso", "tenantId": examples.TENANT},
    ),
    "list_customers": Contract(
        Who.MONITOR,
        {200: Page(customers.CustomerView)},
        query=customers.CustomerFilters,
        shows=CUSTOMER,
    ),
    "show_customer": Contract(
        Who.MONITOR,
        {200: customers.CustomerView},
        headers=LOCATED,
        shows=CUSTOMER,
    ),
    "change_customer": Contract(
        Who.OPERATOR,
        {200: customers.CustomerView},
        body=customers.ChangedCustomer,
        if_match=True,
        headers=LOCATED,
        problems=(problems.CustomerNameTaken,),
        shows=CUSTOMER,
        sends={"name": "Contoso Ltd"},
    ),
    "archive_customer": Contract(
        Who.OPERATOR,
        {200: customers.CustomerView},
        if_match=True,
        headers=LOCATED,
        shows=customers.customer_view(replace(examples.CUSTOMER, archived_at=examples.NOON)),
    ),
    "list_customer_events": Contract(
        Who.MONITOR,
        {200: Page(services.EventView)},
        query=services.EventFilters,
        shows=services.event_view(examples.PINNED),
    ),
    "ask_short_name": Contract(
        Who.OPERATOR,
        {200: services.ShortNameView},
        query=services.ShortNameQuestion,
        shows=services.ShortNameView(value="CONTOSO-1", available=True),
    ),
    "create_service": Contract(
        Who.OPERATOR,
        {201: services.ServiceView},
        body=services.NewService,
        idempotent=True,
        headers=LOCATED,
        problems=(problems.CustomerArchived, problems.ShortNameTaken, problems.IdempotencyKeyReused),
        shows=PENDING,
        sends=ORDER,
    ),
    "list_services": Contract(
        Who.MONITOR,
        {200: Page(services.ServiceView)},
        query=services.ServiceFilters,
        shows=AUTHENTICATED,
    ),
    "show_service": Contract(
        Who.MONITOR,
        {200: services.ServiceView},
        headers=LOCATED,
        shows=AUTHENTICATED,
    ),
    "change_service": Contract(
        Who.OPERATOR,
        {200: services.ServiceView},
        body=services.ChangedService,
        if_match=True,
        headers=LOCATED,
        problems=(problems.ServiceEnded,),
        shows=PENDING,
        sends={"licensedUsers": 30},
    ),
    "list_events": Contract(
        Who.MONITOR,
        {200: Page(services.EventView)},
        query=services.EventFilters,
        shows=services.event_view(examples.EVENT),
    ),
    "cancel_service": Contract(
        Who.OPERATOR,
        {200: services.ServiceView},
        if_match=True,
        headers=LOCATED,
        problems=(problems.AlreadyActive, problems.ServiceEnded),
        shows=CANCELLED,
    ),
    "disconnect_service": Contract(
        Who.OPERATOR,
        {200: services.ServiceView},
        if_match=True,
        headers=LOCATED,
        problems=(problems.NotActive,),
        shows=DISCONNECTED,
    ),
    "erase_service": Contract(
        Who.OPERATOR,
        {200: services.ServiceView},
        if_match=True,
        headers=LOCATED,
        problems=(problems.StillInUse,),
        shows=ERASED,
    ),
    "add_registration": Contract(
        Who.OPERATOR,
        {200: services.ServiceView},
        body=registrations.AddedRegistration,
        if_match=True,
        headers=LOCATED,
        problems=(
            problems.NotAuthenticated,
            problems.ProposalDiffers,
            problems.AcknowledgementRequired,
            problems.TenantNotThisCustomers,
            WrongState,
        ),
        shows=ADDED,
        sends={"tenantId": examples.TENANT, "clientId": examples.CLIENT},
    ),
    "show_m365": Contract(
        Who.MONITOR,
        {200: registrations.M365View},
        headers=("ETag",),
        problems=(problems.RegistrationMissing,),
        shows=M365,
    ),
    "validate_m365": Contract(
        Who.OPERATOR,
        {202: registrations.M365View},
        if_match=True,
        headers=STARTED,
        problems=(problems.RegistrationMissing,),
        shows=M365,
    ),
    "complete_service": Contract(
        Who.OPERATOR,
        {202: services.ServiceView},
        if_match=True,
        headers=STARTED,
        problems=(problems.RegistrationMissing, problems.NotValidated, WrongState),
        shows=CREATING,
    ),
    "list_owed": Contract(
        Who.MONITOR,
        {200: Page(owed.OwedView)},
        query=owed.OwedFilters,
        shows=LATE,
    ),
    "wake_owed": Contract(
        Who.OPERATOR,
        {200: owed.OwedView},
        path={"id": f"^{WORK_ID.pattern}$"},
        shows=LATE,
    ),
}
