"""The one error of reading bytes."""


class WireError(ValueError):
    """The bytes are not the packet they were taken for; the message says what is wrong, in the field's words."""
