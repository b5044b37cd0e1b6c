"""Understands /proc/net/snmp, netstat (pairs of lines: names, numbers) and snmp6 (a name and a number a line).

The keys are nstat(8)'s: UdpInCsumErrors, UdpNoPorts, TcpExtIPReversePathFilter, Udp6InErrors. The numbers count since
this network namespace was made.
"""

from pxedoctor.access.answer import Answers, read_question
from pxedoctor.collect.ask.kernel_counters import NETSTAT, SNMP, SNMP6
from pxedoctor.collect.texts import text_of, why_missing
from pxedoctor.model.fact import Missing


def parse(answers: Answers) -> dict[str, int] | Missing:
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


def _singles(lines: list[str]) -> dict[str, int]:
    words = (line.split() for line in lines)
    return {pair[0]: int(pair[1]) for pair in words if len(pair) == 2 and _is_number(pair[1])}


def _is_number(text: str) -> bool:
    # Tcp's MaxConn is -1.
    return text.removeprefix("-").isdecimal()
