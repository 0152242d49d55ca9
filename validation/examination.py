"""Asks Entra and Graph about a registration, in order, until the first definitive no."""

from collections.abc import Callable, Collection
from dataclasses import replace

from shared.patterns import GUID
from shared.settings import Settings
from validation import entra
from validation.evidence import Evidence, Refusal
from validation.graph import Graph
from validation.outside import MicrosoftOnly, TenantUnknown
from validation.rules import right_tenant

HINT_LENGTH = 3  # Graph, passwordCredential: "hint" is the first three characters


def examine(
    settings: Settings,
    tenant: str,
    client_id: str,
    secret: str,
    pins: Collection[str],
    admit: Callable[[str], None],
) -> Evidence:
    """The evidence for this registration. ``tenant`` is an id or a domain; its id is shown to ``admit``, which raises
    Later where that tenant has been asked about too often, before anybody tries to sign in to it. Raises Later.
    """
    evidence = Evidence(None, secret[:HINT_LENGTH])
    with MicrosoftOnly(settings.authority_host, settings.graph_host) as session:
        try:
            tenant_id = tenant if GUID.fullmatch(tenant) else entra.resolve(settings.authority_host, session, tenant)
            evidence = replace(evidence, tenant_id=tenant_id)
            if not right_tenant(tenant_id, pins):
                return evidence
            admit(tenant_id)
            application = entra.Application(settings.authority_host, session, tenant_id, client_id, secret)
        except TenantUnknown:
            return replace(evidence, tenant_id=None)
        token = application.token(settings.graph_host)
        evidence = replace(evidence, graph=token)
        if isinstance(token, Refusal):
            return evidence
        graph = Graph(settings.graph_host, session, token)
        return replace(
            evidence,
            resources={resource: application.token(resource) for resource in settings.required_resources},
            organization=graph.organization(),
            application=graph.application(client_id),
        )
