"""iPXE asks for what to boot and is handed iPXE again: each one fetches the next, for ever.

What it does
    Follows the chain: what the server names for the guest's firmware, and, where that file is iPXE, what it names for
    an iPXE of the same machine (user class "iPXE", option 175). If that is iPXE as well, it is a loop. QEMU's network
    ROM for BIOS guests is iPXE itself, so there one step is enough. Which file is iPXE is told from its first bytes, on
    this host's disk or as a probe with --fetch got it.

Why the guest fails
    `dhcp-boot=undionly.kpxe` is meant for a plain PXE ROM. iPXE sends the same PXEClient and asks the same server, and
    a server that does not look for the user class gives it the same answer. A libvirt network's <bootp> cannot look.

What you see
    "iPXE initialising devices..." over and over on the console; in the server's log the same file is sent again and
    again, DISCOVER between.

Fix
    Give iPXE a script of its own: dnsmasq dhcp-match=set:ipxe,175 with dhcp-boot=tag:ipxe,boot.ipxe, and the binary
    without that tag; dhcpd `if exists user-class and option user-class = "iPXE"`. A guest whose ROM is iPXE needs no
    undionly.kpxe at all: name the script in <bootp>.

Fix safety
    No plan: which script is to be booted is for a person to say.

References
    ipxe.org/howto/chainloading ("breaking the infinite loop"), ipxe.org/howto/dhcpd, dnsmasq(8) --dhcp-match; an iPXE
    with a script embedded in it leaves the loop, and cannot be told apart by its first bytes: so it is only likely
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, Outcome, Unknown
from pxedoctor.model.boot_file import BootFile
from pxedoctor.model.fact import Missing
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.boot_content import Content, content_for_boot
from pxedoctor.road.boot_here import BootHere, boot_here_for
from pxedoctor.road.boot_tags import asker
from pxedoctor.road.file_reading import Readable
from pxedoctor.road.netboot import Netboot
from pxedoctor.wire.boot_image import recognised

META = Meta(
    code="DS013",
    name="ipxe-chain-loop",
    stage=Stage.SERVER,
    needs=("bridges",),
    consults=("domains", "networks", "processes", "links", "sockets", "boot_files"),
    fix="never",
)


def check(facts: Facts, target: Target) -> Outcome:
    found = content_for_boot(facts, target)
    if not isinstance(found, tuple):
        return found
    kind, first = found
    if first.image.is_ipxe is None:
        return Unknown(missing=f"whether {first.name} is iPXE", would_help="look at it, e.g. with strings(1)")
    if not first.image.is_ipxe:
        return Fine(f"{first.name} is not iPXE")
    if first.client.startswith("ipxe"):
        return _broken(target, kind, (first.evidence,), first.name)
    return _second(facts, target, kind, first)


def _second(facts: Facts, target: Target, kind: Netboot, first: Content) -> Outcome:
    """The firmware loads iPXE: what will that be handed?"""
    here = boot_here_for(facts, target, asker("ipxe", first.architecture))
    if here is None:
        return Fine("it loads iPXE, which is handed no file of this host")
    if isinstance(here, Missing):
        return Unknown(missing=here.why, would_help=here.would_help)
    file = here.reading.file if isinstance(here.reading, Readable) else None
    image = recognised(file.first, file.size) if file else None
    if file is None or image is None or image.is_ipxe is None:
        return Unknown(missing=f"whether {here.named.file} is iPXE", would_help="look at it, e.g. with strings(1)")
    if not image.is_ipxe:
        return Fine(f"the iPXE that it loads is handed {here.named.file}, which is not iPXE")
    return _broken(target, kind, (first.evidence, _again(here, file)), here.named.file)


def _again(here: BootHere, file: BootFile) -> Evidence:
    return Evidence(f"and that iPXE is handed {file.path}, which is iPXE", here.named.origin, here.named.value)


def _broken(target: Target, kind: Netboot, evidence: tuple[Evidence, ...], file: str) -> Broken:
    return Broken(
        headline=f"iPXE is handed iPXE, over and over: {file}, unless a script is embedded in it.",
        subject=f"{target.segment}: {file}",
        scope=target.segment_scope,
        hop=Hop.CLIENT,
        leg=Leg.FETCH,
        severity="risk" if kind is Netboot.LATER else "broken",
        certainty="likely",
        evidence=evidence,
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    return NoPlan(
        "which script iPXE is to run is for a person to say",
        (
            "dnsmasq: dhcp-match=set:ipxe,175 and dhcp-boot=tag:ipxe,boot.ipxe beside dhcp-boot=undionly.kpxe",
            "a libvirt network whose guests have QEMU's own ROM: <bootp file='boot.ipxe'/>, for that ROM is iPXE",
        ),
    )
