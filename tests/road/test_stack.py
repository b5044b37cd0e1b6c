"""The ways of the host's own IP stack, in order, and what ends them besides rules."""

import pytest

from pxedoctor.model.route import Route, RoutingRule
from pxedoctor.road import stack, way
from pxedoctor.road.hop import Fate
from pxedoctor.road.journey import Journey
from pxedoctor.road.packet_name import PacketName as Name
from road_walks import OFF, ON, everywhere, journey, tap, told
from rulesets import base_chain, native, saved


def come_up(name: Name, *listings: object, **facts: object) -> Journey:
    """As far as the bridge as a device of the host."""
    found = journey(name, *listings, **facts)  # type: ignore[arg-type]
    way.into_bridge(found, tap(found))
    way.up(found, tap(found))
    return found


@pytest.mark.parametrize(
    ("sysctls", "prerouting"),
    [(OFF, ["ip prerouting br0"]), (ON, [])],
    ids=["PREROUTING here", "br_netfilter has had it called"],
)
def test_to_a_socket(sysctls: dict[str, str], prerouting: list[str]) -> None:
    found = come_up(Name.DISCOVER, *everywhere(), sysctls=sysctls)
    before = len(found.hops)
    stack.from_bridge(found)
    stack.to_socket(found)
    assert told(found)[before:] == ["netdev ingress br0", *prerouting, "ip input br0"]


def test_arp_has_an_input_of_its_own() -> None:
    found = come_up(Name.ARP_REQUEST, *everywhere())
    before = len(found.hops)
    stack.from_bridge(found)
    stack.to_socket(found)
    assert told(found)[before:] == ["netdev ingress br0", "arp input br0"]


def test_from_a_socket() -> None:
    found = journey(Name.OFFER_UNICAST, *everywhere())
    stack.from_socket(found)
    assert told(found) == ["ip output br0", "ip postrouting br0"]
    answer = journey(Name.ARP_REPLY, *everywhere())
    stack.from_socket(answer)
    assert told(answer) == ["arp output br0"]


def test_routed_and_back() -> None:
    found = come_up(Name.TFTP_RRQ, *everywhere())
    before = len(found.hops)
    stack.through(found, "eno1")
    assert told(found)[before:] == ["ip forward br0", "ip postrouting eno1", "netdev egress eno1"]
    data = journey(Name.TFTP_DATA, *everywhere())
    stack.back(data, "eno1", translated=False)
    assert told(data) == ["netdev ingress eno1", "ip prerouting eno1", "ip forward br0", "ip postrouting br0"]


def test_data_through_nat_need_a_helper() -> None:
    data = journey(Name.TFTP_DATA)
    stack.back(data, "eno1", translated=True)
    assert Fate.UNKNOWN in {hop.predicted for hop in data.hops}
    answer = journey(Name.HTTP_SYN_ACK)
    stack.back(answer, "eno1", translated=True)
    assert {hop.predicted for hop in answer.hops} == {Fate.PASS}


@pytest.mark.parametrize(
    ("name", "sysctl", "value"),
    [
        (Name.TFTP_RRQ, "net/ipv4/conf/br0/forwarding", "0"),
        (Name.SOLICIT, "net/ipv6/conf/br0/disable_ipv6", "1"),
    ],
    ids=["a host that does not route", "IPv6 switched off on the bridge"],
)
def test_a_setting_that_ends_it(name: Name, sysctl: str, value: str) -> None:
    found = come_up(name, sysctls=OFF | {sysctl: value})
    if name is Name.TFTP_RRQ:
        stack.through(found, "eno1")
    else:
        stack.to_socket(found)
    last = found.hops[-1]
    assert (last.predicted, sysctl in last.why) == (Fate.DROP, True)


MAIN = RoutingRule(family="inet", priority=9, table="main")
TUNNEL = Route(family="inet", destination="default", device="wg0", table="52")


