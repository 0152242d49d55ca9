"""What reaches the log: an unexpected error by its type and place, and no library's account of a request."""

import logging
import secrets
import traceback

# Their INFO lines quote addresses and keys; MSAL quotes whole token answers that it cannot read (oauth2cli/oauth2.py).
LEVELS = {"azure": logging.WARNING, "urllib3": logging.WARNING, "msal": logging.CRITICAL}
FRAMES = 6

log = logging.getLogger(__name__)


def quieten_libraries() -> None:
    """Keep the libraries that see secrets out of the log."""
    for name, level in LEVELS.items():
        logging.getLogger(name).setLevel(level)


def report(error: Exception) -> str:
    """Log an unexpected error by its type and place; its text may hold what must not be logged. Returns a reference."""
    reference = secrets.token_hex(6)
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    log.error("unexpected %s [%s] at %s", type(error).__name__, reference, places)
    return reference
