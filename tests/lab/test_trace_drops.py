"""One packet dropped by each of the kernel's ways to drop one: the tracer names place, and reason or rule.

And of the kernel's own counters of drops the one moves that counts this drop, and no other: the trace says which.
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from one_tracefs import shared_tracefs
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.parts_bridge import serve
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import mount_tracefs, watching
from pxedoctor.lab.wiring import SERVER, inside, make_bridge, plug_in

pytestmark = pytest.mark.lab

ASK = ("busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "1", "-T", "1", "-s", "/bin/true")
# A DISCOVER whose sum is wrong by some bits.
BAD_SUM = f"""
import socket
from ipaddress import IPv4Address
from pxedoctor.wire import dhcp4, frame
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType, Op
from pxedoctor.wire.dhcp4_known import MESSAGE_TYPE
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.mac import write_mac
from pxedoctor.wire.udp import Udp
asks = Dhcp4(op=Op.REQUEST, xid=7, chaddr=write_mac("{MAC}"), options=(MESSAGE_TYPE.of(MessageType.DISCOVER),))
packet = Ipv4(source=IPv4Address(0), destination=IPv4Address("255.255.255.255"), protocol=17, payload=b"")
datagram = Udp(source_port=68, destination_port=67, payload=dhcp4.build(asks, size=300))
sent = bytearray(frame.build(datagram, packet, "ff:ff:ff:ff:ff:ff", "{MAC}"))
sent[40] ^= 0x55
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(("eth0", 3))
link.send(bytes(sent))
"""


def fetch(file: str) -> str:
    """The first packet of a fetch. `file`: a name of a length of its own, by which it is told from that of another
    site: the kernel's word for a drop names neither of them."""
    question = b"\0\1" + file.encode() + b"\0octet\0"
    return f"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto({question!r}, ('{SERVER}', 69))"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """One for all ways to drop: each is put in, and taken out again."""
    with shared_tracefs(), open_site() as site:
        make_bridge(site)
        mount_tracefs(site)
        plug_in(site, "guest")
        serve(site, site.bridge)
        yield site


def ask(site: Site) -> None:
    site.ask(*inside("guest"), *ASK)


def in_guest(program: str) -> Callable[[Site], object]:
    return lambda site: site.run(*inside("guest"), sys.executable, "-c", program)


def port(site: Site) -> str:
    return site.device("guest")


def listen(site: Site) -> None:
    """A port that is plugged in anew, on a bridge with STP, is silent at first."""
    site.run("ip", "link", "set", site.bridge, "type", "bridge", "stp_state", "1", "forward_delay", "1500")
    _plug_in_anew(site)


def forward(site: Site) -> None:
    site.run("ip", "link", "set", site.bridge, "type", "bridge", "stp_state", "0")
    _plug_in_anew(site)


def _plug_in_anew(site: Site) -> None:
    site.run("ip", "link", "set", port(site), "nomaster")
    site.run("ip", "link", "set", port(site), "master", site.bridge)


def check_the_way_back(site: Site) -> None:
    site.run("sysctl", "-q", "-w", f"net.ipv4.conf.{site.bridge}.rp_filter=1")
    mac = site.path(f"/sys/class/net/{site.bridge}/address").read_text().strip()
    site.run(*inside("guest"), "ip", "address", "add", "192.168.161.5/24", "dev", "eth0")
    site.run(*inside("guest"), "ip", "route", "add", SERVER, "dev", "eth0")
    site.run(*inside("guest"), "ip", "neigh", "replace", SERVER, "lladdr", mac, "dev", "eth0", "nud", "permanent")


def let_answers_go_back(site: Site) -> None:
    site.run(*inside("guest"), "ip", "address", "add", "192.168.160.5/24", "dev", "eth0")


def stop_serving(site: Site) -> None:
    site.run("sh", "-c", "kill $(cat /run/own-dnsmasq.pid)")
    time.sleep(0.3)


