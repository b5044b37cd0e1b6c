"""The roads of a target, hop by hop, on hosts where each hop decides."""

import msgspec
import pytest

from builders import MAC, bridge, client, facts, link, network, port, target
from pxedoctor.checks.filter import host_firewall_drops_tftp
from pxedoctor.findings.outcome import Broken, Hop
from pxedoctor.model.bridge import Port, PortState, Stp, Vlan
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.libvirt import Daemon, Libvirt, Network, Subnet
from pxedoctor.model.link import Address, Link
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.model.process import Process, Socket
from pxedoctor.model.route import Route
from pxedoctor.model.target import Facts, Target
from pxedoctor.netfilter.ruleset import Ruleset, understood
from pxedoctor.road.answering import Server, ServerKind
from pxedoctor.road.exchange import boot_of_target, needed, road_of, road_through, roads
from pxedoctor.road.hop import Fate, Road
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.packets import Parties, packet
from pxedoctor.road.parties import BootFrom
from pxedoctor.road.reach import other_end
from pxedoctor.road.replies import answered
from pxedoctor.road.scene import Lookup, Scene
from rulesets import CLOSED, base_chain, native, netfilter, own_chain, saved

DNSMASQ = Process(
    pid=100, parent=1, state="S", name="dnsmasq", command="dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf"
)
FOREIGN = Process(pid=300, parent=1, state="S", name="dhcpd", command="dhcpd -cf /etc/dhcp/dhcpd.conf")
ZOMBIE = Process(pid=100, parent=8, state="Z", name="dnsmasq", command="")
GUEST = target(bridge="virbr0", network="default")


def road(of: Target = GUEST, **changes: object) -> Road:
    """Of a healthy host with the network `default`, but for the changes."""
    values: dict[str, object] = {
        "networks": (network(),),
        "bridges": (bridge("virbr0"),),
        "links": (link("virbr0", kind="bridge"),),
        "processes": (DNSMASQ,),
        "netfilter": Netfilter(),
    }
    found = road_of(facts(**(values | changes)), of, Name.DISCOVER)
    assert found is not None
    return found


def hops(found: Road) -> list[tuple[Hop, Fate]]:
    return [(hop.hop, hop.predicted) for hop in found.hops]


def test_a_healthy_road_ends_at_the_server() -> None:
    found = road()
    assert found.fate is Fate.PASS
    assert [hop.hop for hop in found.hops] == [Hop.NIC, Hop.PORT, Hop.BRIDGE, Hop.INPUT, Hop.SERVER]
    assert found.hops[-1].why == "dnsmasq of the network default runs (pid 100)"


@pytest.mark.parametrize(
    ("processes", "why"),
    [((), "is dead (gone)"), ((ZOMBIE,), "is dead (zombie)")],
)
def test_a_dead_server_drops_it(processes: tuple[Process, ...], why: str) -> None:
    last = road(processes=processes).hops[-1]
    assert (last.hop, last.predicted) == (Hop.SERVER, Fate.DROP)
    assert why in last.why


@pytest.mark.parametrize(
    ("processes", "why"),
    [
        ((FOREIGN,), "is dead (gone)"),
        (Missing("forbidden", "procfs hides other people's processes"), "procfs hides"),
    ],
    ids=["another server may answer", "processes are not known"],
)
def test_a_server_that_cannot_be_judged_is_unknown(processes: object, why: str) -> None:
    last = road(processes=processes).hops[-1]
    assert (last.hop, last.predicted) == (Hop.SERVER, Fate.UNKNOWN)
    assert why in last.why


@pytest.mark.parametrize(
    "one",
    [
        network(subnets=()),
        network(subnets=(Subnet(family="ipv4", address="192.168.122.1", prefix=24),)),
        network(subnets=(Subnet(family="ipv6", address="fd00::1", prefix=64, ranges=(("fd00::10", "fd00::20"),)),)),
    ],
    ids=["no address", "no <dhcp>", "DHCPv6 only, which does not answer a DISCOVER"],
)
def test_who_serves_a_network_without_addresses_is_not_known(one: Network) -> None:
    last = road(networks=(one,)).hops[-1]
    assert (last.hop, last.predicted) == (Hop.SERVER, Fate.UNKNOWN)
    assert "no DHCP server of this host is known on virbr0" in last.why


