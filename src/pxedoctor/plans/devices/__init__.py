"""Every system whose files say of a device that it comes up, how large its packets are, or in which VLANs it is."""

from pxedoctor.model.host import Host
from pxedoctor.plans.devices import ifcfg, interfaces, keyfile, netplan, networkd
from pxedoctor.plans.devices.wish import Said, System, Wish

SYSTEMS: tuple[System, ...] = (interfaces, networkd, keyfile, ifcfg, netplan)


def said_of(host: Host, wish: Wish) -> tuple[Said, ...]:
    """What every file that is about the wished device says, in the order of SYSTEMS."""
    return tuple(said for system in SYSTEMS for said in system.said(host, wish))
