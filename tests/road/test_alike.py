"""Guests that are alike are walked once, and the answer is the one that each has when it is walked by itself."""

from collections.abc import Mapping
from types import MappingProxyType
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boots import from_outside, in_lan, on_libvirt
from builders import bridge, link, port, target
from pxedoctor.model.bridge import Port, PortState, Stp, Vlan
from pxedoctor.model.link import Link
from pxedoctor.model.netfilter import RulesText
from pxedoctor.model.target import Facts, Target
from pxedoctor.model.traffic_control import TcText
from pxedoctor.road import exchange
from pxedoctor.road.exchange import road_of, roads, shown
from pxedoctor.road.hop import Road
from pxedoctor.road.packet_name import PacketName
from rulesets import CLOSED, base_chain, filter_table, native, saved

COUNT = 6
OFF, ON = (
    {f"net/bridge/bridge-nf-call-{name}": switch for name in ("iptables", "ip6tables", "arptables")} for switch in "01"
)
# What rules can tell guests by, and what they cannot.
IPTABLES = st.sampled_from(
    (
        "-A INPUT -p udp -m udp --dport 67 -j DROP",
        "-A INPUT -i {bridge} -j ACCEPT",
        "-A INPUT -m mac --mac-source 52:54:00:00:00:0{n} -j DROP",
        "-A INPUT -m physdev --physdev-in vnet{n} -j DROP",
        "-A FORWARD -m physdev --physdev-in vnet{n} -j DROP",
        "-A FORWARD -m physdev --physdev-is-bridged -j DROP",
        "-A FORWARD -i {bridge} -p udp -j ACCEPT",
        "-A OUTPUT -o {bridge} -p udp -m udp --dport 68 -j DROP",
    )
)
NATIVE = st.sampled_from(
    (
        ("bridge", "input", 'iifname "vnet{n}" drop'),
        ("bridge", "input", 'iifname "vnet*" counter accept'),
        ("bridge", "prerouting", "iif {index} drop"),
        ("bridge", "prerouting", "ether saddr 52:54:00:00:00:0{n} drop"),
        ("bridge", "prerouting", "udp dport 67 accept"),
        ("bridge", "prerouting", "iifgroup 1 drop"),
        ("bridge", "output", 'oifname "vnet{n}" drop'),
        ("bridge", "postrouting", "ether daddr 52:54:00:00:00:0{n} drop"),
        ("bridge", "forward", 'oifname "vnet{n}" drop'),
        ("arp", "input", "arp saddr ether 52:54:00:00:00:0{n} drop"),
        ("inet", "input", "udp dport 69 drop"),
        ("netdev", "ingress device vnet{n}", "udp dport 67 drop"),
        ("netdev", "egress device vnet{n}", "udp sport 67 drop"),
        ("netdev", "egress device {bridge}", "udp dport 68 drop"),
    )
)
IN_1, IN_5 = (Vlan(first=vid, last=vid, pvid=True, untagged=True) for vid in (1, 5))
# Of guests that boot from beyond this host's NAT: whether conntrack follows what they ask may depend on who asks.
TRANSLATED = "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o wan0 -j MASQUERADE\nCOMMIT\n"
HELPED = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING {who}-p udp -m udp --dport 69 -j CT --helper tftp\nCOMMIT\n"
WHO = st.sampled_from(("", "-m physdev --physdev-in vnet{n} ", "-m mac --mac-source 52:54:00:00:00:0{n} "))
VLANS = st.sampled_from(((), (IN_1,), (IN_5,), None))
PORTS = st.builds(
    port,
    state=st.sampled_from((PortState.FORWARDING,) * 5 + (PortState.BLOCKING, PortState.LEARNING)),
    bpdus=st.sampled_from((0, 7)),
    vlans=VLANS,
)
FLAGS = st.sampled_from(
    ({},) * 6 + ({"isolated": True}, {"locked": True}, {"bcast_flood": False}, {"learning": False, "flood": False})
)


def mac(number: int) -> str:
    return f"52:54:00:00:00:0{number}"


@st.composite
def guest(draw: st.DrawFn, number: int, on: str, runs: bool) -> tuple[Target, Port | None, Link | None]:
    """One that runs, or is off and has no tap."""
    of = target(
        draw(st.sampled_from(("ipxe", "ipxe", "dhclient", None))),
        id=f"g{number}",
        mac=mac(number),
        bridge=on,
        network="default" if on == "virbr0" else None,
        running=True,
        tap=f"vnet{number}",
    )
    if not runs or draw(st.integers(0, 5)) == 0:
        return msgspec.structs.replace(of, tap=None, running=False), None, None
    own = msgspec.structs.replace(draw(PORTS), name=f"vnet{number}", number=number, **draw(FLAGS))
    group, xdp = draw(st.sampled_from((0, 1))), draw(st.sampled_from((False, False, True)))
    return of, own, link(own.name, index=100 + number, master=on, group=group, xdp=xdp)


@st.composite
def listings(draw: st.DrawFn, on: str) -> tuple[RulesText, ...]:
    def told(text: str) -> str:
        number = draw(st.integers(0, COUNT - 1))
        return text.format(n=number, index=100 + number, bridge=on)

    nat = (
        (saved(TRANSLATED), saved(told(HELPED.format(who=draw(WHO))))) if on == "virbr0" and draw(st.booleans()) else ()
    )
    rules = "\n".join(told(text) for text in draw(st.lists(IPTABLES, max_size=3)))
    chains = [(family, told(hook), told(rule)) for family, hook, rule in draw(st.lists(NATIVE, max_size=3))]
    tables = (native(f, f"t{n}", base_chain("c", rule, hook=hook)) for n, (f, hook, rule) in enumerate(chains))
    return (*nat, *((saved(filter_table(rules)),) if rules else ()), *tables)


