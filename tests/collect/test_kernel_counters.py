"""The kernel's counters, from procfs, under nstat's names."""

from pxedoctor.access.answer import Absent, Answer, Text
from pxedoctor.collect import kernel_counters
from pxedoctor.model.fact import Missing

SNMP = """\
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn
Tcp: 1 200 120000 -1
Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
Udp: 1523 7 0 1530 0 0 3 12 0
"""
NETSTAT = "TcpExt: SyncookiesSent IPReversePathFilter\nTcpExt: 0 41\nIpExt: InNoRoutes\nIpExt: 2\n"
SNMP6 = "Udp6InDatagrams                 \t12\nUdp6NoPorts                     \t4\ngarbled\n"
TEXTS: dict[str, Answer] = {
    "read /proc/net/snmp": Text(SNMP),
    "read /proc/net/netstat": Text(NETSTAT),
    "read /proc/net/snmp6": Text(SNMP6),
}


def test_nstats_names() -> None:
    counters = kernel_counters.parse(TEXTS)
    assert not isinstance(counters, Missing)
    assert counters["UdpInCsumErrors"] == 3
    assert counters["UdpNoPorts"] == 7
    assert counters["TcpMaxConn"] == -1
    assert counters["TcpExtIPReversePathFilter"] == 41
    assert counters["Udp6NoPorts"] == 4


def test_a_torn_table_gives_what_is_whole() -> None:
    counters = kernel_counters.parse(TEXTS | {"read /proc/net/netstat": Text("TcpExt: A B\nIpExt: 1 2\nIpExt: C\n")})
    assert not isinstance(counters, Missing)
    assert "TcpExtA" not in counters
    assert counters["UdpNoPorts"] == 7


def test_without_procfs() -> None:
    counters = kernel_counters.parse(TEXTS | {"read /proc/net/snmp": Absent("/proc/net/snmp does not exist")})
    assert counters == Missing("absent", "/proc/net/snmp does not exist", "mount procfs at /proc")
