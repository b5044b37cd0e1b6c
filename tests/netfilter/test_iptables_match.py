"""What iptables' matches mean: each as the programs print it, and the condition that it is to the kernel."""

from ipaddress import ip_address

import msgspec
import pytest

from pxedoctor.netfilter.condition import (
    AddressType,
    Always,
    AnyOf,
    Bits,
    BridgePort,
    Condition,
    Member,
    Name,
    Number,
    ReversePath,
    Unmodelled,
)
from pxedoctor.netfilter.field import Field
from pxedoctor.netfilter.iptables_rule import IptablesReader
from pxedoctor.netfilter.saved_values import Ip

_ALL = 0xFFFF


def conditions(words: str, family: Ip = "ip") -> tuple[Condition, ...]:
    rule = IptablesReader(family, frozenset())("INPUT", 1, f"-A INPUT {words}")
    return rule.parts  # type: ignore[return-value]


def _n(address: str) -> int:
    return int(ip_address(address))


def _one(field: Field, number: int, negated: bool = False, mask: int | None = None) -> Number:
    return Number(field, ((number, number),), negated, mask)


@pytest.mark.parametrize(
    ("words", "condition"),
    [
        ("-i virbr0", Name(Field.IN_NAME, (("virbr0", False),))),
        ("! -i eth+", Name(Field.IN_NAME, (("eth", True),), negated=True)),
        ("-o virbr0", Name(Field.OUT_NAME, (("virbr0", False),))),
        ("-s 10.0.0.0/8", Number(Field.SOURCE4, ((_n("10.0.0.0"), _n("10.255.255.255")),))),
        ("! -d 10.0.0.1/32", _one(Field.DESTINATION4, _n("10.0.0.1"), negated=True)),
        ("-s 10.0.0.0/255.0.255.0", _one(Field.SOURCE4, _n("10.0.0.0"), mask=_n("255.0.255.0"))),
        ("-p udp", _one(Field.PROTOCOL, 17)),
        ("! -p tcp", _one(Field.PROTOCOL, 6, negated=True)),
        ("-p 254", _one(Field.PROTOCOL, 254)),
        ("-p all", Always(True, "-p all")),
        ("! -p 0", Always(False, "-p 0")),
        ("-f", Number(Field.FRAGMENT, ((1, 8191),))),
        ("! -f", _one(Field.FRAGMENT, 0)),
        ("-m udp --sport :1023", Number(Field.SOURCE_PORT, ((0, 1023),))),
        ("-m udp ! --dport 67:68", Number(Field.DESTINATION_PORT, ((67, 68),), negated=True)),
        ("-m tcp --dport 1024:", Number(Field.DESTINATION_PORT, ((1024, 65535),))),
        ("-m tcp --tcp-flags FIN,SYN,RST,ACK SYN", _one(Field.TCP_FLAGS, 2, mask=0x17)),
        ("-m tcp ! --syn", _one(Field.TCP_FLAGS, 2, negated=True, mask=0x17)),
        ("-m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE", _one(Field.TCP_FLAGS, 0, mask=63)),
        ("-m multiport ! --dports 53,67:68", Number(Field.DESTINATION_PORT, ((53, 53), (67, 68)), negated=True)),
        ("-m multiport --sports 67", _one(Field.SOURCE_PORT, 67)),
        (
            "-m multiport ! --ports 67",
            Member(
                (Field.SOURCE_PORT, Field.DESTINATION_PORT),
                elements=(((67, 67), (0, _ALL)), ((0, _ALL), (67, 67))),
                negated=True,
                text="-m multiport ! --ports 67",
            ),
        ),
        ("-m icmp --icmp-type 8", _one(Field.ICMP_TYPE, 8)),
        ("-m icmp ! --icmp-type echo-request", _one(Field.ICMP_TYPE, 8, negated=True)),
        ("-m icmp --icmp-type any", Always(True, "--icmp-type any")),
        (
            "-m icmp ! --icmp-type 3/4",
            Member((Field.ICMP_TYPE, Field.ICMP_CODE), elements=(((3, 3), (4, 4)),), negated=True, text="3/4"),
        ),
        ("-m conntrack ! --ctstate NEW,INVALID", Bits(Field.CT_STATE, 9, negated=True)),
        ("-m state --state NEW,UNTRACKED", Bits(Field.CT_STATE, 72)),
        (
            "-m conntrack --ctstate RELATED,ESTABLISHED,DNAT",
            AnyOf((Bits(Field.CT_STATE, 6), Bits(Field.CT_STATUS, 32))),
        ),
        ("-m conntrack ! --ctstate SNAT", AnyOf((Bits(Field.CT_STATE, 0), Bits(Field.CT_STATUS, 16)), negated=True)),
        ("-m conntrack ! --ctdir REPLY", _one(Field.CT_DIRECTION, 1, negated=True)),
        ("-m connmark ! --mark 0x10/0xff", _one(Field.CT_MARK, 16, negated=True, mask=255)),
        ("-m mark --mark 0x1", _one(Field.MARK, 1)),
        ("-m mark ! --mark 0x10/0xff", _one(Field.MARK, 16, negated=True, mask=255)),
        (
            "-m addrtype --dst-type LOCAL",
            AddressType(Field.DESTINATION4, frozenset({"local"}), False, "-m addrtype --dst-type LOCAL"),
        ),
        ("-m pkttype ! --pkt-type unicast", _one(Field.PACKET_TYPE, 0, negated=True)),
        ("-m mac ! --mac-source 52:54:00:00:00:01", _one(Field.MAC_SOURCE, 0x525400000001, negated=True)),
        ("-m physdev --physdev-in vnet0", BridgePort(Field.PHYS_IN, ("vnet0", False))),
        ("-m physdev ! --physdev-out vnet+", BridgePort(Field.PHYS_OUT, ("vnet", True), negated=True)),
        ("-m physdev --physdev-is-in", BridgePort(Field.PHYS_IN)),
        ("-m physdev ! --physdev-is-bridged", BridgePort(Field.PHYS_OUT, negated=True)),
        (
            "-m set ! --match-set blocked src,dst",
            Member(
                (Field.SOURCE4, Field.DESTINATION4),
                "blocked",
                negated=True,
                text="-m set ! --match-set blocked src,dst",
            ),
        ),
        (
            "-m iprange ! --src-range 10.0.0.1-10.0.0.9",
            Number(Field.SOURCE4, ((_n("10.0.0.1"), _n("10.0.0.9")),), True),
        ),
        ("-m length --length 100:", Number(Field.LENGTH, ((100, 65535),))),
        ("-m ttl ! --ttl-eq 1", _one(Field.TTL, 1, negated=True)),
        ("-m ttl --ttl-lt 64", Number(Field.TTL, ((0, 63),))),
        ("-m ttl --ttl-gt 64", Number(Field.TTL, ((65, 255),))),
        ("-m devgroup --src-group 0x1", _one(Field.IN_GROUP, 1, mask=0xFFFFFFFF)),
        ("-m rpfilter --loose --invert", ReversePath(True, "-m rpfilter --loose --invert", loose=True)),
    ],
)
def test_ipv4_matches(words: str, condition: Condition) -> None:
    if isinstance(condition, AnyOf | BridgePort):
        condition = msgspec.structs.replace(condition, text=words)
    assert conditions(words) == (condition,)