@st.composite
def crowd(draw: st.DrawFn) -> tuple[Facts, tuple[Target, ...]]:
    make = draw(st.sampled_from((on_libvirt, in_lan, from_outside)))
    on = "br0" if make is in_lan else "virbr0"
    runs = draw(st.integers(0, 5)) > 0
    found = [draw(guest(number, on, runs)) for number in range(COUNT)]
    wires = (port("eno1"),) if make is in_lan and draw(st.booleans()) else ()
    filters = draw(st.sampled_from((False, False, True)))
    made = bridge(
        on,
        ports=(*wires, *(own for _, own, _ in found if own is not None)),
        stp=draw(st.sampled_from((Stp.OFF, Stp.KERNEL))),
        vlan_filtering=filters,
        vlans=(IN_1,),
        default_pvid=1,
    )
    links = (link(on, kind="bridge", index=1), link("eno1", kind="", index=2), link("wan0", kind="", index=3))
    tc = TcText(device="vnet2", filters="filter action order 1: gact action drop", origin="tc", ingress=True)
    known = make(
        *draw(listings(on)),
        bridges=(made,),
        links=(*links, *(tap for _, _, tap in found if tap is not None)),
        sysctls=draw(st.sampled_from((OFF, ON))),
        modules=("nf_conntrack", "nf_nat_tftp"),
        traffic_control=draw(st.sampled_from(((), (tc,)))),
    )
    return known, tuple(of for of, _, _ in found)


def alone(known: Facts, of: Target) -> tuple[Facts, list[Road]]:
    """As if nobody were as it is."""
    other = Facts(host=known.host)
    with patch.object(exchange, "alike", lambda _known, _of: None):
        return other, list(roads(other, of))


@settings(deadline=None, max_examples=200)
@given(crowd())
def test_it_is_the_answer_that_each_has_by_itself(drawn: tuple[Facts, tuple[Target, ...]]) -> None:
    known, targets = drawn
    for of in targets:
        other, own = alone(known, of)
        assert list(roads(known, of)) == own
        assert set(shown(known, of)) == set(shown(other, of))


TAPS = tuple(port(f"vnet{number}") for number in range(5))
GUESTS = [
    target(id=tap.name, tap=tap.name, mac=mac(n), bridge="virbr0", network="default", running=True)
    for n, tap in enumerate(TAPS)
]


def five(*rules: RulesText, one: Mapping[str, object] = MappingProxyType({}), **others: object) -> Facts:
    """Five guests with taps of group 1; `one`: how the tap of the fourth differs."""
    links = [link(tap.name, index=10 + n, group=1, master="virbr0") for n, tap in enumerate(TAPS)]
    links[3] = msgspec.structs.replace(links[3], **one)
    of_host = (link("virbr0", kind="bridge", index=1), link("wan0", kind="", index=2))
    values = {"bridges": (bridge("virbr0", ports=TAPS),), "links": (*of_host, *links), "sysctls": OFF}
    return from_outside(*rules, **(values | others))


BY_GROUP = native("bridge", "t", base_chain("c", "iifgroup 2 drop", hook="prerouting"))


@pytest.mark.parametrize(
    "known",
    [
        five(one={"xdp": True}),
        five(traffic_control=(TcText(device="vnet3", filters="action order 1: gact", origin="tc", ingress=True),)),
        five(BY_GROUP, one={"group": 2}),
        five(native("netdev", "t", base_chain("c", "udp dport 67 drop", hook="ingress device vnet3"))),
        five(native("netdev", "t", base_chain("c", "udp dport 68 drop", hook="egress device vnet3"))),
    ],
    ids=["a program of XDP", "a filter of tc", "the group of its tap", "a chain of its tap's", "one on the way out"],
)
def test_one_of_them_is_not_as_the_others(known: Facts) -> None:
    told = [list(roads(known, of)) for of in GUESTS]
    assert told == [alone(known, of)[1] for of in GUESTS]
    ends = [[road.fate for road in found] for found in told]
    assert ends[3] != ends[1] == ends[2] == ends[4]


def test_what_a_helper_follows_is_asked_with_what_is_known_of_a_tap() -> None:
    """The rules are walked once more then, with a drop in the place of the helper."""
    known = five(
        saved(TRANSLATED), saved(HELPED.format(who="")), BY_GROUP, modules=("nf_conntrack", "nf_nat_tftp"), sysctls=OFF
    )
    assert [list(roads(known, of)) for of in GUESTS] == [alone(known, of)[1] for of in GUESTS]


def walks(monkeypatch: pytest.MonkeyPatch, *rules: RulesText) -> int:
    """How many walks a DISCOVER takes, of five guests."""
    known = five(*rules)
    done: list[PacketName] = []
    real = exchange._walked

    def walked(talk: exchange.Talk, name: PacketName) -> object:
        done.append(name)
        return real(talk, name)

    monkeypatch.setattr(exchange, "_walked", walked)
    for of in GUESTS:
        assert road_of(known, of, PacketName.DISCOVER) is not None
    return len(done)


def test_one_walk_serves_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert walks(monkeypatch, saved(CLOSED)) == 1


def test_a_rule_that_names_a_tap_has_each_walked_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more walk finds that out."""
    assert walks(monkeypatch, native("bridge", "t", base_chain("c", 'iifname "vnet9" drop'))) == 6


def test_a_rule_that_no_packet_comes_to_tells_nobody_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    assert walks(monkeypatch, native("bridge", "t", base_chain("c", "accept", 'iifname "vnet9" drop'))) == 1
