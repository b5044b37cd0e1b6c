"""The boot file that the guest is sent to is of a kind that its firmware cannot run.

What it does
    Looks at the first bytes of the file: on this host's disk where this host serves it, or as a probe with --fetch got
    it. An EFI program tells its machine; a PXE program for BIOS, a script or a web page look like what they are. Then
    compares with the firmware: BIOS or UEFI, and the machine, as the guest's XML and option 93 say. What cannot be told
    from the bytes is Unknown, and names of files count for nothing.

Why the guest fails
    One `pxelinux.0` for everybody was right as long as every guest had a BIOS. UEFI takes EFI programs of its own
    machine, and nothing else; BIOS takes programs without a header. A reservation or a host entry that names a file
    overrides the class that had named the right one.

What you see
    UEFI: "NBP file downloaded successfully", then the next boot option, or "PXE-E99"; iPXE: "Exec format error"
    (ipxe.org/2e008081); a PXE ROM hangs. In the server's log the whole file is sent, again and again.

Fix
    Name a file for each architecture: for dnsmasq dhcp-match=set:efi,option:client-arch,7 with dhcp-boot=tag:efi,FILE;
    in a libvirt network the same lines in <dnsmasq:options>, for its <bootp> knows one file only; classes of option 93
    for dhcpd and Kea. OVMF on x86-64 says 7, on arm64 11; old firmware 9.

Fix safety
    No plan: which loader is meant is for a person to say.

References
    RFC 4578 section 2.1 and IANA "Processor Architecture Types", UEFI 2.10 sections 2.1.1 and 24.3, Microsoft PE/COFF,
    libvirt formatnetwork.html (dnsmasq:options), theforeman/foreman#3679, pypxe/PyPXE#167
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, Outcome, Unknown
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.boot_content import Content, content_for_boot
from pxedoctor.road.netboot import Netboot, domain_of

META = Meta(
    code="DS010",
    name="boot-file-wrong-arch",
    stage=Stage.SERVER,
    needs=("bridges",),
    consults=("domains", "networks", "processes", "links", "sockets", "boot_files"),
    fix="never",
)


def check(facts: Facts, target: Target) -> Outcome:
    found = content_for_boot(facts, target)
    if not isinstance(found, tuple):
        return found
    kind, content = found
    # Where a boot file was read at all: the formats of loaders are not imported for every diagnosis.
    from pxedoctor.wire.boot_fit import BootClient, fits

    # Whether Secure Boot takes it is another cause.
    client = BootClient(architecture=content.architecture, secure_boot=False, ipxe=content.client.startswith("ipxe"))
    fit = fits(content.image, client)
    if fit.answer == "yes":
        return Fine(f"{content.name} fits: {fit.why}")
    if fit.answer == "unknown":
        return Unknown(missing=f"whether {content.name} fits: {fit.why}", would_help="boot it, and see")
    return Broken(
        headline=f"the guest's firmware cannot run its boot file {content.name}: {fit.why}.",
        subject=f"{target.segment}: {content.name}",
        scope=target.segment_scope,
        hop=Hop.CLIENT,
        leg=Leg.FETCH,
        severity="risk" if kind is Netboot.LATER else "broken",
        evidence=(content.evidence, *_firmware(facts, target, content)),
    )


def _firmware(facts: Facts, target: Target, content: Content) -> tuple[Evidence, ...]:
    domain = domain_of(facts.host, target)
    words = f"{content.client}, option 93 = {content.architecture}"
    if domain is None:
        return (Evidence("the firmware that boots", target.client_why or "probe", words),)
    return (Evidence(f"the firmware that boots: {domain.firmware}", f"{domain.origin}: os", words),)


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    return NoPlan(
        "which loader is meant for this guest is for a person to say",
        (
            "dnsmasq: dhcp-match=set:efi,option:client-arch,7 and dhcp-boot=tag:efi,FILE",
            "a libvirt network: the same two lines in <dnsmasq:options>, then restart it with no guest on it",
        ),
    )
