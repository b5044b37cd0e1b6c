"""Plugging a tap into a bridge so that nothing else changes: everything is set before it joins, and looked at after."""

import errno
import os
from collections.abc import Callable

import msgspec

from pxedoctor.model.bridge import PortVlans
from pxedoctor.probe import harm
from pxedoctor.probe.asking import ProbeError
from pxedoctor.probe.device import Devices
from pxedoctor.probe.harm import Ground
from pxedoctor.probe.namespace import within
from pxedoctor.probe.port_vlans import join_vlans
from pxedoctor.probe.tap import Tap, open_tap
from pxedoctor.wire.mac import write_mac


class Socket(msgspec.Struct, frozen=True, kw_only=True):
    """Where to plug in, and how. `mac` is the probe's own, of its frames; `netns`: a path, "" for this namespace.

    `vlans`, `tags`: what the port is to belong to where the bridge filters by VLAN, as in `Asking`.
    """

    bridge: str
    tap: str
    mac: str
    offload: bool
    on_wire: bool
    netns: str
    vlans: PortVlans = "as-made"
    tags: frozenset[int] = frozenset()


class Plugged(msgspec.Struct, frozen=True):
    """A tap that is a port of the bridge and up. `state`: an open file that tells its port's state, for as long as
    there is one.
    """

    tap: Tap
    ground: Ground
    state: int

    def close(self) -> None:
        os.close(self.state)
        self.tap.close()


def plug_in(socket: Socket) -> Plugged:
    """Raises ProbeError, and then nothing of it is left."""
    return within(socket.netns, lambda sysfs: _plugged(socket, sysfs))


def ground_of(bridge: str, netns: str = "") -> Ground:
    """What is known of the bridge without touching it. Raises ProbeError."""

    def look(sysfs: str) -> Ground:
        devices = _devices(sysfs)
        try:
            return harm.look(devices, bridge)
        finally:
            devices.close()

    return within(netns, look)


def looking_at(look: Callable[[Devices], Ground]) -> Ground:
    """What `look` finds among this namespace's devices. Raises ProbeError."""
    devices = _devices("/sys/class/net")
    try:
        return look(devices)
    finally:
        devices.close()


def _devices(sysfs: str) -> Devices:
    try:
        return Devices(sysfs)
    except OSError as error:
        raise ProbeError(
            f"this host's devices cannot be looked at: {error}", f"is sysfs mounted? ls {sysfs}"
        ) from error


def _plugged(socket: Socket, sysfs: str) -> Plugged:
    devices = _devices(sysfs)
    try:
        ground = harm.look(devices, socket.bridge)
        harm.require_harmless(ground, socket.mac, socket.on_wire)
        tap = open_tap(socket.tap, socket.offload)
        try:
            return _joined(devices, tap, ground, socket)
        except BaseException:
            tap.close()
            raise
    finally:
        devices.close()


def _joined(devices: Devices, tap: Tap, ground: Ground, socket: Socket) -> Plugged:
    try:
        devices.set_mac(tap.name, write_mac(harm.mac_of_port(socket.mac)))
        devices.set_mtu(tap.name, ground.mtu)
        devices.forbid_ipv6(tap.name)
    except OSError as error:
        raise ProbeError(f"the tap {tap.name} cannot be made ready: {error}", "run it as root") from error
    try:
        devices.join(ground.bridge, tap.name)
        join_vlans(devices, ground.bridge, tap.name, socket.vlans, socket.tags)
        devices.set_up(tap.name)
        mac, mtu = devices.read(f"{ground.bridge}/address"), int(devices.read(f"{ground.bridge}/mtu"))
        state = devices.open(f"{tap.name}/brport/state")
    except OSError as error:
        raise _not_joined(ground.bridge, error) from error
    if (mac, mtu) != (ground.mac, ground.mtu):
        os.close(state)
        raise ProbeError(
            f"{ground.bridge} changed when the probe's port joined it: {ground.mac}, MTU {ground.mtu} became {mac}, "
            f"MTU {mtu}; the port was taken out again",
            f"give the bridge both for good: ip link set dev {ground.bridge} address {ground.mac} mtu {ground.mtu}",
        )
    return Plugged(tap, ground, state)


def _not_joined(bridge: str, error: OSError) -> ProbeError:
    if error.errno in (errno.EPERM, errno.EACCES):
        return ProbeError(f"joining {bridge} needs CAP_NET_ADMIN", "run it as root")
    if error.errno in (errno.ENODEV, errno.ENOENT):
        return ProbeError(f"{bridge} was removed while the probe joined it", "start it, and probe again")
    if error.errno in (errno.EXFULL, errno.ENOSPC):
        return ProbeError(f"{bridge} has 1023 ports, and takes no more", "look for taps that nobody uses")
    return ProbeError(f"the probe's port cannot join {bridge}: {error.strerror}", "see the kernel's log: dmesg")
