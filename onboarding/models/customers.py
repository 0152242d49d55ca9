"""Customers as they come in and go out over HTTP."""

from pydantic import Field

from onboarding.records import Customer
from shared.web.fields import CustomerNameText, GuidText, TrueOrFalse
from shared.web.models import Body, Change, Listing, Time, View, left_out


class NewCustomer(Body):
    """``tenant_id`` is the customer's Microsoft tenant, where it is known."""

    name: CustomerNameText
    tenant_id: GuidText | None = None


class ChangedCustomer(Change):
    """A new name, another tenant (null for none), archived or restored; what is left out stays."""

    name: CustomerNameText = Field(default_factory=left_out)
    tenant_id: GuidText | None = Field(default_factory=left_out)
    archived: bool = Field(default_factory=left_out)


class CustomerFilters(Listing):
    """``name`` is the beginning of a customer's name; archived customers have a list of their own."""

    name: str = Field("", max_length=100)
    archived: TrueOrFalse = False


class CustomerView(View):
    id: str
    name: str
    tenant_id: str | None
    created_at: Time
    archived_at: Time | None
    etag: str


def customer_view(customer: Customer) -> CustomerView:
    return CustomerView(
        id=customer.id,
        name=customer.name,
        tenant_id=customer.tenant_id,
        created_at=customer.created_at,
        archived_at=customer.archived_at,
        etag=f'"{customer.version}"',
    )
