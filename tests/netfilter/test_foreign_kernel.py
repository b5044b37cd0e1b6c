"""Native rules in chains of iptables-nft, among libvirt's own: the kernel is the judge of what is said of a packet.

iptables-nft-save prints most of these rules without what they ask for, or ends with an error at them.
"""

from collections import Counter

import msgspec
import pytest

from in_site import InSite
from kernel_judge import SUBNETS, kernel
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask.netfilter import ask
from pxedoctor.collect.netfilter import parse
from pxedoctor.lab.site import Site
from pxedoctor.model.netfilter import Netfilter
from pxedoctor.netfilter.hook import at_hook
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.netfilter.seen import Family, Hook, Packet, Place, Seen
from pxedoctor.netfilter.walk import Verdict

pytestmark = pytest.mark.lab

# The worker's datagrams have 16 bytes, its packets 36; a SYN's has 40.
CONDITIONS = (
    "ip saddr 0.0.0.0-10.0.0.9",
    "ip saddr 192.168.0.0-192.168.80.9",
    "ip saddr > 10.0.0.1",
    "ip saddr 0.0.0.0/8 ip saddr != 0.0.0.0",
    "ip saddr { 0.0.0.0, 10.7.0.9 }",
    "ip saddr . udp dport { 0.0.0.0 . 67 }",
    "udp length 8",
    "udp length 16",
    "udp dport and 1 == 1",
    "udp dport and 1 == 0",
    "udp dport > 67",
    "udp dport 67 udp dport != 67",
    "udp dport 60-70",
    "udp sport 68 udp dport 67",
    "th dport 67",
    "th dport != 67",
    "@th,16,16 67",
    "tcp flags syn",
    "tcp flags == syn",
    "tcp flags & (fin | syn | rst | ack) != syn",
    "ip frag-off 5",
    "ip frag-off & 0x1fff != 0",
    "ip length 36",
    "ip length 300",
    "meta length 36-40",
    "meta length > 300",
    "ip dscp 10",
    "ip dscp 0",
    "ip id 5",
    "ip ttl 64",
    "ip ttl < 64",
    "ether saddr 02:00:00:00:00:01",
    "ether saddr 02:00:00:00:00:02",
    "meta skuid 0",
    "meta l4proto != udp",
    "ip protocol udp",
    "meta pkttype broadcast",
    "meta mark 0",
    "iif lo",
    "meta iifgroup 0",
    "fib daddr type local",
    "ct state new",
    "counter",
    "meta mark set 1",
    "log group 3",
)
# So many verdicts are certain at least; without a look at the expressions so many would be wrong.
_MOST_UNKNOWN, _WRONG_BEFORE = 0.2, 10


def _rules(first: str, second: str) -> str:
    """libvirt's, and two devices: one whose packets pass unless the native rule drops them, and the other way round."""
    return f"""\
*filter
:INPUT ACCEPT
:LIBVIRT_INP -
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 192.0.2.0/24 -m comment --comment "a neighbour" -j DROP
-A INPUT -j LIBVIRT_INP
-A INPUT -i {second} -j DROP
-A LIBVIRT_INP -i {first} -p udp -m udp --dport 67 -j ACCEPT
-A LIBVIRT_INP -i {first} -p tcp -m tcp --dport 67 -j ACCEPT
COMMIT
"""


def _native(condition: str, devices: tuple[str, ...]) -> str:
    """Before libvirt's rules: handle 3 is the second of INPUT."""
    first, second = devices
    where = "ip filter INPUT handle"
    return f"""\
insert rule ip filter INPUT iifname {first} {condition} drop
add rule {where} %d iifname {second} {condition} accept
"""


def _packets(subnet: str, number: int) -> list[Packet]:
    discover = Packet(
        name="DISCOVER", ethertype=0x0800, protocol=17, ttl=64, source="0.0.0.0", destination="255.255.255.255",
        source_port=68, destination_port=67, state="NEW", link_type="broadcast", length=36,
        mac_source="02:00:00:00:00:01",
    )  # fmt: skip
    ends = {"source": f"{subnet}.9", "destination": f"{subnet}.1", "link_type": "unicast"}
    renewal = msgspec.structs.replace(discover, name="renewal", source_port=30000 + number, **ends)
    syn = msgspec.structs.replace(renewal, name="SYN", protocol=6, tcp_flags=2, length=40)
    return [discover, renewal, syn]


def _collected(site: Site) -> Netfilter:
    host = Notebook(InSite(site))
    ask(host)
    found = parse(host.answers)
    assert isinstance(found, Netfilter)
    return found


def _said(netfilter: Netfilter, device: str, packet: Packet) -> Verdict:
    place = Place(family=Family.IP, hook=Hook.INPUT, in_device=device)
    return at_hook(understood(netfilter), Seen(packet, place)).verdict


def _load(site: Site, condition: str, devices: tuple[str, ...]) -> None:
    site.write("/tmp/rules", _rules(*devices))
    site.run("iptables-nft-restore", "/tmp/rules")
    listed = site.ask("nft", "-a", "list", "chain", "ip", "filter", "INPUT").stdout
    neighbour = next(line for line in listed.splitlines() if "192.0.2.0/24" in line)
    site.write("/tmp/native", _native(condition, devices) % int(neighbour.rsplit(" ", 1)[1]))
    site.run("nft", "-f", "/tmp/native")


def test_no_certain_verdict_is_wrong() -> None:
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    with kernel() as judge:
        for number, condition in enumerate(CONDITIONS):
            _load(judge.site, condition, judge.devices)
            netfilter = _collected(judge.site)
            before = msgspec.structs.replace(netfilter, foreign=())
            for device, subnet in zip(judge.devices, SUBNETS, strict=True):
                for packet in _packets(subnet, number):
                    fate = Verdict.ACCEPT if judge.arrives(device, packet) else Verdict.DROP
                    said, was = _said(netfilter, device, packet), _said(before, device, packet)
                    counted["sent"] += 1
                    counted["unknown"] += said is Verdict.UNKNOWN
                    counted["wrong before"] += was not in {fate, Verdict.UNKNOWN}
                    if said not in {fate, Verdict.UNKNOWN}:
                        wrong.append(f"{condition}: {packet.name} on {device} is {fate}, not {said}")
    assert wrong == []
    assert counted["unknown"] <= _MOST_UNKNOWN * counted["sent"], counted
    assert counted["wrong before"] >= _WRONG_BEFORE, counted
