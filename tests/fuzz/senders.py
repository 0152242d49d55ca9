"""Who sends a request, what each of them may do, and the answer for which the pair of a call and a sender exists."""

from enum import StrEnum

from shared.web.contract import Who, contract
from tests.integration.asking import CALLS

GOOD = range(200, 400)


class Sender(StrEnum):
    """All who may come to a call: those of a provider, those without a name, and those who hold a link."""

    OPERATOR = "an operator"
    MONITOR = "a monitor"
    STRANGER = "another provider's operator"
    ROLELESS = "somebody without a role"
    NOBODY = "nobody"
    GARBAGE = "a garbage token"
    LIVE = "a living link"
    DEAD = "a dead link"
    UNKNOWN = "an unknown link"
    MALFORMED = "a malformed link"


LINKS = (Sender.LIVE, Sender.DEAD, Sender.UNKNOWN, Sender.MALFORMED)
WRITERS = (Sender.OPERATOR, Sender.STRANGER)
READERS = (*WRITERS, Sender.MONITOR)
# What a dead link still opens: the confirmation after its use, and the question for a new one, which is for it alone.
AFTER_DEATH = frozenset({"open_invitation", "request_link"})
BEFORE_DEATH = frozenset({"open_invitation", "submit_registration", "decline_invitation"})


def call_name(operation_id: str) -> str:
    """The function behind an operation of the document."""
    return operation_id.removesuffix("_head")


def who(operation_id: str) -> Who:
    return contract(CALLS[call_name(operation_id)]).who


def may(operation_id: str, sender: Sender) -> bool:
    """Whether any 2xx is for that sender. A stranger may call what names nothing of the first provider's."""
    match who(operation_id):
        case Who.ANYONE:
            return True
        case Who.LINK:
            return operation_id in {Sender.LIVE: BEFORE_DEATH, Sender.DEAD: AFTER_DEATH}.get(sender, ())
        case Who.MONITOR | Who.OPERATOR if sender is Sender.STRANGER:
            return "{" not in CALLS[call_name(operation_id)].path
        case Who.MONITOR:
            return sender in READERS
        case Who.OPERATOR:
            return sender in WRITERS


def main_sender(operation_id: str) -> Sender:
    """Whom the call is for."""
    if who(operation_id) is not Who.LINK:
        return Sender.OPERATOR
    return Sender.LIVE if operation_id in BEFORE_DEATH else Sender.DEAD


def is_busy(operation_id: str, sender: Sender) -> bool:
    """Whether the sender gets many cases: whom the call is for, and whoever tries links where links are taken."""
    return sender is main_sender(operation_id) or (who(operation_id) is Who.LINK and sender in LINKS)


def purpose(operation_id: str, sender: Sender) -> range:
    """The answers of which a run must see one: without it, the pair was never tried in earnest."""
    asked = who(operation_id)
    if may(operation_id, sender) and not (sender is Sender.DEAD and operation_id == "open_invitation"):
        return GOOD
    if asked is Who.LINK:
        return range(409, 411) if sender in (Sender.LIVE, Sender.DEAD) else range(401, 402)
    if sender is Sender.STRANGER:
        return range(404, 405)
    return range(403, 404) if sender in (Sender.MONITOR, Sender.ROLELESS) else range(401, 402)
