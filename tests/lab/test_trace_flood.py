"""A guest's lost packet on a bridge that others keep busy, their own packets lost by the thousand beside it."""

import sys
import time

import pytest

from one_tracefs import shared_tracefs
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import MAC
from pxedoctor.lab.parts_bridge import serve
from pxedoctor.lab.tracing import mount_tracefs, watching
from pxedoctor.lab.wiring import inside, make_bridge, plug_in

pytestmark = pytest.mark.lab

ASK = ("busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "1", "-T", "1", "-s", "/bin/true")
# To a port where nobody listens: the kernel gives up each of them, and says so.
FLOOD = """
import socket, time
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    for _ in range(60):
        try:
            link.sendto(b"x" * 500, ("10.9.0.3", 9))
        except OSError:
            pass
    time.sleep(0.01)
"""
_NARROWED_SECONDS = 2.0


def test_of_a_flood_of_drops_the_guests_own_is_told() -> None:
    with shared_tracefs(), open_site() as site:
        make_bridge(site)
        mount_tracefs(site)
        for number, name in enumerate(("guest", "left", "right"), 1):
            plug_in(site, name, MAC if number == 1 else f"52:54:00:0d:0e:{number:02x}")
            site.run(*inside(name), "ip", "address", "add", f"10.9.0.{number}/24", "dev", "eth0")
        serve(site, site.bridge)
        site.run("iptables", "-A", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
        with watching(site, "--bridge", site.bridge, "--mac", MAC, "--without", "rules") as found:
            flood = site.start(*inside("left"), sys.executable, "-c", FLOOD)
            time.sleep(_NARROWED_SECONDS)
            site.ask(*inside("guest"), *ASK)
            # The first one's length was not known yet.
            site.ask(*inside("guest"), *ASK)
            flood.kill()
            flood.wait()
    last = [packet for packet in found.document["packets"] if packet["kind"] == "DISCOVER"][-1]
    dropped = [hop for hop in last["hops"] if hop["fate"] == "drop"]
    assert [hop["witness"] for hop in dropped] == ["kernel"], (last, dropped)
    assert "NETFILTER" in dropped[0]["reason"], dropped
    kernel = next(entry for entry in found.document["witnesses"] if entry["name"] == "kernel")
    assert kernel["status"] == "partial", kernel
    # 6,000 a second for four seconds and more, five events each.
    assert kernel["heard"] < 20_000, kernel