@pytest.mark.parametrize(
    ("rule", "asks"),
    [
        ({}, True),
        ({"device": "lo"}, True),
        ({"device": "eno1"}, False),
        ({"source": "198.51.100.0/24"}, True),
        ({"source": "10.9.0.1"}, False),
        ({"mark": (1, 1)}, False),
    ],
)
def test_a_file_that_this_host_sends_itself_goes_by_its_rules_of_routing(rule: dict[str, object], asks: bool) -> None:
    rules = (RoutingRule(family="inet", priority=1, table="52", **rule), MAIN)  # type: ignore[arg-type]
    data = journey(Name.TFTP_DATA, routing_rules=rules, routes=(TUNNEL,))
    stack.from_socket(data, by_routes=True)
    assert ("`ip rule`" in " ".join(hop.why for hop in data.hops)) is asks
    offer = journey(Name.OFFER_UNICAST, routing_rules=rules, routes=(TUNNEL,))
    stack.from_socket(offer)
    assert {hop.predicted for hop in offer.hops} <= {Fate.PASS}


def test_a_mark_of_the_hosts_own_rules_has_it_routed_anew() -> None:
    mangle = saved("*mangle\n:OUTPUT ACCEPT\n-A OUTPUT -p udp -j MARK --set-xmark 0x1/0xffffffff\nCOMMIT\n")
    rules = (RoutingRule(family="inet", priority=1, table="52", mark=(1, 1)), MAIN)
    data = journey(Name.TFTP_DATA, mangle, routing_rules=rules, routes=(TUNNEL,))
    stack.from_socket(data, by_routes=True)
    assert Fate.UNKNOWN in {hop.predicted for hop in data.hops}


def test_what_nat_sends_elsewhere_is_not_followed() -> None:
    dnat = saved("*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p udp -m udp --dport 69 -j DNAT --to 10.9.9.9\nCOMMIT\n")
    found = come_up(Name.TFTP_RRQ, dnat)
    stack.from_bridge(found)
    stack.to_socket(found)
    (doubtful,) = [hop for hop in found.hops if hop.predicted is Fate.UNKNOWN]
    assert "NAT may send it elsewhere: -A PREROUTING -p udp" in doubtful.why
    (rule,) = next(hop.rewrites for hop in found.hops if hop.rewrites)
    assert (rule.table, rule.chain) == ("nat", "PREROUTING")


def test_marks_are_carried_from_hook_to_hook() -> None:
    sets = native("ip", "a", base_chain("c", "udp dport 67 meta mark set 0x7", hook="prerouting"))
    reads = native("ip", "b", base_chain("c", "meta mark 0x7 drop"))
    found = come_up(Name.DISCOVER, sets, reads)
    stack.from_bridge(found)
    stack.to_socket(found)
    assert found.hops[-1].predicted is Fate.DROP
    assert (found.marks.mark, found.hops[-1].hook) == (7, "ip input")


HEARD = """\
*mangle
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING {what} -j CONNMARK --set-xmark 0x1/0xffffffff
-A POSTROUTING -m connmark --mark 0x1 -j DROP
COMMIT
"""


@pytest.mark.parametrize(
    ("name", "what", "fate"),
    [
        (Name.OFFER_BROADCAST, "-i br0 -p udp", Fate.UNKNOWN),
        (Name.OFFER_BROADCAST, "-i br0 -p tcp", Fate.PASS),
        (Name.OFFER_UNICAST, "-i br0 -p udp", Fate.PASS),
    ],
    ids=["its connection is marked", "another's is", "nobody here hears it"],
)
def test_a_host_hears_its_own_broadcast_before_it_is_out(name: Name, what: str, fate: Fate) -> None:
    """The kernel dropped an OFFER that was foretold to pass (scripts/soak 71043 1)."""
    found = journey(name, saved(HEARD.format(what=what)))
    stack.from_socket(found)
    assert next((hop.predicted for hop in found.hops if hop.hook == "ip postrouting"), Fate.PASS) is fate
