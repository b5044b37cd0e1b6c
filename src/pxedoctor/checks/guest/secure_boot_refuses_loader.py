"""The guest's firmware does Secure Boot, and the boot file that it is sent to is not signed.

What it does
    Looks whether keys are enrolled in the guest's file of UEFI variables (<nvram>, or its template before the first
    start), whether Secure Boot was switched off there, and whether the firmware can do it at all; where these files
    are closed to us, what the definition says (<feature name='secure-boot'/>, enrolled-keys). Then whether the boot
    file, on this host's disk or as a probe with --fetch got it, has a certificate table. Who signed it, and whether
    this firmware trusts the signer, is not looked at: a signed file is Unknown.

Why the guest fails
    With Secure Boot UEFI starts only programs that a key in its variables has signed. iPXE, GRUB and syslinux as most
    distributions ship them for netboot are not signed: the file comes whole, is looked at, and thrown away. What is
    signed is shim, which then starts a GRUB that its distribution has signed.

What you see
    "NBP file downloaded successfully", then "Access Denied" or "Verification failed: (0x1A) Security Violation", and
    the next boot option. In the server's log the whole file is sent, again at every try.

Fix
    Serve the signed chain: shimx64.efi (package shim-signed) as boot file, with grubx64.efi or its netboot build
    (grub-efi-amd64-signed: grubnetx64.efi.signed) beside it. Or, for a guest that may do without Secure Boot, variables
    without keys: <feature enabled='no' name='secure-boot'/>, and start it once with virsh start --reset-nvram.

Fix safety
    No plan: Secure Boot is a protection that somebody chose, and which loader is to be trusted is for a person to say.

References
    UEFI 2.10 chapter 32 (Secure Boot), Microsoft PE/COFF (attribute certificate table), edk2
    SecurityPkg/Library/DxeImageVerificationLib; rhboot/shim#44, ventoy/PXE#59, FOGProject/fogproject#960
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Fine, Hop, Leg, NotApplicable, Outcome, Unknown
from pxedoctor.model.libvirt import Domain
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.boot_content import Content, content_for_boot
from pxedoctor.road.netboot import Netboot, domain_of
from pxedoctor.road.secure_boot import SecureBoot, secure_boot_of

META = Meta(
    code="GC006",
    name="secure-boot-refuses-loader",
    stage=Stage.GUEST,
    needs=("bridges", "domains"),
    consults=("firmware_images", "networks", "processes", "links", "sockets", "boot_files"),
    fix="never",
)
_PROGRAM = "EFI program"


def check(facts: Facts, target: Target) -> Outcome:
    domain = domain_of(facts.host, target)
    if domain is None:
        return NotApplicable("it is no guest's NIC")
    if domain.firmware != "efi":
        return NotApplicable("a BIOS knows no Secure Boot")
    found = content_for_boot(facts, target)
    if not isinstance(found, tuple):
        return found
    kind, content = found
    if content.image.kind.value != _PROGRAM:
        return NotApplicable(f"its boot file is no EFI program, but {content.image.described}")
    secure = secure_boot_of(facts.host, domain)
    if secure.on is False:
        return Fine(f"Secure Boot is off: {secure.evidence.text} ({secure.evidence.origin})")
    if content.image.signed:
        missing = f"whether the guest's firmware trusts who signed {content.name}, should it do Secure Boot"
        return Unknown(missing=missing, would_help="start it, and see whether its console says Access Denied")
    if secure.on is None:
        missing = f"whether {domain.name} does Secure Boot, which would refuse {content.name}: it is not signed"
        return Unknown(missing=missing, would_help="run it as root; or mokutil --sb-state in the guest")
    return _broken(domain, kind, content, secure)


def _broken(domain: Domain, kind: Netboot, content: Content, secure: SecureBoot) -> Broken:
    return Broken(
        headline=f"{domain.name} does Secure Boot, and its boot file {content.name} is not signed: it is fetched and "
        f"refused.",
        subject=f"{domain.name}: {content.name}",
        hop=Hop.CLIENT,
        leg=Leg.FETCH,
        severity="risk" if kind is Netboot.LATER else "broken",
        certainty="proven" if secure.certain else "likely",
        evidence=(secure.evidence, content.evidence),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    return NoPlan(
        "Secure Boot is a protection that somebody chose, and which loader is to be trusted is for a person to say",
        ("serve shimx64.efi of shim-signed, with a signed GRUB beside it, instead of this file",),
    )
