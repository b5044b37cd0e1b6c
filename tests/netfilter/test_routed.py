"""Rules that ask routes: the type of an address (addrtype, nft's fib), and the way back to a source (rpfilter)."""

import pytest

from pxedoctor.netfilter.address import address_range
from pxedoctor.netfilter.condition import AddressType, Answer, ReversePath, RouteBack
from pxedoctor.netfilter.field import ETHERTYPES, Field
from pxedoctor.netfilter.routed import has_no_way_back, has_way_back, is_discover, is_of_type, needs_no_way_back
from pxedoctor.netfilter.routes import Prefix, Routes, Rule
from pxedoctor.netfilter.seen import Family, Hook, Marks, Packet, Place, Seen

LO = Prefix(version=4, net=address_range("127.0.0.0-127.255.255.255"), device="lo", kind="local", table="local")
LO6 = Prefix(version=6, net=address_range("::1"), device="lo", kind="local", table="local")
OWN = Prefix(version=4, net=address_range("192.0.2.1"), device="br0", kind="local", table="local")
NET = Prefix(version=4, net=address_range("192.0.2.0-192.0.2.255"), device="br0")
ELSEWHERE = Prefix(version=4, net=address_range("0.0.0.0-255.255.255.255"), device="eno1")
SERVES, BRIDGES = Routes((LO, LO6, OWN, NET, ELSEWHERE)), Routes((LO, LO6, ELSEWHERE))
ANY_HOST = "1.0.0.0-223.255.255.255"


def seen(source: str | None, destination: str, routes: Routes | None, device: str | None = "br0") -> Seen:
    kind = "ip6" if ":" in destination else "ip"
    family = Family.IP6 if kind == "ip6" else Family.IP
    packet = Packet(name="x", ethertype=ETHERTYPES[kind], source=source, destination=destination, protocol=17)
    return Seen(packet, Place(family=family, hook=Hook.PREROUTING, in_device=device, routes=routes))


@pytest.mark.parametrize(
    ("address", "types", "holds"),
    [
        ("192.0.2.1", {"local"}, True),
        ("192.0.2.7", {"local"}, False),
        ("192.0.2.7", {"unicast"}, True),
        ("192.0.2.0-192.0.2.9", {"local"}, None),
        ("255.255.255.255", {"local"}, False),
        ("255.255.255.255", {"broadcast", "local"}, True),
        ("0.0.0.7-0.1.2.3", {"broadcast"}, True),
        ("224.0.0.1-239.0.0.1", {"multicast"}, True),
        ("223.255.255.0-224.0.0.9", {"unicast"}, None),
    ],
)
def test_the_type_of_an_address(address: str, types: set[str], holds: bool | None) -> None:
    assert is_of_type(Field.DESTINATION4, address_range(address), frozenset(types), SERVES) is holds


def test_without_routes_only_the_address_itself_decides() -> None:
    local = AddressType(Field.DESTINATION4, frozenset({"local"}))
    assert local.meets(seen("192.0.2.7", "192.0.2.1", None)) is Answer.MAYBE
    assert local.meets(seen("192.0.2.7", "192.0.2.1", Routes(()))) is Answer.MAYBE
    assert local.meets(seen("192.0.2.7", "192.0.2.1", SERVES)) is Answer.YES


@pytest.mark.parametrize(
    ("types", "answer"), [({"local"}, Answer.NO), ({"unicast"}, Answer.MAYBE), ({"local", "unicast"}, Answer.MAYBE)]
)
def test_of_ipv6_only_what_is_not_this_hosts_is_known(types: set[str], answer: Answer) -> None:
    kind = AddressType(Field.DESTINATION6, frozenset(types))
    assert kind.meets(seen("fe80::1", "fd00::7", SERVES)) is answer


def test_what_may_be_this_hosts_ipv6_address_is_left_open() -> None:
    assert is_of_type(Field.DESTINATION6, address_range("::1"), frozenset({"local"}), SERVES) is None


@pytest.mark.parametrize("source", [ANY_HOST, "192.0.2.1", "10.0.0.0-10.0.0.255"])
def test_on_a_host_that_only_bridges_no_source_has_a_way_back(source: str) -> None:
    offer = seen(source, "255.255.255.255", BRIDGES)
    assert has_no_way_back(offer)
    assert ReversePath().meets(offer) is Answer.NO
    assert ReversePath(negated=True).meets(offer) is Answer.YES
    assert RouteBack(missing=True).meets(offer) is Answer.YES


