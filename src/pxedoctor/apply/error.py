"""The one error of changing a host."""


class NotGrantedError(Exception):
    """A request was refused or failed; the message is what the host said."""