def test_where_nobody_asks_nobody_need_answer() -> None:
    nobody = Target(id="network/default", kind="network", bridge="virbr0", network="default")
    assert hops(road(nobody, networks=(network(subnets=()),))) == [(Hop.PORT, Fate.PASS), (Hop.BRIDGE, Fate.PASS)]


def test_a_guest_that_names_the_bridge_is_served_by_the_bridges_network() -> None:
    assert road(target(bridge="virbr0")).hops[-1].hop is Hop.SERVER


def test_a_plain_bridge_leads_out() -> None:
    out = bridge("br0", ports=(port("eno1"),))
    found = road(target(bridge="br0"), bridges=(out,), links=(link("eno1", kind=""),), networks=())
    assert hops(found) == [
        (Hop.NIC, Fate.PASS),
        (Hop.PORT, Fate.PASS),
        (Hop.EXIT, Fate.PASS),
        (Hop.UPLINK, Fate.PASS),
    ]
    assert found.hops[-1].why == "leaves this host through eno1"


def test_without_its_bridge_an_inactive_network_drops_it() -> None:
    found = road(networks=(network(active=False),), bridges=())
    assert hops(found) == [(Hop.NIC, Fate.PASS), (Hop.BRIDGE, Fate.DROP)]
    assert found.hops[-1].why == "virbr0 does not exist"


def test_a_network_that_comes_up_with_its_sleeping_daemon_is_unknown() -> None:
    libvirt = Libvirt(daemons=(Daemon(name="virtnetworkd", asleep=True),))
    found = road(networks=(network(active=False),), bridges=(), libvirt=libvirt)
    assert hops(found) == [(Hop.NIC, Fate.PASS), (Hop.BRIDGE, Fate.UNKNOWN)]
    assert "wakes libvirt" in found.hops[-1].why


def test_a_bridge_that_is_down_drops_it() -> None:
    found = road(links=(link("virbr0", kind="bridge", up=False),))
    assert hops(found)[-1] == (Hop.BRIDGE, Fate.DROP)


def test_bridges_that_are_not_known() -> None:
    found = road(bridges=Missing("failed", "no sysfs"))
    assert found.fate is Fate.UNKNOWN


def test_a_new_port_that_is_silent_longer_than_the_client_asks_drops_it() -> None:
    slow = bridge("virbr0", stp=Stp.KERNEL, forward_delay=15.0)
    assert hops(road(bridges=(slow,)))[-1] == (Hop.PORT, Fate.DROP)
    patient = target(bridge="virbr0", network="default", client=client("dhcpcd"))
    assert road(patient, bridges=(slow,)).fate is Fate.PASS


def test_a_port_that_forwards_by_now() -> None:
    slow = bridge("virbr0", stp=Stp.KERNEL, forward_delay=15.0, ports=(port("vnet0", PortState.FORWARDING),))
    of = target(bridge="virbr0", network="default", tap="vnet0", running=True)
    found = road(of, bridges=(slow,), links=(link("vnet0", master="virbr0"), link("virbr0", kind="bridge")))
    assert found.fate is Fate.PASS
    assert (Hop.TAP, Fate.PASS) in hops(found)


@pytest.mark.parametrize(
    ("changes", "fate"),
    [({"up": False}, Fate.DROP), ({"master": None}, Fate.DROP), ({"master": "virbr0"}, Fate.PASS)],
    ids=["down", "plugged in nowhere", "plugged in"],
)
def test_the_tap(changes: dict[str, object], fate: Fate) -> None:
    of = target(bridge="virbr0", network="default", tap="vnet0", running=True)
    found = road(of, links=(link("vnet0", **changes), link("virbr0", kind="bridge")))
    assert (Hop.TAP, fate) in hops(found)


def test_a_tap_in_another_namespace_is_unknown() -> None:
    of = target(bridge="virbr0", network="default", tap="vnet0", running=True)
    assert (Hop.TAP, Fate.UNKNOWN) in hops(road(of))


