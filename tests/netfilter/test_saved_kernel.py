"""The kernel is the judge of every match: rules that only count are loaded with the real programs, a frame is sent,
and each rule's counter says whether the kernel found its match met. A certain answer of ours must be the kernel's.
"""

import itertools
import re
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest

from pxedoctor.access.answer import Text, run_question
from pxedoctor.collect.ask.routes import ROUTES, ROUTES6, RULES, RULES6
from pxedoctor.collect.routes import parse as parse_routes
from pxedoctor.collect.routing_rules import parse as parse_rules
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.model.host import Host
from pxedoctor.netfilter.arptables import parse_arptables
from pxedoctor.netfilter.condition import Answer, Condition, Member
from pxedoctor.netfilter.ebtables import parse_ebtables
from pxedoctor.netfilter.ipset import parse_ipset
from pxedoctor.netfilter.iptables import parse_iptables
from pxedoctor.netfilter.routes import Routes
from pxedoctor.netfilter.seen import Family, Hook, Marks, Packet, Place, Seen
from pxedoctor.netfilter.syntax import NamedSet, Rule, Table
from pxedoctor.netfilter.walk_sets import Sets
from pxedoctor.road.routing import routes_of

pytestmark = pytest.mark.lab

_WORKER = Path(__file__).with_name("saved_frames.py").read_text(encoding="utf-8")
_GUEST, _OTHER = "52:54:00:0d:0d:01", "52:54:00:0d:0d:02"
_BROADCAST = "ff:ff:ff:ff:ff:ff"


@dataclass(frozen=True)
class Frame:
    """A packet, and its bytes behind the Ethernet header."""

    packet: Packet
    payload: bytes

    @property
    def raw(self) -> bytes:
        macs = "".join(f"{self.packet.mac_destination}{self.packet.mac_source}").replace(":", "")
        return bytes.fromhex(macs) + struct.pack("!H", self.packet.ethertype) + self.payload


def _checksum(words: bytes) -> int:
    words += b"\0" * (len(words) % 2)
    total = sum(struct.unpack(f"!{len(words) // 2}H", words))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _layer4(packet: Packet) -> bytes:
    """With a sum of nought where UDP allows that, and a wrong one where nobody looks before the hooks."""
    ports = (packet.source_port or 0, packet.destination_port or 0)
    if packet.protocol == 17:
        return struct.pack("!HHHHQ", *ports, 16, 0, 0)
    if packet.protocol == 6:
        return struct.pack("!HHIIBBHHH", *ports, 7, 0, 5 << 4, packet.tcp_flags or 0, 1024, 0, 0)
    return struct.pack("!BBHIQ", packet.icmp_type or 0, packet.icmp_code or 0, 0, 1, 0)


def _with_sum(packet: Packet, body: bytes) -> bytes:
    at = {17: 6, 6: 16, 1: 2, 58: 2}[packet.protocol or 0]
    source, destination = (ip_address(text or "").packed for text in (packet.source, packet.destination))
    length = struct.pack("!HH" if len(source) == 4 else "!IxxxB", *_order(len(source), len(body), packet.protocol or 0))
    pseudo = b"" if packet.protocol == 1 else source + destination + length
    return body[:at] + struct.pack("!H", _checksum(pseudo + body) or 0xFFFF) + body[at + 2 :]


def _order(size: int, length: int, protocol: int) -> tuple[int, int]:
    return (protocol, length) if size == 4 else (length, protocol)


def ip_frame(packet: Packet) -> Frame:
    body = _with_sum(packet, _layer4(packet))
    source, destination = (ip_address(text or "").packed for text in (packet.source, packet.destination))
    if packet.ethertype == 0x86DD:
        head = struct.pack("!IHBB", 6 << 28, len(body), packet.protocol, packet.ttl) + source + destination
        return Frame(packet, head + body)
    head = (
        struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, packet.ttl, packet.protocol, 0) + source + destination
    )
    return Frame(packet, head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + body)


