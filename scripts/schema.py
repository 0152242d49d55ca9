"""Writes portal/src/api/schema.ts: the shapes that the API takes and answers, as TypeScript knows them."""

import importlib
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PATH = ROOT / "portal" / "src" / "api" / "schema.ts"
GENERATOR = ROOT / "node_modules" / ".bin" / "openapi-typescript"
FLAGS = ("--root-types", "--root-types-no-schema-prefix", "--default-non-nullable", "false")
HEAD = "// The API's shapes, made from its own description by `make docs`; a test holds them up to date.\n"


def text() -> str:
    """The whole file. Raises subprocess.CalledProcessError when the generator fails."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "openapi.json", Path(folder) / "schema.ts"
        source.write_text(json.dumps(_shapes()), encoding="utf-8")
        subprocess.run([GENERATOR, source, *FLAGS, "--output", target], check=True, capture_output=True)  # noqa: S603
        made = target.read_text(encoding="utf-8")
    return HEAD + made.partition("*/\n")[2]


def _shapes() -> Any:
    """The API's description without its calls, and with one shape for all problems."""
    for name, value in _settings().items():  # the description names the sign-in's scope
        os.environ.setdefault(name, value)
    for feature in ("onboarding", "invitations", "shared"):
        importlib.import_module(f"{feature}.functions")
    from shared.web.openapi import document  # noqa: PLC0415 - after the calls are registered

    whole = document()
    schemas = whole["components"]["schemas"]
    kept = {name: shape for name, shape in schemas.items() if name == "Problem" or not name.endswith("Problem")}
    return {**whole, "paths": {}, "components": {"schemas": _without_examples(kept)}}


def _settings() -> dict[str, str]:
    values: dict[str, str] = json.loads((ROOT / "local.settings.json").read_text(encoding="utf-8"))["Values"]
    return values


def _without_examples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_examples(one) for name, one in value.items() if name not in ("example", "examples")}
    return [_without_examples(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
    print(f"Written: {PATH.name}")
