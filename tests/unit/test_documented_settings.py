"""docs/settings.md, held against the code: every setting is in its table, under its name and with its default."""

import json
import re
from pathlib import Path

from local.config import ROOT, from_environment
from shared.settings import SETTINGS, STORAGE, Setting

TEXT = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, str]:
    """The settings under that heading: each name with its default, which is ``none`` where it has none."""
    _, _, section = TEXT.partition(f"\n## {heading}\n")
    rows = re.findall(r"^\| `([^`]+)` \|(?:.*?)\| ([^|]*) \|", section.partition("\n## ")[0], re.MULTILINE)
    return {name: default.strip("` ") for name, default in rows}


def defaults(settings: dict[str, Setting]) -> dict[str, str]:
    return {name: setting.default or "none" for name, setting in settings.items()}


def test_the_apps_settings_are_documented_with_their_defaults() -> None:
    assert table("The app") == defaults(SETTINGS)


def test_the_storage_settings_are_documented() -> None:
    assert table("Storage") == defaults(STORAGE)


def test_the_local_clouds_variables_are_documented_with_their_defaults() -> None:
    variables = from_environment({}).variables()
    paths = {name: str(Path(value).relative_to(ROOT)) for name, value in variables.items() if Path(value).is_absolute()}
    assert table("The local cloud") == variables | paths


def test_what_the_sample_sets_is_documented() -> None:
    sample = json.loads((ROOT / "local.settings.sample.json").read_bytes())["Values"]
    assert sample.keys() <= table("The app").keys() | table("Storage").keys() | table("The host").keys()
