"""The guest is to boot from a NIC of a model that neither its firmware nor a boot ROM of QEMU's can drive.

What it does
    For a guest that is to boot from this NIC, on a PC's machine: has QEMU a boot ROM for its model, or the firmware a
    driver of its own (OVMF: virtio alone)? A <rom file> that a person chose, and a ROM that is off, are another
    cause's (option-rom-missing). A model that this version does not know is Unknown.

Why the guest fails
    QEMU's boot ROMs are iPXE, built for virtio, e1000, e1000e, the i825xx family, ne2k_pci, pcnet, rtl8139 and
    vmxnet3. Other models (igb, tulip, usb-net, ne2k_isa, rocker) have none: the firmware finds no NIC that it could
    boot from, though the installed system may drive it well.

What you see
    SeaBIOS: "No bootable device." or the disk at once, no "iPXE" before it. OVMF: no "UEFI PXEv4" entry. Not one
    packet on the tap.

Fix
    <model type='virtio'/>, or e1000e for a system without virtio drivers (virsh edit GUEST), from its next full start.
    Or a boot ROM for that model: <rom file='/usr/share/ipxe/...'/>.

Fix safety
    No plan: another model is another device to the system in the guest, which may give it another name and know no
    driver for it.

References
    QEMU hw/net (romfile of each model), pc-bios and roms/Makefile (pxerom variants); edk2 OvmfPkg (VirtioNetDxe);
    libvirt formatdomain.html (Setting the NIC model); dhiltgen/docker-machine-kvm#77
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.boot_rom import WITHOUT_ROM, rom_of_model
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.netboot import Netboot, boots_as_pc, domain_of, drives_itself, nic_of, place_in_order

META = Meta(
    code="GC005",
    name="nic-model-without-driver",
    stage=Stage.GUEST,
    needs=("domains",),
    fix="never",
)


def check(facts: Facts, target: Target) -> Outcome:
    domain, nic = domain_of(facts.host, target), nic_of(facts.host, target)
    if domain is None or nic is None:
        return NotApplicable("it is no guest's NIC")
    if not boots_as_pc(domain) or nic.kind == "hostdev":
        return NotApplicable("what its firmware can drive is not known here")
    place = place_in_order(domain, nic)
    if place is Netboot.NEVER:
        return NotApplicable("its firmware does not try this NIC")
    if drives_itself(domain, nic):
        return Fine(f"its firmware drives a NIC of model {nic.model} itself")
    if nic.rom_file or not nic.rom_enabled:
        return NotApplicable("what drives it is a ROM that a person chose, or none (see option-rom-missing)")
    own = rom_of_model(nic.model)
    if own is not None:
        return Fine(f"QEMU has a boot ROM for the model {nic.model}: {own}")
    where = f"{domain.origin}: devices/interface[{nic.position}]/model"
    if nic.model not in WITHOUT_ROM:
        missing = f"whether firmware can drive a NIC of the model {nic.model or 'that libvirt chooses'} ({where})"
        return Unknown(missing=missing, would_help="start the guest, and see whether its console speaks of iPXE or PXE")
    return Broken(
        headline=f"{domain.name} is to boot from a NIC of model {nic.model}, which neither its firmware nor a boot ROM "
        f"of QEMU's can drive.",
        subject=f"{domain.name}: {nic.model}",
        hop=Hop.NIC,
        severity="risk" if place is Netboot.LATER else "broken",
        evidence=(
            Evidence("QEMU has no boot ROM for this model", where, nic.model),
            Evidence("the definition names no other ROM", f"{domain.origin}: devices/interface[{nic.position}]/rom"),
        ),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    guest = finding.first.guest if finding.first and finding.first.guest else "GUEST"
    mac = finding.first.mac if finding.first and finding.first.mac else "MAC"
    return NoPlan(
        "another model is another device to the system in the guest",
        (f"virt-xml {guest} --edit mac={mac} --network model=virtio, then a full shutdown and start",),
    )