def test_rules_that_could_not_be_listed_are_unknown() -> None:
    found = road(netfilter=Missing("forbidden", "nft may not be run by this user"))
    assert (Hop.INPUT, Fate.UNKNOWN) in hops(found)


def test_guests_that_could_not_be_listed_have_a_road_nobody_can_see() -> None:
    closed = Missing("forbidden", "closed to us", "run it as root")
    found = road_of(facts(domains=closed), Target(id="guests", kind="guests"), Name.DISCOVER)
    assert found is not None
    assert hops(found) == [(Hop.NIC, Fate.UNKNOWN)]
    assert "closed to us (run it as root)" in found.hops[0].why


def test_a_bridge_that_was_not_understood_is_not_an_absent_one() -> None:
    strange = Unmodelled(kind="bridge", name="virbr0", origin="/sys/class/net/virbr0/bridge", why="77 is no state")
    found = road(bridges=(), networks=(), unmodelled=(strange,))
    assert hops(found)[-1] == (Hop.BRIDGE, Fate.UNKNOWN)
    assert "77 is no state" in found.hops[-1].why


def test_a_network_that_could_not_be_listed_has_a_bridge_nobody_knows() -> None:
    closed = Missing("forbidden", "closed to us", "run it as root")
    found = road(target(bridge=None, network="default"), networks=closed)
    assert hops(found)[-1] == (Hop.BRIDGE, Fate.UNKNOWN)
    assert "closed to us (run it as root)" in found.hops[-1].why


TEN = Vlan(first=10, last=10, pvid=True, untagged=True)
ONE = Vlan(first=1, last=1, pvid=True, untagged=True)


@pytest.mark.parametrize(
    ("own", "default_pvid", "links", "fate"),
    [
        ((ONE,), 1, (), Fate.PASS),
        ((ONE,), 10, (), Fate.DROP),
        ((ONE,), 0, (), Fate.DROP),
        (None, 1, (), Fate.UNKNOWN),
        ((ONE, Vlan(first=10, last=10)), 10, (), Fate.DROP),
        ((ONE, Vlan(first=10, last=10)), 10, (link("virbr0.10", kind="vlan"),), Fate.UNKNOWN),
    ],
    ids=["one VLAN", "two VLANs", "no PVID", "not known", "tagged, and nobody takes it", "tagged, and somebody may"],
)
def test_vlans_of_the_bridge(
    own: tuple[Vlan, ...] | None, default_pvid: int, links: tuple[Link, ...], fate: Fate
) -> None:
    here = bridge("virbr0", vlan_filtering=True, vlans=own, default_pvid=default_pvid)
    found = road(bridges=(here,), links=(link("virbr0", kind="bridge"), *links))
    assert found.fate is fate
    assert fate is Fate.PASS or (found.decisive is not None and found.decisive.hop is Hop.ADMISSION)


@pytest.mark.parametrize(("macs", "fate"), [((MAC,), Fate.PASS), ((), Fate.DROP), (None, Fate.UNKNOWN)])
def test_a_locked_port_takes_in_entered_addresses(macs: tuple[str, ...] | None, fate: Fate) -> None:
    locked = Port(name="vnet0", state=PortState.FORWARDING, locked=True, macs=macs)
    running = target(bridge="virbr0", network="default", tap="vnet0", running=True)
    tap = link("vnet0", master="virbr0")
    found = road(running, bridges=(bridge("virbr0", ports=(locked,)),), links=(link("virbr0", kind="bridge"), tap))
    assert found.fate is fate


# As firewalld's nftables backend writes its INPUT (firewalld 1.3).
_FIREWALLD = base_chain(
    "filter_INPUT",
    "ct state { established, related } accept",
    "ct status dnat accept",
    'iifname "lo" accept',
    "ct state invalid drop",
    "reject with icmpx admin-prohibited",
    priority=10,
)


def test_nobody_has_translated_a_packet_that_no_rule_translates() -> None:
    found = road(netfilter=netfilter(native("inet", "firewalld", _FIREWALLD)))
    assert found.decisive is not None
    assert found.fate is Fate.DROP
    assert found.decisive.rule is not None
    assert found.decisive.rule.text == "reject with icmpx admin-prohibited"


