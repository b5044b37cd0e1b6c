"""What a repair costs: against the commands of a hand, for those who use the bridge meanwhile, while a daemon restarts.

BR001 on a bridge of ifupdown's: the hand sets the delay, edits the file and looks; pxedoctor finds the cause, makes the
plan, writes its journal, does the same and examines the whole host anew. Both start their programs inside of the site.
"""

import sys
import time
from collections.abc import Callable

from bench_measure import Pair, Run, cpu_of_children, interleaved

from pxedoctor.lab import parts_routed
from pxedoctor.lab.case import Case
from pxedoctor.lab.catalogue import faults
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.host_bridge import bridge_name
from pxedoctor.lab.parts import libvirt_site, restart_daemon, restart_libvirt
from pxedoctor.lab.parts_ifupdown import delay_of_15, ifupdown_site
from pxedoctor.lab.pinger import Pings
from pxedoctor.lab.running_neighbour import across
from pxedoctor.lab.site import Site

_FILE = "/etc/network/interfaces.d/bridges"
_DELAY = "/sys/class/net/$0/bridge/forward_delay"
_HAND = (
    'ip link set dev "$0" type bridge forward_delay 200 && '
    f"sed -i 's/bridge_fd 15/bridge_fd 2/' {_FILE} && grep -q 'bridge_fd 2' {_FILE} && [ \"$(cat {_DELAY})\" = 200 ]"
)
# Asks libvirtd's socket every 5 ms, as a client does, and prints the longest time without an answer, in ms.
_AWAY = """
import socket, sys, time
end, last, longest = time.monotonic() + float(sys.argv[1]), time.monotonic(), 0.0
while time.monotonic() < end:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect("/run/libvirt/libvirt-sock")
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
    except OSError:
        pass
    time.sleep(0.005)
print(round(longest * 1000))
"""
# Behind libvirt's NAT: begins a connection every 5 ms, and goes on with one that stands; says what came of them.
_BEHIND_NAT = """
import socket, sys, time
server, seconds = sys.argv[1], float(sys.argv[2])
standing = socket.create_connection((server, 7))
standing.settimeout(5)
end, began, failed, waited, stands = time.monotonic() + seconds, 0, [], 0.0, "stands"
while time.monotonic() < end:
    begun = time.monotonic()
    try:
        socket.create_connection((server, 7), timeout=1).close()
    except OSError:
        failed.append(begun)
    began += 1
    asked = time.monotonic()
    try:
        standing.sendall(b"x")
        stands = "stands" if standing.recv(1) == b"x" else "is broken"
    except OSError as error:
        stands = f"is broken ({error})"
        break
    waited = max(waited, time.monotonic() - asked)
    time.sleep(0.005)
window = round((failed[-1] - failed[0]) * 1000) if failed else 0
longest = round(waited * 1000)
new = f"{len(failed)} of {began} new connections failed, within {window} ms"
print(f"{new}; an old one {stands}, its longest wait {longest} ms")
"""
_ECHO = """
import socketserver
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while said := self.request.recv(1):
            self.request.sendall(said)
class Server(socketserver.ThreadingTCPServer):
    request_queue_size = 128
Server(("0.0.0.0", 7), Echo).serve_forever()
"""
_RELOAD = "kill -HUP $(cat /run/libvirtd.pid)"
# Faults whose repair changes a bridge or a port under running guests, where two neighbours more are no way out of the
# host that would change the plan.
_LIVE = (
    "bridge-forward-delay",
    "bridge-forward-delay-as-root-of-a-switch",
    "bridge-forward-delay-of-ifupdown",
    "port-not-forwarding",
    "tap-without-bridge",
    "dhcp-not-configured-for-want-of-an-address",
    "dhcp-reply-checksum-unfilled",
)


def br001(runs: int) -> Pair:
    """A whole `fix --apply` against the hand's commands."""
    with open_site() as site:
        ifupdown_site(site)

        def doctor() -> Run:
            return _timed(site, sys.executable, "-m", "pxedoctor", *_fix("bridge-forward-delay"))

        def hand() -> Run:
            return _timed(site, "sh", "-c", _HAND, site.bridge)

        return interleaved(doctor, hand, runs)


