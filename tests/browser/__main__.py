"""Tries the pages in a real browser: `python -m tests.browser`, with pytest's own arguments behind it."""

import sys
from pathlib import Path

import pytest

from tests.browser.chromium import MISSING, find_chromium


def main(arguments: list[str]) -> int:
    """Returns pytest's exit code, 2 when there is no browser."""
    chromium = find_chromium()
    if chromium is None:
        print(MISSING, file=sys.stderr)
        return 2
    print(f"Trying the pages in {chromium}, against a local cloud of their own; pictures go to .local/screenshots/.")
    return pytest.main([str(Path(__file__).parent), "-v", "--no-header", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
