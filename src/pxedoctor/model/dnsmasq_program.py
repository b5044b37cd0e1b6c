"""The dnsmasq that libvirt would start: where it is, and what it says when it is asked as libvirt asks it."""

import re

import msgspec

_GREETING = "Dnsmasq version "


class DnsmasqProgram(msgspec.Struct, frozen=True, kw_only=True):
    """`path` "": there is none. `real`: the program behind its links. `said`: its first line, or why there is none.

    `answered`: it ended well.
    """

    path: str = ""
    real: str = ""
    answered: bool = False
    said: str = ""

    @property
    def version(self) -> str | None:
        """As libvirt reads it: the first number behind its greeting (src/util/virdnsmasq.c)."""
        if not self.answered or not self.said.startswith(_GREETING):
            return None
        found = re.search(r"\d+(\.\d+)?", self.said)
        return found.group() if found else None
