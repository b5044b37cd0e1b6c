"""A LAN whose switch speaks the spanning tree protocol of its own, and a NIC whose link comes up anew with each guest.

The switch is a Linux bridge in a network namespace; this host's bridge has STP off, and so passes its BPDUs on. Some
drivers reset their NIC when it enters promiscuous mode, which a bridge asks of it when a second port comes
(net/bridge/br_if.c, br_manage_promisc): `renewed_link` does the same to the wire whenever a port comes.
"""

import sys

from pxedoctor.lab.parts_bridge import uplink_name
from pxedoctor.lab.parts_lan import BOOTS, SWITCH, SWITCH_END, in_switch, switched_lan_site
from pxedoctor.lab.site import Site
from pxedoctor.lab.wiring import inside

# Arguments: the bridge's folder of ports, the switch's end of the wire, and the uplink, whose carrier goes with it: a
# kernel that is told of both at once would see nothing go.
_RENEW = """
import os, subprocess, sys, time
folder, end, uplink = sys.argv[1:]
def has_carrier():
    with open(f"/sys/class/net/{uplink}/carrier") as file:
        return file.read().strip() == "1"
known = set(os.listdir(folder))
while True:
    time.sleep(0.05)
    now = set(os.listdir(folder))
    if now - known:
        for way in ("down", "up"):
            subprocess.run(["ip", "-n", "switch", "link", "set", "dev", end, way], check=True)
            until = time.monotonic() + 1
            while has_carrier() is (way == "down") and time.monotonic() < until:
                time.sleep(0.002)
    known = now
"""
_UNTIL_FORWARDING = "until ! cat /sys/class/net/sw0/brif/*/state | grep -qv 3; do sleep 0.1; done"


def renewed_link_site(site: Site) -> None:
    """A guest, a server behind the switch, and a link that comes up anew whenever a port comes to the bridge."""
    # A driver loses what is sent while it resets; here the first question may be quicker than the wire, and its answer
    # is what gets lost.
    switched_lan_site(site, *BOOTS, "--dhcp-reply-delay=1")
    where = f"/sys/class/net/{site.bridge}/brif {SWITCH_END} {uplink_name(site)}"
    words = f"setsid -f {sys.executable} -c '{_RENEW}' {where}"
    site.run("sh", "-c", f"{words} >/dev/null 2>&1 </dev/null")


def speak_stp(site: Site, delay: int) -> None:
    """The switch's STP is on, with this forward delay in seconds; the ports that it has by now forward."""
    words = ("link", "set", "dev", "sw0", "type", "bridge")
    # They go their way to forwarding anew, at the shortest delay that there is.
    in_switch(site, *words, "forward_delay", "200", "stp_state", "1")
    site.run("timeout", "20", *inside(SWITCH), "sh", "-c", _UNTIL_FORWARDING)
    in_switch(site, *words, "forward_delay", str(delay * 100))


def speak_no_stp(site: Site) -> None:
    in_switch(site, "link", "set", "dev", "sw0", "type", "bridge", "stp_state", "0")
