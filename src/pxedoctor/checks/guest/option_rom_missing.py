"""The guest's NIC has no boot ROM that its firmware can run: switched off, not on this host, or for other firmware.

What it does
    For a guest that is to boot from this NIC, on a PC's machine: is its ROM switched off (<rom enabled='no'/>,
    bar='off')? Where is the file that it names (<rom file>), or the one that QEMU takes for its model (`qemu-
    system-x86_64 -L help` tells the folders)? And what is in it: an image for BIOS, for UEFI, or both? OVMF drives
    virtio NICs itself, and needs no ROM for them. NICs of the host's that are handed through have their own ROM: of
    them nothing is said; nor whether a ROM that a person named is for that very device, whose PCI numbers must be
    in it.

Why the guest fails
    A PC's BIOS knows no NIC: what asks for an address is the program in the NIC's ROM, iPXE for QEMU. Without it
    SeaBIOS has nothing to boot from the network. A ROM that holds an image for UEFI alone is passed over by SeaBIOS,
    and one for BIOS alone by OVMF. Where the file is missing, because the package with QEMU's ROMs is not installed
    (ipxe-qemu, ipxe-roms-qemu), QEMU does not even start.

What you see
    SeaBIOS: "Booting from Hard Disk..." or "No bootable device." at once, no "iPXE" before it, and not one packet.
    At the start of the guest: failed to find romfile "efi-virtio.rom".

Fix
    Take enabled='no' or bar='off' from its <rom> (virsh edit GUEST); install the package with QEMU's ROMs; or name
    a ROM that has an image for the guest's firmware. It holds from the guest's next full start.

Fix safety
    RISKY, for the switch: a guest that has not asked the network for long does so then, and takes what is offered.
    No plan for a file: which one belongs there is for a person to say.

References
    QEMU hw/pci/pci.c (pci_add_option_rom), PCI Firmware Specification 3.1 (5.1), edk2 OvmfPkg/VirtioNetDxe, libvirt
    formatdomain.html (Interface ROM BIOS configuration); uyuni-project/sumaform#2263, microsoft/azurelinux#3293
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Severity, Unknown
from pxedoctor.model.boot_rom import BIOS, EFI, BootRom, rom_of_model
from pxedoctor.model.fact import known
from pxedoctor.model.libvirt import Domain, Nic
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.netboot import Netboot, boots_as_pc, domain_of, drives_itself, nic_of, place_in_order

META = Meta(
    code="GC004",
    name="option-rom-missing",
    stage=Stage.GUEST,
    needs=("domains",),
    consults=("boot_roms",),
    fix="sometimes",
)


def check(facts: Facts, target: Target) -> Outcome:
    domain, nic = domain_of(facts.host, target), nic_of(facts.host, target)
    if domain is None or nic is None:
        return NotApplicable("it is no guest's NIC")
    if not boots_as_pc(domain) or nic.kind == "hostdev":
        return NotApplicable("what it boots from is no ROM of QEMU's")
    if place_in_order(domain, nic) is Netboot.NEVER:
        return NotApplicable("its firmware does not try this NIC")
    if not nic.rom_enabled:
        if drives_itself(domain, nic):
            return Fine(f"its ROM is off, and its firmware drives a NIC of model {nic.model} itself")
        return _switched_off(domain, nic)
    name = nic.rom_file or rom_of_model(nic.model)
    if name is None:
        return NotApplicable(f"QEMU has no ROM for the model {nic.model or 'that libvirt chooses'}")
    rom = known(facts.host.boot_roms).found(domain.emulator, name)
    if rom is None or rom.state == "unreadable":
        missing = f"whether QEMU finds the boot ROM {name}, and what is in it"
        return Unknown(missing=missing, would_help="run it as root; or start the guest, and see what its console says")
    return _in_the_file(domain, nic, rom)


def _switched_off(domain: Domain, nic: Nic) -> Broken:
    return Broken(
        headline=f"{domain.name} is to boot from the network, and the boot ROM of its NIC is switched off.",
        subject=f"{domain.name}: {nic.mac}",
        hop=Hop.NIC,
        severity=_severity(domain, nic),
        evidence=(
            Evidence("its ROM is off", f"{domain.origin}: {_place(nic)}/rom", " ".join(nic.rom_off)),
            Evidence(_needs_it(domain, nic), f"{domain.origin}: os", domain.firmware),
        ),
    )


def _in_the_file(domain: Domain, nic: Nic, rom: BootRom) -> Outcome:
    wanted, word = (EFI, "UEFI") if domain.firmware == "efi" else (BIOS, "BIOS")
    if rom.state == "absent":
        return _absent(domain, nic, rom)
    if wanted in rom.images:
        return Fine(f"its ROM {rom.path} has an image for {word}")
    if drives_itself(domain, nic):
        return Fine(f"its firmware drives a NIC of model {nic.model} itself, whatever is in its ROM")
    kinds = ", ".join(f"kind {kind}" for kind in rom.images) or "no image at all"
    return Broken(
        headline=f"{domain.name} is to boot from the network, and the boot ROM of its NIC holds nothing for {word}.",
        subject=f"{domain.name}: {rom.path}",
        hop=Hop.NIC,
        severity=_severity(domain, nic),
        evidence=(
            Evidence(f"its images: {word} runs kind {wanted}", rom.path, kinds),
            Evidence(_needs_it(domain, nic), f"{domain.origin}: os", domain.firmware),
        ),
    )


def _absent(domain: Domain, nic: Nic, rom: BootRom) -> Outcome:
    if domain.running:
        return Fine("it runs: QEMU found its ROM when it started")
    named = f"{_place(nic)}/rom" if nic.rom_file else f"{_place(nic)}/model"
    return Broken(
        headline=f"{domain.name} cannot start: the boot ROM of its NIC, {rom.path}, is not on this host.",
        subject=f"{domain.name}: {rom.path}",
        hop=Hop.NIC,
        evidence=(
            Evidence("the file does not exist", rom.path),
            Evidence("its NIC needs it", f"{domain.origin}: {named}", nic.rom_file or nic.model),
        ),
    )


def _needs_it(domain: Domain, nic: Nic) -> str:
    if domain.firmware == "efi":
        return f"its firmware has no driver of its own for the model {nic.model or 'that libvirt chooses'}"
    return "a BIOS has no driver for any NIC"


def _severity(domain: Domain, nic: Nic) -> Severity:
    return "risk" if place_in_order(domain, nic) is Netboot.LATER else "broken"


def _place(nic: Nic) -> str:
    return f"devices/interface[{nic.position}]"


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.guest import next_start
    from pxedoctor.plans.guest_rom import SwitchRomOn

    target = finding.first
    domain, nic = (domain_of(facts.host, target), nic_of(facts.host, target)) if target else (None, None)
    if domain is None or nic is None:
        return NoPlan("the guest is not there any more")
    if nic.rom_enabled:
        install = "install QEMU's ROMs (Debian: ipxe-qemu, Fedora: ipxe-roms-qemu), and name no <rom file>"
        return NoPlan("which ROM belongs there is for a person to say", (install,))
    if not domain.persistent:
        return NoPlan("the guest is transient: it has no definition that could be edited")
    return Plan(steps=(SwitchRomOn(domain=domain.name, mac=nic.mac, off=nic.rom_off),), pending=next_start(domain))
