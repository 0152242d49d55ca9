"""Tenants for the services of a run: copies of the pretend directory's first one, so that no limit for one is met."""

import itertools
import json
import uuid

from tests.integration.cloud import Directory
from tests.integration.procedure import CONTOSO, Registered

MANY = 40


class Tenants:
    """So many tenants with a good app registration each, given out in turn."""

    def __init__(self, directory: Directory) -> None:
        made = [Registered(str(uuid.uuid4()), str(uuid.uuid4()), CONTOSO.secret, f"t{n}.example") for n in range(MANY)]
        with directory.edit() as content:
            for kind, key in (("tenants", "id"), ("applications", "appId")):
                original = next(one for one in content[kind] if one[key] in (CONTOSO.tenant, CONTOSO.client))
                content[kind] += [json.loads(_renamed(json.dumps(original), one)) for one in made]
        self._turn = itertools.cycle(made)

    def next(self) -> Registered:
        return next(self._turn)


def _renamed(text: str, one: Registered) -> str:
    for old, new in (
        (CONTOSO.tenant, one.tenant),
        (CONTOSO.client, one.client),
        (CONTOSO.domain, one.domain),
        ("contoso.onmicrosoft.example", f"on-{one.domain}"),
    ):
        text = text.replace(old, new)
    return text
