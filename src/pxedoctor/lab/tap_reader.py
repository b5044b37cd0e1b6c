"""A guest that reads its tap itself, run inside a site: it asks until it hears, and verifies the UDP sum of the OFFER.

The tap is opened as for an operating system's virtio driver, and the DISCOVER asks for a broadcast reply. It prints one
JSON object: {"ok", "said", "needs_csum", "checksum", "source_port"}. `checksum` is wire's verdict on the frame alone,
`needs_csum` the mark in the vnet header beside it (VIRTIO_NET_HDR_F_NEEDS_CSUM). ok: the sum is valid without the mark.
"""

import argparse
import json
import os
import select
import time
from ipaddress import IPv4Address

from pxedoctor.lab.light_guest import open_tap, plug_in
from pxedoctor.wire import dhcp4, frame
from pxedoctor.wire.checksum import Verdict
from pxedoctor.wire.dhcp4 import BROADCAST_FLAG, Dhcp4, MessageType, Op
from pxedoctor.wire.dhcp4_known import MESSAGE_TYPE
from pxedoctor.wire.error import WireError
from pxedoctor.wire.frame import UdpFrame
from pxedoctor.wire.ipv4 import UDP, Ipv4
from pxedoctor.wire.mac import BROADCAST, write_mac
from pxedoctor.wire.udp import Udp

_VNET_HEADER = 10
_NEEDS_CSUM = 1
_LARGEST_FRAME = 65536 + _VNET_HEADER
_XID = 0x0D0D0D0D
_AGAIN_SECONDS = 1.0


def discover(mac: str) -> bytes:
    """A DHCPDISCOVER that asks for a broadcast answer (RFC 2131 section 2, table 1)."""
    message = Dhcp4(
        op=Op.REQUEST,
        xid=_XID,
        flags=BROADCAST_FLAG,
        chaddr=write_mac(mac),
        options=(MESSAGE_TYPE.of(MessageType.DISCOVER),),
    )
    addresses = Ipv4(
        source=IPv4Address("0.0.0.0"), destination=IPv4Address("255.255.255.255"), protocol=UDP, payload=b""
    )
    datagram = Udp(source_port=68, destination_port=67, payload=dhcp4.build(message))
    return frame.build(datagram, addresses, destination=BROADCAST, source=mac)


def await_offer(tap: int, seconds: float) -> tuple[int, UdpFrame] | None:
    """The vnet header's flags and the first datagram to port 68; None where none came."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([tap], [], [], left)[0]:
            break
        read = os.read(tap, _LARGEST_FRAME)
        try:
            found = frame.parse(read[_VNET_HEADER:])
        except WireError:
            continue
        if found.datagram.destination_port == 68:
            return read[0], found
    return None


def _asked(tap: int, mac: str, seconds: float) -> tuple[int, UdpFrame] | None:
    """The same question again and again, as any client: on a busy host the first may come before its port forwards."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        os.write(tap, bytes(_VNET_HEADER) + discover(mac))
        offer = await_offer(tap, min(left, _AGAIN_SECONDS))
        if offer is not None:
            return offer
    return None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tap", required=True)
    parser.add_argument("--bridge", required=True)
    parser.add_argument("--mac", required=True)
    parser.add_argument("--seconds", type=float, default=6)
    asked = parser.parse_args()
    tap = open_tap(asked.tap, offload=True)
    plug_in(asked.tap, asked.bridge, asked.mac)
    offer = _asked(tap, asked.mac, asked.seconds)
    if offer is None:
        print(
            json.dumps(
                {"ok": False, "said": "no OFFER came", "needs_csum": None, "checksum": None, "source_port": None}
            )
        )
        return
    flags, found = offer
    marked = bool(flags & _NEEDS_CSUM)
    port = found.datagram.source_port
    mark = "marked" if marked else "not marked"
    said = f"an OFFER from {found.packet.source}, port {port}, sum {found.checksum}, {mark} as open"
    ok = found.checksum is Verdict.VALID and not marked
    told = {"ok": ok, "said": said, "needs_csum": marked, "checksum": found.checksum, "source_port": port}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