def _ip(name: str, source: str, destination: str, **rest: object) -> Frame:
    version = ip_address(source).version
    known = {
        "name": name,
        "ethertype": 0x0800 if version == 4 else 0x86DD,
        "source": source,
        "destination": destination,
        "protocol": 17,
        "mac_source": _GUEST,
        "mac_destination": _BROADCAST,
        "link_type": "broadcast",
        "ttl": 64,
        "state": "NEW",
    }
    packet = Packet(**known | rest)  # type: ignore[arg-type]
    body = 20 if packet.protocol == 6 else 16
    return ip_frame(msgspec.structs.replace(packet, length=body + (20 if version == 4 else 40)))


_TO_MULTICAST = {"mac_destination": "33:33:00:01:00:02", "link_type": "multicast"}
FRAMES4 = (
    _ip("DISCOVER", "0.0.0.0", "255.255.255.255", source_port=68, destination_port=67),
    _ip("OFFER", "192.0.2.1", "192.0.2.77", source_port=67, destination_port=68, ttl=1),
    _ip("SYN", "192.0.2.77", "192.0.2.1", protocol=6, source_port=4000, destination_port=80, tcp_flags=2),
    _ip("ping", "10.0.0.1", "192.0.2.1", protocol=1, icmp_type=8, icmp_code=0),
    _ip("to all", "192.0.2.77", "224.0.0.251", source_port=5353, destination_port=5353, ttl=255,
        mac_destination="01:00:5e:00:00:fb", link_type="multicast", mac_source=_OTHER),
    _ip("from outside", "203.0.113.9", "198.51.100.1", source_port=67, destination_port=68),
    _ip("to all of one net", "198.51.100.9", "192.0.2.255", source_port=67, destination_port=68),
)  # fmt: skip
FRAMES6 = (
    _ip("SOLICIT", "fe80::1", "ff02::1:2", source_port=546, destination_port=547, **_TO_MULTICAST),
    _ip("RS", "::", "ff02::2", protocol=58, icmp_type=133, icmp_code=0, ttl=255, state="UNTRACKED", **_TO_MULTICAST),
    _ip("ping6", "2001:db8::77", "ff02::1", protocol=58, icmp_type=128, icmp_code=0, **_TO_MULTICAST),
)


def _arp(name: str, operation: int, sender: str, target: str) -> Frame:
    packet = Packet(
        name=name, ethertype=0x0806, source=sender, destination=target, arp_operation=operation, mac_source=_GUEST,
        mac_destination=_BROADCAST, link_type="broadcast",
    )  # fmt: skip
    mac = bytes.fromhex(_GUEST.replace(":", ""))
    head = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
    return Frame(packet, head + mac + ip_address(sender).packed + b"\0" * 6 + ip_address(target).packed)


FRAMES_ARP = (_arp("who has", 1, "192.0.2.77", "192.0.2.1"), _arp("it is", 2, "10.0.0.1", "192.0.2.1"))


def _both(*words: str) -> list[str]:
    """Each match as it is and turned round: `!` stands before the option."""
    found: list[str] = []
    for text in words:
        module, _, rest = text.rpartition("-m ")
        if rest and "-m " in text:
            name, _, option = rest.partition(" ")
            found += [text, f"{module}-m {name} ! {option}"]
        else:
            found += [text, f"! {text}"]
    return found


def _devices(site: Site) -> list[str]:
    return [site.bridge, f"{site.bridge[:3]}+", "eth0", "lo"]


