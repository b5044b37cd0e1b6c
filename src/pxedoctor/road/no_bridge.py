"""NICs that are in no Linux bridge: which way is theirs, as far as it is known, and else what kind it is, in words.

1. A macvtap's frames leave by the device below it: that device decides, and who answers is out there.
2. User-mode networks, devices that are handed over whole, Open vSwitch and the rest: who carries their frames is named,
   and what that does with them is not walked.

Sources: libvirt formatdomain.html "Network interfaces", formatnetwork.html "Connectivity".
"""

from pxedoctor.findings.outcome import Hop
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Nic
from pxedoctor.model.target import Direct, Target
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.narrow import nic_of

OPEN_VSWITCH = "openvswitch"
_USER = "user-mode network: it answers DHCP itself, serves no boot file, and no bridge or rule of this host has a part"
_BY_TYPE = {
    "user": f"the NIC is on QEMU's own {_USER} in it",
    "hostdev": "the NIC is a device of this host that is handed over whole: its frames go to the wire, unseen here",
    "ethernet": "its tap is made for a script or a program to plug in somewhere; where, its definition does not tell",
    "vhostuser": "a program in user space carries its frames through shared memory (vhost-user), unseen by the kernel",
    "vdpa": "a vDPA device carries its frames in hardware, unseen by the kernel's bridges and rules",
    "internal": "the NIC is on an internal network of its hypervisor's",
    "null": "the NIC is plugged into nothing (type null)",
    "vds": "the NIC is on a distributed switch of VMware's",
    **dict.fromkeys(
        ("udp", "mcast", "server", "client"),
        "QEMU sends its frames through a socket to other QEMUs; who of them serves DHCP is not known here",
    ),
}
_PASST = f"passt carries its frames: a {_USER} in it"
# What a network with such a forward mode hands out when the guest starts.
_HANDED_OUT = {
    **dict.fromkeys(("bridge", "private", "vepa", "passthrough"), "a macvtap of one of its devices, not yet chosen"),
    "hostdev": "a device of this host as a whole: its frames go to the wire, unseen here",
}


def below(host: Host, direct: Direct) -> tuple[RoadHop, ...]:
    """A macvtap's way out: by the device below it, which must be there and up."""
    lower = direct.lower
    link = host.link(lower)
    words = f"a macvtap in the mode {direct.mode} leaves by {lower}"
    if isinstance(host.links, Missing):
        return (RoadHop(hop=Hop.UPLINK, device=lower, predicted=Fate.UNKNOWN, why=host.links.why),)
    if link is None:
        return (RoadHop(hop=Hop.UPLINK, device=lower, predicted=Fate.DROP, why=f"{lower} does not exist"),)
    if not (link.up and link.carrier):
        what = "has no carrier" if link.up else "is down"
        return (RoadHop(hop=Hop.UPLINK, device=lower, predicted=Fate.DROP, why=f"{lower} {what}: {words}"),)
    return (RoadHop(hop=Hop.UPLINK, device=lower, predicted=Fate.PASS, why=f"{words}; who answers is out there"),)


def carried_by(host: Host, target: Target) -> str:
    """Who carries the frames of a NIC whose way is not walked; "" where nothing is known of it."""
    found = nic_of(host, target)
    name = target.bridge or ""
    link = host.link(name) if name else None
    switch = found[1].switch if found is not None else ""
    if switch == OPEN_VSWITCH or (link is not None and link.kind == OPEN_VSWITCH):
        where = f"ovs-appctl ofproto/trace {name}" if name else "ovs-vsctl show"
        return f"Open vSwitch carries its frames; its flows are not walked here ({where})"
    if switch:
        return f"its port is set up by {switch} (virtualport), which is not walked here"
    return "" if name or found is None else _of_nic(host, found[1])


def _of_nic(host: Host, nic: Nic) -> str:
    if nic.kind == "user" and nic.backend == "passt":
        return _PASST
    if nic.kind == "network":
        network = host.network(nic.source)
        handed = _HANDED_OUT.get(network.forward, "") if network is not None else ""
        return f"the network {nic.source} hands out {handed}" if handed else ""
    return _BY_TYPE.get(nic.type or nic.kind, "")
