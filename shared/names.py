"""Names that people type: what counts as the same name, what nobody can see, and what must not become a link."""

import re
import unicodedata
from itertools import groupby, islice, pairwise

# Control, format, surrogate, private use and unassigned characters, line and paragraph separators.
UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Fillers, selectors and blanks that Unicode counts as letters, marks or symbols.
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
SELECTORS = frozenset("\ufe0e\ufe0f")
# Signs that shape their neighbours, in Persian, Indic and emoji: seen by what they do.
JOINERS = frozenset("\u200c\u200d") | SELECTORS
# On one letter. Tibetan stacks and Hebrew cantillation take about half of it; text that climbs over other lines, more.
MOST_MARKS = 8
# What addresses are made of, also as a path of Windows, and the full stop that browsers take for a dot (UTS #46).
SEAMS = frozenset(".:/\\@\u3002")
NUMBER = re.compile(r"\d(?:\W{0,3}\d){6,}")  # seven digits and more: some telephone can call that
APART = "\u200c"


def folded(name: str) -> str:
    """The form that counts for comparison: Unicode's compatibility caseless matching (chapter 3.13, D146)."""
    name = "".join(character for character in name if character not in JOINERS)
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", name).casefold())
    return unicodedata.normalize("NFKC", once.casefold())


def is_unseen(character: str) -> bool:
    """Whether nobody can see this character; a space is not meant."""
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return unicodedata.category(character) in UNSEEN_CATEGORIES or character in UNSEEN or selector


def has_unseen(name: str) -> bool:
    """Whether something of it, or all of it, cannot be seen; joiners may be where they are."""
    return not has_base(name) or any(is_unseen(character) for character in name if character not in JOINERS)


def has_base(name: str) -> bool:
    """Whether the name has a letter, digit, sign or symbol, and not combining marks alone."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in name)


def highest_pile(name: str) -> int:
    """How many marks stand on one letter at most. Joiners count: they do not end a pile."""
    return max((len(list(run)) for piled, run in groupby(name, _piles) if piled), default=0)


def shown(text: str, longest: int) -> str:
    """A name from somebody else's system, fit for a row and a screen: one line of ``longest`` characters at most.

    What cannot be seen, and every break, is a blank; blanks are single; joiners stay where they shape something, and no
    pile of marks is higher than `MOST_MARKS`; letters are composed (NFC). "" when nothing can be seen of it.
    """
    text = text[: 10 * longest]  # the other end may have sent megabytes
    seen = "".join(map(_seen, f" {text}", text, f"{text[1:]} "))
    low = "".join("".join(islice(run, MOST_MARKS) if piled else run) for piled, run in groupby(seen, _piles))
    line = " ".join(unicodedata.normalize("NFC", low).split())[:longest].rstrip(" \u200c\u200d")
    return line if has_base(line) else ""


def unlinked(text: str) -> str:
    """The text with nothing in it that a mail program would turn into a link. It reads the same, aloud as well.

    ZERO WIDTH NON-JOINER stands on both sides of each sign that addresses are made of, and within telephone numbers.
    Behind a dot, since Android's Patterns and linkify-it take it for a letter: only a top-level domain that begins with
    it is none. Before a sign, since Outlook's RichEdit links ``http:``, ``www.`` and two backslashes with whatever
    follows. And this very character, since a browser refuses a host that holds it there (RFC 5892, appendix A.1), while
    it would drop a WORD JOINER unread (UTS #46). Beside a sign or a digit it shapes no letter.
    """
    apart = NUMBER.sub(lambda found: APART.join(found.group()), text)
    return "".join(
        f"{APART}{here}{APART}" if _is_seam(here) and not after.isspace() else here
        for here, after in pairwise(f"{apart} ")
    )


def _is_seam(character: str) -> bool:
    """Browsers and some programs that look for links read compatibility forms as what they stand for."""
    return not SEAMS.isdisjoint(unicodedata.normalize("NFKC", character))


def _piles(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character)[0] == "M"


def _seen(before: str, here: str, after: str) -> str:
    """What of a character is seen, between its neighbours."""
    if here in SELECTORS:
        return here if unicodedata.category(before)[0] in "NPS" else ""
    if here in JOINERS:
        return here if all(unicodedata.category(beside)[0] in "LMS" for beside in (before, after)) else ""
    return " " if is_unseen(here) or here.isspace() else here
