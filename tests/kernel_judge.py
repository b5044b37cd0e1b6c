"""The kernel as judge: packets really sent into INPUT of a site, and whether they arrived."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.netfilter.seen import Packet

# Of the two devices.
SUBNETS = ("192.168.77", "10.7.0")
_NAMES = {17: "udp", 6: "tcp"}


class Kernel:
    """A site with two devices, and the worker in it."""

    def __init__(self, site: Site, devices: tuple[str, ...]) -> None:
        worker = (Path(__file__).parent / "netfilter" / "kernel_worker.py").read_text()
        self.site = site
        self.devices = devices
        self._process = subprocess.Popen(
            site.command(sys.executable, "-c", worker, *devices),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **question: object) -> dict[str, object]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, object] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(10) == 0

    def arrives(self, device: str, packet: Packet) -> bool:
        ports = [packet.source_port, packet.destination_port]
        told = self.ask(
            device=device,
            protocol=_NAMES[packet.protocol or 0],
            source=packet.source,
            destination=packet.destination,
            ports=ports,
        )
        return told["arrived"] is True


@contextmanager
def kernel() -> Iterator[Kernel]:
    with open_site() as site:
        devices = (site.device("vb"), site.device("eth"))
        for device, subnet in zip(devices, SUBNETS, strict=True):
            site.run("ip", "link", "add", device, "type", "veth", "peer", "name", f"{device}p")
            site.run("ip", "address", "add", f"{subnet}.1/24", "dev", device)
            for name in (device, f"{device}p"):
                site.run("ip", "link", "set", name, "up")
            site.run("sysctl", "-qw", f"net.ipv4.conf.{device}.rp_filter=0", "net.ipv4.conf.all.rp_filter=0")
        running = Kernel(site, devices)
        yield running
        running.close()