def test_what_a_rule_may_have_translated_is_not_known() -> None:
    dnat = own_chain("pre", "type nat hook prerouting priority -100; policy accept;", "udp dport 67 dnat to 192.0.2.1")
    found = road(netfilter=netfilter(native("ip", "n", dnat), native("inet", "firewalld", _FIREWALLD)))
    assert found.fate is not Fate.DROP


WIRE = bridge("br0", ports=(port("vnet0"), port("eno1")))
WIRED = {
    "bridges": (WIRE,),
    "links": (link("vnet0", master="br0"), link("eno1", kind=""), link("br0", kind="bridge")),
    "networks": (),
    "processes": (),
    "sysctls": {"net/bridge/bridge-nf-call-iptables": "1"},
}
ON_BR0 = target(tap="vnet0", running=True)


def told(name: Name, of: Target = ON_BR0, **changes: object) -> Road:
    found = road_of(facts(**(WIRED | {"netfilter": Netfilter()} | changes)), of, name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "hooks"),
    [
        (Name.DISCOVER, [Hop.NIC, Hop.TAP, Hop.PORT, Hop.EXIT, Hop.FORWARD, Hop.UPLINK]),
        (Name.OFFER_UNICAST, [Hop.PORT, Hop.EXIT, Hop.FORWARD, Hop.DELIVERY]),
        (Name.RENEW_ACK, [Hop.PORT, Hop.EXIT, Hop.FORWARD, Hop.DELIVERY]),
    ],
)
def test_a_server_on_the_wire(name: Name, hooks: list[Hop]) -> None:
    found = told(name)
    assert [hop.hop for hop in found.hops] == hooks
    assert found.fate is Fate.PASS


def test_dockers_forward_policy_drops_bridged_frames_where_br_netfilter_is_on() -> None:
    docker = netfilter(saved("*filter\n:FORWARD DROP [0:0]\nCOMMIT\n"))
    died = told(Name.DISCOVER, netfilter=docker).decisive
    assert died is not None
    assert (died.hop, died.predicted, died.hook) == (Hop.FORWARD, Fate.DROP, "ip forward")
    off = {"net/bridge/bridge-nf-call-iptables": "0"}
    assert told(Name.DISCOVER, netfilter=docker, sysctls=off).fate is Fate.PASS


def test_two_who_may_answer_and_one_who_would_not_hear() -> None:
    """A dnsmasq whose settings nobody may read, on a host with a wire: INPUT is closed, the wire is not."""
    closed = netfilter(saved("*filter\n:INPUT DROP [0:0]\nCOMMIT\n"))
    secret = Process(pid=9, parent=1, state="S", name="dnsmasq", command="dnsmasq -C /x", settings=None)
    found = told(Name.DISCOVER, netfilter=closed, processes=(secret,))
    assert found.fate is Fate.UNKNOWN
    assert found.hops[-1].why.startswith("which server answers is not known: dnsmasq (pid 9) serves by a UDP socket")
    assert "the policy of filter INPUT drops it" in found.hops[-1].why
    open_to_all = told(Name.DISCOVER, processes=(secret,))
    assert open_to_all.fate is Fate.PASS


def test_a_packet_that_this_exchange_does_not_have() -> None:
    assert road_of(facts(**(WIRED | {"netfilter": Netfilter()})), ON_BR0, Name.TFTP_RRQ) is None
    assert road_of(facts(**(WIRED | {"netfilter": Netfilter()})), ON_BR0, Name.PING) is not None


def test_roads_come_in_the_order_of_a_boot_and_only_once() -> None:
    host_facts = facts(
        networks=(network(),), bridges=(bridge("virbr0"),), processes=(DNSMASQ,), netfilter=Netfilter(), sockets=()
    )
    found = roads(host_facts, GUEST)
    names = [road.packet for road in found]
    assert names == [name for name in Name if name in names]
    assert names[0] is Name.DISCOVER
    assert all(one is other for one, other in zip(found, roads(host_facts, GUEST), strict=True))


