"""Puts the probe's port into the VLANs of the guest's, before it is up: a bridge that filters gives a new one its own.

As libvirt 11 does for a guest's tap. What is put goes with the port. By bridge(8), and only where the bridge filters.
"""

import subprocess

from pxedoctor.model.bridge import PortVlans, Vlan
from pxedoctor.probe.asking import ProbeError
from pxedoctor.probe.device import Devices

_SECONDS = 5


def join_vlans(devices: Devices, bridge: str, port: str, vlans: PortVlans, tags: frozenset[int] = frozenset()) -> None:
    """`tags`: VLANs that it is to belong to beside them, with their tag. Raises ProbeError; OSError where it went."""
    if not devices.exists(f"{bridge}/bridge/vlan_filtering") or devices.read(f"{bridge}/bridge/vlan_filtering") == "0":
        return
    if vlans == "unknown":
        raise ProbeError(
            f"{bridge} filters by VLAN, and the VLANs of the guest's port could not be read",
            "see them: bridge vlan show; or say which: --bridge and --vlan",
        )
    if not isinstance(vlans, str):
        _become(port, vlans, int(devices.read(f"{bridge}/bridge/default_pvid")))
    for tag in sorted(tags):
        # In the VLAN of its own frames without a tag, too: this one's are sent and heard with it.
        _run("add", port, str(tag))


def _become(port: str, vlans: tuple[Vlan, ...], given: int) -> None:
    """`given`: the PVID that the bridge gave the new port, 0 for none."""
    if given:
        _run("del", port, str(given))
    for vlan in vlans:
        flags = [*(["pvid"] if vlan.pvid else []), *(["untagged"] if vlan.untagged else [])]
        _run("add", port, str(vlan.first) if vlan.first == vlan.last else f"{vlan.first}-{vlan.last}", *flags)


def _run(verb: str, port: str, vid: str, *flags: str) -> None:
    argv = ["bridge", "vlan", verb, "dev", port, "vid", vid, *flags]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise ProbeError(f"the probe's port cannot join VLAN {vid}: {error}", "install iproute2") from error
    if done.returncode:
        raise ProbeError(
            f"the probe's port cannot join VLAN {vid}: {done.stderr.strip()}", f"try it by hand: {' '.join(argv)}"
        )
