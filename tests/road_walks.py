"""Journeys on a made-up host: br0 with two guests' taps and a wire, and whatever rules a test gives it."""

from builders import bridge, host, link, port
from pxedoctor.model.bridge import Port
from pxedoctor.model.link import Address
from pxedoctor.model.netfilter import RulesText
from pxedoctor.netfilter.ruleset import understood
from pxedoctor.road.journey import Journey
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.packets import Parties, packet
from pxedoctor.road.scene import Lookup, Scene
from rulesets import base_chain, native, netfilter

PARTIES = Parties(
    guest_mac="52:54:00:0d:0d:01",
    server_mac="52:54:00:0d:0d:fe",
    server="10.0.0.1",
    guest="10.0.0.10-10.0.0.99",
    boot_server="198.51.100.7",
)
BR0 = link("br0", kind="bridge", index=3, addresses=(Address(family="inet", address="10.0.0.1", prefix=24),))
PORTS = (port("vnet0"), port("vnet1"), port("eno1"))
LINKS = (BR0, link("eno1", kind="", index=2), *(link(f"vnet{n}", index=10 + n, master="br0") for n in (0, 1)))
OFF = {f"net/bridge/bridge-nf-call-{name}": "0" for name in ("iptables", "ip6tables", "arptables")}
ON = dict.fromkeys(OFF, "1")

_HOOKS = ("prerouting", "input", "forward", "output", "postrouting")


def everywhere() -> tuple[RulesText, ...]:
    """A base chain that accepts at every hook of every family, so that each is told."""
    devices = ("vnet0", "vnet1", "eno1", "br0")
    netdev = [
        base_chain(f"{hook}_{device}", hook=f"{hook} device {device}")
        for device in devices
        for hook in ("ingress", "egress")
    ]
    tables = [native(family, "t", *(base_chain(h, hook=h) for h in _HOOKS)) for family in ("bridge", "ip", "ip6")]
    arp = native("arp", "t", *(base_chain(h, hook=h) for h in ("input", "output", "forward")))
    return (*tables, arp, native("netdev", "t", *netdev))


def scene(*listings: RulesText, ports: tuple[Port, ...] = PORTS, **facts: object) -> Scene:
    values: dict[str, object] = {"links": LINKS, "sysctls": OFF, "traffic_control": ()}
    known = host(**(values | facts))
    on = bridge(ports=ports)
    return Scene(bridge=on, known=Lookup(known, understood(netfilter(*listings))))


def journey(name: PacketName, *listings: RulesText, **facts: object) -> Journey:
    return Journey(scene(*listings, **facts), packet(name, PARTIES))


def tap(of: Journey, name: str = "vnet0") -> Port:
    found = of.scene.bridge.port(name)
    assert found is not None
    return found


def told(of: Journey) -> list[str]:
    """Each hop with its hook or, at none of netfilter's, its own name; and the device."""
    return [f"{hop.hook or hop.hop.value} {hop.device}" for hop in of.hops]
