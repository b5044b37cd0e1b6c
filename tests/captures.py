"""Captured frames as values of `pxedoctor.wire`, sorted by protocol, and what the witnesses say of them."""

from pathlib import Path
from typing import Any

import scapy_witness
import tshark
from frames import Sample, read_capture
from pxedoctor.wire import arp, bpdu, dhcp4, dhcp6, ethernet, frame, icmp, icmp6, ipv4, ipv6, llc, nd, tftp, udp
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.ipv6 import Ipv6
from pxedoctor.wire.reassembly import Reassembly
from pxedoctor.wire.udp import Udp

_DHCP4 = {dhcp4.CLIENT_PORT, dhcp4.SERVER_PORT, dhcp4.PROXY_PORT}
_DHCP6 = {dhcp6.CLIENT_PORT, dhcp6.SERVER_PORT}
# Router and neighbor discovery; the other ICMPv6 messages here are of multicast listeners and unreachable ports.
_ND = range(133, 137)


class Sorted:
    """Reads frames in their order; `samples` by kind, `others` by a name for what is not of a network boot."""

    def __init__(self) -> None:
        self.samples: dict[str, list[Sample]] = {}
        self.others: dict[str, int] = {}
        self._reassembly = Reassembly()
        # Ports of clients that asked for a file: what they get comes from a port that nobody knows beforehand.
        self._transfers: set[int] = set()

    def take(self, content: bytes, at: float) -> None:
        """Raises WireError where a frame is not what it says it is. Of pieces, only the whole is taken."""
        whole = self._reassembly.whole(content, at)
        if whole is not None:
            self._take(whole)

    def _take(self, content: bytes) -> None:
        if int.from_bytes(content[12:14]) < ethernet.FIRST_TYPE:
            self._add("bpdu", bpdu.parse(llc.parse(content).payload), content)
            return
        outer = frame.untagged(content)
        if outer.kind == ethernet.ARP:
            self._add("arp", arp.parse(outer.payload), content)
        elif outer.kind == ethernet.IPV4:
            self._take_ipv4(ipv4.parse(outer.payload), content)
        elif outer.kind == ethernet.IPV6:
            self._take_ipv6(ipv6.parse(outer.payload), content)
        else:
            self._other(f"EtherType {outer.kind:#06x}")

    def _take_ipv4(self, packet: Ipv4, content: bytes) -> None:
        if packet.protocol == ipv4.ICMP:
            self._add("icmp", icmp.parse(packet.payload), content)
        elif packet.protocol == ipv4.UDP:
            self._take_udp(udp.parse(packet.payload), content)
        else:
            self._other(f"IP protocol {packet.protocol}")

    def _take_ipv6(self, packet: Ipv6, content: bytes) -> None:
        if packet.protocol == ipv6.ICMPV6:
            message = icmp6.parse(packet.payload, packet.source, packet.destination)
            if message.kind in _ND:
                self._add("nd", nd.parse(message), content)
            else:
                self._other(f"ICMPv6 type {message.kind}")
        elif packet.protocol == ipv6.UDP:
            self._take_udp(udp.parse(packet.payload), content)
        else:
            self._other(f"IP protocol {packet.protocol}")

    def _take_udp(self, datagram: Udp, content: bytes) -> None:
        ports = {datagram.source_port, datagram.destination_port}
        if ports & _DHCP4:
            self._add("dhcp4", dhcp4.parse(datagram.payload), content)
        elif ports & _DHCP6:
            self._add("dhcp6", dhcp6.parse(datagram.payload), content)
        elif tftp.PORT in ports or ports & self._transfers:
            if datagram.destination_port == tftp.PORT:
                self._transfers.add(datagram.source_port)
            self._add("tftp", tftp.parse(datagram.payload), content)
        else:
            self._other(f"UDP port {min(ports)}")

    def _add(self, kind: str, value: Any, content: bytes) -> None:
        self.samples.setdefault(kind, []).append(Sample(value, content))

    def _other(self, name: str) -> None:
        self.others[name] = self.others.get(name, 0) + 1


def sort(path: Path) -> Sorted:
    """Every frame of a capture. Raises WireError where one cannot be read."""
    found = Sorted()
    for at, content in read_capture(path):
        found.take(content, at)
    return found


BUILDERS: dict[str, Any] = {
    "arp": (arp.build, arp.parse),
    "bpdu": (bpdu.build, bpdu.parse),
    "dhcp4": (dhcp4.build, dhcp4.parse),
    "dhcp6": (dhcp6.build, dhcp6.parse),
    "icmp": (icmp.build, icmp.parse),
    "nd": (nd.build, nd.parse),
    "tftp": (tftp.build, tftp.parse),
}


def disagreements(found: Sorted, folder: Path) -> list[str]:
    """What tshark and scapy read otherwise, and what is not the same once it was built and parsed again."""
    said: list[str] = []
    for kind, samples in found.samples.items():
        build, parse = BUILDERS[kind]
        said += [
            f"{kind}: {sample.value} is built otherwise"
            for sample in samples
            if parse(build(sample.value)) != sample.value
        ]
        said += tshark.disagreements(kind, samples, folder)
        said += scapy_witness.misreadings(kind, samples)
    return said
