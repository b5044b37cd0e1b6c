"""Two NICs of one bridge have one MAC: what is sent to the guest goes to the host, or to another guest.

What it does
    Compares the MAC of the guest's NIC with those of the bridge itself and of its ports' devices, and with the NICs of
    other guests that run on the same bridge. The guest's own tap is another cause (tap-has-guest-mac); two NICs of one
    guest may share a MAC on purpose (a bond), and a guest that is off disturbs nobody.

Why the guest fails
    A bridge enters the MAC of each of its devices as the host's own, for ever, and learns no guest behind it. The
    guest's questions get out; each answer to its MAC goes up to the host, or into nothing where this host sends it
    itself. Firmware that asks for broadcast answers gets an address so, and no boot file. Of two guests the bridge
    believes whichever spoke last, and a DHCP server gives both the same address.

What you see
    "received packet on vnet0 with own address as source address" in the kernel's log. An OFFER in the server's log and
    none at the guest; or two guests that lose their connections in turn. `bridge fdb show br br0` shows the MAC as
    `permanent`, or behind one port now and another a moment later.

Fix
    Another MAC for one of the two. A guest: virsh edit GUEST, take the <mac> line out, and libvirt makes a new one.
    A bridge: ip link set dev br0 address MAC.

Fix safety
    There is no repair: which of the two is to have another MAC is for a person to say. Reservations and switches know
    guests by theirs, and a host that changes its own is not reached for a while.

References
    Linux net/bridge/br_fdb.c fdb_add_local and br_fdb_update, br_device.c br_dev_xmit; corpus of reports:
    harvester/harvester#9973, CERT-Polska/drakvuf-sandbox#34
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.fact import known
from pxedoctor.model.host import Host
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.model.link import Link
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan
from pxedoctor.road.narrow import nic_of
from pxedoctor.road.tree import bridge_behind

META = Meta(
    code="TP004",
    name="duplicate-mac",
    stage=Stage.PORT,
    needs=("links", "bridges", "domains"),
    consults=("networks",),
    fix="never",
)


def check(facts: Facts, target: Target) -> Outcome:
    found = nic_of(facts.host, target)
    if found is None or not target.mac:
        return NotApplicable("the MAC of the guest behind it is not known")
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    device = _device_with(facts.host, bridge, target)
    if device is not None:
        return _as_host(found, bridge, device)
    other = _guest_with(facts.host, bridge, target) if target.running else None
    if other is not None:
        return _as_guest(found, bridge, other)
    return Fine(f"nobody else on {bridge.name} has the MAC {target.mac}")


def _device_with(host: Host, bridge: Bridge, target: Target) -> Link | None:
    """The bridge, or a port of it that is not the guest's own."""
    names = (bridge.name, *(port.name for port in bridge.ports if port.name != target.tap))
    links = (link for name in names if (link := host.link(name)) is not None)
    return next((link for link in links if link.mac.lower() == target.mac), None)


def _guest_with(host: Host, bridge: Bridge, target: Target) -> tuple[Domain, Nic] | None:
    nics = ((entry, nic) for entry, nic in host.once(_by_mac).get(target.mac, ()) if entry.name != target.guest)
    return next(((entry, nic) for entry, nic in nics if host.bridge_of(nic) == bridge.name), None)


def _by_mac(host: Host) -> dict[str | None, list[tuple[Domain, Nic]]]:
    """The NICs of running guests."""
    found: dict[str | None, list[tuple[Domain, Nic]]] = {}
    for entry in known(host.domains):
        for nic in entry.nics if entry.running else ():
            found.setdefault(nic.mac, []).append((entry, nic))
    return found


def _as_host(found: tuple[Domain, Nic], bridge: Bridge, device: Link) -> Broken:
    what = "the bridge itself" if device.name == bridge.name else f"{device.name}, a port of {bridge.name}"
    name = bridge.name
    return Broken(
        headline=f"{found[0].name} has the MAC of {what}, {device.mac}: answers to it on {name} never reach the guest.",
        subject=found[1].mac,
        hop=Hop.DELIVERY,
        evidence=(
            _of_guest(*found),
            Evidence(f"{device.name} has it too", f"ip -j -d -s -s address show: {device.name}, address", device.mac),
        ),
    )


def _as_guest(found: tuple[Domain, Nic], bridge: Bridge, other: tuple[Domain, Nic]) -> Broken:
    both = " and ".join(sorted((found[0].name, other[0].name)))
    return Broken(
        headline=f"{both} run on {bridge.name} with one MAC, {found[1].mac}: each gets what is meant for the other.",
        subject=found[1].mac,
        scope="bridge",
        hop=Hop.DELIVERY,
        severity="risk",
        evidence=tuple(_of_guest(*entry) for entry in sorted((found, other), key=lambda entry: entry[0].name)),
    )


def _of_guest(domain: Domain, nic: Nic) -> Evidence:
    return Evidence(f"a NIC of {domain.name}", f"{domain.origin}: devices/interface[{nic.position}]/mac", nic.mac)


def plan(finding: Finding, facts: Facts) -> NoPlan:
    return NoPlan(
        "which of the two is to have another MAC is for a person to say: reservations and switches know them by it",
        (
            "a guest: virsh edit GUEST, take the <mac> line out, and libvirt makes a new one at the next start",
            "a device of this host: ip link set dev DEVICE address MAC, and the same where it is configured",
        ),
    )
