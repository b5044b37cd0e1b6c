"""Asks for the features of taps and bridges, and sysfs whether this kernel offers vhost-net.

All devices' at once by netlink; of a kernel without that, and in saved texts, ethtool's word on each tap and bridge.
"""

from pxedoctor.access.answer import Text
from pxedoctor.access.netlink_ethtool import FEATURES
from pxedoctor.access.notebook import Notebook

NET = "/sys/class/net"
# There while the misc device is registered (drivers/vhost/net.c): no guest can be using vhost-net without it.
VHOST_NET = "/sys/class/misc/vhost-net/dev"


def features(device: str) -> tuple[str, ...]:
    """ETHTOOL_GFEATURES, which needs no privilege; sysfs does not tell."""
    return ("ethtool", "-k", device)


def ask(host: Notebook) -> None:
    host.read(VHOST_NET)
    wanted = [name for name in host.names(NET) if _is_tap(host, name) or host.names(f"{NET}/{name}/bridge")]
    if wanted and not isinstance(host.dump(FEATURES), Text):
        for device in wanted:
            host.run(features(device))


def _is_tap(host: Notebook, device: str) -> bool:
    return "tun_flags" in host.names(f"{NET}/{device}")