def test_a_road_through_rules_that_the_host_does_not_have() -> None:
    values = {"networks": (network(),), "bridges": (bridge("virbr0"),), "processes": (DNSMASQ,)}
    known = facts(**values, netfilter=Netfilter())
    closed = understood(netfilter(saved("*filter\n:INPUT DROP [0:0]\nCOMMIT\n")))
    now, then = road_of(known, GUEST, Name.DISCOVER), road_through(known.host, GUEST, Name.DISCOVER, closed)
    assert now is not None
    assert then is not None
    assert (now.fate, then.fate) == (Fate.PASS, Fate.DROP)


def test_a_guest_that_netboots_needs_its_file_too() -> None:
    served = Subnet(family="ipv4", address="192.168.122.1", prefix=24, hosts=1, tftp_root="/srv", boot_file="x")
    host_facts = facts(networks=(network(subnets=(served,)),), bridges=(bridge("virbr0"),), processes=(DNSMASQ,))
    firmware = needed(host_facts, GUEST)
    system = needed(host_facts, target("dhclient", bridge="virbr0", network="default"))
    assert (Name.TFTP_RRQ,) in firmware
    assert (Name.TFTP_RRQ,) not in system
    assert needed(host_facts, Target(id="x", kind="bridge", bridge="nowhere")) == ()


def test_guests_that_rules_do_not_tell_apart_share_what_the_rules_said() -> None:
    """Not walked twice: it is the very same answer."""
    taps = tuple(port(f"vnet{number}") for number in range(30))
    known = facts(
        networks=(network(),),
        bridges=(bridge("virbr0", ports=taps),),
        links=(link("virbr0", kind="bridge"), *(link(tap.name, master="virbr0") for tap in taps)),
        processes=(DNSMASQ,),
        netfilter=netfilter(saved(CLOSED)),
    )
    guests = [
        target(id=tap.name, tap=tap.name, mac=f"52:54:00:00:00:{number:02x}", bridge="virbr0", network="default")
        for number, tap in enumerate(taps)
    ]
    found = [road_of(known, guest, Name.DISCOVER) for guest in guests]
    rules = [{id(hop.rule) for hop in road.hops if hop.rule} for road in found if road is not None]
    assert len(rules) == len(taps)
    assert all(seen == rules[0] for seen in rules)


IPV6 = Subnet(family="ipv6", address="fd00::1", prefix=64, ranges=(("fd00::10", "fd00::ff"),))
ALONE = {
    "networks": (network(subnets=(IPV6,)),),
    "bridges": (bridge("virbr0", ports=(port(),)),),
    "links": (link("virbr0", kind="bridge"), link("vnet0", master="virbr0", index=8)),
    "processes": (DNSMASQ,),
    "sockets": (Socket(kind="udp6", port=547, address="::"),),
}
A_SYSTEM = target(None, bridge="virbr0", network="default", tap="vnet0", running=True)


def test_a_network_of_ipv6_alone_has_the_roads_of_ipv6_alone() -> None:
    known = facts(netfilter=Netfilter(), **ALONE)
    found = roads(known, A_SYSTEM)
    assert [road.packet for road in found] == [
        Name.SOLICIT,
        Name.ADVERTISE,
        Name.ROUTER_SOLICITATION,
        Name.ROUTER_ADVERTISEMENT,
    ]
    assert {road.fate for road in found} == {Fate.PASS}
    assert found[0].hops[-1].why == "somebody listens on UDP port 547"


def test_a_client_of_ipv4_is_not_served_there_as_far_as_is_known() -> None:
    known = facts(netfilter=Netfilter(), **ALONE)
    asks = road_of(known, target("ipxe", bridge="virbr0", network="default"), Name.DISCOVER)
    assert asks is not None
    assert asks.hops[-1].predicted is Fate.UNKNOWN
    assert "hands out IPv6 addresses alone" in asks.hops[-1].why


def test_what_ends_before_the_bridge_is_told_of_the_first_packet_that_is_needed() -> None:
    down = (link("virbr0", kind="bridge"), link("vnet0", master="virbr0", index=8, up=False))
    found = roads(facts(netfilter=Netfilter(), **(ALONE | {"links": down})), A_SYSTEM)[0]
    assert (found.packet, found.fate, found.hops[-1].hop) == (Name.SOLICIT, Fate.DROP, Hop.TAP)


