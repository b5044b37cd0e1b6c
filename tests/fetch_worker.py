"""Run in a site: fetches one URL through a tap on the site's bridge, as a probe does, and prints what it saw as JSON.

`fetch_worker BRIDGE JSON`, an HttpFetch. It says "fetching" first.
"""

import asyncio
import os
import struct
import subprocess
import sys
from fcntl import ioctl

import msgspec

from pxedoctor.probe.asking import ProbeError
from pxedoctor.probe.fetching import Hear, HttpFetch, fetch

_TUNSETIFF = 0x400454CA
_TAP_WITHOUT_HEADER = 0x1002


class Port:
    """A tap on the bridge, as a probe has one."""

    def __init__(self, bridge: str) -> None:
        self.tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        ioctl(self.tap, _TUNSETIFF, struct.pack("16sH22x", b"probe0", _TAP_WITHOUT_HEADER))
        subprocess.run(["ip", "link", "set", "dev", "probe0", "master", bridge, "up"], check=True)
        self.hear: Hear | None = None
        asyncio.get_running_loop().add_reader(self.tap, self._read)

    def send(self, frame: bytes) -> None:
        os.write(self.tap, frame)

    def listen(self, hear: Hear | None) -> None:
        self.hear = hear

    def _read(self) -> None:
        frame = os.read(self.tap, 65536)
        if self.hear:
            self.hear(frame, False)


def say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.flush()


async def main() -> None:
    port = Port(sys.argv[1])
    asked = msgspec.json.decode(sys.argv[2], type=HttpFetch)
    say(b"fetching")
    try:
        say(msgspec.json.encode(await fetch(asked, port, at=1.5)))
    except ProbeError as error:
        say(msgspec.json.encode({"error": error.message, "would_help": error.would_help}))


asyncio.run(main())
