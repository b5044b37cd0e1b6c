"""The kernel's counters, from procfs, under nstat's names."""

import pytest

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


# The columns are Linux 6.18's, as /proc/net/stat/arp_cache has them; the numbers are made up, of a full table.
ARP = """\
entries  allocs   destroys hash_grows lookups  hits     res_failed rcv_probes_mcast rcv_probes_ucast periodic_gc_runs \
forced_gc_runs unresolved_discards table_fulls
00000400 00000312 00000002 00000004 000009aa 00000611 00000000   00000000         00000000         00000012         \
0000001f       00000000            0000000b
00000400 00000100 00000001 00000003 00000101 00000100 00000000   00000000         00000000         00000000         \
00000003       00000000            00000002
"""


def test_a_table_of_neighbours_is_counted_over_all_processors() -> None:
    counters = kernel_counters.parse(TEXTS | {"read /proc/net/stat/arp_cache": Text(ARP)})
    assert not isinstance(counters, Missing)
    assert (counters["arp_cache entries"], counters["arp_cache table_fulls"]) == (1024, 13)
    assert "ndisc_cache entries" not in counters


def test_nstat_knows_nothing_of_it() -> None:
    counters = kernel_counters.protocols(TEXTS | {"read /proc/net/stat/arp_cache": Text(ARP)})
    assert not isinstance(counters, Missing)
    assert "arp_cache entries" not in counters


@pytest.mark.parametrize(
    "text", ["", "entries table_fulls\n", "entries table_fulls\nxx 01\n", "a b\n1 2\n", "entries\n1 2\n"]
)
def test_a_torn_table_of_neighbours_is_none(text: str) -> None:
    counters = kernel_counters.parse(TEXTS | {"read /proc/net/stat/arp_cache": Text(text)})
    assert not isinstance(counters, Missing)
    assert "arp_cache entries" not in counters
