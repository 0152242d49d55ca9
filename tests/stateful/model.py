"""What should happen: a small model of all customers and services, which each operation is put to as well."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.stateful.calls import JOINS, OF_THE_INVITATION, OPERATORS, Ask, add_refusals
from tests.stateful.known import NEW, Client, Known

type Request = tuple[str, str]  # the caller, and the Idempotency-Key


@dataclass
class Model:
    """All that is known. ``requests`` are the creations that were made, by caller and Idempotency-Key."""

    services: dict[str, Known] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    requests: dict[Request, str] = field(default_factory=dict)

    def copy(self) -> "Model":
        return Model(dict(self.services), dict(self.clients), dict(self.requests))

    def settle(self, label: str, after: Known | str) -> str:
        """Keep what an operation makes of a service, and count it, if it has not; a refusal changes nothing."""
        if isinstance(after, str):
            return after
        before = self.services[label]
        if after != before:
            self.services[label] = (
                after if after.version > before.version else replace(after, version=before.version + 1)
            )
        return "ok"

    def operator(self, what: str, label: str, ask: Ask) -> str:
        one = self.services[label]
        if ask.provider != one.provider or (what in OF_THE_INVITATION and ask.number != one.number):
            return "not-found"
        joins = what in JOINS and one.check is not None
        if ask.version != one.version and not joins:
            return "changed-meanwhile"
        return self.settle(label, OPERATORS[what](one, ask))

    def add(self, label: str, ask: Ask) -> str:
        """*Add* is the one call that changes a service and its customer."""
        one = self.services[label]
        client = self.clients[one.customer]
        refusals = add_refusals(one, ask, client)
        refusal = next((code for code, holds in refusals if holds()), None)
        if refusal or one.proposal is None:
            return refusal or "not-authenticated"
        if client.tenant is None:
            self.clients[one.customer] = replace(client, tenant=one.proposal.tenant, version=client.version + 1)
        state = "authenticated" if one.state == "validated" else one.state
        done = replace(one, status="accepted", proposal=None, registered=one.proposal, check=None, purpose=None)
        return self.settle(label, replace(done, state=state))

    def asked_before(self, request: Request, body: str) -> str | None:
        made = self.requests.get(request)
        if made is None:
            return None
        return "ok" if made == body else "idempotency-key-reused"

    def create_service(self, request: Request, body: str, label: str, one: Known, *, late: bool = False) -> str:
        """``late``: the customer was looked at before somebody archived it."""
        before = self.asked_before(request, body)
        if before:
            return before
        if self.clients[one.customer].provider != one.provider:
            return "not-found"
        if self.clients[one.customer].archived and not late:
            return "customer-archived"
        live = {
            (each.provider, each.short_name.casefold()) for each in self.services.values() if each.state != "cancelled"
        }
        if (one.provider, one.short_name.casefold()) in live:
            return "short-name-taken"
        self.services[label] = replace(one, customer_name=self.clients[one.customer].name)
        self.requests[request] = body
        return "ok"

    def create_client(self, request: Request, body: str, client: Client) -> str:
        before = self.asked_before(request, body)
        if before:
            return before
        if self._listed(client):
            return "customer-name-taken"
        self.clients[f"{NEW} {client.name}"] = client
        self.requests[request] = body
        return "ok"

    def change_client(self, client_id: str, provider: str, version: int, given: Mapping[str, object]) -> str:
        before = self.clients[client_id]
        if provider != before.provider:
            return "not-found"
        if version != before.version:
            return "changed-meanwhile"
        after = replace(before, **given)  # type: ignore[arg-type]
        if after == before:
            return "ok"
        if not after.archived and self._listed(after, but=client_id):
            return "customer-name-taken"
        self.clients[client_id] = replace(after, version=before.version + 1)
        return "ok"

    def rename(self, client_id: str) -> str:
        """Every service of the customer takes its name."""
        name = self.clients[client_id].name
        for label, one in self.services.items():
            if one.customer == client_id and one.customer_name != name:
                self.services[label] = replace(one, customer_name=name, version=one.version + 1)
        return "ok"

    def _listed(self, client: Client, but: str = "") -> bool:
        """Whether another customer on the list has this name."""
        return any(
            (each.provider, each.name.casefold()) == (client.provider, client.name.casefold())
            for name, each in self.clients.items()
            if name != but and not each.archived
        )
