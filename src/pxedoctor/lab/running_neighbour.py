"""Guests that run beside the one that boots, and keep pinging.

One is a tap as QEMU opens it, whose driver takes open sums as that of an operating system does, with a pinger behind:

    python -m pxedoctor.lab.running_neighbour TAP BRIDGE MAC ADDRESS/PREFIX GATEWAY TO EACH_SECOND

It says what its pinger says. Where a thousand pings a second are to pass and nothing but the bridge is to be judged,
the kernel alone carries them, from one veth to another.
"""

import os
import subprocess
import sys
import time

from pxedoctor.lab import pinger, wiring
from pxedoctor.lab.light_guest import Link, enter_namespace_of_guest, ip, open_tap, plug_in, relay
from pxedoctor.lab.pinger import Pinging
from pxedoctor.lab.site import Site

_MAC = "52:54:00:0d:0d:88"
_EACH_SECOND, _MANY_EACH_SECOND = 100, 1000
_PINGER, _ANSWERS = "ping", "pong"
# Outlives every story; it ends with its site.
_SECONDS = 3600.0


def neighbour(site: Site, address: str, gateway: str, to: str) -> Pinging:
    """Plugged into the site's bridge. `address`: with its prefix; `to`: whom it pings, 100 times a second."""
    words = (site.device("nb"), site.bridge, _MAC, address, gateway, to, str(_EACH_SECOND))
    return Pinging(site, sys.executable, "-m", "pxedoctor.lab.running_neighbour", *words)


def across(site: Site, bridge: str = "") -> Pinging:
    """One neighbour pings another through the site's bridge, or another bridge, 1,000 times a second."""
    for number, name in ((1, _PINGER), (2, _ANSWERS)):
        wiring.plug_in(site, name, f"52:54:00:0d:0d:8{number}", bridge)
        site.run("ip", "-n", name, "address", "add", f"192.0.2.{number}/24", "dev", "eth0")
    return Pinging(site, *wiring.inside(_PINGER), *pinger.command("192.0.2.2", _MANY_EACH_SECOND))


def port_of_pinger(site: Site) -> str:
    return site.device(_PINGER)


def main() -> None:
    tap, bridge, mac, address, gateway, to, each_second = sys.argv[1:]
    host = open_tap(tap, offload=True)
    plug_in(tap, bridge, mac)
    link = Link(host, enter_namespace_of_guest(mac), strip=False)
    ip("address", "add", address, "dev", "eth0")
    ip("route", "add", "default", "via", gateway)
    ended, held = os.pipe()
    subprocess.Popen(pinger.command(to, int(each_second)), pass_fds=(held,))
    os.close(held)
    relay(link, ended, time.monotonic() + _SECONDS)


if __name__ == "__main__":
    main()
