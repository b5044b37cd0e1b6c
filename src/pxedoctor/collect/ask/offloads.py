"""Asks ethtool for the features of taps and bridges, and sysfs whether this kernel offers vhost-net."""

from pxedoctor.access.notebook import Notebook

NET = "/sys/class/net"
# There while the misc device is registered (drivers/vhost/net.c): no guest can be using vhost-net without it.
VHOST_NET = "/sys/class/misc/vhost-net/dev"


def features(device: str) -> tuple[str, ...]:
    """ETHTOOL_GFEATURES, which needs no privilege; sysfs does not tell."""
    return ("ethtool", "-k", device)


def ask(host: Notebook) -> None:
    host.read(VHOST_NET)
    for device in host.names(NET):
        if "tun_flags" in host.names(f"{NET}/{device}") or host.names(f"{NET}/{device}/bridge"):
            host.run(features(device))
