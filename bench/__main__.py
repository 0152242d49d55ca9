"""`python -m bench`: run every measurement; exit code 1 when one is beyond its limit."""

import sys

from bench import cold_start


def main() -> int:
    return 0 if cold_start.main() else 1


if __name__ == "__main__":
    sys.exit(main())
