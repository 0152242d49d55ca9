"""What the operator's calls take and answer."""

from onboarding import problems
from onboarding.models import customers, me, registrations, services
from shared.problems import NotFound, WrongState
from shared.web.contract import Contract, Page, Who

CREATED = ("ETag", "Location")
STARTED = ("ETag", "Location", "Retry-After")

CONTRACTS = {
    "show_me": Contract(Who.MONITOR, {200: me.Me}, stored=False),
    "create_customer": Contract(
        Who.OPERATOR,
        {201: customers.CustomerView},
        body=customers.NewCustomer,
        idempotent=True,
        headers=CREATED,
        problems=(problems.CustomerNameTaken, problems.IdempotencyKeyReused),
    ),
    "list_customers": Contract(Who.MONITOR, {200: Page(customers.CustomerView)}, query=customers.CustomerFilters),
    "show_customer": Contract(Who.MONITOR, {200: customers.CustomerView}, headers=CREATED),
    "change_customer": Contract(
        Who.OPERATOR,
        {200: customers.CustomerView},
        body=customers.ChangedCustomer,
        if_match=True,
        headers=CREATED,
        problems=(problems.CustomerNameTaken,),
    ),
    "archive_customer": Contract(Who.OPERATOR, {200: customers.CustomerView}, if_match=True, headers=CREATED),
    "ask_short_name": Contract(Who.OPERATOR, {200: services.ShortNameView}, query=services.ShortNameQuestion),
    "create_service": Contract(
        Who.OPERATOR,
        {201: services.ServiceView},
        body=services.NewService,
        idempotent=True,
        headers=CREATED,
        problems=(problems.CustomerArchived, problems.ShortNameTaken, problems.IdempotencyKeyReused),
    ),
    "list_services": Contract(Who.MONITOR, {200: Page(services.ServiceView)}, query=services.ServiceFilters),
    "show_service": Contract(Who.MONITOR, {200: services.ServiceView}, headers=CREATED),
    "change_service": Contract(
        Who.OPERATOR,
        {200: services.ServiceView},
        body=services.ChangedService,
        if_match=True,
        headers=CREATED,
        problems=(problems.ServiceEnded,),
    ),
    "list_events": Contract(
        Who.MONITOR, {200: Page(services.EventView)}, query=services.EventFilters, problems=(NotFound,)
    ),
    "cancel_service": Contract(
        Who.OPERATOR, {200: services.ServiceView}, if_match=True, headers=CREATED, problems=(problems.AlreadyActive,)
    ),
    "disconnect_service": Contract(
        Who.OPERATOR, {200: services.ServiceView}, if_match=True, headers=CREATED, problems=(problems.NotActive,)
    ),
    "add_registration": Contract(
        Who.OPERATOR,
        {200: services.ServiceView},
        body=registrations.AddedRegistration,
        if_match=True,
        headers=CREATED,
        problems=(
            problems.NotAuthenticated,
            problems.ProposalDiffers,
            problems.AcknowledgementRequired,
            problems.TenantNotThisCustomers,
            problems.TenantNotThisServices,
            WrongState,
        ),
    ),
    "show_m365": Contract(
        Who.MONITOR, {200: registrations.M365View}, headers=("ETag",), problems=(problems.RegistrationMissing,)
    ),
    "validate_m365": Contract(
        Who.OPERATOR,
        {202: registrations.M365View},
        if_match=True,
        headers=STARTED,
        problems=(problems.RegistrationMissing, WrongState),
    ),
    "complete_service": Contract(
        Who.OPERATOR,
        {202: services.ServiceView},
        if_match=True,
        headers=STARTED,
        problems=(problems.RegistrationMissing, problems.NotValidated, WrongState),
    ),
}
