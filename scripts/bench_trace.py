"""What `pxedoctor trace` costs: the traffic, the tracer itself, and the time from a drop to the line that tells it.

    .venv/bin/python scripts/bench_trace.py [traffic] [own] [line] [--pairs N]      as root; some fifteen minutes

1. CPU time for each UDP packet of two neighbours, written into one tap of the bridge and read from another, in rounds:
   with each of `_WATCHED`, the order changing from round to round, and without a trace just before and just after each.
   What a trace costs is the mean of its ratios to the mean of the two beside it, because a machine that others use has
   another pace a minute later; the bound is that mean's at 95 % (Student's t). The guest has spoken once, or speaks all
   the while and is answered; "all look" is a trace that never rests, as it does for a guest's next try.
2. The tracer's own CPU time while foreign packets cross the bridge, and how many of a guest's DHCP frames it missed.
3. From a DISCOVER that a rule of INPUT drops to the line on its standard output.
"""

import argparse
import contextlib
import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts_bridge import serve
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import await_watching, interrupt, mount_tracefs
from pxedoctor.lab.wiring import inside, make_bridge, plug_in

_PACKETS, _BURSTS = 40_000, 20
_FOREIGN_SECONDS = 10
_FOREIGN_RATE = 10_000
_DROPS = 10
# Between two leases of the guest: no firmware asks as often, and its own packets are not what is measured.
_ASK_SECONDS = 1.0
# Student's t, one side, 95 %, for 9 and 29 degrees of freedom.
_T = {10: 1.833, 30: 1.699}
ASK = ("busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "1", "-T", "1", "-s", "/bin/true")
_FIRST_WORDS, _NEVER = 2.0, 600.0
# Who watches, how long all look behind the guest's first word, and whether the guest goes on speaking.
_WATCHED: dict[str, tuple[tuple[str, ...], float, bool]] = {
    "all witnesses, the guest is silent": ((), _FIRST_WORDS, False),
    "all witnesses, the guest speaks and is answered": ((), _FIRST_WORDS, True),
    "all look": ((), _NEVER, False),
    "all look but kernel": (("--without", "kernel"), _NEVER, False),
    "all look but kernel and rules": (("--without", "kernel", "--without", "rules"), _NEVER, False),
}
_SPEAKS = "/tmp/speaks"
SPEAK = f"while [ -e {_SPEAKS} ]; do {' '.join(ASK)} >/dev/null 2>&1; sleep 0.2; done"
# Longer than the first words last.
_SETTLE_SECONDS = 3.0
TRACE = """
import sys
from pxedoctor.__main__ import main
from pxedoctor.trace import resting
resting._FIRST_WORDS_SECONDS = float(sys.argv.pop(1))
sys.argv[0] = "pxedoctor"
main()
"""
# Neighbours on two taps: what one writes the other reads, all in this process. The second is known to the bridge.
NEIGHBOURS = """
import fcntl, os, struct, sys, time
from ipaddress import IPv4Address
from pxedoctor.wire import frame
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.udp import Udp
macs = ("52:54:00:0d:0d:a1", "52:54:00:0d:0d:a2")
taps = []
for name in sys.argv[1:]:
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1002))
    taps.append(tap)
packet = Ipv4(source=IPv4Address("10.9.0.11"), destination=IPv4Address("10.9.0.12"), protocol=17, payload=b"")
datagram = Udp(source_port=40000, destination_port=9000, payload=bytes(500))
there = frame.build(datagram, packet, macs[1], macs[0])
back = frame.build(datagram, packet, macs[0], macs[1])
for line in sys.stdin:
    os.write(taps[1], back)
    used, passed = time.process_time(), 0
    for _ in range(int(line) // 100):
        for _ in range(100):
            os.write(taps[0], there)
        try:
            while True:
                passed += os.read(taps[1], 2048) == there
        except BlockingIOError:
            pass
    print((time.process_time() - used) / passed * 1e9, passed, flush=True)
"""
# In the sender's namespace: the CPU time of the process covers the whole way, which is walked in its own context.
SEND = """
import socket, sys, time
to, count, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.connect((to, 9))
began, used = time.monotonic(), time.process_time()
for number in range(count):
    try:
        link.send(b"x" * 500)
    except OSError:
        pass
    if rate and number % 100 == 0:
        time.sleep(max(0, began + number / rate - time.monotonic()))
print((time.process_time() - used) / count * 1e9, time.monotonic() - began)
"""

# DISCOVERs of a guest, one a second, and when each was sent.
DISCOVERS = """
import socket, sys, time
from ipaddress import IPv4Address
from pxedoctor.wire import dhcp4, frame
from pxedoctor.wire.dhcp4 import Dhcp4, MessageType, Op
from pxedoctor.wire.dhcp4_known import MESSAGE_TYPE
from pxedoctor.wire.ipv4 import Ipv4
from pxedoctor.wire.mac import write_mac
from pxedoctor.wire.udp import Udp
guest = "52:54:00:0d:0d:01"
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(("eth0", 3))
packet = Ipv4(source=IPv4Address(0), destination=IPv4Address("255.255.255.255"), protocol=17, payload=b"")
for number in range(int(sys.argv[1])):
    kind = MESSAGE_TYPE.of(MessageType.DISCOVER)
    asks = Dhcp4(op=Op.REQUEST, xid=number + 1, chaddr=write_mac(guest), options=(kind,))
    datagram = Udp(source_port=68, destination_port=67, payload=dhcp4.build(asks, size=300))
    content = frame.build(datagram, packet, "ff:ff:ff:ff:ff:ff", guest)
    print(time.monotonic())
    link.send(content)
    time.sleep(1)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="traffic|own|line", help="one of the three; all without it")
    parser.add_argument("--pairs", type=int, choices=sorted(_T), default=30)
    asked = parser.parse_args()
    wanted = asked.what or ["traffic", "own", "line"]
    with open_site() as site:
        _ground(site)
        print(f"load when it began: {Path('/proc/loadavg').read_text().split()[0]}")
        if "traffic" in wanted:
            _traffic(site, asked.pairs)
        if "own" in wanted:
            _own_cost(site)
        if "line" in wanted:
            _latency(site)


def _ground(site: Site) -> None:
    make_bridge(site)
    mount_tracefs(site)
    for number, name in enumerate(("guest", "left", "right")):
        plug_in(site, name, f"52:54:00:0d:0d:{number + 1:02x}")
        site.run(*inside(name), "ip", "address", "add", f"10.9.0.{number + 1}/24", "dev", "eth0")
    serve(site, site.bridge)


def _begin(site: Site, *words: str) -> "subprocess.Popen[str]":
    tracer = site.start(sys.executable, "-u", "-m", "pxedoctor", "trace", "--bridge", site.bridge, *words)
    await_watching(site, tracer, words)
    return tracer


def _end(site: Site, tracer: "subprocess.Popen[str]") -> str:
    interrupt(site)
    return tracer.communicate(timeout=60)[0]


def _send(site: Site, count: int, rate: float = 0) -> float:
    """CPU nanoseconds for each packet."""
    argv = (*inside("left"), sys.executable, "-c", SEND, "10.9.0.3", str(count), str(rate))
    return float(site.run(*argv).split()[0])


class _Neighbours:
    """Their taps stay open: a port that comes up is news to a trace."""

    def __init__(self, site: Site) -> None:
        names = (site.device("one"), site.device("two"))
        for name in names:
            site.run("ip", "tuntap", "add", "dev", name, "mode", "tap")
            site.run("ip", "link", "set", "dev", name, "master", site.bridge, "up")
        argv = site.command(sys.executable, "-c", NEIGHBOURS, *names)
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        # The kernel takes a while to notice that they have a carrier.
        time.sleep(_SETTLE_SECONDS)
        self.send()

    def send(self) -> float:
        """CPU nanoseconds for each packet that came through: of some bursts the one that was disturbed least.

        The first are for the trace to become narrow, as it does where there is much.
        """
        self._burst(_PACKETS)
        return min(self._burst(_PACKETS // _BURSTS) for _ in range(_BURSTS))

    def _burst(self, count: int) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        spent, passed = self._process.stdout.readline().split()
        assert int(passed) > 0.99 * count, f"{passed} packets came through"
        return float(spent)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def _traffic(site: Site, pairs: int) -> None:
    neighbours = _Neighbours(site)
    rounds = [_round(site, neighbours, number) for number in range(pairs)]
    neighbours.close()
    without = statistics.median(pair.without for found in rounds for pair in found.values())
    print(f"CPU a packet without a trace: median {without:.0f} ns")
    for name in _WATCHED:
        ratios = [found[name].watched / found[name].without for found in rounds]
        mean, spread = statistics.mean(ratios), statistics.stdev(ratios)
        bound = mean + _T[pairs] * spread / math.sqrt(pairs)
        more = statistics.median(found[name].watched - found[name].without for found in rounds)
        middle = statistics.median(ratios)
        print(
            f"{name}: {(mean - 1) * 100:+.1f} %, 95 % bound {(bound - 1) * 100:+.1f} %, {pairs} pairs; "
            f"median {(middle - 1) * 100:+.1f} %, {more:+.0f} ns"
        )


class _Pair(NamedTuple):
    """CPU nanoseconds for each packet."""

    watched: float
    without: float


def _round(site: Site, neighbours: _Neighbours, number: int) -> dict[str, _Pair]:
    names = list(_WATCHED)
    turn = number % len(names)
    found = {}
    before = neighbours.send()
    for name in (*names[turn:], *names[:turn]):
        watched = _cost(site, neighbours, name)
        after = neighbours.send()
        found[name] = _Pair(watched, (before + after) / 2)
        before = after
    return found


def _cost(site: Site, neighbours: _Neighbours, name: str) -> float:
    words, first_words, speaks = _WATCHED[name]
    words = ("--mac", "52:54:00:0d:0d:01", "--seconds", "120", *words)
    argv = (sys.executable, "-c", TRACE, str(first_words), "trace", "--bridge", site.bridge, *words)
    tracer = site.start(*argv)
    await_watching(site, tracer, words)
    site.ask(*inside("guest"), *ASK)
    time.sleep(_SETTLE_SECONDS)
    if speaks:
        site.run("touch", _SPEAKS)
    speaking = site.start(*inside("guest"), "sh", "-c", SPEAK)
    try:
        return neighbours.send()
    finally:
        site.run("rm", "-f", _SPEAKS)
        speaking.wait()
        site.ask("pkill", "-INT", "-f", "_FIRST_WORDS_SECONDS")
        tracer.communicate(timeout=60)


def _own_cost(site: Site) -> None:
    tracer = _begin(site, "--mac", "52:54:00:0d:0d:01", "--seconds", "120", "--json")
    pid = _tracer_in(site)
    before = _cpu(site, pid)
    count = str(_FOREIGN_RATE * _FOREIGN_SECONDS)
    sender = site.start(*inside("left"), sys.executable, "-c", SEND, "10.9.0.3", count, str(_FOREIGN_RATE))
    began = time.monotonic()
    asked = 0
    while sender.poll() is None:
        site.ask(*inside("guest"), *ASK)
        asked += 1
        with contextlib.suppress(subprocess.TimeoutExpired):
            sender.wait(_ASK_SECONDS)
    seconds = time.monotonic() - began
    used = _cpu(site, pid) - before
    said = _end(site, tracer)
    document = json.loads(said.splitlines()[-1])
    lost = {entry["name"]: (entry["heard"], entry["lost"]) for entry in document["witnesses"]}
    seen = sum(packet["kind"] == "DISCOVER" for packet in document["packets"])
    # By the sender's own clock: it has to start first.
    rate = _FOREIGN_RATE * _FOREIGN_SECONDS / float(sender.communicate()[0].split()[1])
    print(f"the tracer's CPU at {rate:.0f} foreign packets a second: {used / seconds * 100:.1f} % of a core")
    print(f"the guest asked {asked} times, {seen} DISCOVERs were told; heard and lost: {lost}")


def _latency(site: Site) -> None:
    site.run("iptables", "-I", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
    tracer = _begin(site, "--seconds", "120")
    sender = site.start(*inside("guest"), sys.executable, "-u", "-c", DISCOVERS, str(_DROPS))
    assert tracer.stdout is not None
    told: list[float] = []
    while len(told) < _DROPS and (line := tracer.stdout.readline()):
        if " x " in line:
            told.append(time.monotonic())
    sent = [float(line) for line in sender.communicate(timeout=30)[0].split()]
    _end(site, tracer)
    waits = sorted(1000 * (at - began) for at, began in zip(told, sent, strict=False))
    print(f"from a dropped DISCOVER to the line: median {statistics.median(waits):.0f} ms, worst {waits[-1]:.0f} ms")


def _tracer_in(site: Site) -> int:
    return int(site.run("pgrep", "-f", "pxedoctor trace").split()[0])


def _cpu(site: Site, pid: int) -> float:
    fields = site.run("cat", f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


if __name__ == "__main__":
    main()
