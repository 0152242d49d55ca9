"""The kinds of owed work; each is served by the queue of the same name."""

from enum import StrEnum


class Kind(StrEnum):
    """What can be owed; each kind is served by the queue of the same name."""

    MAIL = "mail"
    CHECK = "check"
    EXPIRE = "expire"
    RENAME = "rename"
    FORGET = "forget"
