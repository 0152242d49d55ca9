"""The app's `local.settings.json`: made from the sample with fresh keys, completed when the sample grows."""

import base64
import json
import os
import secrets
import tempfile
from pathlib import Path

from local.config import ConfigError

NAME = "local.settings.json"
SAMPLE = "local.settings.sample.json"
_TO_BE_MADE = "<made by make setup>"


def ensure_settings(root: Path) -> list[str]:
    """Make the settings file of the app in `root` (mode 0600), or add to it what only the sample has.

    Returns one sentence for each thing that was done. Raises ConfigError when the file cannot be read.
    """
    sample = _read(root / SAMPLE)
    path = root / NAME
    if not path.exists():
        sample["Values"] = {name: _fresh(name, value) for name, value in sample["Values"].items()}
        return [f"Made {NAME} with keys of its own."] if _create(path, sample) else []
    settings = _read(path)
    missing = [name for name in sample["Values"] if name not in settings["Values"]]
    if not missing:
        return []
    settings["Values"] |= {name: _fresh(name, sample["Values"][name]) for name in missing}
    _replace(path, settings)
    return [f"Added to {NAME} what it lacked: {', '.join(missing)}."]


def read_values(root: Path) -> dict[str, str]:
    """The values in the settings file of the app in `root`. Raises ConfigError when it cannot be read."""
    values: dict[str, str] = _read(root / NAME)["Values"]
    return values


def mail_key(values: dict[str, str]) -> str:
    """The access key in the connection string `MAIL`, base64. Raises ConfigError when it has none."""
    for part in values.get("MAIL", "").split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "accesskey" and value:
            return value
    raise ConfigError(f"MAIL in {NAME} has no accesskey; delete the line and make setup writes a fresh one.")


def _fresh(name: str, value: str) -> str:
    if name == "SEALING_KEYS":
        return value.replace(_TO_BE_MADE, "local-1:" + _random(32))
    return value.replace(_TO_BE_MADE, _random(64))


def _random(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        settings = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read ({error.strerror}); make setup makes it.") from None
    except ValueError as error:
        raise ConfigError(f"{path.name} is not valid JSON ({error}); mend it or delete it.") from None
    if not isinstance(settings, dict) or not isinstance(settings.get("Values"), dict):
        raise ConfigError(f"{path.name} has no object “Values”; mend it or delete it.")
    return settings


def _create(path: Path, settings: object) -> bool:
    """Write the file unless somebody else was quicker: two set-ups at once must agree on one set of keys."""
    draft = _draft(path, settings)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _replace(path: Path, settings: object) -> None:
    _draft(path, settings).replace(path)


def _draft(path: Path, settings: object) -> Path:
    # mkstemp creates the file with mode 0600: the keys are never readable by others, not even for a moment.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".local.settings.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(settings, indent=2) + "\n")
    return Path(draft)
