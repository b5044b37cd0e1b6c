"""The kernel is the judge of the road: at every hook one rule that drops, and who still gets the frame.

Each case sets one thing in a real host (a rule, a port's flag, a sysctl), collects its facts as from any host, lets the
road say who gets each packet, and sends the packet. An answer that the kernel contradicts fails; where the road says
that it cannot tell, the case must be one of those in which it may.
"""

import socket
from collections.abc import Iterator, Sequence

import msgspec
import pytest

from pxedoctor.model.bridge import Bridge
from pxedoctor.model.host import Host
from pxedoctor.netfilter.ebtables import parse_ebtables
from pxedoctor.netfilter.field import ETHERTYPES
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.nft_text import parse_nft_text
from pxedoctor.netfilter.ruleset import Ruleset
from pxedoctor.netfilter.seen import Packet
from pxedoctor.road import stack, way
from pxedoctor.road.hop import Fate
from pxedoctor.road.journey import Journey
from pxedoctor.road.packet_name import PacketName as Name
from pxedoctor.road.packets import Parties, packet
from pxedoctor.road.scene import Lookup, Scene
from road_ground import BRIDGE_MAC, FAR_MAC, GUEST, GUEST6, GUEST_MAC, ROUTER_MAC, SERVER, SERVER6, Ground, ground

pytestmark = pytest.mark.lab

PARTIES = Parties(
    guest_mac=GUEST_MAC,
    server_mac=BRIDGE_MAC,
    server=SERVER,
    guest=GUEST,
    boot_server=SERVER,
    guest6=GUEST6,
    server6=SERVER6,
)
FAR = msgspec.structs.replace(PARTIES, boot_server="10.9.0.2", server_mac=BRIDGE_MAC)
# What comes back to the guest from there, through the host's routing.
BACK = Parties(server="10.9.0.2", server_mac=FAR_MAC, guest=GUEST, guest_mac=ROUTER_MAC)
# A server on the wire behind the uplink.
WIRE = msgspec.structs.replace(PARTIES, server="192.168.50.3", server_mac=FAR_MAC)


# What is fetched over IPv6.
SIX = msgspec.structs.replace(PARTIES, boot_server=SERVER6, guest=GUEST6)


class Trip(msgspec.Struct, frozen=True):
    """One packet, from where it is sent, and the ears that the road speaks of."""

    name: Name
    sent: str
    ears: tuple[str, ...]
    parties: Parties = PARTIES

    @property
    def packet(self) -> Packet:
        return packet(self.name, self.parties)


TRIPS = (
    Trip(Name.DISCOVER, "A", ("bridge", "stack", "B", "uplink")),
    Trip(Name.RENEW, "A", ("bridge", "stack")),
    Trip(Name.OFFER_BROADCAST, "udp", ("A", "B", "uplink")),
    Trip(Name.OFFER_UNICAST, "udp", ("A",)),
    Trip(Name.OFFER_BROADCAST, "raw", ("A", "B", "uplink")),
    Trip(Name.OFFER_UNICAST, "raw", ("A",)),
    Trip(Name.OFFER_BROADCAST, "uplink", ("A", "B", "bridge"), WIRE),
    Trip(Name.OFFER_UNICAST, "uplink", ("A",), WIRE),
    Trip(Name.RENEW, "A", ("uplink",), WIRE),
    Trip(Name.TFTP_RRQ, "A", ("bridge", "wan"), FAR),
    Trip(Name.OFFER_UNICAST, "wan", ("A",), BACK),
    Trip(Name.SOLICIT, "A", ("bridge", "stack", "B", "uplink")),
    Trip(Name.ADVERTISE, "udp", ("A",)),
    Trip(Name.TFTP_RRQ, "A", ("bridge", "stack"), SIX),
)


