"""What a new port would do to a bridge, looked at before there is one.

A bridge takes the lowest MAC of its ports unless a person gave it one, and the lowest MTU of its ports (linux
net/bridge/br_stp_if.c br_stp_recalculate_bridge_id, br_if.c br_mtu_auto_adjust): a probe must not move either. A MAC
that is new to a physical network can trip the switch's port security.
"""

import msgspec

from pxedoctor.probe.asking import ProbeError
from pxedoctor.probe.device import Devices

# Highest of all, so that no bridge ever takes it for its own while it has another port; libvirt's taps begin so too.
_HIGHEST = "fe:ff:ff"
# NET_ADDR_SET of linux/netdevice.h: a person, or libvirt, gave it this MAC.
_GIVEN = 3
_DEEPEST = 8


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """A bridge before the probe joins it. `physical`: the ports behind which there is a wire; `delay` in seconds.

    `direct`: it is no bridge, but the device below macvtaps, and this is their mode.
    """

    bridge: str
    mac: str
    mac_given: bool
    mtu: int
    stp: bool
    delay: float
    ports: tuple[tuple[str, str], ...]
    physical: tuple[str, ...]
    direct: str = ""


def look(devices: Devices, bridge: str) -> Ground:
    """Raises ProbeError where the bridge is not there or cannot be looked at."""
    try:
        if "/" in bridge or not devices.exists(bridge):
            raise ProbeError(f"there is no bridge {bridge}", "see which there are: ip link show type bridge")
        if not devices.exists(f"{bridge}/bridge"):
            raise ProbeError(f"{bridge} is no Linux bridge, so a guest's tap cannot join it", _other_kinds(bridge))
        ports = devices.list(f"{bridge}/brif")
        return Ground(
            bridge=bridge,
            mac=devices.read(f"{bridge}/address"),
            mac_given=int(devices.read(f"{bridge}/addr_assign_type")) == _GIVEN,
            mtu=int(devices.read(f"{bridge}/mtu")),
            stp=devices.read(f"{bridge}/bridge/stp_state") != "0",
            delay=int(devices.read(f"{bridge}/bridge/forward_delay")) / 100,
            ports=tuple((port, devices.read(f"{port}/address")) for port in ports),
            physical=tuple(port for port in ports if _is_physical(devices, port)),
        )
    except OSError as error:
        raise ProbeError(f"the bridge {bridge} cannot be looked at: {error}", "is it being removed?") from error


def look_below(devices: Devices, lower: str, mode: str) -> Ground:
    """The same of a device below a guest's macvtap. Raises ProbeError."""
    try:
        if "/" in lower or not devices.exists(lower):
            raise ProbeError(f"there is no device {lower}", "see which there are: ip link show")
        return Ground(
            bridge=lower,
            mac=devices.read(f"{lower}/address"),
            mac_given=True,
            mtu=int(devices.read(f"{lower}/mtu")),
            stp=False,
            delay=0,
            ports=(),
            physical=(lower,) if _is_physical(devices, lower) else (),
            direct=mode,
        )
    except OSError as error:
        raise ProbeError(f"the device {lower} cannot be looked at: {error}", "is it being removed?") from error


def mac_of_port(probe_mac: str) -> str:
    """The MAC of the tap itself, which is the host's end: never the source of a frame."""
    return _HIGHEST + probe_mac[8:]


def require_harmless(ground: Ground, probe_mac: str, on_wire: bool) -> None:
    """Raises ProbeError, with the reason, where a probe with this MAC would change the host or its network."""
    port_mac = mac_of_port(probe_mac)
    taken = [name for name, mac in ((ground.bridge, ground.mac), *ground.ports) if _is_of(mac, probe_mac)]
    if taken:
        raise ProbeError(
            f"{probe_mac} is the MAC of {taken[0]}, or of the guest behind it: as a probe's source it would take over "
            "that station's frames",
            "let the probe use its own MAC",
        )
    if not ground.mac_given and all(port_mac < mac for _, mac in ground.ports):
        lowest = "it has no port" if not ground.ports else "its ports' are higher"
        raise ProbeError(
            f"{ground.bridge} would take the probe's MAC for its own: nobody gave it one, and {lowest}",
            f"give it the one that it has: ip link set dev {ground.bridge} address {ground.mac}",
        )
    if ground.physical and not on_wire:
        raise ProbeError(
            f"{_wire(ground)}: the probe's MAC would be new on that wire, and a switch with port security may shut the "
            "port",
            "say --on-wire if the switch allows it",
        )


def _wire(ground: Ground) -> str:
    if ground.direct:
        return f"{ground.bridge} is a physical device"
    return f"{', '.join(ground.physical)} is a physical port of {ground.bridge}"


def _is_of(mac: str, station: str) -> bool:
    """libvirt makes a tap's MAC of its guest's, with fe in front (virnetdevtap.c)."""
    return station in (mac, f"{station[:2]}{mac[2:]}" if mac.startswith("fe:") else mac)


def _is_physical(devices: Devices, name: str, depth: int = 0) -> bool:
    """Whether there is hardware behind it: its own, or that of a device below it (a VLAN's, a bond's)."""
    if devices.exists(f"{name}/device"):
        return True
    if depth == _DEEPEST:
        return False
    below = [entry.removeprefix("lower_") for entry in devices.list(name) if entry.startswith("lower_")]
    return any(_is_physical(devices, device, depth + 1) for device in below)


def _other_kinds(bridge: str) -> str:
    return f"see what it is: ip -d link show {bridge}; Open vSwitch is not reached by a tap"
