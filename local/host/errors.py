"""The one exception that ends the host's start with a sentence for the person who started it."""


class HostError(Exception):
    """The host cannot start; the text says what is wrong and what to do about it."""
