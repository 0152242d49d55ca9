"""What mail programs would turn into a link: Jinja's own linkifier, and the broadest of what each of them looks for."""

import re
from collections import Counter

from jinja2.utils import urlize

HREF = re.compile(r'href="([^"]*)"')
# As Android's Patterns and linkify-it do, any character beyond ASCII that is no blank is one of a label.
LABEL = r"[^\W_](?:[^\x00-,./:-@\[-`{-\x9f\s]*)"
DOT = "[.\u3002\uff0e\uff61\u2024\ufe52]"
COLON = "[:\uff1a\ufe55]"
SLASH = r"[/\\\uff0f\ufe68\uff3c]"
AT = "[@\uff20\ufe6b]"
LOOKS = {
    "host": rf"{LABEL}(?:{DOT}{LABEL})*{DOT}[^\W\d_][\w-]+",  # a top-level domain of any letters
    "address": rf"{LABEL}(?:{DOT}{LABEL})*{DOT}\d+",  # IPv4, in any of its forms
    "prefix": rf"(?i:www|ftp|wap){DOT}\S",
    "scheme": rf"(?i:[a-z][a-z0-9+.-]+){COLON}\S",
    "authority": rf"{SLASH}{SLASH}\S",
    "drive": rf"(?i:[a-z]){COLON}{SLASH}",
    "mail": rf"[\w!#$%&'*+/=?^`{{|}}~.-]{AT}[\w\[]",
    "mention": rf"{AT}\w",
    "telephone": r"\d(?:[ \t\u00a0().+/-]{0,3}\d){6,}",
}


def links(text: str) -> Counter[tuple[str, str]]:
    """What in that text some mail program would link, each with who says so."""
    schemes = ["mailto:", "tel:", "ftp://", "sip:", "file://"]
    found = Counter(("urlize", target) for target in HREF.findall(urlize(text, extra_schemes=schemes)))
    for name, pattern in LOOKS.items():
        found.update((name, match.group()) for match in re.finditer(pattern, text))
    return found