def journeys(scene: Scene, trip: Trip, wire: Ground) -> Iterator[tuple[str, Journey]]:
    """The way to each ear."""
    start = Journey(scene, trip.packet)
    ports = {"A": wire.tap, "B": wire.other, "uplink": wire.uplink}
    at = {ear: port for ear, name in ports.items() if (port := scene.bridge.port(name)) is not None}
    if trip.sent == "wan":
        # The frame that the guest gets is written here.
        start.becomes(mac_source=BRIDGE_MAC, mac_destination=GUEST_MAC)
        stack.back(start, wire.wan, translated=False)
    elif trip.sent in at:
        start.for_host = trip.parties is not WIRE
        way.into_bridge(start, at[trip.sent])
    elif trip.sent in {"udp", "free"}:
        stack.from_socket(start, by_routes=trip.sent == "free")
    else:
        start.from_host = True
    for ear in trip.ears:
        journey = start.fork()
        if ear in at and trip.sent in at:
            way.across(journey, at[trip.sent], at[ear])
        elif ear in at:
            way.down(journey, at[ear])
        else:
            way.up(journey, at[trip.sent])
        if ear in {"stack", "wan"}:
            stack.from_bridge(journey)
        if ear == "stack":
            stack.to_socket(journey)
        elif ear == "wan":
            stack.through(journey, wire.wan)
        yield ear, journey


def bridge_of(host: Host, wire: Ground) -> Bridge:
    found = host.bridge(wire.bridge)
    assert found is not None
    return found


def predicted(host: Host, trip: Trip, wire: Ground, rules: Ruleset) -> dict[str, Fate]:
    scene = Scene(bridge=bridge_of(host, wire), known=Lookup(host, rules))
    fates = {}
    for ear, journey in journeys(scene, trip, wire):
        hops = {hop.predicted for hop in journey.hops}
        fates[ear] = next((fate for fate in (Fate.DROP, Fate.UNKNOWN) if fate in hops), Fate.PASS)
    return fates


@pytest.fixture(scope="module")
def ground_of_all() -> Iterator[Ground]:
    with ground() as opened:
        yield opened


@pytest.fixture
def wire(ground_of_all: Ground) -> Ground:
    """Without rules, and the bridge has learnt who is behind which port."""
    ground_of_all.run("nft", "flush", "ruleset")
    _learn(ground_of_all)
    return ground_of_all


def judge(wire: Ground, host: Host, rules: Ruleset, trips: Sequence[Trip] = TRIPS) -> list[str]:
    """Where the road and the kernel differ, one sentence each."""
    wrong = []
    told = wire.send_all([(trip.sent, trip.packet) for trip in trips])
    for trip, heard in zip(trips, told, strict=True):
        foreseen = predicted(host, trip, wire, rules)
        for ear, fate in foreseen.items():
            if fate is not (Fate.PASS if ear in heard else Fate.DROP):
                wrong.append(f"{trip.name} from {trip.sent} to {ear}: foreseen {fate}, heard by {sorted(heard)}")
    return wrong


def loaded(wire: Ground, family: str, head: str, rule: str) -> Ruleset:
    """The only rule of the host, as nft lists it."""
    chain = f"type filter hook {head}; policy accept;"
    wire.run("nft", "-f", "-", text=f"flush ruleset\ntable {family} t {{\nchain c {{\n{chain}\n{rule}\n}}\n}}\n")
    return Ruleset(tables=parse_nft_text(wire.run("nft", "-a", "list", "ruleset"), "nft -a list ruleset"))


def with_br_netfilter(wire: Ground, on: bool) -> Host:
    """The host's facts with br_netfilter on or off."""
    names = ("iptables", "ip6tables", "arptables")
    wire.run("sysctl", "-qw", *(f"net.bridge.bridge-nf-call-{name}={int(on)}" for name in names))
    return wire.host()


def sabotaged(wire: Ground, host: Host, family: str, head: str, rule: str, trips: Sequence[Trip] = TRIPS) -> list[str]:
    """What the road gets wrong where this one rule is in a chain of its own."""
    return judge(wire, host, loaded(wire, family, head, rule), trips)


PORTS = "udp dport { 67, 68, 69, 546, 547 }"


