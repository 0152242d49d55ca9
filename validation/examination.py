"""Asks Entra and Graph about a registration, in order, until the first definitive no or the deadline."""

import time
from dataclasses import replace

from shared.settings import GUID, Settings
from validation import entra
from validation.evidence import ApplicationRecord, Evidence, Organization, Refusal, Token, Unreadable
from validation.graph import Graph, Refused
from validation.outside import MicrosoftOnly, Unavailable
from validation.rules import right_tenant

DEADLINE_SECONDS = 45.0  # the function's own, below functionTimeout in host.json
HINT_LENGTH = 3  # Graph, passwordCredential: "hint" is the first three characters


def examine(settings: Settings, tenant: str, client_id: str, secret: str, pin: str | None) -> Evidence:
    """The evidence for this registration. ``tenant`` is an id or a domain. Raises Unavailable."""
    session = MicrosoftOnly(settings.authority_host, settings.graph_host)
    clock = _Deadline()
    evidence = Evidence(None, secret[:HINT_LENGTH])
    try:
        tenant_id = _tenant_id(settings, session, tenant, clock)
        evidence = replace(evidence, tenant_id=tenant_id)
        if not right_tenant(tenant_id, pin):
            return evidence
        clock.look()
        application = entra.Application(settings.authority_host, session, tenant_id, client_id, secret)
    except entra.TenantUnknown:
        return replace(evidence, tenant_id=None)
    clock.look()
    token = application.token(settings.graph_host)
    evidence = replace(evidence, graph=token)
    if isinstance(token, Refusal):
        return evidence
    evidence = replace(evidence, resources=_others(settings, application, clock))
    graph = Graph(settings.graph_host, session, token)
    evidence = replace(evidence, organization=_organization(graph, clock))
    return replace(evidence, application=_application(graph, client_id, clock))


class _Deadline:
    """Looked at before each outside call: the time-out of a function costs its whole process."""

    def __init__(self) -> None:
        self._ends = time.monotonic() + DEADLINE_SECONDS

    def look(self) -> None:
        if time.monotonic() > self._ends:
            raise Unavailable("Microsoft is too slow today.")


def _tenant_id(settings: Settings, session: MicrosoftOnly, tenant: str, clock: _Deadline) -> str:
    if GUID.fullmatch(tenant):
        return tenant
    clock.look()
    return entra.resolve(settings.authority_host, session, tenant)


def _others(settings: Settings, application: entra.Application, clock: _Deadline) -> dict[str, Token | Refusal]:
    answers: dict[str, Token | Refusal] = {}
    for resource in settings.required_resources:
        clock.look()
        answers[resource] = application.token(resource)
    return answers


def _organization(graph: Graph, clock: _Deadline) -> Organization | Unreadable:
    clock.look()
    try:
        return graph.organization()
    except Refused as refused:
        return Unreadable(refused.request_id)


def _application(graph: Graph, client_id: str, clock: _Deadline) -> ApplicationRecord | Unreadable | None:
    clock.look()
    try:
        return graph.application(client_id)
    except Refused as refused:
        return Unreadable(refused.request_id)
