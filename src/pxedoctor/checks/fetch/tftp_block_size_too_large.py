"""The TFTP server agrees to blocks that are larger than the way to the guest takes, and none of them arrives.

What it does
    Reads what a probe with --fetch saw: the server agreed to a block size (a small packet), and no block came, though
    it leaves from the same port. Where a device of this host is too small for it, that is the cause (mtu-mismatch);
    else the narrow place is on the way beyond, which this host cannot see, and only the size can be changed from here.

Why the guest fails
    DHCP's messages are small. The first block is the first large packet of a boot: iPXE asks for 1432 bytes (1464 with
    headers), OVMF for 1468 (1500). A tunnel or a switch port with less drops them, often without a word, and firmware
    asks again for the same size until it gives up. Firmware may not put fragments together either.

What you see
    The address is there, then PXE-E32: TFTP open timeout, or iPXE's "Connection timed out" (ipxe.org/4c0a6035); OVMF
    stops at "NBP filesize is ... Bytes". At the server the same block is sent again and again.

Fix
    Tell the server what the way takes: dnsmasq's tftp-mtu=1400 (or tftp-no-blocksize, for 512), in.tftpd's --blocksize
    1300. HTTP finds its size by itself where the network lets ICMP through. Better still, find the narrow place.

Fix safety
    No plan: the server is told by whoever runs it, and the narrow place is on another machine.

References
    RFC 2348 (blksize), dnsmasq(8) --tftp-mtu, tftpd(8) --blocksize, edk2 UefiPxeBcDxe/PxeBcImpl.c, ipxe
    src/include/ipxe/tftp.h, shylent/python-tx-tftp#33, FOGProject/fogproject#455, crowbar/crowbar-core#1078
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, Hop, Leg, NotApplicable, Outcome
from pxedoctor.model.bridge import Bridge
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.exchange import road_of
from pxedoctor.road.hop import Fate
from pxedoctor.road.lost import Fetched, Lost, large_packet
from pxedoctor.road.narrow import narrow_places
from pxedoctor.road.netboot import Netboot, netboot_of
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.tree import bridge_behind

META = Meta(
    code="TF002",
    name="tftp-block-size-too-large",
    stage=Stage.FETCH,
    needs=("bridges", "links"),
    consults=("domains", "networks", "processes"),
    fix="never",
)


def check(facts: Facts, target: Target) -> Outcome:
    kind = netboot_of(facts.host, target)
    if kind is Netboot.NEVER:
        return NotApplicable("it is not known to boot from the network")
    bridge = bridge_behind(facts.host, target)
    if not isinstance(bridge, Bridge):
        return bridge
    seen = large_packet(facts, target)
    if seen is None or (isinstance(seen, Lost) and not seen.block):
        return NotApplicable("no probe has fetched a boot file by TFTP in large blocks")
    if isinstance(seen, Fetched):
        return Fine(f"packets of {seen.size} bytes come through")
    if narrow_places(facts.host, bridge, target, seen.size):
        return NotApplicable("a device of this host is smaller than its blocks (see mtu-mismatch)")
    if _answers_are_dropped(facts, target):
        return NotApplicable("a rule of this host ends the guest's answers to the server, so that no block is sent")
    size, way = seen.block, f"on the way to {bridge.name}"
    room = Evidence(f"no device of this host on the way is smaller than {seen.size} bytes", "ip link", bridge.name)
    return Broken(
        headline=f"blocks of {size} bytes do not reach the guest: {way} they are too large.",
        subject=bridge.name,
        scope="bridge",
        hop=Hop.CLIENT,
        leg=Leg.FETCH,
        severity="risk" if kind is Netboot.LATER else "broken",
        # The guest's own answer may have been lost on the way there.
        certainty="likely",
        evidence=(seen.evidence, room),
    )


def _answers_are_dropped(facts: Facts, target: Target) -> bool:
    road = road_of(facts, target, PacketName.TFTP_ACK)
    return road is not None and road.fate is Fate.DROP


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    return NoPlan(
        "the narrow place is beyond this host, and the server's block size is for whoever runs it",
        (
            "dnsmasq: tftp-mtu=1400, or what the way takes; in.tftpd: --blocksize 1300",
            "boot over HTTP, which finds its size by itself where the network lets ICMP through",
        ),
    )