def test_nobody_who_listens_for_a_solicit_drops_it() -> None:
    known = facts(netfilter=Netfilter(), **(ALONE | {"sockets": ()}))
    found = road_of(known, A_SYSTEM, Name.SOLICIT)
    assert found is not None
    assert (found.hops[-1].hop, found.hops[-1].predicted) == (Hop.SERVER, Fate.DROP)


ADVERTISED = network(subnets=(Subnet(family="ipv6", address="fd00::1", prefix=64),), server_pid=100)


@pytest.mark.parametrize(("processes", "fate"), [((DNSMASQ,), Fate.PASS), ((), Fate.DROP)], ids=["alive", "dead"])
def test_where_a_prefix_is_advertised_alone_the_question_ends_at_who_does_so(processes: object, fate: Fate) -> None:
    known = facts(netfilter=Netfilter(), **(ALONE | {"networks": (ADVERTISED,), "processes": processes}))
    found = roads(known, A_SYSTEM)
    assert [road.packet for road in found] == [Name.ROUTER_SOLICITATION, Name.ROUTER_ADVERTISEMENT]
    assert (found[0].hops[-1].hop, found[0].fate) == (Hop.SERVER, fate)


def test_uefi_asks_there_for_a_lease_that_nobody_has() -> None:
    known = facts(netfilter=Netfilter(), **(ALONE | {"networks": (ADVERTISED,)}))
    asks = road_of(known, target("ovmf", bridge="virbr0", network="default", tap="vnet0"), Name.SOLICIT)
    assert asks is not None
    assert asks.hops[-1].predicted is Fate.UNKNOWN
    assert "nobody is known who has a lease for it" in asks.hops[-1].why


def test_two_guests_on_a_network_of_ipv6_alone_do_not_serve_each_other() -> None:
    two = bridge("virbr0", ports=(port(), port("vnet1")))
    links = (*ALONE["links"], link("vnet1", master="virbr0", index=9))
    known = facts(netfilter=Netfilter(), **(ALONE | {"bridges": (two,), "links": links}))
    assert roads(known, A_SYSTEM)[0].packet is Name.SOLICIT


def boots6(
    url: str, *listening: Socket, rules: Netfilter | None = None, carrier: bool = True, tftp: bool = False
) -> Facts:
    """A network of IPv6 alone, whose dnsmasq tells of a boot file."""
    options = (f"dhcp-option=option6:bootfile-url,{url}", *(("enable-tftp",) if tftp else ()))
    own = (Address(family="inet6", address="fd00::1", prefix=64),)
    virbr0 = link("virbr0", kind="bridge", addresses=own, carrier=carrier)
    links = (virbr0, link("vnet0", master="virbr0", index=8))
    served = (network(subnets=(IPV6,), server_options=options),)
    sockets = (Socket(kind="udp6", port=547, address="::"), *listening)
    more = {"networks": served, "links": links, "sockets": sockets}
    return facts(netfilter=rules or Netfilter(), **(ALONE | more))


BY_IPXE = target("ipxe", bridge="virbr0", network="default", tap="vnet0", running=True)
TFTP6 = Socket(kind="udp6", port=69, address="fd00::1")
WEB6 = Socket(kind="tcp6", port=8080, address="::")


@pytest.mark.parametrize(
    ("url", "listening", "last", "fate"),
    [
        ("tftp://[fd00::1]/boot.efi", TFTP6, Name.TFTP_ACK, Fate.PASS),
        ("tftp://[fd00::1]/boot.efi", Socket(kind="udp", port=69, address="0.0.0.0"), Name.TFTP_ACK, Fate.DROP),
        ("http://[fd00::1]:8080/boot.efi", WEB6, Name.HTTP_SYN_ACK, Fate.PASS),
        ("http://[fd00::1]/boot.efi", WEB6, Name.HTTP_SYN_ACK, Fate.DROP),
    ],
    ids=["TFTP", "TFTP of IPv4 alone", "HTTP", "HTTP on another port"],
)
def test_a_boot_file_is_fetched_over_ipv6(url: str, listening: Socket, last: Name, fate: Fate) -> None:
    known = boots6(url, listening)
    fetched = [road for road in roads(known, BY_IPXE) if road.packet.value.startswith(("TFTP", "HTTP"))]
    assert fetched[-1].packet is last
    assert fetched[0].fate is fate
    assert {hop.hook.partition(" ")[0] for road in fetched for hop in road.hops if hop.hook} == {"ip6"}
    assert (last,) in needed(known, BY_IPXE)


