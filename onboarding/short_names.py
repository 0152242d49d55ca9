"""The rules of a service's short name (step 4): they hold before and after NFKC normalisation.

The list of forbidden characters reads ``\\ / : * ? " < > |`` and the word ``audit``, any case, anywhere in the name.
"""

import hashlib
import unicodedata

from shared.names import folded, has_base, is_unseen

MIN_LENGTH, MAX_LENGTH = 3, 15
FORBIDDEN = frozenset('\\/:*?"<>|.')
FORBIDDEN_WORD = "audit"
SPACES = frozenset({"Zs", "Zl", "Zp"})

HELP = (
    '3 to 15 characters. Not allowed: \\ / : * ? " < > | and the full stop, spaces of any kind, invisible characters, '
    "and the word audit anywhere in the name. Upper and lower case count as the same name."
)

MESSAGES = {
    "short-name-length": "The short name needs 3 to 15 characters.",
    "short-name-space": "The short name must not contain spaces of any kind.",
    "short-name-invisible": "The short name contains a character that cannot be seen. Type it anew.",
    "short-name-character": 'The short name must not contain \\ / : * ? " < > | or a full stop, in any form.',
    "short-name-audit": "The short name must not contain the word audit, in upper or lower case.",
}


def broken_rules(name: str) -> tuple[str, ...]:
    """The codes of the rules that the name breaks; none when it is a good name. `MESSAGES` has their words."""
    forms = (name, unicodedata.normalize("NFKC", name), folded(name))
    text = "".join(forms)
    rules = {
        "short-name-length": not all(MIN_LENGTH <= len(form) <= MAX_LENGTH for form in forms[:2]),
        "short-name-space": any(c.isspace() or unicodedata.category(c) in SPACES for c in text),
        "short-name-invisible": (name != "" and not has_base(name))
        or any(is_unseen(c) for c in text if not c.isspace()),
        "short-name-character": any(c in FORBIDDEN for c in text),
        "short-name-audit": any(FORBIDDEN_WORD in form.casefold() for form in forms),
    }
    return tuple(code for code, broken in rules.items() if broken)


def short_name_key(name: str) -> str:
    """The row key under which a short name is taken: names that count as the same share it."""
    return f"short-name:{hashlib.sha256(folded(name).encode()).hexdigest()}"