def matches4(site: Site) -> list[str]:
    names = (site.device("p"), site.device("q"), f"{site.device('p')[:2]}+", "nowhere")
    ports = ("67", "68", "60:70", ":67", "80:", "1024:65535")
    lists = ("67", "53,67:68", "80,4000", "68,5353")
    addresses = ("0.0.0.0/32", "192.0.2.0/24", "255.255.255.255/32", "10.0.0.0/255.0.0.255", "224.0.0.0/4", "0.0.0.0/1")
    states = ("NEW", "ESTABLISHED,RELATED", "INVALID,UNTRACKED", "NEW,DNAT", "ESTABLISHED,SNAT", "DNAT")
    types = ("BROADCAST", "MULTICAST", "UNICAST", "LOCAL", "LOCAL,BROADCAST", "UNSPEC")
    return [
        "",
        *_both(*(f"-s {address}" for address in addresses), *(f"-d {address}" for address in addresses)),
        *_both("-p udp", "-p tcp", "-p icmp", "-p 47", "-f"),
        *(f"-p {p} -m {p} {n}--{end} {port}" for p in ("udp", "tcp") for n in ("", "! ") for port in ports
          for end in ("sport", "dport")),
        *(f"-p udp -m multiport {n}--{what} {several}" for n in ("", "! ") for several in lists
          for what in ("sports", "dports", "ports")),
        *(f"-p tcp -m tcp {n}--tcp-flags {flags}" for n in ("", "! ")
          for flags in ("SYN SYN", "ALL SYN", "SYN,ACK SYN", "ALL NONE", "FIN,RST NONE")),
        *(f"-p icmp -m icmp {n}--icmp-type {kind}" for n in ("", "! ") for kind in ("8", "8/0", "8/1", "3/4", "any")),
        *_both(*(f"-m conntrack --ctstate {state}" for state in states)),
        "-m conntrack --ctdir ORIGINAL", "-m conntrack --ctdir REPLY",
        *_both("-m state --state NEW", "-m state --state ESTABLISHED"),
        "-m conntrack --ctstate INVALID --ctdir REPLY", "-m conntrack --ctstate NEW --ctdir ORIGINAL",
        *_both("-m mark --mark 0x0", "-m mark --mark 0x1/0xff", "-m connmark --mark 0x0", "-m connmark --mark 0x1/0x1"),
        *_both(*(f"-m addrtype --{end}-type {kind}" for end in ("src", "dst") for kind in types)),
        *_both(*(f"-m pkttype --pkt-type {kind}" for kind in ("unicast", "broadcast", "multicast"))),
        *_both(f"-m mac --mac-source {_GUEST}", f"-m mac --mac-source {_OTHER}"),
        *_both(*(f"-m physdev --physdev-in {name}" for name in names), "-m physdev --physdev-is-in",
               "-m physdev --physdev-is-out", "-m physdev --physdev-is-bridged"),
        *_both(*(f"-m physdev --physdev-is-bridged --physdev-out {name}" for name in names)),
        *_both("-m iprange --src-range 0.0.0.0-10.0.0.0", "-m iprange --dst-range 192.0.2.1-192.0.2.80"),
        *_both("-m length --length 36", "-m length --length 37:", "-m ttl --ttl-eq 64"),
        "-m ttl --ttl-gt 63", "-m ttl --ttl-gt 64", "-m ttl --ttl-lt 64", "-m ttl --ttl-lt 65",
        *_both(*(f"-m set --match-set {name} {ends}" for name in IPSETS for ends in ("src,src", "dst,dst", "src"))),
        "-m limit --limit 1000/sec", "-m statistic --mode nth --every 1 --packet 0",
    ]  # fmt: skip


def matches6(site: Site) -> list[str]:
    names = (site.device("p"), "nowhere")
    return [
        "",
        *_both(*(f"-{end} {net}" for end in "sd" for net in ("fe80::/10", "ff02::/16", "::/128", "2001:db8::/32",
                 "fe80::1/ffff::ffff", "ff02::1:2/128"))),
        *_both("-p udp", "-p ipv6-icmp", "-p tcp"),
        *(f"-p udp -m udp {n}--dport {port}" for n in ("", "! ") for port in ("547", "500:546", "546:")),
        *(f"-p ipv6-icmp -m icmp6 {n}--icmpv6-type {kind}" for n in ("", "! ") for kind in ("133", "128/0", "128/1")),
        *_both("-m conntrack --ctstate NEW", "-m conntrack --ctstate UNTRACKED"), "-m conntrack --ctdir ORIGINAL",
        *_both("-m connmark --mark 0x0", "-m connmark --mark 0x1"),
        *_both(*(f"-m addrtype --{end}-type {kind}" for end in ("src", "dst")
                 for kind in ("MULTICAST", "UNICAST", "UNSPEC", "LOCAL"))),
        *_both("-m hl --hl-eq 255", "-m length --length 56", "-m pkttype --pkt-type multicast"),
        *_both(*(f"-m physdev --physdev-in {name}" for name in names)), *_both("-m rt --rt-type 0"),
        *_both("-m iprange --src-range ::-fe80::ff", "-m set --match-set six src", "-m set --match-set doors src"),
    ]  # fmt: skip


