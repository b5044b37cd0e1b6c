"""A reboot in the lab's sense: everything that runs in a site ends, and what it does not read from a file is gone."""

import json

from pxedoctor.lab.parts import NETWORK
from pxedoctor.lab.site import Site

_SECONDS = "30"


def power_off(site: Site) -> None:
    """No process but the site's first, no bridge, no rule, nothing in /run; wires and what is behind them stay.

    Guests' taps end with who has opened them.
    """
    # All that is to be seen from within its pid namespace but process 1 and who kills (kill(2)), until nobody is left.
    site.run("sh", "-c", "while kill -9 -1 2>/dev/null; do sleep 0.05; done")
    for bridge in json.loads(site.run("ip", "-j", "link", "show", "type", "bridge")):
        site.run("ip", "link", "delete", "dev", bridge["ifname"])
    site.run("nft", "flush", "ruleset")
    site.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=0")
    # The folder of network namespaces holds other machines.
    site.run("find", "/run", "-mindepth", "1", "-maxdepth", "1", "!", "-name", "netns", "-exec", "rm", "-rf", "{}", "+")


def start_libvirt_again(site: Site) -> None:
    """libvirtd as at boot: with an empty /run/libvirt it starts the networks that are marked for it."""
    site.run("libvirtd", "-d")
    active = f"until virsh net-info {NETWORK} 2>/dev/null | grep -q '^Active: *yes'; do sleep 0.1; done"
    site.run("timeout", _SECONDS, "sh", "-c", active)