@pytest.mark.parametrize(
    ("words", "condition"),
    [
        ("-s fe80::/10", Number(Field.SOURCE6, ((_n("fe80::"), _n("febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff")),))),
        ("! -d ff02::1:2/128", _one(Field.DESTINATION6, _n("ff02::1:2"), negated=True)),
        ("-s fe80::1/ffff::ffff", _one(Field.SOURCE6, _n("fe80::1"), mask=_n("ffff::ffff"))),
        ("-m icmp6 --icmpv6-type 134", _one(Field.ICMP_TYPE, 134)),
        ("-m icmp6 ! --icmpv6-type 1", _one(Field.ICMP_TYPE, 1, negated=True)),
        ("-m hl --hl-eq 255", _one(Field.TTL, 255)),
        ("-m rt --rt-type 0", Always(False, "-m rt --rt-type 0")),
        ("-m rt ! --rt-type 0", Always(False, "-m rt ! --rt-type 0")),
        (
            "-m addrtype --dst-type MULTICAST",
            Number(Field.DESTINATION6, ((_n("ff00::"), _n("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")),)),
        ),
        ("-m addrtype ! --src-type UNSPEC", _one(Field.SOURCE6, 0, negated=True)),
        ("-m addrtype --dst-type UNICAST,LOCAL", Unmodelled("-m addrtype --dst-type UNICAST,LOCAL")),
        (
            "-m addrtype --dst-type LOCAL",
            AddressType(Field.DESTINATION6, frozenset({"local"}), False, "-m addrtype --dst-type LOCAL"),
        ),
        ("-m iprange --src-range fe80::1-fe80::9", Number(Field.SOURCE6, ((_n("fe80::1"), _n("fe80::9")),))),
        ("-m frag --fragid 1", Unmodelled("-m frag --fragid 1")),
    ],
)
def test_ipv6_matches(words: str, condition: Condition) -> None:
    assert conditions(words, "ip6") == (condition,)


