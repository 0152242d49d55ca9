"""`python -m local.portal`: the portal's static files, over plain http."""

import signal
import sys

# Until the server takes over, Ctrl-C just ends the process: Python would print where the imports were.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from local.portal.server import main  # noqa: E402
from local.standin import run  # noqa: E402

if __name__ == "__main__":
    sys.exit(run("portal", main))
