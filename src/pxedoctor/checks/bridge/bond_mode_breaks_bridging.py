"""The bridge's way out is a bond whose mode does not go with other machines' MACs behind it.

What it does
    Looks for a bond among the ports of the bridge, also below a VLAN, and reads its mode and how many NICs it has.

Why the guest fails
    Four of the seven modes send as if all frames were the host's own. In balance-rr and broadcast every NIC of the bond
    takes everything in: where the switch does not know that the two ports belong together, it sends a guest's DISCOVER
    back through the other NIC. The bridge then believes that the guest is behind the bond, and sends no OFFER to the
    guest's port. balance-tlb and balance-alb send some frames of a guest with the MAC of one of the host's NICs, and
    balance-alb answers ARP in its own name. With a switch that was set up for it, or by luck, it may work.

What you see
    It works now and then, or with one cable pulled out. `cat /sys/class/net/BOND/bonding/mode` is one of these four;
    `bridge fdb show br BR` has the guest's own MAC behind the bond.

Fix
    active-backup (1), or 802.3ad (4) or balance-xor (2) with a link aggregation on the switch, in the configuration of
    the system that makes the bond.

Fix safety
    Nothing is done by pxedoctor: the mode can only be changed while the bond has no NICs, so this host goes off the
    network meanwhile, and the switch must fit the new mode.

References
    linux Documentation/networking/bonding.rst; drivers/net/bonding/bond_main.c (bond_handle_frame), bond_alb.c
    (bond_do_alb_xmit); Red Hat Virtualization Deployment and Administration Guide (bridges need modes 1, 2 or 4)
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Outcome
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import known
from pxedoctor.model.host import Host
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.tree import bridge_behind

META = Meta(code="BR008", name="bond-mode-breaks-bridging", stage=Stage.BRIDGE, needs=("links", "bridges"), fix="never")

_SENT_BACK = (
    "a switch may send a guest's frames back through its other NIC, and the bridge then looks for the guest there"
)
_DISGUISED = "it sends some of a guest's frames with the MAC of one of its NICs"
_UNSUITED = {
    "balance-rr": _SENT_BACK,
    "broadcast": _SENT_BACK,
    "balance-tlb": _DISGUISED,
    "balance-alb": _DISGUISED,
}


def check(facts: Facts, target: Target) -> Outcome:
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    bonds = _bonds(facts.host, bridge)
    bond = next((bond for bond in bonds if bond.bond_mode in _UNSUITED and len(_nics(facts.host, bond)) > 1), None)
    if bond is not None:
        return _risk(facts.host, bridge, bond)
    if bonds:
        modes = ", ".join(f"{bond.name} ({bond.bond_mode})" for bond in bonds)
        return Fine(f"the bond below {bridge.name} goes with a bridge: {modes}")
    return Fine(f"no bond leads out of {bridge.name}")


def _bonds(host: Host, bridge: Bridge) -> tuple[Link, ...]:
    """Among its ports, or below one that is a VLAN of it."""
    found = (_bond_of(host, port.name) for port in bridge.ports)
    return tuple(bond for bond in found if bond is not None)


def _bond_of(host: Host, name: str) -> Link | None:
    link = host.link(name)
    if link is not None and link.kind == "vlan":
        link = host.link(link.lower)
    return link if link is not None and link.kind == "bond" else None


def _nics(host: Host, bond: Link) -> tuple[str, ...]:
    return tuple(link.name for link in known(host.links) if link.master == bond.name and link.up)


def _risk(host: Host, bridge: Bridge, bond: Link) -> Broken:
    nics = _nics(host, bond)
    return Broken(
        headline=f"{bond.name}, by which {bridge.name} leads out, is of mode {bond.bond_mode}: "
        f"{_UNSUITED[bond.bond_mode]}.",
        subject=bond.name,
        scope="bridge",
        hop=Hop.UPLINK,
        severity="risk",
        # It depends on the switch, of which this host knows nothing.
        certainty="likely",
        evidence=(
            Evidence(f"its mode is {bond.bond_mode}", f"/sys/class/net/{bond.name}/bonding/mode", bond.bond_mode),
            Evidence(f"it has {len(nics)} NICs", f"/sys/class/net/{bond.name}/bonding/slaves", " ".join(nics)),
        ),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    bond = finding.broken.subject
    return NoPlan(
        f"the mode of {bond} can only be changed while it has no NICs: this host would be off the network meanwhile",
        (
            f"where {bond} is configured: mode active-backup, which goes with every switch; from its next start on",
            "or 802.3ad, together with a link aggregation of these ports on the switch",
        ),
    )
