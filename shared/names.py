"""Names that people type: what counts as the same name, and what nobody can see."""

import unicodedata

# Control, format, surrogate, private use and unassigned characters, line and paragraph separators.
UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Fillers, selectors and blanks that Unicode counts as letters, marks or symbols.
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
# Signs that shape their neighbours, in Persian, Indic and emoji: seen by what they do.
JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")


def folded(name: str) -> str:
    """The form that counts for comparison: Unicode's compatibility caseless matching (chapter 3.13, D146)."""
    name = "".join(character for character in name if character not in JOINERS)
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", name).casefold())
    return unicodedata.normalize("NFKC", once.casefold())


def is_unseen(character: str) -> bool:
    """Whether nobody can see this character; a space is not meant."""
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return unicodedata.category(character) in UNSEEN_CATEGORIES or character in UNSEEN or selector


def has_base(name: str) -> bool:
    """Whether the name has a letter, digit, sign or symbol, and not combining marks alone."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in name)
