"""The main path as its callers walk it: whatever fails is repeated, and a host that died is replaced."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from local.callers import Caller, problem
from local.waiting import wait_until
from tests.integration.cloud import LocalCloud

PATIENCE_SECONDS = 30.0


@dataclass
class Journey:
    """One service on its way from the order to `active`. ``clock`` is what a replacement host's clock is ahead."""

    cloud: LocalCloud
    clock: str = "+10m"
    name: str = field(default_factory=lambda: f"J{uuid.uuid4().hex[:12]}")
    service_id: str = ""

    @property
    def address(self) -> str:
        return f"{self.name.lower()}@contoso.example"

    def run(self) -> dict[str, Any]:
        """Walk all of it; returns the service as it is in the end."""
        self.orders()
        self.answers()
        self.adds()
        self.validates()
        self.completes()
        return self.service()

    def orders(self) -> None:
        """Steps 1 to 7."""
        operator = self.cloud.operator()
        customer = self._sure(lambda: operator.create("/api/customers", self.name, {"name": self.name}), 201)
        order = {
            "type": "DirectRouting", "fullName": f"Journey {self.name}", "shortName": self.name,
            "license": "HostedPro", "licensedUsers": 5, "adminEmail": self.address, "sendLink": True,
        }  # fmt: skip
        path = f"/api/customers/{customer['id']}/services"
        self.service_id = self._sure(lambda: operator.create(path, f"order-{self.name}", order), 201)["id"]

    def answers(self) -> None:
        """Steps 8 to 10."""
        link = self._until(self._mailed_link, "the mail")
        admin = self.cloud.admin(link)
        application = self.cloud.directory.read()["applications"][0]
        submission = {
            "tenantId": application["homeTenant"], "clientId": application["appId"],
            "credential": {"kind": "secret", "value": application["secrets"][0]["value"]},
        }  # fmt: skip
        if self._view(admin)["status"] == "pending":
            self._sure(lambda: admin.post("/api/invitation/submission", json=submission), 202, 409)
        self._until(lambda: self._view(admin)["status"] == "authenticated", "the confirmation")

    def adds(self) -> None:
        """Step 14."""
        proposal = self.service()["proposal"]
        seen = {"tenantId": proposal["tenantId"], "clientId": proposal["clientId"]}
        self._change("registration", seen, lambda service: service["invitation"]["status"] == "accepted")

    def validates(self) -> None:
        """Step 15."""
        self._change("m365/validate", None, lambda service: service["state"] == "validated")
        self._until(lambda: self.service()["state"] == "validated", "the validation")

    def completes(self) -> None:
        """Steps 16 to 18."""
        self._change("complete", None, lambda service: service["state"] in ("creating", "active"))
        self._until(lambda: self.service()["state"] == "active", "the creation")

    def service(self) -> dict[str, Any]:
        return self._sure(lambda: self.cloud.operator().get(f"/api/services/{self.service_id}"), 200)

    def events(self) -> list[dict[str, Any]]:
        path = f"/api/services/{self.service_id}/events"
        found: list[dict[str, Any]] = self._sure(lambda: self.cloud.operator().get(path), 200)["value"]
        return found

    def _mailed_link(self) -> str | None:
        mails = self.cloud.inbox.mails(self.address)
        return mails[-1].link if mails else None

    def _view(self, admin: Caller) -> dict[str, Any]:
        return self._sure(lambda: admin.get("/api/invitation"), 200)

    def _change(self, path: str, body: dict[str, Any] | None, done: Callable[[dict[str, Any]], bool]) -> None:
        """A change as the portal makes it: with If-Match, and after an unknown answer a reload before a repeat."""

        def attempt() -> bool:
            service = self.service()
            if done(service):
                return True
            reply = self._try(
                lambda: self.cloud.operator().change(f"/api/services/{self.service_id}/{path}", service["etag"], body)
            )
            return reply is not None and reply.status_code in (200, 202)

        self._until(attempt, path)

    def _sure(self, call: Callable[[], requests.Response], *wanted: int) -> dict[str, Any]:
        """Repeat until the answer is known. Anything but a wanted status is an error."""
        reply = self._until(lambda: self._try(call), "an answer")
        assert reply.status_code in wanted, problem(reply)
        content: dict[str, Any] = reply.json()
        return content

    def _try(self, call: Callable[[], requests.Response]) -> requests.Response | None:
        try:
            reply = call()
        except requests.RequestException:
            return None
        return None if reply.status_code >= 500 else reply

    def _until[T](self, look: Callable[[], T | None], what: str) -> T:
        def looked() -> T | None:
            if not self.cloud.host.runs:
                self.cloud.host.start(self.clock)
            return look()

        return wait_until(looked, PATIENCE_SECONDS, what)