def hooks(wire: Ground) -> Iterator[str]:
    """One chain at each hook, with one rule that drops a boot's packets."""
    for device in (wire.tap, wire.other, wire.uplink, wire.bridge, wire.wan):
        yield from (f"netdev {hook} device {device} priority 0" for hook in ("ingress", "egress"))
    for family in ("bridge", "ip", "ip6", "inet"):
        for hook in ("prerouting", "input", "forward", "output", "postrouting"):
            yield f"{family} {hook} priority -10"
    # On both sides of br_netfilter's own place.
    yield from (f"bridge prerouting priority {priority}" for priority in (-300, 0, 5))
    yield from (f"bridge forward priority {priority}" for priority in (-200, 5))
    yield from (f"ip prerouting priority {priority}" for priority in (-300, -150, 10))


@pytest.mark.parametrize("on", [False, True], ids=["br_netfilter off", "br_netfilter on"])
def test_nobody_hinders(wire: Ground, on: bool) -> None:
    assert judge(wire, with_br_netfilter(wire, on), Ruleset()) == []


@pytest.mark.parametrize("on", [False, True], ids=["br_netfilter off", "br_netfilter on"])
def test_a_drop_at_each_hook(wire: Ground, on: bool) -> None:
    host = with_br_netfilter(wire, on)
    for place in hooks(wire):
        assert sabotaged(wire, host, *place.split(" ", 1), f"{PORTS} drop") == [], place


@pytest.mark.parametrize("on", [False, True], ids=["br_netfilter off", "br_netfilter on"])
def test_which_device_each_hook_sees(wire: Ground, on: bool) -> None:
    """A drop of what comes in by, or goes out of, each device, at each hook of each family."""
    host = with_br_netfilter(wire, on)
    devices = (wire.tap, wire.other, wire.uplink, wire.bridge, wire.wan)
    for family in ("bridge", "ip", "ip6"):
        for hook in ("prerouting", "input", "forward", "output", "postrouting"):
            sees = [side for side in ("iifname", "oifname") if (side, hook) not in _WITHOUT]
            rules = [f'{side} "{device}" {PORTS} drop' for side in sees for device in devices]
            for rule in rules:
                wrong = sabotaged(wire, host, family, f"{hook} priority 0", rule, TRIPS_OF[family])
                assert wrong == [], f"{family} {hook}: {rule}"


# A hook has no such device, and nft refuses the rule or never meets it.
_WITHOUT = {("oifname", "prerouting"), ("oifname", "input"), ("iifname", "output"), ("iifname", "postrouting")}
_IPV6 = [trip for trip in TRIPS if trip.packet.ethertype == ETHERTYPES["ip6"]]
TRIPS_OF = {"bridge": TRIPS, "ip": [trip for trip in TRIPS if trip not in _IPV6], "ip6": _IPV6}


@pytest.mark.parametrize("kind", ["unicast", "broadcast", "multicast", "other"])
@pytest.mark.parametrize("on", [False, True], ids=["br_netfilter off", "br_netfilter on"])
def test_for_whom_the_kernel_takes_a_frame_at_each_hook(wire: Ground, on: bool, kind: str) -> None:
    host = with_br_netfilter(wire, on)
    rule = f"meta pkttype {'host' if kind == 'unicast' else kind} {PORTS} drop"
    for place in hooks(wire):
        assert sabotaged(wire, host, *place.split(" ", 1), rule) == [], place


def sets(device: str, **flags: str) -> list[list[str]]:
    return [["bridge", "link", "set", "dev", device, name, value] for name, value in flags.items()]


def port_cases(wire: Ground) -> Iterator[tuple[list[list[str]], list[list[str]]]]:
    """What is set, and what sets it back."""
    for state in ("0", "1", "2", "4"):
        yield sets(wire.tap, state=state), sets(wire.tap, state="3")
        yield sets(wire.uplink, state=state), sets(wire.uplink, state="3")
    for flag in ("flood", "mcast_flood", "bcast_flood"):
        for device in (wire.tap, wire.other, wire.uplink):
            yield sets(device, **{flag: "off"}), sets(device, **{flag: "on"})
    for device in (wire.other, wire.uplink):
        both = (wire.tap, device)
        on = [word for name in both for word in sets(name, isolated="on")]
        yield on, [word for name in both for word in sets(name, isolated="off")]
    yield sets(wire.tap, isolated="on"), sets(wire.tap, isolated="off")
    sysctls = (f"net/ipv4/conf/{wire.bridge}/forwarding", f"net/ipv6/conf/{wire.bridge}/disable_ipv6")
    for name, wrong in zip(sysctls, ("0", "1"), strict=True):
        yield [["sysctl", "-qw", f"{name}={wrong}"]], [["sysctl", "-qw", f"{name}={1 - int(wrong)}"], *_again(wire)]