def test_a_discover_needs_none() -> None:
    discover = seen("0.0.0.0", "255.255.255.255", BRIDGES)
    assert needs_no_way_back(discover)
    assert is_discover(discover)
    assert ReversePath(negated=True).meets(discover) is Answer.NO
    assert RouteBack(missing=True).meets(discover) is Answer.NO


@pytest.mark.parametrize(
    "packet",
    [
        seen("192.0.2.7", "192.0.2.1", SERVES),
        seen(ANY_HOST, "255.255.255.255", SERVES),
        seen("0.0.0.0-192.0.2.9", "255.255.255.255", BRIDGES),
        seen(None, "255.255.255.255", BRIDGES),
        seen("10.0.0.1", "10.0.0.2", None),
        seen("10.0.0.1", "10.0.0.2", BRIDGES, device=None),
        seen("10.0.0.1", "10.0.0.2", BRIDGES, device="lo"),
        seen("10.0.0.1", "10.0.0.2", BRIDGES, device=""),
        seen("::", "ff02::1:2", BRIDGES),
    ],
    ids=["a route", "perhaps a route", "perhaps nobody", "no source", "no routes", "no device", "lo", "sent", "`::`"],
)
def test_what_may_have_a_way_back_is_left_open(packet: Seen) -> None:
    assert not has_no_way_back(packet)
    assert RouteBack(missing=True).meets(packet) is Answer.MAYBE


def test_a_solicit_has_none_where_ipv6_has_no_route_through_the_bridge() -> None:
    assert RouteBack(missing=True).meets(seen("fe80::1", "ff02::1:2", BRIDGES)) is Answer.YES


RULES = tuple(Rule(version=4, table=table) for table in ("local", "main"))
MARKED = (Rule(version=4, table="vpn", mark=(5, 0xFF)), *RULES)
VPN = Prefix(version=4, net=address_range("0.0.0.0-255.255.255.255"), device="wg0", table="vpn")


def test_a_guest_of_this_hosts_own_net_has_a_way_back() -> None:
    asks = seen("192.0.2.2-192.0.2.99", "192.0.2.1", Routes(SERVES.prefixes, rules=RULES))
    assert has_way_back(asks, by_mark=False)
    assert ReversePath().meets(asks) is Answer.YES
    assert ReversePath(negated=True).meets(asks) is Answer.NO
    assert RouteBack(missing=True).meets(asks) is Answer.NO
    assert RouteBack(missing=False).meets(asks) is Answer.YES
    unread = seen("192.0.2.2-192.0.2.99", "192.0.2.1", SERVES)
    assert RouteBack(missing=True).meets(unread) is Answer.MAYBE


@pytest.mark.parametrize(("mark", "answer"), [(0, Answer.NO), (5, Answer.MAYBE), (None, Answer.MAYBE)])
def test_a_mark_counts_where_it_is_asked_for(mark: int | None, answer: Answer) -> None:
    """nft's `fib saddr . mark . iif`, iptables' --validmark: rules of policy routing see the packet's mark."""
    routes = Routes((*SERVES.prefixes, VPN), rules=MARKED)
    asks = Seen(*(getattr(seen("192.0.2.7", "192.0.2.1", routes), part) for part in ("packet", "place")), Marks(mark))
    assert RouteBack(missing=True, marked=True).meets(asks) is answer
    assert ReversePath(negated=True, marked=True).meets(asks) is answer
    assert RouteBack(missing=True).meets(asks) is Answer.NO
    assert ReversePath(negated=True).meets(asks) is Answer.NO


def test_a_loose_question_takes_any_way() -> None:
    assert ReversePath(loose=True).meets(seen("10.0.0.1", "255.255.255.255", BRIDGES)) is Answer.MAYBE


def test_its_own_address_counts_where_that_is_asked_for() -> None:
    own = seen("192.0.2.1", "255.255.255.255", Routes((LO, OWN)))
    assert ReversePath().meets(own) is Answer.NO
    assert ReversePath(local=True).meets(own) is Answer.MAYBE


def test_what_is_asked_for_one_device_alone_is_left_open() -> None:
    limited = AddressType(Field.DESTINATION4, frozenset({"unicast"}), limited=True)
    assert limited.meets(seen("192.0.2.7", "192.0.2.1", SERVES)) is Answer.MAYBE
    assert limited.meets(seen("192.0.2.7", "255.255.255.255", SERVES)) is Answer.NO
