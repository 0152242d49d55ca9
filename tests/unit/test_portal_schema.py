"""The shapes that the portal reads are up to date with the API's description."""

from scripts.schema import PATH, text


def test_the_portals_shapes_are_the_apis() -> None:
    assert PATH.read_text(encoding="utf-8") == text(), "run make docs"
