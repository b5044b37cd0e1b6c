"""The probe of a guest on macvtap: a macvlan beside it, on the same device and in the same mode.

A macvlan stays when its maker ends, so it is made in a network namespace that only the probe's socket holds: with the
socket, however it is closed, the namespace goes, and the macvlan with it (linux net/core/net_namespace.c). Nothing
of the host's own namespace changes but that the device below hears one more MAC.
"""

import errno
import os
import socket
import subprocess
import threading
from collections.abc import Callable

from pxedoctor.probe import harm, unshared
from pxedoctor.probe.asking import ProbeError
from pxedoctor.probe.device import Devices
from pxedoctor.probe.harm import Ground
from pxedoctor.probe.plug import Plugged, Socket, looking_at
from pxedoctor.probe.tap import Tap

# linux/if_packet.h: a virtio_net_hdr before each frame, as a tap has it.
_SOL_PACKET, _PACKET_VNET_HDR = 263, 15
_ETH_P_ALL = 0x0003
_SECONDS = 10
# libvirt's word: ip-link(8)'s.
_MODES = {"vepa": "vepa", "bridge": "bridge", "private": "private", "passthrough": "passthru"}


def plug_in_below(wanted: Socket, mode: str) -> Plugged:
    """`wanted.bridge` is the device below. Raises ProbeError, and then nothing of it is left."""

    def look(devices: Devices) -> Ground:
        ground = harm.look_below(devices, wanted.bridge, mode)
        harm.require_harmless(ground, wanted.mac, wanted.on_wire)
        return ground

    ground = looking_at(look)
    if mode not in _MODES:
        raise ProbeError(
            f"{wanted.bridge}: the mode {mode!r} of a macvtap is not known", "pxedoctor diagnose tells more"
        )
    end = _in_a_namespace_of_its_own(lambda thread: _made(wanted, _MODES[mode], ground.mtu, thread), wanted.tap)
    state = os.memfd_create("state", os.MFD_CLOEXEC)
    # It has no spanning tree: as a port of a bridge it would be one that forwards (BR_STATE_FORWARDING).
    os.write(state, b"3\n")
    return Plugged(Tap(wanted.tap, end), ground, state)


def _made(wanted: Socket, mode: str, mtu: int, thread: int) -> None:
    words = ["link", "add", "link", wanted.bridge, "name", wanted.tap, "address", wanted.mac, "mtu", str(mtu)]
    argv = ["ip", *words, "netns", str(thread), "type", "macvlan", "mode", mode]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise ProbeError(f"a macvlan on {wanted.bridge} cannot be made: {error}", "install iproute2") from error
    if done.returncode:
        raise ProbeError(
            f"a macvlan on {wanted.bridge} cannot be made: {done.stderr.strip()}",
            "run it as root; beside a macvtap in the mode passthrough there can be no other",
        )


def _in_a_namespace_of_its_own(make: Callable[[int], None], name: str) -> int:
    """A packet socket on the device that `make` puts into the new namespace, which lives as long as the socket."""
    entered, put_in, leaving = threading.Event(), threading.Event(), threading.Event()
    found: list[int] = []
    failed: list[Exception] = []
    number: list[int] = []

    def run() -> None:
        try:
            unshared.unshare(unshared.NETWORK)
            number.append(threading.get_native_id())
            entered.set()
            put_in.wait(_SECONDS)
            if not leaving.is_set():
                found.append(_listening(name))
        except OSError as error:
            failed.append(error)
        finally:
            entered.set()

    thread = threading.Thread(target=run, name="probe-direct")
    thread.start()
    try:
        entered.wait(_SECONDS)
        if number:
            make(number[0])
    except BaseException:
        leaving.set()
        raise
    finally:
        put_in.set()
        thread.join()
    if failed:
        raise _not_heard(failed[0]) from failed[0]
    return found[0]


def _listening(name: str) -> int:
    """Up, without IPv6, and heard by a socket that never blocks."""
    devices = Devices()
    try:
        devices.forbid_ipv6(name)
        devices.set_up(name)
    finally:
        devices.close()
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        end.setsockopt(_SOL_PACKET, _PACKET_VNET_HDR, 1)
        end.bind((name, _ETH_P_ALL))
    except OSError:
        end.close()
        raise
    return end.detach()


def _not_heard(error: Exception) -> ProbeError:
    forbidden = isinstance(error, OSError) and error.errno in (errno.EPERM, errno.EACCES)
    return ProbeError(
        f"a macvlan cannot be heard: {error}", "run it as root" if forbidden else "see the kernel's log: dmesg"
    )
