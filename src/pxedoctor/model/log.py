"""Lines of the host's logs that are about a guest's way to its address."""

import msgspec


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line as it was written. `origin` is the command or file it was read from."""

    origin: str
    text: str