@pytest.mark.parametrize(("tftp", "fate"), [(True, Fate.PASS), (False, Fate.UNKNOWN)], ids=["dnsmasq", "who knows"])
def test_before_a_first_guest_nobody_can_listen_on_an_address_of_ipv6_yet(tftp: bool, fate: Fate) -> None:
    """dnsmasq 2.90 opens its port when the bridge's address is up: the kernel lets nobody bind a tentative one."""
    known = boots6("tftp://[fd00::1]/boot.efi", carrier=False, tftp=tftp)
    asks = road_of(known, BY_IPXE, Name.TFTP_RRQ)
    assert asks is not None
    assert asks.fate is fate
    assert "with its first guest" in asks.hops[-1].why


@pytest.mark.parametrize(
    "url", ["tftp://boot.example/x", "tftp://10.0.0.1/x", "nfs://[fd00::1]/x", "tftp://[fd00::1/x"]
)
def test_a_place_that_is_no_address_of_ipv6_is_not_followed(url: str) -> None:
    assert boot_of_target(boots6(url), BY_IPXE) is None


def test_what_is_far_away_is_reached_by_routing() -> None:
    routes = (Route(family="inet6", destination="default", device="eno1"), Route(family="inet", destination="default"))
    known = boots6("http://[2001:db8::9]/boot.efi")
    known = Facts(host=msgspec.structs.replace(known.host, routes=routes))
    boot = boot_of_target(known, BY_IPXE)
    assert boot is not None
    assert (boot.where, boot.address, boot.port, boot.device) == (BootFrom.ROUTED, "2001:db8::9", 80, "eno1")


def test_ip6tables_that_lets_in_dhcpv6_alone_drops_the_fetch() -> None:
    rules = "-A INPUT -p udp -m udp --dport 547 -j ACCEPT\n-A INPUT -p ipv6-icmp -j ACCEPT\n"
    dropped = netfilter(saved(f"*filter\n:INPUT DROP [0:0]\n{rules}COMMIT\n", "ip6"))
    known = boots6("tftp://[fd00::1]/boot.efi", TFTP6, rules=dropped)
    fates = {road.packet: road.fate for road in roads(known, BY_IPXE)}
    assert (fates[Name.SOLICIT], fates[Name.TFTP_RRQ]) == (Fate.PASS, Fate.DROP)
    outcome = host_firewall_drops_tftp.check(known, BY_IPXE)
    assert isinstance(outcome, Broken)
    assert outcome.headline.endswith("drops the request for the boot file on virbr0.")


_WALKED_ONCE = {
    Name.REQUEST: Name.DISCOVER,
    Name.DECLINE: Name.DISCOVER,
    Name.ACK_BROADCAST: Name.OFFER_BROADCAST,
    Name.ACK_UNICAST: Name.OFFER_UNICAST,
}


@pytest.mark.parametrize("program", ["dnsmasq", "dhcpd", "kea-dhcp4"])
def test_what_is_walked_once_for_several_packets_is_the_same_packet_but_for_its_name(program: str) -> None:
    """Where that were not so, a REQUEST's road would be told by its DISCOVER's."""
    ends = Parties(guest_mac=MAC, server_mac="52:54:00:0d:0d:fe", server="10.0.0.1", guest="10.0.0.10-10.0.0.99")
    scene = Scene(bridge=bridge("br0"), known=Lookup(facts(netfilter=Netfilter()).host, Ruleset()))
    kinds = (ServerKind.UDP, ServerKind.RAW, ServerKind.OUTSIDE)
    for name, first in _WALKED_ONCE.items():
        one, other = packet(name, ends), packet(first, ends)
        assert msgspec.structs.replace(one, name=other.name) == other
        assert answered(name) is answered(first) is None
        for kind in kinds:
            server = Server(kind=kind, why="", program=program)
            assert other_end(scene, GUEST, server, None, name) == other_end(scene, GUEST, server, None, first)