def _again(wire: Ground) -> list[list[str]]:
    """Switching IPv6 off took the bridge's addresses and neighbours."""
    addresses = (SERVER6, "fd50::1")
    add = [["ip", "-6", "address", "replace", f"{one}/64", "dev", wire.bridge, "nodad"] for one in addresses]
    learnt = ["ip", "-6", "neigh", "replace", GUEST6, "lladdr", GUEST_MAC, "dev", wire.bridge, "nud", "permanent"]
    return [*add, learnt]


def test_what_a_port_lets_in_and_out(wire: Ground) -> None:
    with_br_netfilter(wire, False)
    for wrongs, rights in port_cases(wire):
        for words in wrongs:
            wire.run(*words)
        wrong = judge(wire, wire.host(), Ruleset())
        for words in rights:
            wire.run(*words)
        _learn(wire)
        assert wrong == [], wrongs
    assert judge(wire, wire.host(), Ruleset()) == [], "set back"


def _learn(wire: Ground) -> None:
    """The bridge learns who is behind which port."""
    wire.send_all([("A", packet(Name.DISCOVER, PARTIES)), ("uplink", packet(Name.OFFER_BROADCAST, WIRE))])


@pytest.mark.parametrize("known", [True, False], ids=["entered", "not entered"])
@pytest.mark.parametrize("flags", [{"locked": "on"}, {"learning": "off", "flood": "off"}], ids=["locked", "not learnt"])
def test_what_depends_on_the_bridges_entries(wire: Ground, flags: dict[str, str], known: bool) -> None:
    for words in sets(wire.tap, **flags):
        wire.run(*words)
    if not known:
        wire.run("ip", "link", "set", "dev", wire.tap, "type", "bridge_slave", "fdb_flush")
    wrong = judge(wire, wire.host(), Ruleset(), [trip for trip in TRIPS if "A" in (trip.sent, *trip.ears)])
    for words in sets(wire.tap, **{name: "on" if value == "off" else "off" for name, value in flags.items()}):
        wire.run(*words)
    assert wrong == []


@pytest.mark.parametrize("family", ["ip", "ip6"])
def test_one_bridge_alone_may_be_shown_to_the_ip_hooks(wire: Ground, family: str) -> None:
    """The switch of the host and that of the bridge: either is enough."""
    with_br_netfilter(wire, False)
    name = "nf_call_iptables" if family == "ip" else "nf_call_ip6tables"
    for hook in ("prerouting", "forward", "postrouting"):
        for value in ("1", "0"):
            wire.run("ip", "link", "set", wire.bridge, "type", "bridge", name, value)
            assert sabotaged(wire, wire.host(), family, f"{hook} priority 0", f"{PORTS} drop") == [], (hook, value)


# What firewalld and NixOS put before everything that comes in, and the same turned round.
NO_WAY_BACK = ("fib saddr . mark . iif oif missing", "fib saddr . iif oif exists")
# Rules of policy routing (before main's) that no such question meets, or whose table has no route.
PASSED_BY = (("fwmark", "0x7/0xf", "table", "100"), ("iif", "{tap}", "table", "100"), ("table", "101"))
# That look up another way for all, or do what is not modelled: nothing may be said there that the kernel denies.
IN_THE_WAY = (("table", "100"), ("suppress_prefixlength", "0", "table", "main"))


def policy(wire: Ground, change: str, rules: Sequence[tuple[str, ...]]) -> None:
    for version in ("-4", "-6"):
        for words in rules:
            named = {"tap": wire.tap, "server": "fd50::1" if version == "-6" else SERVER}
            named["stranger"] = "fd60::1" if version == "-6" else "10.9.0.1"
            wire.run("ip", version, "rule", change, "pref", "77", *(word.format(**named) for word in words))
        wire.run(
            "ip", version, "route", "replace" if change == "add" else "del", "default", "dev", wire.wan, "table", "100"
        )