IPSETS = ("four", "nets", "pairs", "trips", "doors", "faces", "exact", "gone")
_SETS = """\
create four hash:ip family inet
add four 0.0.0.1
add four 192.0.2.77
add four 192.0.2.1
create six hash:ip family inet6
add six fe80::1
create nets hash:net family inet
add nets 192.0.2.0/24
add nets 0.0.0.0/1
create pairs hash:ip,port family inet
add pairs 192.0.2.77,udp:68
add pairs 192.0.2.77,tcp:4000
add pairs 192.0.2.1,tcp:80
create trips hash:ip,port,net family inet
add trips 192.0.2.77,tcp:4000,192.0.2.0/24
create doors bitmap:port range 0-65535
add doors 67
add doors 80
create faces hash:net,iface family inet
add faces 192.0.2.0/24,{bridge}
add faces 10.0.0.0/8,{part} wildcard
create exact bitmap:ip range 192.0.2.0/24
add exact 192.0.2.77
create gone hash:ip family inet timeout 300
add gone 192.0.2.77
"""


# What is not modelled, or decided by what a frame does not show: rules of routing, time. Of ARP's rules
# the program does not print all.
_MAY_BE_UNKNOWN = re.compile(r"-m (limit|statistic|rpfilter) |--match-set gone|--limit|--arp-gratuitous|-m rpfilter$")


@dataclass
class Tally:
    """What was compared: rule and frame, by our answer."""

    answers: Counter[Answer] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, rule: Rule, seen: Seen, ours: Answer, counted: bool) -> None:
        self.answers[ours] += 1
        doubtful = seen.place.family is Family.ARP or _MAY_BE_UNKNOWN.search(rule.text)
        if ours is Answer.MAYBE and not doubtful:
            self.wrong.append(f"{rule.text}: that we cannot tell is not what is said of it")
        if ours is not Answer.MAYBE and (ours is Answer.YES) is not counted:
            at = f"{seen.packet.name} in {rule.chain}"
            self.wrong.append(f"{at}: {rule.text}: we say {ours.value}, the kernel {'met' if counted else 'missed'} it")


_ROUTING = (ROUTES, ROUTES6, RULES, RULES6)


