"""A portal user's access token, from the Entra stand-in of the running local cloud."""

from typing import Literal

import requests

from local.callers import Caller, problem
from local.config import Config, ConfigError
from local.directory import DirectoryError, load_directory
from local.tls import ensure_certificates

Role = Literal["operator", "monitor"]


def fetch_token(config: Config, role: Role, provider: str | None = None) -> str:
    """A v2 access token for a user with that role.

    provider: its name or tenant id; the first in the directory if not given.
    Raises ConfigError when the cloud does not run, or the directory has no such user or cannot be read.
    """
    try:
        named = provider or load_directory(config.directory).providers[0].id
    except DirectoryError as error:
        raise ConfigError(str(error)) from None
    entra = Caller(config.entra_url)
    entra.verify = str(ensure_certificates(config.data).bundle)
    try:
        reply = entra.post("/control/operator-token", json={"provider": named, "role": role})
    except requests.ConnectionError:
        raise ConfigError(f"Nothing answers at {config.entra_url}; start the local cloud with make run.") from None
    if reply.status_code != 200:
        raise ConfigError(f"There is no token for role {role} at provider {named} ({problem(reply)}).")
    token: str = reply.json()["access_token"]
    return token
