"""What is made from the code for the portal is up to date."""

import subprocess

from local.config import ROOT
from scripts.schema import PATH, text


def test_the_portals_shapes_are_the_apis() -> None:
    assert PATH.read_text(encoding="utf-8") == text(), "run make docs"


def test_the_portals_tokens_are_fluents() -> None:
    script = "import('./scripts/tokens.mjs').then((made) => process.stdout.write(made.text()))"
    made = subprocess.run(["node", "-e", script], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S607
    assert (ROOT / "portal" / "src" / "styles" / "tokens.css").read_text(encoding="utf-8") == made, "run make docs"
