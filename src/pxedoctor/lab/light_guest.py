"""A light guest, run inside a site: the host's half of a virtual NIC as QEMU opens it, and a real DHCP client behind.

The tap on the bridge is opened with a vnet header and, as for an operating system's virtio driver, with TUN_F_CSUM; its
frames are relayed to a second tap in a network namespace of its own, where the client runs. The relay keeps the vnet
header, as virtio does, or strips it, as a client does that ignores the "sum not ready" mark; with --firmware the tap
takes no such sums at all; with --vhost the kernel's vhost-net carries its frames, as it does for KVM. With --fetch the
guest, once it has its lease, also fetches a file by TFTP or HTTP; with --boot it fetches what it was offered. Every run
is a cold start, with a new tap; but with --through its tap is the one that a stopped QEMU holds, and nothing is done to
its port. Prints one JSON object: {"ok", "said", "seconds"}.
"""

import argparse
import ctypes
import fcntl
import json
import os
import select
import struct
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from pxedoctor.lab import light_client, vhost_net
from pxedoctor.lab.borrowed_tap import borrow

_TUNSETIFF = 0x400454CA
_TUNSETOFFLOAD = 0x400454D0
_TUNSETVNETHDRSZ = 0x400454D8
_TUNSETCARRIER = 0x400454E2
_IFF_TAP, _IFF_NO_PI, _IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
_TUN_F_CSUM = 0x01
_VNET_HEADER = 10
_CLONE_NEWNET, _CLONE_NEWNS = 0x40000000, 0x00020000
_LARGEST_FRAME = 65536 + _VNET_HEADER
# Between a program's last word and its end.
_ENDING_SECONDS = 0.5
_LINK_LOCAL_SECONDS = 10.0


def open_tap(name: str, offload: bool, node: str = "/dev/net/tun") -> int:
    tap = os.open(node, os.O_RDWR)
    fcntl.ioctl(tap, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI | _IFF_VNET_HDR))
    fcntl.ioctl(tap, _TUNSETVNETHDRSZ, struct.pack("i", _VNET_HEADER))
    fcntl.ioctl(tap, _TUNSETOFFLOAD, _TUN_F_CSUM if offload else 0)
    return tap


def open_macvtap(name: str, offload: bool) -> int:
    """A macvtap that is there already, by a node of its own, as udev makes one (drivers/net/macvtap.c)."""
    number = next(Path(f"/sys/class/net/{name}/macvtap").glob("tap*/dev")).read_text(encoding="ascii")
    major, minor = (int(part) for part in number.split(":"))
    node = f"/tmp/{name}.node"
    os.mknod(node, 0o020600, os.makedev(major, minor))
    try:
        return open_tap(name, offload, node)
    finally:
        os.unlink(node)


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def plug_in(name: str, bridge: str, tap_mac: str) -> None:
    """As libvirt does: IPv6 off, into the bridge, up (virnetdevtap.c)."""
    ip("link", "set", "dev", name, "address", tap_mac)
    subprocess.run(["sysctl", "-q", "-w", f"net.ipv6.conf.{name}.disable_ipv6=1"], check=True)
    ip("link", "set", "dev", name, "master", bridge)
    ip("link", "set", "dev", name, "up")


def enter_namespace_of_guest(mac: str, plugged: int = 1) -> int:
    """`plugged` 0: its NIC has no carrier, from before it is up."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET | _CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare of the guest's network")
    ask_nobody_elses_resolver()
    nic = open_tap("eth0", offload=True)
    fcntl.ioctl(nic, _TUNSETCARRIER, struct.pack("i", plugged))
    ip("link", "set", "dev", "eth0", "address", mac)
    # A DHCPv6 client asks from the link-local address, and would find it tentative for a second (RFC 4862, 5.4).
    Path("/proc/sys/net/ipv6/conf/eth0/accept_dad").write_text("0", encoding="ascii")
    ip("link", "set", "dev", "eth0", "up")
    return nic


def await_link_local() -> None:
    """The kernel makes the address good a moment after the NIC is up, in a queue of its own (net/ipv6/addrconf.c)."""
    deadline = time.monotonic() + _LINK_LOCAL_SECONDS
    good = ["ip", "-6", "-o", "address", "show", "dev", "eth0", "scope", "link", "-tentative"]
    while not subprocess.run(good, check=True, capture_output=True).stdout and time.monotonic() < deadline:
        time.sleep(0.05)


def ask_nobody_elses_resolver() -> None:
    """In place of the host's /etc/resolv.conf the guest sees its own, which its lease fills."""
    Path(light_client.RESOLVERS).write_text("", encoding="ascii")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    if Path("/etc/resolv.conf").exists():
        subprocess.run(["mount", "--bind", light_client.RESOLVERS, "/etc/resolv.conf"], check=True)


class Link(NamedTuple):
    """Both halves of the virtual NIC: the tap on the bridge, and the one in the guest's namespace."""

    host: int
    guest: int
    strip: bool


