"""The forms of what comes from outside; always used with ``fullmatch``: ``$`` lets a line break pass."""

import re

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ID = re.compile(r"[0-9a-f]{24}")  # what `shared.minted.new_id` makes
LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
DOMAIN = re.compile(rf"(?:{LABEL}\.)+[a-zA-Z][a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9]")  # DNS labels; 253 characters at most
# One address in the dot-atom form of RFC 5322, section 3.4.1. What looks like an encoded word (RFC 2047, section 2) is
# none: software that decodes it on the way reads another address, or several.
ADDRESS = re.compile(
    r"(?!.*=\?.*\?=)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@" + DOMAIN.pattern
)
