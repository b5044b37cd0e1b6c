"""Finds what a line says, in the tables of all speakers; an iPXE number that nobody listed by its parts."""

import re

from pxedoctor.report.words import clients, edk2, host, ipxe, names, pxe_rom, servers
from pxedoctor.report.words.saying import Saying

# A pasted line; of a longer text only so much is looked at.
_MOST = 4096


def sayings() -> tuple[Saying, ...]:
    """All of them. More particular words stand before the general ones of the same speaker."""
    programs = (*ipxe.SAYINGS, *edk2.SAYINGS, *pxe_rom.SAYINGS, *servers.SAYINGS, *host.SAYINGS, *clients.SAYINGS)
    return (*programs, *names.SAYINGS)


def understood(line: str) -> tuple[Saying, ...]:
    """What the line says: two sayings where firmwares mean different things by one code; () for nothing known."""
    text = line[:_MOST]
    found = [saying for saying in sayings() if re.search(saying.pattern, text)]
    if not found:
        numbered = ipxe.by_number(text)
        return (numbered,) if numbered is not None else ()
    first: dict[str, Saying] = {}
    for saying in found:
        first.setdefault(saying.speaker, saying)
    # A line that quotes EDK2's own words is EDK2's.
    said = tuple(first.values())
    exact = tuple(saying for saying in said if saying.speaker == found[0].speaker and " " in found[0].key)
    return exact or said