@pytest.mark.parametrize("on", [False, True], ids=["br_netfilter off", "br_netfilter on"])
@pytest.mark.parametrize("passed_by", [(), PASSED_BY], ids=["no rule", "rules that pass by"])
def test_the_way_back_to_a_source(wire: Ground, passed_by: Sequence[tuple[str, ...]], on: bool) -> None:
    policy(wire, "add", passed_by)
    host = with_br_netfilter(wire, on)
    wrong = [
        (asked, told)
        for asked in NO_WAY_BACK
        for told in sabotaged(wire, host, "inet", "prerouting priority -10", f"{PORTS} {asked} drop")
    ]
    policy(wire, "del", passed_by)
    assert wrong == []


@pytest.mark.parametrize("other", IN_THE_WAY, ids=["another table", "a suppressed one"])
def test_where_rules_may_decide_otherwise_nothing_is_said_that_the_kernel_denies(
    wire: Ground, other: tuple[str, ...]
) -> None:
    policy(wire, "add", (other,))
    host = with_br_netfilter(wire, False)
    told = sabotaged(wire, host, "inet", "prerouting priority -10", f"{PORTS} {NO_WAY_BACK[0]} drop")
    policy(wire, "del", (other,))
    assert [difference for difference in told if f"foreseen {Fate.UNKNOWN}," not in difference] == []


# A file from this host's own server, which names no device, and what is said of DHCP, which names the bridge.
FILE = Trip(Name.TFTP_DATA, "free", ("A",))
FILE6 = Trip(Name.TFTP_DATA, "free", ("A",), msgspec.structs.replace(SIX, boot_server="fd50::1", guest="fd50::a"))
OWN = (FILE, FILE6, Trip(Name.OFFER_UNICAST, "udp", ("A",)))
# As wg-quick has it: what main has more than a default for goes there, all else through the tunnel.
TUNNEL = (("suppress_prefixlength", "0", "table", "main"), ("not", "fwmark", "0xca6c", "table", "100"))


@pytest.mark.parametrize(
    ("rules", "fate"),
    [
        ((), Fate.PASS),
        (PASSED_BY, Fate.PASS),
        ((("from", "{stranger}", "table", "100"),), Fate.PASS),
        (TUNNEL, Fate.PASS),
        ((("table", "100"),), Fate.UNKNOWN),
        ((("from", "{server}", "table", "100"),), Fate.UNKNOWN),
    ],
    ids=["no rule", "rules that pass by", "for another sender", "wg-quick's", "for all", "for this sender"],
)
def test_what_this_host_sends_itself(wire: Ground, rules: Sequence[tuple[str, ...]], fate: Fate) -> None:
    """Where the rules lead to another table, the kernel sends a file through the other device."""
    wire.run("ip", "neigh", "replace", "fd50::a", "lladdr", GUEST_MAC, "dev", wire.bridge, "nud", "permanent")
    policy(wire, "add", rules)
    host = with_br_netfilter(wire, False)
    foreseen = [predicted(host, trip, wire, Ruleset())["A"] for trip in OWN]
    heard = wire.send_all([(trip.sent, trip.packet) for trip in OWN])
    policy(wire, "del", rules)
    assert foreseen == [fate, fate, Fate.PASS]
    assert ["A" in ears for ears in heard] == [fate is Fate.PASS, fate is Fate.PASS, True]


ARP_TRIPS = (Trip(Name.ARP_REQUEST, "A", ("bridge", "B", "uplink")), Trip(Name.ARP_REPLY, "raw", ("A",)))


@pytest.mark.parametrize("on", [False, True], ids=["br_netfilter off", "br_netfilter on"])
def test_arp_through_the_bridge(wire: Ground, on: bool) -> None:
    host = with_br_netfilter(wire, on)
    for family, hooks_of in (("arp", ("input", "output")), ("bridge", ("prerouting", "input", "forward", "output"))):
        for hook in hooks_of:
            rule = "drop" if family == "arp" else "ether type arp drop"
            wrong = sabotaged(wire, host, family, f"{hook} priority 0", rule, ARP_TRIPS)
            assert wrong == [], f"{family} {hook}"


