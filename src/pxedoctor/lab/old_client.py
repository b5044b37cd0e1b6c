"""A raw-socket DHCP client of the time before the mark, run in a guest: it drops what has a wrong UDP sum.

Whether the kernel marked a frame's sum as still to be filled (TP_STATUS_CSUMNOTREADY, linux/if_packet.h) it tells and
does not heed, as ISC dhclient did before 4.2. It asks four times, and says one line for each OFFER and one at its end.
"""

import socket
import struct
import sys
import time
from pathlib import Path

from pxedoctor.lab.tap_reader import discover
from pxedoctor.wire import frame
from pxedoctor.wire.checksum import Verdict
from pxedoctor.wire.error import WireError
from pxedoctor.wire.ethernet import IPV4

_SOL_PACKET, _PACKET_AUXDATA = 263, 8
_NOT_READY = 1 << 3
_TRIES, _SECONDS = 4, 3.0
_LARGEST, _AUXILIARY = 2048, 128

TAKES_IT = "old client: takes it"
GIVES_UP = "old client: gives up"


def offer(channel: socket.socket) -> tuple[Verdict, bool] | None:
    """The sum of the first reply to port 68, and whether the kernel marked it; None where none comes."""
    deadline = time.monotonic() + _SECONDS
    while (left := deadline - time.monotonic()) > 0:
        channel.settimeout(left)
        try:
            content, words, _, _ = channel.recvmsg(_LARGEST, _AUXILIARY)
            found = frame.parse(content)
        except (TimeoutError, WireError):
            continue
        if found.datagram.destination_port == 68:
            return found.checksum, any(_marks(level, kind, told) for level, kind, told in words)
    return None


def _marks(level: int, kind: int, told: bytes) -> bool:
    """Of struct tpacket_auxdata the first word is its status."""
    return (level, kind) == (_SOL_PACKET, _PACKET_AUXDATA) and bool(struct.unpack_from("=I", told)[0] & _NOT_READY)


def main() -> None:
    nic = sys.argv[1]
    mac = Path(f"/sys/class/net/{nic}/address").read_text(encoding="ascii").strip()
    channel = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(IPV4))
    channel.bind((nic, IPV4))
    channel.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
    for _ in range(_TRIES):
        channel.send(discover(mac))
        heard = offer(channel)
        if heard is not None:
            print(f"old client: an offer, its sum {heard[0]}, {'marked' if heard[1] else 'not marked'}", flush=True)
        if heard is not None and heard[0] is Verdict.VALID:
            print(TAKES_IT, flush=True)
            return
    print(GIVES_UP, flush=True)


if __name__ == "__main__":
    main()