class Bench:
    """A bridge with two ports and br_netfilter, and one device that is on no bridge."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ports = (site.device("p"), site.device("q"))
        self.alone = site.device("w")
        # The far ends have a host of their own: what is flooded must not come in again.
        site.run("ip", "netns", "add", "far")
        for device in (*self.ports, self.alone):
            site.run("ip", "link", "add", device, "type", "veth", "peer", "name", f"x{device}", "netns", "far")
            site.run("ip", "-n", "far", "link", "set", f"x{device}", "addrgenmode", "none", "up")
        site.run("ip", "link", "add", site.bridge, "type", "bridge", "mcast_snooping", "0")
        for port in self.ports:
            site.run("ip", "link", "set", port, "master", site.bridge)
        for device in (site.bridge, *self.ports, self.alone):
            site.run("ip", "link", "set", device, "addrgenmode", "none")
            site.run("ip", "link", "set", device, "up")
        site.run("ip", "address", "add", "192.0.2.1/24", "dev", site.bridge)
        site.run("ip", "address", "add", "198.51.100.1/24", "dev", self.alone)
        for name in ("iptables", "ip6tables", "arptables"):
            site.run("sysctl", "-qw", f"net.bridge.bridge-nf-call-{name}=1")
        site.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", f"net.ipv4.conf.{self.alone}.rp_filter=0")
        for port in self.ports:
            self._await_forwarding(port)

    def _await_forwarding(self, port: str) -> None:
        for _ in range(100):
            if self.site.path(f"/sys/class/net/{port}/brport/state").read_text().strip() == "3":
                return
            time.sleep(0.05)
        raise AssertionError(f"port {port} does not forward")

    def load(self, program: str, text: str) -> None:
        self.site.write("/tmp/rules", text)
        self.site.run("sh", "-c", f"{program} < /tmp/rules")

    def routes(self) -> Routes:
        """As pxedoctor collects and understands them."""
        answers = {run_question(asked): Text(self.site.run(*asked)) for asked in _ROUTING}
        found = routes_of(Host(routes=parse_routes(answers), routing_rules=parse_rules(answers), links=()))
        assert found is not None
        return found

    def counters(self, save: str) -> list[int]:
        lines = self.site.run(save, "-c").splitlines()
        return [int(line[1 : line.index(":")]) for line in lines if line.startswith("[")]

    def send(self, device: str, frame: Frame, save: str) -> list[bool]:
        """Which of the rules in `save`'s order counted the frame. Their first rule counts every frame."""
        before = self.counters(save)
        self.site.run("ip", "netns", "exec", "far", sys.executable, "-c", _WORKER, f"x{device}", frame.raw.hex())
        for _ in range(100):
            time.sleep(0.02)
            after = self.counters(save)
            if after == self.counters(save) and after[0] > before[0]:
                return [new > old for new, old in zip(after, before, strict=True)]
        raise AssertionError(f"{frame.packet.name} from x{device} was never seen")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with open_site() as site:
        found = Bench(site)
        found.load("ipset restore", _SETS.format(bridge=site.bridge, part=site.bridge[:3]))
        yield found


def _answer(sets: Sets, rule: Rule, seen: Seen) -> Answer:
    answers = [
        sets.member(seen, part) if isinstance(part, Member) else part.meets(seen)
        for part in rule.parts
        if isinstance(part, Condition)
    ]
    if Answer.NO in answers:
        return Answer.NO
    return Answer.MAYBE if Answer.MAYBE in answers else Answer.YES


def _rules(tables: tuple[Table, ...]) -> Iterator[tuple[Table, Rule]]:
    """In the order in which they are printed, which is the order of the counters."""
    found = [(rule.line, table, rule) for table in tables for chain in table.chains.values() for rule in chain.rules]
    for _, table, rule in sorted(found, key=lambda each: each[0]):
        yield table, rule


_HOOKS = {"PREROUTING": Hook.PREROUTING, "INPUT": Hook.INPUT, "FORWARD": Hook.FORWARD}


def _compare(
    bench: Bench, save: str, tables: tuple[Table, ...], frames: tuple[Frame, ...], places: dict[str, dict[str, Place]]
) -> Tally:
    """`places`: by the device that a frame comes in through, then by chain."""
    ipsets: dict[str, NamedSet] = parse_ipset(bench.site.run("ipset", "save"))
    rules = list(_rules(tables))
    sets = {table.name: Sets(table, ipsets) for table in tables}
    tally = Tally()
    for device, frame in itertools.product(places, frames):
        counted = bench.send(device, frame, save)
        assert len(counted) == len(rules)
        for (table, rule), met in zip(rules, counted, strict=True):
            place = places[device].get(f"{table.name} {rule.chain}")
            if place is not None:
                seen = Seen(frame.packet, place, Marks(nat=0))
                tally.add(rule, seen, _answer(sets[table.name], rule, seen), met)
    return tally


