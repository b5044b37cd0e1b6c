"""Every system that configures host bridges, once: who is asked whether a bridge is theirs, and edits what is."""

from pxedoctor.model.bridge_owner import Claim
from pxedoctor.model.host import Host
from pxedoctor.plans.owners import (
    docker,
    ifcfg,
    ifupdown,
    ifupdown2,
    ifupdown_ng,
    incus,
    libvirt,
    netctl,
    netifrc,
    netplan,
    network_manager,
    network_scripts,
    networkd,
    nmstate,
    open_vswitch,
    script,
    wicked,
)
from pxedoctor.plans.owners.owner import Owner

OWNERS: tuple[Owner, ...] = (
    open_vswitch,
    libvirt,
    incus,
    docker,
    netplan,
    network_manager,
    nmstate,
    networkd,
    wicked,
    ifupdown,
    ifupdown2,
    ifupdown_ng,
    ifcfg,
    network_scripts,
    netifrc,
    netctl,
    script,
)


def claims_on(host: Host, bridge: str) -> tuple[Claim, ...]:
    """Everybody who says that this bridge is theirs, in the order of OWNERS."""
    return tuple(claim for owner in OWNERS for claim in owner.claims(host, bridge))


def owner_named(name: str) -> Owner:
    return next(owner for owner in OWNERS if name == owner.NAME)