def runs(*argv: str) -> Callable[[Site], object]:
    return lambda site: site.run(*argv)


class Way(NamedTuple):
    """`told`: the kernel's word for why, or a piece of the rule. `counted`: by what the kernel counts such a drop."""

    put_in: Callable[[Site], object]
    take_out: Callable[[Site], object]
    hop: str
    told: str
    send: Callable[[Site], object] = ask
    kind: str = "DISCOVER"
    counted: tuple[str, ...] = ()


NFT = "add table bridge z; add chain bridge z c { type filter hook prerouting priority 0; }; add rule bridge z c"
WAYS = {
    # By xstats: a port that does not forward yet sends its own BPDUs all the same.
    "STP's state": Way(listen, forward, "port", "BRIDGE_INGRESS_STP_STATE", counted=("tx_bpdu",)),
    "ebtables": Way(
        runs("ebtables", "-A", "INPUT", "-p", "ip", "--ip-proto", "udp", "--ip-dport", "67", "-j", "DROP"),
        runs("ebtables", "-F", "INPUT"),
        "bridge-input",
        "udp dport 67",
    ),
    "nft's bridge family": Way(
        runs("nft", f"{NFT} udp dport 67 drop"),
        runs("nft", "delete", "table", "bridge", "z"),
        "bridge-prerouting",
        "drop",
    ),
    "iptables raw": Way(
        runs("iptables", "-t", "raw", "-A", "PREROUTING", "-p", "udp", "--dport", "67", "-j", "DROP"),
        runs("iptables", "-t", "raw", "-F"),
        "prerouting",
        "udp dport 67",
    ),
    "a rule of INPUT": Way(
        runs("iptables", "-A", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP"),
        runs("iptables", "-F", "INPUT"),
        "input",
        "udp dport 67",
    ),
    "the reverse path filter": Way(
        check_the_way_back,
        lambda site: site.run("sysctl", "-w", f"net.ipv4.conf.{site.bridge}.rp_filter=0"),
        "route",
        "IP_RPFILTER",
        in_guest(fetch("no-way-back.0")),
        "TFTP-RRQ",
        ("TcpExtIPReversePathFilter",),
    ),
    "no socket for one station's packet": Way(
        let_answers_go_back,
        lambda site: site.run(*inside("guest"), "ip", "address", "flush", "dev", "eth0"),
        "server",
        "NO_SOCKET",
        in_guest(fetch("no-socket.0")),
        "TFTP-RRQ",
        ("UdpNoPorts",),
    ),
    "the UDP sum": Way(
        lambda site: None,
        lambda site: None,
        "server",
        "UDP_CSUM",
        in_guest(BAD_SUM),
        counted=("UdpInCsumErrors",),
    ),
    "a queue without room": Way(
        lambda site: site.run("tc", "qdisc", "add", "dev", port(site), "root", "bfifo", "limit", "10"),
        lambda site: site.run("tc", "qdisc", "delete", "dev", port(site), "root"),
        "egress",
        "QDISC_DROP",
        kind="OFFER",
        counted=("bfifo",),
    ),
    # A broadcast that nobody listens to has no reason of its own: the place tells.
    "no socket": Way(stop_serving, lambda site: None, "server", "NOT_SPECIFIED"),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_place_and_the_reason_are_named(site: Site, name: str) -> None:
    way = WAYS[name]
    way.put_in(site)
    try:
        with watching(site, "--bridge", site.bridge, "--mac", MAC) as found:
            way.send(site)
    finally:
        way.take_out(site)
    died = found.died
    assert (died.get("kind"), died.get("hop")) == (way.kind, way.hop), str(found.document)
    rule = died["rule"]
    assert way.told in (rule["text"] if rule else died["reason"]), found.document
    assert found.exit_code == 1
    drops = {"kernel", "conntrack", "bridge-stp", "tc"}
    moved = {entry["name"].split()[0] for entry in found.document["counters"] if entry["source"] in drops}
    assert moved == set(way.counted), found.document["counters"]
