"""The client's place in the network: a namespace with one tap in it, and nothing of this host's names.

A resolver may ask this host's daemons through sockets in /run, or take names from /etc/hosts: both are hidden behind
empty file systems, in a mount namespace that is private, so that the only DNS server asked is the lease's.
"""

import fcntl
import os
import struct
import subprocess
from pathlib import Path

from pxedoctor.probe import unshared
from pxedoctor.probe.fetching import HttpFetch

DEVICE = "boot0"

_TUNSETIFF = 0x400454CA
_IFF_TAP, _IFF_NO_PI, _IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
_HIDDEN = ("/etc", "/run", "/var/run")
# Two tries of one second each for each server: the whole of it has to fit into the fetch's seconds.
_RESOLVER = "options timeout:1 attempts:2"


def enter(asked: HttpFetch) -> int:
    """The tap, up and with its address. OSError, CalledProcessError: what the kernel or `ip` would not do."""
    unshared.unshare(unshared.NETWORK | unshared.MOUNTS)
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(tap, _TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), _IFF_TAP | _IFF_NO_PI | _IFF_VNET_HDR))
    _say_nothing_of_ipv6(asked)
    _ip(commands(asked))
    _hide_names(asked)
    return tap


def commands(asked: HttpFetch) -> tuple[str, ...]:
    """What `ip -batch` is told. The gateway is taken as on-link: a lease may put it outside its own prefix."""
    link = f"link set dev {DEVICE} address {asked.mac} mtu {asked.mtu} up"
    address = f"address add {asked.address}/{asked.prefix} dev {DEVICE}"
    if ":" in asked.address:
        address += " nodad"
    route = (f"route add default via {asked.gateway} dev {DEVICE} onlink",) if asked.gateway else ()
    return (link, address, *route)


def _say_nothing_of_ipv6(asked: HttpFetch) -> None:
    """An IPv4 client has no IPv6 to say; an IPv6 one has a router already, or waits for one to advertise itself."""
    folder = Path("/proc/sys/net/ipv6/conf") / DEVICE
    if not folder.is_dir():
        return
    if ":" not in asked.address:
        (folder / "disable_ipv6").write_text("1", encoding="ascii")
        return
    (folder / "accept_dad").write_text("0", encoding="ascii")
    (folder / "accept_ra").write_text("0" if asked.gateway else "1", encoding="ascii")


def _ip(lines: tuple[str, ...]) -> None:
    done = subprocess.run(
        ["ip", "-batch", "-"], input="\n".join(lines) + "\n", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise OSError(done.returncode, f"ip: {' '.join(done.stderr.split())}")


def _hide_names(asked: HttpFetch) -> None:
    for folder in _HIDDEN:
        if Path(folder).is_symlink() or not Path(folder).is_dir():
            continue
        unshared.mount("tmpfs", folder, "size=64k,mode=755")
    lines = [*(f"nameserver {server}" for server in asked.dns), _RESOLVER]
    lines += [f"search {asked.domain}"] if asked.domain else []
    Path("/etc/resolv.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    Path("/etc/nsswitch.conf").write_text("hosts: dns\n", encoding="ascii")
