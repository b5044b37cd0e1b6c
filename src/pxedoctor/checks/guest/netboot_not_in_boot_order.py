"""The guest is to boot from the network by this NIC, and its definition lets its firmware boot from elsewhere only.

What it does
    Where a person names a firmware as the client (--client ipxe, ovmf, ...): looks whether the guest's XML lets the
    firmware try this NIC at all, by <boot dev='network'/> in <os> or by <boot order='N'/> in the NIC. Without that
    word of a person's, nothing says that a guest is to boot from the network.

Why the guest fails
    libvirt hands the order to the firmware as it stands, and forbids it to try what is not in it. A NIC that is not in
    the order is never asked, however well DHCP and TFTP are set up. Of several NICs <boot dev='network'/> gives a place
    to the first alone. An order that names no device the guest has is none: with <boot dev='hd'/> and no disk SeaBIOS
    tries the NIC too.

What you see
    No DISCOVER at all on the tap. The console says "Booting from Hard Disk...", or "No bootable device." at once.

Fix
    The NIC as the last in the order (<boot dev='network'/>, or <boot order='N'/> in the <interface>): it is asked where
    nothing before it boots. It holds from the guest's next full start. To have the network first, as for a guest that
    is to be installed: virt-xml GUEST --edit --boot network,hd; that decides whether a guest is installed anew, and is
    for a person to say. For once only: <bootmenu enable='yes'/> lets a person choose. A second NIC beside <boot
    dev='network'/> needs <boot order='N'/> in each device, which libvirt takes only without <boot> in <os>: virsh edit.

Fix safety
    RISKY: a guest whose disk does not boot one day takes what the network offers then, an installer, too.

References
    libvirt formatdomain.html (BIOS bootloader, "boot order" of devices), QEMU -boot strict=on, OVMF QemuBootOrderLib
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.netboot import domain_of, nic_of

META = Meta(
    code="GC002",
    name="netboot-not-in-boot-order",
    stage=Stage.GUEST,
    needs=("domains",),
    fix="sometimes",
)
_SAID = "--client"
# <boot dev> and the kind of disk that it means.
_DISKS = {"hd": "disk", "cdrom": "cdrom", "fd": "floppy"}


def check(facts: Facts, target: Target) -> Outcome:
    domain, nic = domain_of(facts.host, target), nic_of(facts.host, target)
    if domain is None or nic is None:
        return NotApplicable("it is no guest's NIC")
    if target.client is None or not target.client.firmware or target.client_why != _SAID:
        return NotApplicable("nobody says that it is to boot from the network")
    if domain.boots_from(nic):
        return Fine("its firmware tries this NIC")
    if domain.boot_menu:
        return Fine("its firmware has a menu, in which a person may choose this NIC")
    if not _is_strict(domain):
        return Fine("no device that it has is in its boot order: then its firmware tries whatever there is")
    order, where = _order(domain)
    return Broken(
        headline=f"{domain.name} is to boot from the network, and its firmware never tries this NIC: it boots {order}.",
        subject=target.id,
        hop=Hop.NIC,
        evidence=(
            Evidence(f"it is said to boot as {target.client.title}", _SAID, target.client.name),
            Evidence("what its firmware may boot from", f"{domain.origin}: {where}", order),
            Evidence("this NIC has no place in that order", f"{domain.origin}: {_place(nic)}"),
        ),
    )


def _is_strict(domain: Domain) -> bool:
    """Whether any device stands in the order that QEMU hands on: only then nothing else is tried (SeaBIOS "HALT")."""
    numbered = bool(domain.other_boot_orders) or any(nic.boot_order is not None for nic in domain.nics)
    wanted = {_DISKS[device] for device in domain.boot if device in _DISKS}
    return (
        numbered
        or _means_another_nic(domain)
        or bool(wanted & {"disk" if kind == "lun" else kind for kind in domain.disks})
    )


def _means_another_nic(domain: Domain) -> bool:
    """Asked of a guest whose order leaves a NIC out: <boot dev='network'/> is then its first."""
    return "network" in domain.boot


def _place(nic: Nic) -> str:
    return f"devices/interface[{nic.position}]"


def _order(domain: Domain) -> tuple[str, str]:
    """In words what comes in which order, and where that is written."""
    others = [nic for nic in domain.nics if nic.boot_order is not None]
    if domain.other_boot_orders or others:
        disks = [(order, "a disk or another device") for order in domain.other_boot_orders]
        nics = [(nic.boot_order or 0, f"the NIC {nic.mac}") for nic in others]
        return ", then ".join(words for _, words in sorted([*disks, *nics])), "devices/*/boot"
    words = [f"network by its first NIC ({domain.nics[0].mac})" if dev == "network" else dev for dev in domain.boot]
    return ", then ".join(words) or "its disk", "os/boot"


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.guest import AddToBootOrder, next_start

    target = finding.first
    domain, nic = (domain_of(facts.host, target), nic_of(facts.host, target)) if target else (None, None)
    if domain is None or nic is None:
        return NoPlan("the guest is not there any more")
    first = f"virt-xml {domain.name} --edit --boot network,hd: the network first, for a guest that is to be installed"
    if not domain.persistent:
        return NoPlan("the guest is transient: it has no definition that could be edited", (first,))
    if _means_another_nic(domain):
        way = f"virsh edit {domain.name}: take <boot dev=.../> out of <os>, and give each device its <boot order='N'/>"
        return NoPlan("<boot dev='network'/> in <os> has a place for the first NIC alone", (way,))
    numbers = [*domain.other_boot_orders, *(other.boot_order or 0 for other in domain.nics)]
    last = max(numbers, default=0) + 1 if any(numbers) else None
    step = AddToBootOrder(domain=domain.name, mac=nic.mac, place=last)
    return Plan(steps=(step,), pending=next_start(domain), other_ways=(f"Instead: {first}.",))
