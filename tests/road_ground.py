"""A site in which packets of a boot are really sent: a bridge with two guests' taps and an uplink, and a way out.

    guest A - ga    \\
    guest B - gb     > br (192.168.50.1/24, fe80::fe) - this host - wa (10.9.0.1/24) - wan
    uplink  - up    /
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pxedoctor.access.answer import Answer
from pxedoctor.access.replay import Replay
from pxedoctor.collect.gather import gather
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site
from pxedoctor.model.host import Host
from pxedoctor.netfilter.address import address_range
from pxedoctor.netfilter.field import PROTOCOLS
from pxedoctor.netfilter.seen import Packet
from road_frames import frame_of, marker, one_port

_WORKER = Path(__file__).parent / "road" / "road_worker.py"
_WANTED = frozenset(
    {"system", "links", "bridges", "netfilter", "traffic_control", "sysctls", "routes", "routing_rules", "sockets"}
)
BRIDGE_MAC = "52:54:00:0d:0d:fe"
GUEST_MAC = "52:54:00:0d:0d:0a"
OTHER_MAC = "52:54:00:0d:0d:0b"
FAR_MAC = "52:54:00:0d:0d:0f"
ROUTER_MAC = "52:54:00:0d:0d:fd"
SERVER = "192.168.50.1"
GUEST = "192.168.50.10"
SERVER6 = "fe80::fe"
GUEST6 = "fe80::a"
# From which a server sends data whose port is of its own choice.
UDP_PORT = 69


class Ground:
    """The site, and the worker in it. `heard` are the ears that heard the packet sent last."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.bridge = site.device("br")
        self.tap, self.other, self.uplink, self.wan = (site.device(kind) for kind in ("ga", "gb", "up", "wa"))
        self._number = 0
        site.run("ip", "link", "add", self.bridge, "address", BRIDGE_MAC, "type", "bridge")
        for device, mac in ((self.uplink, "52:54:00:0d:0d:fc"), (self.wan, ROUTER_MAC)):
            site.run("ip", "link", "add", device, "address", mac, "type", "veth", "peer", "name", f"{device}p")
        devices = (self.bridge, self.tap, self.other, f"{self.uplink}p", f"{self.wan}p")
        self._process = subprocess.Popen(
            site.command(sys.executable, "-c", _WORKER.read_text(), *devices),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert json.loads(self._process.stdout.readline()) == {"ready": True}
        self._plug_in()
        self.ask(listen=True)

    def _plug_in(self) -> None:
        for device in (self.tap, self.other, self.uplink, f"{self.uplink}p", f"{self.wan}p"):
            self.run("sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1")
        for device in (self.tap, self.other, self.uplink):
            self.run("ip", "link", "set", device, "master", self.bridge)
        ups = (self.tap, self.other, self.uplink, f"{self.uplink}p", self.wan, f"{self.wan}p", self.bridge)
        self.run("ip", "link", "set", self.bridge, "addrgenmode", "none")
        for device in ups:
            self.run("ip", "link", "set", device, "up")
        self.run("ip", "address", "add", f"{SERVER}/24", "dev", self.bridge)
        for address in (SERVER6, "fd50::1"):
            self.run("ip", "address", "add", f"{address}/64", "dev", self.bridge, "nodad")
        self.run("ip", "address", "add", "10.9.0.1/24", "dev", self.wan)
        self.run("ip", "neigh", "add", "10.9.0.2", "lladdr", FAR_MAC, "dev", self.wan, "nud", "permanent")
        self.run("ip", "neigh", "add", GUEST, "lladdr", GUEST_MAC, "dev", self.bridge, "nud", "permanent")
        self.run("ip", "neigh", "add", GUEST6, "lladdr", GUEST_MAC, "dev", self.bridge, "nud", "permanent")
        self.run("sysctl", "-qw", "net.ipv4.ip_forward=1")

    def ask(self, **question: object) -> dict[str, object]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, object] = json.loads(self._process.stdout.readline())
        return answer

    def run(self, *words: str, text: str | None = None) -> str:
        told = self.ask(run=list(words), input=text)
        assert told["status"] == 0, f"{' '.join(words)}: {told['out']}"
        return str(told["out"])

    def host(self) -> Host:
        """Its facts, collected in the site and understood here."""
        answers = msgspec.convert(self.ask(collect=sorted(_WANTED)), dict[str, Answer])
        return gather(Replay(answers), _WANTED, lambda _: None).host

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(10) == 0

    def send(self, place: str, packet: Packet) -> frozenset[str]:
        """From a guest's tap (A, B), the far end of a wire (uplink, wan), a packet socket on the bridge (raw), or a UDP
        socket of this host with the packet's source port, bound to the bridge (udp) or not (free). Who heard it."""
        return self.send_all([(place, packet)])[0]

    def send_all(self, sent: Sequence[tuple[str, Packet]]) -> list[frozenset[str]]:
        """One after the other, waited for together."""
        return self._heard([self._asked(place, packet) for place, packet in sent])

    def send_and_look(self, place: str, packet: Packet, look: Sequence[bytes]) -> frozenset[str]:
        """As `send`; who heard what is looked for, e.g. what comes back."""
        asked = self._asked(place, packet) | {"look": [word.hex() for word in look]}
        return self._heard([asked])[0]

    def _asked(self, place: str, packet: Packet) -> dict[str, object]:
        self._number += 1
        word = marker(self._number).hex()
        if place in {"udp", "free"}:
            assert packet.protocol == PROTOCOLS["udp"]
            own = [packet.source] if place == "free" else []
            ends = [one_port(packet.source_port, UDP_PORT), *_to(packet), *own]
            return {place: ends, "payload": word, "look": [word]}
        return {"send": place, "frame": frame_of(packet, self._number).hex(), "look": [word]}

    def _heard(self, packets: list[dict[str, object]]) -> list[frozenset[str]]:
        heard = self.ask(packets=packets)["heard"]
        assert isinstance(heard, list)
        return [frozenset(ears) for ears in heard]


def _to(packet: Packet) -> tuple[str, int]:
    assert packet.destination is not None
    first = packet.destination.partition("-")[0]
    address_range(first)
    return first, one_port(packet.destination_port)


@contextmanager
def ground() -> Iterator[Ground]:
    with open_site() as site:
        opened = Ground(site)
        yield opened
        opened.close()
