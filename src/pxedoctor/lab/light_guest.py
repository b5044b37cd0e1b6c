"""A light guest, run inside a site: the host's half of a virtual NIC as QEMU opens it, and a real DHCP client behind.

The tap on the bridge is opened with a vnet header and, as for an operating system's virtio driver, with TUN_F_CSUM; its
frames are relayed to a second tap in a network namespace of its own, where the client runs. The relay keeps the vnet
header, as virtio does, or strips it, as a client does that ignores the "sum not ready" mark; with --firmware the tap
takes no such sums at all. Every run is a cold start: a new tap. Prints one JSON object: {"ok", "said", "seconds"}.
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

_TUNSETIFF = 0x400454CA
_TUNSETOFFLOAD = 0x400454D0
_TUNSETVNETHDRSZ = 0x400454D8
_IFF_TAP, _IFF_NO_PI, _IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
_TUN_F_CSUM = 0x01
_VNET_HEADER = 10
_CLONE_NEWNET = 0x40000000
_LARGEST_FRAME = 65536 + _VNET_HEADER

_LEASES = "/tmp/light.leases"
_CLIENTS = {
    # DISCOVER at 0, 2, 4 and 6 s; gives up at 8 s: close to iPXE's 0, 1, 3, 7.
    "udhcpc": ["busybox", "udhcpc", "-n", "-q", "-f", "-i", "eth0", "-s", "/bin/true", "-t", "4", "-T", "2"],
    # A raw-socket client that verifies UDP sums itself (common/packet.c); -1: one try, then exit 2.
    "dhclient": [
        "dhclient",
        "-4",
        "-1",
        "-d",
        "-v",
        "-sf",
        "/bin/true",
        "-lf",
        _LEASES,
        "-pf",
        "/tmp/light.pid",
    ],
}


def open_tap(name: str, offload: bool) -> int:
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI | _IFF_VNET_HDR))
    fcntl.ioctl(tap, _TUNSETVNETHDRSZ, struct.pack("i", _VNET_HEADER))
    fcntl.ioctl(tap, _TUNSETOFFLOAD, _TUN_F_CSUM if offload else 0)
    return tap


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def plug_in(name: str, bridge: str, mac: str) -> None:
    """As libvirt does: MAC fe:..., IPv6 off, into the bridge, up (virnetdevtap.c)."""
    ip("link", "set", "dev", name, "address", "fe" + mac[2:])
    subprocess.run(["sysctl", "-q", "-w", f"net.ipv6.conf.{name}.disable_ipv6=1"], check=True)
    ip("link", "set", "dev", name, "master", bridge)
    ip("link", "set", "dev", name, "up")


def enter_namespace_of_guest(mac: str) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare of the guest's network")
    nic = open_tap("eth0", offload=True)
    ip("link", "set", "dev", "eth0", "address", mac)
    ip("link", "set", "dev", "eth0", "up")
    return nic


def relay(host: int, guest: int, said: int, strip: bool, deadline: float) -> str:
    """Carries frames both ways until the client ends, has its lease or the deadline passes; returns what it said."""
    other = {host: guest, guest: host}
    words = b""
    # dhclient in the foreground stays with its lease; a try is over once it has one.
    while b"bound to" not in words and (left := deadline - time.monotonic()) > 0:
        for ready in select.select([host, guest, said], [], [], left)[0]:
            if ready == said:
                piece = os.read(said, _LARGEST_FRAME)
                if not piece:
                    return words.decode(errors="backslashreplace")
                words += piece
                continue
            frame = os.read(ready, _LARGEST_FRAME)
            if strip and ready == host:
                frame = bytes(_VNET_HEADER) + frame[_VNET_HEADER:]
            os.write(other[ready], frame)
    return words.decode(errors="backslashreplace")


def hold(host: int, seconds: float) -> None:
    """A guest that sits there: reads what comes, sends nothing."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if select.select([host], [], [], 0.2)[0]:
            os.read(host, _LARGEST_FRAME)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tap", required=True)
    parser.add_argument("--bridge", required=True)
    parser.add_argument("--mac", required=True)
    parser.add_argument("--client", choices=[*_CLIENTS, "none"], default="udhcpc")
    parser.add_argument("--strip", action="store_true")
    parser.add_argument("--firmware", action="store_true", help="a driver that takes no open sums")
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    started = time.monotonic()
    host = open_tap(asked.tap, offload=not asked.firmware)
    try:
        plug_in(asked.tap, asked.bridge, asked.mac)
    except subprocess.CalledProcessError as error:
        print(json.dumps({"ok": False, "said": error.stderr.decode(), "seconds": 0.0}))
        return
    if asked.client == "none":
        print("holding", flush=True)
        hold(host, asked.seconds)
        return
    # A cold start: without an offer dhclient falls back on a lease it remembers, and stays.
    Path(_LEASES).unlink(missing_ok=True)
    nic = enter_namespace_of_guest(asked.mac)
    argv = [*_CLIENTS[asked.client], *(["eth0"] if asked.client == "dhclient" else [])]
    said_by_client, words = os.pipe()
    client = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=words, stderr=words)
    os.close(words)
    said = relay(host, nic, said_by_client, asked.strip, started + asked.seconds)
    client.kill()
    client.wait()
    ok = "obtained" in said or "bound to" in said
    print(json.dumps({"ok": ok, "said": said, "seconds": round(time.monotonic() - started, 2)}))


if __name__ == "__main__":
    main()
