"""A bridge of the host's own, and ends to plug into it, each in a network namespace of its own inside the site."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Iterator
from ipaddress import IPv6Network

from pxedoctor.lab.parts import MAC
from pxedoctor.lab.site import Site, SiteError

SERVER = "192.168.160.1"
SERVER6 = "fd00:d0d::1"

_READY_SECONDS = 20
_POLL_SECONDS = 0.05


def make_bridge(site: Site, stp: int = 0) -> None:
    """The site's bridge, up, with addresses of both families that can be used at once."""
    bridge = site.bridge
    site.run("ip", "link", "add", bridge, "address", "52:54:00:0d:0d:fe", "type", "bridge", "stp_state", str(stp))
    _skip_address_detection(site, (), bridge)
    site.run("ip", "link", "set", "dev", bridge, "up")
    site.run("ip", "address", "add", f"{SERVER}/24", "dev", bridge)
    # A bridge without a port may have lost its carrier by now, and then no address is good before it has one.
    site.run("ip", "address", "add", f"{SERVER6}/64", "dev", bridge, "nodad")


def narrow6(site: Site, mtu: int) -> None:
    """The host's way to its guests over IPv6 carries so many bytes: what is larger, its kernel sends in pieces."""
    for network in (f"{SERVER6}/64", "fe80::/64"):
        # Before the kernel's own route to the same network, whose metric is 256.
        site.run(
            "ip",
            "-6",
            "route",
            "add",
            str(IPv6Network(network, strict=False)),
            "dev",
            site.bridge,
            "metric",
            "1",
            "mtu",
            str(mtu),
        )


def plug_in(site: Site, name: str, mac: str = MAC, bridge: str = "") -> str:
    """A namespace `name` with an eth0 whose other end is a port of the site's bridge, or another; returns the port."""
    port = site.device(name[:8])
    site.run("ip", "netns", "add", name)
    site.run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "address", mac, "netns", name)
    _skip_address_detection(site, inside(name), "eth0")
    site.run("ip", "link", "set", "dev", port, "master", bridge or site.bridge, "up")
    site.run(*inside(name), "ip", "link", "set", "dev", "lo", "up")
    site.run(*inside(name), "ip", "link", "set", "dev", "eth0", "up")
    return port


def inside(name: str) -> tuple[str, ...]:
    return ("ip", "netns", "exec", name)


@contextlib.contextmanager
def capturing(site: Site, device: str, path: str, only: str = "") -> Iterator[None]:
    """Writes what passes `device` into a classic pcap file of the site, from before the block to its end.

    `only`: a filter of libpcap's (pcap-filter(7)). Raises SiteError where the capture does not begin.
    """
    tool = site.start("dumpcap", "-q", "-i", device, "-P", "-w", path, "-s", "0", "-f", only)
    try:
        await_word(tool, "File:")
        yield
    finally:
        # A packet needs a moment from the wire into the file.
        time.sleep(0.3)
        site.ask("pkill", "-INT", "dumpcap")
        _end(tool)


def await_word(tool: "subprocess.Popen[str]", word: str) -> str:
    """Reads what a program says up to the line with `word`. Raises SiteError where it ends before it said so."""
    said = ""
    while tool.stdout is not None and (line := tool.stdout.readline()):
        said += line
        if word in line:
            return said
    raise SiteError(f"a program ended before it was ready: {said.strip()}")


def await_server(site: Site, port: int, where: tuple[str, ...] = ()) -> None:
    """Waits until somebody listens on a UDP port, on a raw socket too. Raises SiteError where nobody does in time."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        listening = site.run(*where, "ss", "-Hlun", "sport", "=", f":{port}")
        if listening.strip() or site.run(*where, "ss", "-H0n").strip():
            return
        time.sleep(_POLL_SECONDS)
    raise SiteError(f"nobody listens on UDP port {port} after {_READY_SECONDS} s")


def _skip_address_detection(site: Site, where: tuple[str, ...], device: str) -> None:
    site.run(*where, "sysctl", "-q", "-w", f"net.ipv6.conf.{device}.accept_dad=0")


def _end(tool: "subprocess.Popen[str]") -> None:
    try:
        tool.wait(timeout=10)
    except subprocess.TimeoutExpired:
        tool.send_signal(signal.SIGKILL)
        tool.wait()
