"""The customers with which a new local cloud starts, created through the API as a portal would."""

import json
from collections.abc import Iterator
from uuid import UUID, uuid5

import requests

from local.callers import Caller, operator, problem
from local.config import Config, ConfigError
from local.directory import DirectoryError, load_directory
from local.token import fetch_token


def seed(config: Config) -> Iterator[str]:
    """Give each provider without customers those of `local/customers.json`; yields a sentence for each.

    What goes wrong is one of these sentences, not an exception: a cloud without customers is still of use.
    """
    names = json.loads((config.root / "local" / "customers.json").read_text(encoding="utf-8"))
    try:
        for provider in load_directory(config.directory).providers:
            made = _seed(config, provider.id, names.get(provider.id, []))
            if made:
                yield f"{provider.display_name} now has the customers {', '.join(made)}."
    except (ConfigError, DirectoryError, SeedError, requests.RequestException) as error:
        yield f"Customers could not be made: {error}"


class SeedError(Exception):
    """The API did not accept a customer."""


def _seed(config: Config, provider: str, names: list[str]) -> list[str]:
    caller = operator(config.api_url, fetch_token(config, "operator", provider))
    if _has_customers(caller):
        return []
    for name in names:
        # A key of its own for each customer, so that a start that was interrupted makes none twice.
        reply = caller.create("/api/customers", str(uuid5(UUID(provider), name)), {"name": name})
        if reply.status_code != 201:
            raise SeedError(f"POST /api/customers for {name} gave {problem(reply)}")
    return names


def _has_customers(caller: Caller) -> bool:
    reply = caller.get("/api/customers")
    if reply.status_code != 200:
        raise SeedError(f"GET /api/customers gave {problem(reply)}")
    return bool(reply.json()["value"])
