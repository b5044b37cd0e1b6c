"""One packet dropped by each of the kernel's ways to drop one: the tracer names place, and reason or rule.

And of the kernel's own counters of drops the one moves that counts this drop, and no other: the trace says which.
"""

import contextlib
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
from pxedoctor.lab.tracing import Watched, mount_tracefs, watching
from pxedoctor.lab.wiring import SERVER, await_word, inside, make_bridge, plug_in

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
# A guest that asks again and again, and never reads its NIC: its tap has room for one frame.
DEAF_MAC = "52:54:00:0d:0d:66"
DEAF = f"""
import os, sys, time
from pxedoctor.lab.light_guest import ip, open_tap, plug_in
from pxedoctor.lab.tap_reader import discover
name, bridge = sys.argv[1:]
tap = open_tap(name, offload=True)
ip("link", "set", "dev", name, "txqueuelen", "1")
plug_in(name, bridge, "fe{DEAF_MAC[2:]}")
print("plugged in", os.getpid(), flush=True)
while True:
    os.write(tap, bytes(10) + discover("{DEAF_MAC}"))
    time.sleep(0.5)
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
    "no socket": Way(stop_serving, lambda site: serve(site, site.bridge), "server", "NOT_SPECIFIED"),
}


# Drops are told of the whole machine: another test's, of a frame as long and in the same moment, may hide ours.
_TIMES = 3


@pytest.mark.parametrize("name", WAYS)
def test_the_place_and_the_reason_are_named(site: Site, name: str) -> None:
    way = WAYS[name]
    for _ in range(_TIMES):
        found = watched(site, way)
        died = found.died
        assert (died.get("kind"), died.get("hop")) == (way.kind, way.hop), str(found.document)
        told = died["rule"]["text"] if died["rule"] else died["reason"]
        if told:
            break
    assert way.told in told, str(found.document)
    assert found.exit_code == 1
    drops = {"kernel", "conntrack", "bridge-stp", "tc"}
    moved = {entry["name"].split()[0] for entry in found.document["counters"] if entry["source"] in drops}
    assert moved == set(way.counted), found.document["counters"]


def watched(site: Site, way: Way) -> Watched:
    way.put_in(site)
    try:
        with watching(site, "--bridge", site.bridge, "--mac", MAC) as found:
            way.send(site)
    finally:
        way.take_out(site)
    return found


@contextlib.contextmanager
def deaf(site: Site) -> Iterator[str]:
    """A guest that does not read; its tap."""
    tap = site.device("df")
    guest = site.start(sys.executable, "-c", DEAF, tap, site.bridge)
    try:
        pid = await_word(guest, "plugged in").split()[-1]
        yield tap
        site.run("kill", pid)
    finally:
        guest.kill()
        guest.wait()


def watched_deaf(site: Site, *without: str) -> tuple[Watched, str]:
    words = [word for name in without for word in ("--without", name)]
    with deaf(site) as tap, watching(site, "--bridge", site.bridge, "--mac", DEAF_MAC, *words) as found:
        time.sleep(2)
    return found, tap


def dropped_by(found: Watched, tap: str) -> list[int]:
    """What the tap itself had no room for, by its own count."""
    moved = (entry for entry in found.document["counters"] if (entry["device"], entry["name"]) == (tap, "tx_dropped"))
    return [entry["after"] - entry["before"] for entry in moved]


def test_a_guest_that_does_not_read_its_nic_is_told_by_the_kernel_and_counted_by_its_tap(site: Site) -> None:
    found, tap = watched_deaf(site)
    died = found.died
    assert (died.get("kind"), died.get("hop"), died.get("device")) == ("OFFER", "delivery", tap), found.document
    assert (died["reason"], died["certain"]) == ("FULL_RING", True)
    assert died["words"] == "the guest does not read its NIC: the queue is full"
    assert dropped_by(found, tap) > [0], found.document["counters"]


def test_where_the_kernel_is_not_heard_its_tap_counts_what_it_did_not_read(site: Site) -> None:
    """As in a container, or before Linux 5.17: it was seen to leave by the tap, and the tap had no room for it."""
    found, tap = watched_deaf(site, "kernel")
    died = found.died
    assert (died.get("kind"), died.get("hop"), died.get("device")) == ("OFFER", "delivery", tap), found.document
    assert died["witnesses"] == ["counters"]
    assert died["words"].startswith(f"the guest does not read its NIC: {tap} dropped ")
    assert not died["certain"], "a counter has no name on it"
    assert found.exit_code == 3
