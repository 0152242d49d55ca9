"""`python -m local.mail`: starts the e-mail stand-in."""

import signal
import sys

# Until the server listens, Ctrl-C just ends the process; Python's own handler would print where the imports
# were.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from local.mail.server import main  # noqa: E402
from local.standin import run  # noqa: E402

if __name__ == "__main__":
    sys.exit(run("mail", main))