@pytest.mark.parametrize("on", [False, True], ids=["br_netfilter off", "br_netfilter on"])
@pytest.mark.parametrize("hook", ["", "input", "output"])
def test_arp_to_this_host_and_back(wire: Ground, hook: str, on: bool) -> None:
    """The kernel answers by itself, through arptables' own two hooks."""
    host = with_br_netfilter(wire, on)
    rules = loaded(wire, "arp", f"{hook} priority 0", "drop") if hook else loaded(wire, "arp", "input priority 0", "")
    scene = Scene(bridge=bridge_of(host, wire), known=Lookup(host, rules))
    asks, answers = (Journey(scene, packet(name, PARTIES)) for name in (Name.ARP_REQUEST, Name.ARP_REPLY))
    tap = scene.bridge.port(wire.tap)
    assert tap is not None
    way.into_bridge(asks, tap)
    way.up(asks, tap)
    stack.from_bridge(asks)
    stack.to_socket(asks)
    stack.from_socket(answers)
    way.down(answers, tap)
    foreseen = {hop.predicted for journey in (asks, answers) for hop in journey.hops}
    answer = bytes.fromhex("0002" + BRIDGE_MAC.replace(":", "")) + socket.inet_aton(SERVER)
    heard = wire.send_and_look("A", packet(Name.ARP_REQUEST, PARTIES), [answer])
    assert ("A" in heard) is (Fate.DROP not in foreseen) is (hook == "")


def saved_rules(wire: Ground, program: str, text: str) -> Ruleset:
    """Rules as iptables or ebtables writes them, and as its save command prints them."""
    wire.run(f"{program}-restore", text=text)
    listing = wire.run(f"{program}-save")
    if program == "ebtables-nft":
        return Ruleset(tables=parse_ebtables(listing, "ebtables-nft-save", "nft"))
    return Ruleset(tables=parse_iptables(listing, "ip", f"{program}-save", "nft"))


@pytest.mark.parametrize("on", [False, True], ids=["br_netfilter off", "br_netfilter on"])
def test_the_bridge_ports_that_iptables_sees(wire: Ground, on: bool) -> None:
    """physdev, at every hook: also up at INPUT and in routed FORWARD br_netfilter remembers where a frame came in."""
    host = with_br_netfilter(wire, on)
    chains = {"raw": ("PREROUTING",), "filter": ("INPUT", "FORWARD"), "mangle": ("FORWARD", "POSTROUTING")}
    matches = [f"--physdev-in {wire.tap}", f"--physdev-in {wire.uplink}", "--physdev-is-in", "! --physdev-is-in"]
    outward = [f"--physdev-out {wire.tap}", f"--physdev-out {wire.uplink}", "--physdev-is-bridged"]
    for table, names in chains.items():
        for chain in names:
            for match in [*matches, *(outward if chain in {"FORWARD", "POSTROUTING"} else [])]:
                rule = f"-A {chain} -m physdev {match} -p udp -m udp --dport 67:69 -j DROP"
                text = f"*{table}\n:{chain} ACCEPT\n{rule}\nCOMMIT\n"
                wrong = judge(wire, host, saved_rules(wire, "iptables-nft", text), TRIPS_OF["ip"])
                wire.run("nft", "flush", "ruleset")
                assert wrong == [], (table, rule)


@pytest.mark.parametrize("on", [False, True], ids=["br_netfilter off", "br_netfilter on"])
def test_ebtables(wire: Ground, on: bool) -> None:
    host = with_br_netfilter(wire, on)
    chains = {"filter": ("INPUT", "FORWARD", "OUTPUT"), "nat": ("PREROUTING", "OUTPUT", "POSTROUTING")}
    for table, names in chains.items():
        for chain in names:
            for device in (wire.tap, wire.uplink):
                side = "-o" if chain in {"OUTPUT", "POSTROUTING"} else "-i"
                rule = f"-A {chain} -p IPv4 {side} {device} --ip-proto udp --ip-dport 67:69 -j DROP"
                text = f"*{table}\n:{chain} ACCEPT\n{rule}\n"
                wrong = judge(wire, host, saved_rules(wire, "ebtables-nft", text))
                wire.run("nft", "flush", "ruleset")
                assert wrong == [], (table, rule)
