"""What every operation works with: settings, the store, the sealer. One for the process, made at its first use."""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.sealing import Sealer
    from shared.settings import Settings
    from shared.store import Store


@dataclass(frozen=True)
class Platform:
    settings: "Settings"
    store: "Store"
    sealer: "Sealer"


@functools.cache
def platform() -> Platform:
    """The platform. Raises SettingsError for a wrong setting, StoreUnavailable when the table cannot be made."""
    from shared.sealing import Sealer  # noqa: PLC0415 - cold start
    from shared.settings import settings  # noqa: PLC0415 - cold start
    from shared.store import open_store  # noqa: PLC0415 - cold start

    return Platform(settings(), open_store(settings()), Sealer(settings().sealing_keys))
