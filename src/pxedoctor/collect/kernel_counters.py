"""Understands /proc/net/snmp, netstat (pairs of lines: names, numbers) and snmp6 (a name and a number a line).

The keys are nstat(8)'s: UdpInCsumErrors, UdpNoPorts, TcpExtIPReversePathFilter, Udp6InErrors. The numbers count since
this network namespace was made. Of the tables of neighbours the keys are `arp_cache entries`, which is how many there
are now, and `arp_cache table_fulls`, which counts those that were refused since the kernel's start.
"""

from pxedoctor.access.answer import Answers, read_question
from pxedoctor.collect.ask.kernel_counters import NEIGHBOURS, NETSTAT, SNMP, SNMP6
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.fact import Missing


def parse(answers: Answers) -> dict[str, int] | Missing:
    counters = protocols(answers)
    if isinstance(counters, Missing):
        return counters
    for table, path in NEIGHBOURS.items():
        counters |= _of_table(table, (text_of(answers, read_question(path)) or "").splitlines())
    return counters


def protocols(answers: Answers) -> dict[str, int] | Missing:
    """Without the tables of neighbours: what nstat(8) knows."""
    if text_of(answers, read_question(SNMP)) is None:
        return why_missing(answers, read_question(SNMP), "mount procfs at /proc")
    counters: dict[str, int] = {}
    for path in (SNMP, NETSTAT):
        counters |= _pairs((text_of(answers, read_question(path)) or "").splitlines())
    return counters | _singles((text_of(answers, read_question(SNMP6)) or "").splitlines())


def _pairs(lines: list[str]) -> dict[str, int]:
    counters: dict[str, int] = {}
    for names, numbers in zip(lines[::2], lines[1::2], strict=False):
        group, _, rest = names.partition(":")
        same, _, values = numbers.partition(":")
        if group == same:
            found = zip(rest.split(), values.split(), strict=False)
            counters |= {f"{group}{name}": int(value) for name, value in found if _is_number(value)}
    return counters


def _of_table(table: str, lines: list[str]) -> dict[str, int]:
    """A line for each processor, in hexadecimal digits; `entries` is the table's in each (neigh_stat_seq_show)."""
    names = lines[0].split() if lines else []
    rows = [dict(zip(names, line.split(), strict=True)) for line in lines[1:] if len(line.split()) == len(names)]
    entries = [_hexadecimal(row.get("entries", "")) for row in rows]
    fulls = [_hexadecimal(row.get("table_fulls", "")) for row in rows]
    if not rows or None in entries or None in fulls:
        return {}
    return {f"{table} entries": entries[0] or 0, f"{table} table_fulls": sum(value or 0 for value in fulls)}


def _hexadecimal(text: str) -> int | None:
    return int(text, 16) if text and all(digit in "0123456789abcdefABCDEF" for digit in text) else None


def _singles(lines: list[str]) -> dict[str, int]:
    words = (line.split() for line in lines)
    return {pair[0]: int(pair[1]) for pair in words if len(pair) == 2 and _is_number(pair[1])}


def _is_number(text: str) -> bool:
    # Tcp's MaxConn is -1.
    return text.removeprefix("-").isdecimal()
