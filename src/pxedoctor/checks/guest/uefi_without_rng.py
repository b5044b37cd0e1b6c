"""The guest's UEFI firmware loads its network drivers only with a source of random numbers, and the guest has none.

What it does
    For a guest with UEFI on x86-64 that is to boot from this NIC: has it a virtio-rng device (<rng model='virtio'>), or
    a processor with RDRAND of which its firmware makes use? Where it has neither, looks into the firmware's own file:
    do modules in it wait for EFI_RNG_PROTOCOL? The version of a package counts for nothing, for distributions carry
    the change back. A processor that this version does not know, and a file that could not be unpacked, are Unknown.

Why the guest fails
    Since the repair of CVE-2023-45237 (edk2-stable202405) TCP, DHCP and PXE of EDK2 depend on EFI_RNG_PROTOCOL. It
    comes from a virtio-rng device, or since edk2-stable202408 from the processor's RDRAND. QEMU's default processor,
    qemu64, has no RDRAND; nor have x86-64-v3 and others that look modern. Without it the drivers are left out.

What you see
    No "UEFI PXEv4" in the boot menu, no "Start PXE over IPv4", and not one packet: straight to the shell, the disk or
    "No bootable option or device was found". A debug build says "Driver ... was discovered but not loaded!!".

Fix
    In the guest's definition (virsh edit), from its next full start:

        <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>

    or virt-xml GUEST --add-device --rng /dev/urandom. Or a processor with RDRAND: <cpu mode='host-passthrough'/>.

Fix safety
    RISKY, for the device: it is a change of the guest's machine that its system sees. Undone by taking it away again; a
    port that libvirt made for it stays. None for a transient guest; another processor is for a person to say.

References
    edk2 NetworkPkg (SecurityFixes.yaml, CVE-2023-45237), OvmfPkg/VirtioRngDxe, SecurityPkg (RngDxe);
    tianocore/edk2#9530, #5695; libvirt formatdomain.html (Random number generator device), src/cpu_map
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, NotApplicable, Outcome, Unknown
from pxedoctor.model.fact import known
from pxedoctor.model.firmware_image import FirmwareImage
from pxedoctor.model.libvirt import Domain
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.netboot import Netboot, domain_of, nic_of, place_in_order

META = Meta(
    code="GC003",
    name="uefi-without-rng",
    stage=Stage.GUEST,
    needs=("domains",),
    consults=("firmware_images",),
    fix="sometimes",
)
_ARCH = "x86_64"
_BY_RDRAND = "RngDxe"
# QEMU's models by their families (target/i386/cpu.c, CPUID_EXT_RDRAND).
_WITH_RDRAND = (
    *("IvyBridge", "Haswell", "Broadwell", "Skylake", "Cascadelake", "Cooperlake", "Icelake", "SapphireRapids"),
    *("GraniteRapids", "SierraForest", "ClearwaterForest", "Snowridge", "Denverton", "KnightsMill", "EPYC", "Dhyana"),
    "YongFeng",
)
_WITHOUT = (
    *("qemu32", "qemu64", "kvm32", "kvm64", "cpu64-rhel", "486", "pentium", "coreduo", "core2duo", "n270", "athlon"),
    *("phenom", "Conroe", "Penryn", "Nehalem", "Westmere", "SandyBridge", "Opteron_G", "x86-64-v"),
)
# What QEMU gives a guest that names no processor.
_DEFAULT = "qemu64"
_LIKE_THE_HOST = ("host-passthrough", "host-model", "maximum")


def check(facts: Facts, target: Target) -> Outcome:
    domain, nic = domain_of(facts.host, target), nic_of(facts.host, target)
    if domain is None or nic is None:
        return NotApplicable("it is no guest's NIC")
    if domain.firmware != "efi" or domain.arch not in {_ARCH, ""}:
        return NotApplicable("it has no UEFI firmware for x86-64")
    place = place_in_order(domain, nic)
    if place is Netboot.NEVER:
        return NotApplicable("its firmware does not try this NIC")
    if domain.rng:
        return Fine("it has a virtio-rng device")
    images = known(facts.host.firmware_images)
    image = images.at(domain.loader) if domain.loader else None
    if image is None:
        missing = f"whether the firmware {domain.loader or 'that libvirt chooses for it'} needs random numbers"
        return Unknown(missing=missing, would_help="run it as root; a guest that runs names its firmware")
    if not image.needs_random:
        return Fine(f"its firmware {image.path} loads its network drivers without random numbers")
    if _BY_RDRAND not in image.drivers:
        return _broken(domain, image, place, "its firmware makes no use of the processor's RDRAND")
    has_rdrand = _has_rdrand(domain, images.host_rdrand)
    if has_rdrand is None:
        missing = f"whether the processor {_processor(domain)} has RDRAND, without which this firmware has no PXE"
        return Unknown(missing=missing, would_help='look for a boot entry "UEFI PXEv4" on its console')
    if has_rdrand:
        return Fine(f"its processor {_processor(domain)} has RDRAND")
    return _broken(domain, image, place, f"its processor {_processor(domain)} has no RDRAND")


def _broken(domain: Domain, image: FirmwareImage, place: Netboot, why: str) -> Broken:
    return Broken(
        headline=f"{domain.name}'s UEFI firmware does not load its network drivers: they need random numbers, and "
        f"nobody gives them.",
        subject=domain.name,
        hop=Hop.NIC,
        severity="risk" if place is Netboot.LATER else "broken",
        evidence=(
            Evidence("its drivers depend on EFI_RNG_PROTOCOL", image.path, ", ".join(image.drivers)),
            Evidence("it has no virtio-rng device", f"{domain.origin}: devices/rng"),
            Evidence(why, f"{domain.origin}: cpu", _processor(domain)),
        ),
    )


def _has_rdrand(domain: Domain, host: bool | None) -> bool | None:
    policy = dict(domain.cpu.features).get("rdrand", "")
    if policy:
        return policy not in {"disable", "forbid"}
    if domain.cpu.mode in _LIKE_THE_HOST or domain.cpu.match == "minimum":
        # A processor that is emulated is not the host's.
        return host if domain.hypervisor == "kvm" else None
    model = domain.cpu.model or _DEFAULT
    if model.startswith(_WITH_RDRAND):
        return True
    return False if model.startswith(_WITHOUT) else None


def _processor(domain: Domain) -> str:
    return domain.cpu.model or domain.cpu.mode or f"{_DEFAULT} (QEMU's default)"


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.guest import next_start
    from pxedoctor.plans.guest_rng import AddRng

    domain = domain_of(facts.host, finding.first) if finding.first else None
    if domain is None:
        return NoPlan("the guest is not there any more")
    if not domain.persistent:
        return NoPlan("the guest is transient: it has no definition that could be edited")
    ways = ("Or a processor with RDRAND: <cpu mode='host-passthrough'/>.",)
    return Plan(steps=(AddRng(domain=domain.name),), pending=next_start(domain), other_ways=ways)
