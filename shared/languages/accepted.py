"""Which language a reader gets: what they ask for in ``Accept-Language``, as far as we speak it."""

import re

from shared.languages.catalogs import languages
from shared.languages.translations import SOURCE

RANGE = re.compile(r"([a-z]{1,8}(?:-[a-z0-9]{1,8})*)(?:\s*;\s*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?", re.IGNORECASE)
MOST_RANGES = 50


def accepted(header: str) -> str:
    """The code of the best language for an ``Accept-Language`` (RFC 9110, section 12.5.4), English when none fits.

    The look-up is that of RFC 4647, section 3.4: ``de-AT`` is content with ``de``.
    """
    known = {code.lower(): code for code in languages()}
    for wanted in _by_weight(header):
        tag = wanted.lower()
        while tag:
            if tag in known:
                return known[tag]
            tag = tag.rpartition("-")[0]
    return SOURCE


def _by_weight(header: str) -> list[str]:
    """The language ranges by weight, those of one weight in their order; what is weighted 0 is not wanted."""
    found = (RANGE.fullmatch(part.strip()) for part in header.split(",")[:MOST_RANGES])
    weighted = [(float(match[2] or 1), match[1]) for match in found if match]
    return [name for weight, name in sorted(weighted, key=lambda pair: -pair[0]) if weight]