@pytest.mark.parametrize(
    "words",
    [
        "-m limit --limit 3/min",
        "-m hashlimit --hashlimit-above 3/min --hashlimit-burst 5 --hashlimit-name a",
        "-m recent --set --name x --mask 255.255.255.255 --rsource",
        '-m u32 --u32 "0x0>>0x16&0x3c@0x4>>0x8=0x0"',
        '-m string --string "-j DROP" --algo bm',
        "-m statistic --mode random --probability 0.50000000000",
        "-m owner --uid-owner 0",
        "-m time --timestart 01:00:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07",
        "-m quota --quota 10",
        '-m bpf --bytecode "1,6 0 0 0"',
        "-m tcpmss --mss 1:2",
        "-m sctp --dport 1",
        "-m conntrack --ctstatus ASSURED",
        "-m conntrack --ctstate FOO",
        "-m udp --dport bootps",
        "-m udp --dport 70:60",
        "-m tcp --tcp-option 3",
        "-m tcp --tcp-flags SYN FOO",
        "-m pkttype --pkt-type loopback",
        "-m addrtype --dst-type FOO",
        "-m icmp --icmp-type foo",
        "-m iprange --src-range a-b",
        "-m set --match-set a src,up",
        "-m rpfilter --foo",
        "-s 10.0.0.256/32",
        "! -d example.org",
        "-p foo",
    ],
)
def test_what_is_not_modelled_says_so_in_its_own_words(words: str) -> None:
    assert conditions(words) == (Unmodelled(words),)


def test_one_module_with_several_options_is_all_of_them() -> None:
    assert conditions("-m udp --sport 68 ! --dport 67") == (
        _one(Field.SOURCE_PORT, 68),
        _one(Field.DESTINATION_PORT, 67, negated=True),
    )
    assert conditions("-m addrtype --src-type LOCAL --limit-iface-in") == (
        AddressType(Field.SOURCE4, frozenset({"local"}), False, "-m addrtype --src-type LOCAL", limited=True),
        Unmodelled("-m addrtype --limit-iface-in"),
    )


def test_beside_a_state_the_direction_does_not_count_for_a_packet_without_connection() -> None:
    no_connection = Bits(Field.CT_STATE, 65)
    assert conditions("-m conntrack --ctstate NEW,INVALID --ctdir ORIGINAL") == (
        Bits(Field.CT_STATE, 9),
        AnyOf((no_connection, _one(Field.CT_DIRECTION, 0)), text="-m conntrack --ctdir ORIGINAL"),
    )