def _fix(cause: str) -> tuple[str, ...]:
    return ("fix", "--only", cause, "--apply", "--yes", "--no-revert", "--allow-risky")


def _timed(site: Site, *argv: str) -> Run:
    """Of a host that is broken anew, and whose repair is then forgotten."""
    delay_of_15(site)
    started, used = time.perf_counter(), cpu_of_children()
    site.run(*argv)
    seconds, cpu = time.perf_counter() - started, cpu_of_children() - used
    site.run("rm", "-rf", "/var/lib/pxedoctor/journal")
    return Run(seconds, cpu=cpu)


def away(runs: int) -> list[int]:
    """Milliseconds for which libvirtd answered nobody while NF001 was repaired by its restart. Guests run on."""
    found = []
    with open_site() as site:
        libvirt_site(site)
        for _ in range(runs):
            site.run("iptables", "-D", "INPUT", "-j", "LIBVIRT_INP")
            watching = site.start(sys.executable, "-c", _AWAY, "15")
            site.run(sys.executable, "-m", "pxedoctor", *_fix("libvirt-rules-missing"))
            found.append(int(watching.communicate()[0]))
            restart_libvirt(site)
    return sorted(found)


def behind_nat(act: Callable[[Site], object]) -> str:
    """What a neighbour behind libvirt's NAT has of a reload, or a restart, of libvirtd."""
    with open_site() as site:
        parts_routed.http_site(site)
        outside, inside = ("ip", "netns", "exec", "outside"), ("ip", "netns", "exec", "inside")
        site.start(*outside, sys.executable, "-c", _ECHO)
        site.run("ip", "netns", "add", "inside")
        site.run("ip", "link", "add", "inv0", "type", "veth", "peer", "name", "eth0", "netns", "inside")
        site.run("ip", "link", "set", "dev", "inv0", "master", site.bridge, "up")
        site.run(*inside, "ip", "address", "add", "192.168.150.77/24", "dev", "eth0")
        site.run(*inside, "ip", "link", "set", "dev", "eth0", "up")
        site.run(*inside, "ip", "route", "add", "default", "via", "192.168.150.1")
        site.run(
            *inside,
            "timeout",
            "10",
            "sh",
            "-c",
            f"until curl -so /dev/null http://{parts_routed.SERVER}; do sleep 0.1; done",
        )
        asking = site.start(*inside, sys.executable, "-c", _BEHIND_NAT, parts_routed.SERVER, "12")
        time.sleep(3)
        act(site)
        return str(asking.communicate()[0]).strip()


def undisturbed(case: Case) -> Pings:
    """A whole `fix --apply` and its undo, while one neighbour pings another across the bridge 1,000 times a second."""
    with open_site() as site:
        case.build(site)
        case.inject(site)
        own = bridge_name(site)
        pinging = across(site, own if site.exists(f"/sys/class/net/{own}") else site.bridge).begun()
        cause = getattr(case.expect, "cause", "")
        site.run(sys.executable, "-m", "pxedoctor", *_fix(cause), *case.asked_with)
        site.run(sys.executable, "-m", "pxedoctor", "undo")
        return pinging.end()


def main() -> None:
    pair = br001(7)
    print(f"fix BR001, plan, apply and verify: {pair.ours:.2f} s; by hand {pair.theirs:.2f} s", flush=True)
    print(f"    of processor time {pair.cpu_ours:.2f} s; by hand {pair.cpu_theirs:.2f} s")
    print(f"    over the hand's {pair.ours - pair.theirs:.2f} s, of 1 s")
    times = away(5)
    print(f"libvirtd away while NF001 is repaired: median {times[len(times) // 2]} ms, most {times[-1]} ms", flush=True)
    print(f"libvirtd reloaded: {behind_nat(lambda site: site.run('sh', '-c', _RELOAD))}", flush=True)
    print(f"libvirtd restarted: {behind_nat(restart_daemon)}", flush=True)
    for case in faults():
        if case.name in _LIVE:
            print(f"{case.name}, repaired and undone: {undisturbed(case)}", flush=True)
