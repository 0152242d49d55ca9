"""Customers as they come in and go out over HTTP."""

from pydantic import Field

from onboarding.records import Customer
from shared.web.fields import GuidText, NameText
from shared.web.models import Body, Query, Time, View


class NewCustomer(Body):
    """``tenant_id`` is the customer's Microsoft tenant, where it is known."""

    name: NameText
    tenant_id: GuidText | None = None


class CustomerFilters(Query):
    """``name`` is the beginning of a customer's name."""

    name: str = Field("", max_length=100)


class CustomerView(View):
    id: str
    name: str
    tenant_id: str | None
    created_at: Time
    etag: str


def customer_view(customer: Customer) -> CustomerView:
    return CustomerView(
        id=customer.id,
        name=customer.name,
        tenant_id=customer.tenant_id,
        created_at=customer.created_at,
        etag=f'"{customer.version}"',
    )