def _no_error(tally: Tally, most_unknown: float) -> None:
    total = sum(tally.answers.values())
    unknown = tally.answers[Answer.MAYBE] / total
    assert not tally.wrong, f"{len(tally.wrong)} of {total}:\n" + "\n".join(tally.wrong[:20])
    assert tally.answers[Answer.YES] > total / 10
    assert unknown < most_unknown


def _ip_places(bench: Bench, family: Family) -> dict[str, dict[str, Place]]:
    bridge, (first, second), alone = bench.site.bridge, bench.ports, bench.alone
    routes = bench.routes()
    over = Place(family=family, hook=Hook.PREROUTING, in_device=bridge, port_in=first, routes=routes)
    across = msgspec.structs.replace(over, hook=Hook.FORWARD, out_device=bridge, port_out=second)
    direct = Place(family=family, hook=Hook.PREROUTING, in_device=alone, routes=routes)
    early = {"tracked": False}
    return {
        first: {
            "mangle PREROUTING": over,
            "raw PREROUTING": msgspec.structs.replace(over, **early),
            "mangle FORWARD": across,
        },
        alone: {"mangle PREROUTING": direct, "raw PREROUTING": msgspec.structs.replace(direct, **early)},
    }


@pytest.mark.parametrize("variant", ["nft", "legacy"])
@pytest.mark.parametrize("family", [Family.IP, Family.IP6])
def test_iptables(bench: Bench, family: Family, variant: str) -> None:
    program = f"{'iptables' if family is Family.IP else 'ip6tables'}-{variant}"
    words = matches4(bench.site) if family is Family.IP else matches6(bench.site)
    inward = [*words, *_both(*(f"-i {name}" for name in _devices(bench.site)))]
    across = [*inward, *_both(*(f"-o {name}" for name in _devices(bench.site)))]
    before = [*inward, "-m rpfilter", "-m rpfilter --invert", "-m rpfilter --loose --validmark"]
    text = "\n".join(
        [
            "*raw", *(f"-A PREROUTING {match}" for match in before), "COMMIT",
            "*mangle", *(f"-A PREROUTING {match}" for match in before), *(f"-A FORWARD {match}" for match in across),
            "COMMIT", "",
        ]
    )  # fmt: skip
    bench.load(f"{program}-restore", text)
    saved = bench.site.run(f"{program}-save")
    tables = parse_iptables(saved, str(family), program, variant)  # type: ignore[arg-type]
    frames = FRAMES4 if family is Family.IP else FRAMES6
    tally = _compare(bench, f"{program}-save", tables, frames, _ip_places(bench, family))
    bench.load(f"{program}-restore", "*raw\nCOMMIT\n*mangle\nCOMMIT\n")
    _no_error(tally, 0.12)


def _ebtables_matches(site: Site) -> list[str]:
    macs = (_GUEST, "52:54:00:00:00:00/ff:ff:ff:00:00:00", "Broadcast", "Multicast", "Unicast", "BGA")

    def turned(option: str, *values: str) -> list[str]:
        return [f"{option} {turn}{value}" for value in values for turn in ("", "! ")]

    return [
        "",
        *turned("-p", "IPv4", "IPv6", "ARP", "0x88cc", "802_1Q", "Length"),
        *turned("-s", *macs), *turned("-d", *macs),
        *turned("-p IPv4 --ip-src", "0.0.0.0", "192.0.2.0/24", "10.0.0.0/255.0.0.255"),
        *turned("-p IPv4 --ip-dst", "255.255.255.255", "192.0.2.1"),
        *turned("-p IPv4 --ip-proto", "udp", "tcp", "icmp"),
        *turned("-p IPv4 --ip-proto udp --ip-dport", "67", "60:70", "68"),
        *turned("-p IPv4 --ip-proto udp --ip-sport", "67", "5000:6000"),
        *turned("-p IPv4 --ip-proto icmp --ip-icmp-type", "8", "0", "8/0"),
        *turned("-p IPv6 --ip6-src", "fe80::/10", "::"), *turned("-p IPv6 --ip6-dst", "ff02::1:2", "ff02::/16"),
        *turned("-p IPv6 --ip6-proto", "udp", "ipv6-icmp"),
        *turned("-p IPv6 --ip6-proto udp --ip6-dport", "547", "1:546"),
        *turned("-p IPv6 --ip6-proto ipv6-icmp --ip6-icmp-type", "133", "128:133/0:5", "134"),
        *turned("-p ARP --arp-op", "Request", "Reply", "3"),
        *turned("-p ARP --arp-ip-src", "192.0.2.0/24", "10.0.0.1"), *turned("-p ARP --arp-ip-dst", "192.0.2.1"),
        *turned("-p ARP --arp-mac-src", _GUEST, _OTHER), *turned("-p ARP --arp-htype", "1"),
        "-p ARP --arp-gratuitous",
        *turned("--pkttype-type", "broadcast", "multicast", "host"),
        *turned("--mark", "0", "1/0xff", "/0xff"),
        *turned("-i", *(site.device("p"), site.device("q"), f"{site.device('p')[:2]}+")),
        "--limit 1000/sec", "-p 802_1Q --vlan-id 5",
    ]  # fmt: skip


