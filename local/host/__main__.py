"""`python -m local.host --app DIR --port N`: see cli.py."""

import sys

from local.host.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
