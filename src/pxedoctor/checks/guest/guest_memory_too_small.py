"""The guest has less memory than the boot file that it fetches, and firmware keeps all of it in memory.

What it does
    Compares the memory in the guest's definition (<memory>) with the size of the boot file: on this host's disk where
    this host serves it by TFTP, or as its server told it to a probe with --fetch. What the boot file loads afterwards
    (a kernel, an initrd, a live system) is not known here. Where the file takes half of the memory or more, it depends
    on what else is there: Unknown.

Why the guest fails
    iPXE and EDK2 fetch a file into memory before they run it, and there is nowhere else to put it. Then the kernel
    unpacks its initrd beside what it was packed in: a live system may need three times its size. 512 MiB, which was
    much once, is less than the network installers of Fedora CoreOS or RHEL take (2 GiB and more). It looks like a fault
    of the network, because the guest stops in the middle of its download.

What you see
    iPXE: "Not enough space" or "Error 0x3b" with ipxe.org/err/34; EDK2: "PXE-E05", "Out of resources". Later, in the
    kernel's words: "Initramfs unpacking failed: write error", "No space left on device", "Kernel panic - not syncing:
    System is deadlocked on memory".

Fix
    Give the guest more memory, from its next full start:

        virsh setmaxmem GUEST 3G --config; virsh setmem GUEST 3G --config

    Or a smaller boot file: a kernel that fetches its root file system by itself (coreos.live.rootfs_url, inst.stage2).

Fix safety
    No plan: how much of this host's memory a guest gets is for a person to say.

References
    ipxe src/core/image.c, src/net/udp/tftp.c (tsize), edk2 UefiPxeBcDxe/PxeBcBoot.c; libvirt formatdomain.html (Memory
    allocation); coreos/fedora-coreos-tracker#1055, netbootxyz/netboot.xyz#1368
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, NotApplicable, Outcome, Unknown
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.boot_content import content_for_boot
from pxedoctor.road.netboot import Netboot, domain_of

META = Meta(
    code="GC007",
    name="guest-memory-too-small",
    stage=Stage.GUEST,
    needs=("bridges", "domains"),
    consults=("networks", "processes", "links", "sockets", "boot_files"),
    fix="never",
)
_MIB = 1 << 20


def check(facts: Facts, target: Target) -> Outcome:
    domain = domain_of(facts.host, target)
    if domain is None:
        return NotApplicable("it is no guest's NIC")
    found = content_for_boot(facts, target)
    if not isinstance(found, tuple):
        return found
    kind, content = found
    if content.size is None or domain.memory is None:
        missing = f"how large {content.name} is" if content.size is None else f"how much memory {domain.name} has"
        return Unknown(missing=missing, would_help="compare the two: virsh dominfo, and the size of the file")
    size, memory = _in_mib(content.size), _in_mib(domain.memory)
    if content.size * 2 < domain.memory:
        return Fine(f"its boot file of {size} leaves room in {memory}; what that loads is not known here")
    if content.size < domain.memory:
        missing = f"whether a boot file of {size} leaves enough of {memory} for what it unpacks and loads"
        return Unknown(missing=missing, would_help="give it more, or see whether its console speaks of memory or space")
    return Broken(
        headline=f"{domain.name} has {memory} of memory, and its boot file {content.name} alone has {size}.",
        subject=f"{domain.name}: memory",
        hop=Hop.CLIENT,
        leg=Leg.FETCH,
        severity="risk" if kind is Netboot.LATER else "broken",
        evidence=(
            Evidence("the memory of the guest", f"{domain.origin}: memory", f"{domain.memory} bytes"),
            Evidence("the size of the file", content.evidence.origin, f"{content.size} bytes"),
        ),
    )


def _in_mib(size: int) -> str:
    return f"{size / _MIB:.0f} MiB" if size >= _MIB else f"{size} bytes"


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    name = finding.first.guest if finding.first and finding.first.guest else "GUEST"
    return NoPlan(
        "how much of this host's memory a guest gets is for a person to say",
        (f"virsh setmaxmem {name} SIZE --config and virsh setmem {name} SIZE --config, then a full start",),
    )