def relay(link: Link, said: int, deadline: float) -> str:
    """Carries frames both ways until the program has closed `said`, stays with its lease or the deadline passes.

    Returns what the program said.
    """
    other = {link.host: link.guest, link.guest: link.host}
    words = b""
    while not any(word in words for word in light_client.STAYS_WITH) and (left := deadline - time.monotonic()) > 0:
        for ready in select.select([*other, said], [], [], left)[0]:
            if ready == said:
                piece = os.read(said, _LARGEST_FRAME)
                if not piece:
                    return words.decode(errors="backslashreplace")
                words += piece
                continue
            frame = os.read(ready, _LARGEST_FRAME)
            if link.strip and ready == link.host:
                frame = bytes(_VNET_HEADER) + frame[_VNET_HEADER:]
            os.write(other[ready], frame)
    return words.decode(errors="backslashreplace")


def run_behind(link: Link, argv: list[str], seconds: float) -> tuple[int, str]:
    """A program in the guest's namespace, its frames carried: its exit status (-9: ended here) and what it said."""
    said_by_program, words = os.pipe()
    program = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=words, stderr=words)
    os.close(words)
    said = relay(link, said_by_program, time.monotonic() + seconds)
    os.close(said_by_program)
    try:
        return program.wait(_ENDING_SECONDS), said
    except subprocess.TimeoutExpired:
        program.kill()
        return program.wait(), said


def hold(host: int, seconds: float) -> None:
    """A guest that sits there: reads what comes, sends nothing."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if select.select([host], [], [], 0.2)[0]:
            os.read(host, _LARGEST_FRAME)


def read_words() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tap", required=True)
    parser.add_argument("--bridge", required=True)
    parser.add_argument("--mac", required=True)
    parser.add_argument("--client", choices=[*light_client.NAMES, "none"], default="udhcpc")
    parser.add_argument("--tap-mac", help="of the tap itself; libvirt gives it the guest's, with fe in front")
    parser.add_argument("--macvtap", action="store_true", help="the tap is a macvtap, and there already")
    parser.add_argument("--strip", action="store_true")
    parser.add_argument("--firmware", action="store_true", help="a driver that takes no open sums")
    parser.add_argument("--vhost", action="store_true", help="the kernel's vhost-net carries the tap's frames")
    parser.add_argument("--through", type=int, metavar="PID", help="of a stopped QEMU: speak through its tap")
    parser.add_argument("--fetch", metavar="URL", help="tftp:// or http://, after the lease")
    parser.add_argument("--boot", choices=light_client.FIRMWARE, help="as this firmware: fetch what it is offered")
    parser.add_argument("--identity", metavar="HEX", help="option 61 of udhcpc, in the place of one made of the MAC")
    parser.add_argument("--mtu", help="of the tap, as <mtu size> has it")
    parser.add_argument("--unplugged", action="store_true", help="as <link state='down'/> has it: the guest's NIC")
    parser.add_argument("--block-size", default="512", help="that a TFTP client asks for")
    parser.add_argument("--seconds", type=float, default=30, help="how long a guest without a client sits there")
    return parser.parse_args()


def host_end(asked: argparse.Namespace) -> int:
    """Raises CalledProcessError where it cannot be plugged in."""
    if asked.through:
        return borrow(asked.through, _VNET_HEADER)
    if asked.macvtap:
        return open_macvtap(asked.tap, offload=not asked.firmware)
    host = open_tap(asked.tap, offload=not asked.firmware)
    if asked.vhost:
        host = vhost_net.attach(host)
    if asked.mtu:
        ip("link", "set", "dev", asked.tap, "mtu", asked.mtu)
    plug_in(asked.tap, asked.bridge, asked.tap_mac or f"fe{asked.mac[2:]}")
    return host


def main() -> None:
    asked = read_words()
    started = time.monotonic()
    try:
        host = host_end(asked)
    except subprocess.CalledProcessError as error:
        print(json.dumps({"ok": False, "said": error.stderr.decode(), "seconds": 0.0}))
        return
    if asked.client == "none":
        print("holding", flush=True)
        hold(host, asked.seconds)
        return
    light_client.forget()
    link = Link(host, enter_namespace_of_guest(asked.mac, int(not asked.unplugged)), asked.strip)
    if asked.client == "dhclient6":
        await_link_local()
    if asked.boot:
        argv = light_client.boot_command(asked.boot)
    else:
        argv = light_client.command(asked.client, fetches=asked.fetch is not None)
    if asked.identity:
        argv += ["-x", f"0x3d:{asked.identity}"]
    said = run_behind(link, argv, light_client.SECONDS[asked.client])[1]
    ok = light_client.succeeded(said)
    wanted = asked.fetch or (light_client.offered(asked.boot) if ok and asked.boot else "")
    if ok and wanted:
        status, words = run_behind(
            link, light_client.fetch(wanted, asked.block_size), light_client.SECONDS[asked.client]
        )
        ok, said = status == 0, f"{said}{wanted}: {words or 'fetched'}"
    elif ok and asked.boot:
        ok, said = False, f"{said}no boot file was offered, or no server for it"
    print(json.dumps({"ok": ok, "said": said, "seconds": round(time.monotonic() - started, 2)}))


if __name__ == "__main__":
    main()