def test_ebtables(bench: Bench) -> None:
    first, second = bench.ports
    words = _ebtables_matches(bench.site)
    out = [f"-o {turn}{name}" for name in (first, second) for turn in ("", "! ")]
    bench.load(
        "ebtables-nft-restore",
        "\n".join(
            ["*nat", ":PREROUTING ACCEPT", *(f"-A PREROUTING {match} -j CONTINUE" for match in words),
             "*filter", ":FORWARD ACCEPT", *(f"-A FORWARD {match} -j CONTINUE" for match in [*words, *out]), ""]
        ),
    )  # fmt: skip
    tables = parse_ebtables(bench.site.run("ebtables-nft-save"), "ebtables-nft-save", "nft")
    bridge = bench.site.bridge
    places = {
        "nat PREROUTING": Place(family=Family.BRIDGE, hook=Hook.PREROUTING, in_device=first, bridge=bridge),
        "filter FORWARD": Place(
            family=Family.BRIDGE, hook=Hook.FORWARD, in_device=first, out_device=second, bridge=bridge
        ),
    }
    frames = (*FRAMES4, *FRAMES6, *FRAMES_ARP)
    tally = _compare(bench, "ebtables-nft-save", tables, frames, {first: places})
    bench.load("ebtables-nft-restore", "*nat\n*filter\n")
    _no_error(tally, 0.05)


def test_arptables(bench: Bench) -> None:
    words = [
        "", *_both("-s 192.0.2.77", "-s 10.0.0.0/8", "-d 192.0.2.1", "-d 192.0.2.0/255.255.0.255"),
        *_both(f"-i {bench.alone}", "-i eth+", f"--source-mac {_GUEST}", f"--source-mac {_OTHER}"),
        *_both(f"--source-mac {_GUEST}/ff:ff:ff:00:00:00", "--source-mac 00:00:01:00:00:00/ff:ff:ff:00:00:00"),
        *_both("--opcode 1", "--opcode 2", "--h-type 1", "--proto-type 0x800", "--h-length 6"),
        *_both(f"--source-mac {_GUEST} --destination-mac 00:00:00:00:00:00"),
    ]  # fmt: skip
    text = "\n".join(["*filter", ":INPUT ACCEPT", *(f"-A INPUT {match}" for match in words), ""])
    bench.load("arptables-nft-restore", text)
    tables = parse_arptables(bench.site.run("arptables-nft-save"), "arptables-nft-save", "nft")
    places = {"filter INPUT": Place(family=Family.ARP, hook=Hook.INPUT, in_device=bench.alone)}
    tally = _compare(bench, "arptables-nft-save", tables, FRAMES_ARP, {bench.alone: places})
    bench.load("arptables-nft-restore", "*filter\n")
    assert not tally.wrong, "\n".join(tally.wrong)
    assert tally.answers[Answer.NO] > 10
