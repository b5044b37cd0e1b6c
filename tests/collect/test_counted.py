"""Counters as the host's programs print them."""

from pxedoctor.access.answer import Answer, Text, read_question, run_question
from pxedoctor.collect.ask.counted import CONNTRACK, LINKS, QUEUES, RULES, legacy
from pxedoctor.collect.ask.kernel_counters import SNMP
from pxedoctor.collect.ask.netfilter import LEGACY_NAMES
from pxedoctor.collect.counted import parse

LINK = '[{"ifname":"vnet0","stats64":{"rx":{"packets":7,"dropped":1},"tx":{"packets":3,"dropped":2}}},{"ifname":"x"}]'
QUEUE = '[{"kind":"htb","handle":"1:","dev":"br0","drops":4},{"kind":"noqueue","dev":"lo"}]'
UDP = "Udp: InDatagrams NoPorts InErrors InCsumErrors\nUdp: 10 2 1 1\n"
TRACKED = "entries  found invalid drop insert_failed\n00000010 00000001 00000000 0000000a 00000001\n00000010 0 0 1 0\n"
NFT = """\
table ip filter { # handle 3
	chain INPUT { # handle 1
		type filter hook input priority filter; policy accept;
		udp dport 67 counter packets 12 bytes 3936 drop # handle 3
		meta l4proto tcp accept # handle 4
	}
}
"""
SAVED = (
    "*filter\n:INPUT DROP [5:500]\n:FORWARD ACCEPT [9:900]\n[3:984] -A INPUT -p udp -m udp --dport 67 -j DROP\nCOMMIT\n"
)
ANSWERS: dict[str, Answer] = {
    run_question(LINKS): Text(LINK),
    run_question(QUEUES): Text(QUEUE),
    read_question(SNMP): Text(UDP),
    read_question(CONNTRACK): Text(TRACKED),
    run_question(RULES): Text(NFT),
    read_question(LEGACY_NAMES["ip"]): Text("filter\n"),
    run_question(legacy("ip", "filter")): Text(SAVED),
}


def value(name: str, device: str = "") -> int:
    found = [
        number for counter, number in parse(ANSWERS, ()).items() if (counter.name, counter.device) == (name, device)
    ]
    assert len(found) == 1, (name, device)
    return found[0]


def test_devices_and_their_queues() -> None:
    assert (value("rx_packets", "vnet0"), value("tx_dropped", "vnet0")) == (7, 2)
    assert value("htb 1: drops", "br0") == 4


def test_protocols_and_tracked_connections_over_all_processors() -> None:
    assert (value("UdpNoPorts"), value("UdpInCsumErrors")) == (2, 1)
    assert (value("drop"), value("insert_failed")) == (11, 1)


def test_rules_of_both_kinds_and_policies_that_drop() -> None:
    assert value("udp dport 67 counter drop", "ip filter INPUT") == 12
    assert value("-A INPUT -p udp -m udp --dport 67 -j DROP", "ip filter INPUT") == 3
    assert value("policy DROP", "ip filter INPUT") == 5
    assert not [counter for counter in parse(ANSWERS, ()) if "FORWARD" in counter.device]


def test_what_could_not_be_read_is_not_counted() -> None:
    assert parse({}, ("eno1",)) == {}
    assert parse({run_question(LINKS): Text("{"), read_question(CONNTRACK): Text("drop\nzz\n")}, ()) == {}
