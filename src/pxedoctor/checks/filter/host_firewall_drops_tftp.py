"""A rule or policy of this host's firewall drops the TFTP requests for the boot file, or the file itself.

What it does
    Where this host serves the boot file by TFTP, walks the guest's request (to UDP port 69), the first block of the
    file (from a port that the server chooses) and the guest's acknowledgement through every base chain on their ways.
    Names the rule or policy that ends one of them, and whose it is.

Why the guest fails
    The lease comes, for DHCP is open; then the ROM asks port 69, which nobody opened. Or the request gets in, and the
    file does not get out: the server answers from a new port, so to conntrack the first block is a new connection,
    which an OUTPUT that only knows "established" refuses. No conntrack helper is needed on the serving host: what comes
    back to that port is then established.

What you see
    An address, then PXE-E32: TFTP open timeout, or iPXE's "tftp://... Connection timed out (ipxe.org/4c0a6035)". In the
    server's log DHCPACK, and no "sent /srv/tftp/...".

Fix
    One accept of UDP port 69 from this bridge, in the words of the program whose rule refuses; for a closed OUTPUT, one
    of what this host answers. dnsmasq's tftp-single-port answers from port 69 itself.

Fix safety
    SAFE: one port of this host from one bridge of guests.

References
    RFC 1350 section 4 (transfer identifiers), dnsmasq(8) --tftp-single-port, libvirt network_iptables.c (it opens port
    69 only where the network has <tftp>), PXE specification 2.1 (PXE-E32)
"""

from pxedoctor.checks.opened import opened
from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.target import Facts, Target
from pxedoctor.plans.plan import NoPlan, Plan
from pxedoctor.road.ended import FROM_HOST, FROM_HOST6, TO_HOST, TO_HOST6, ended
from pxedoctor.road.exchange import road_of
from pxedoctor.road.packet_name import PacketName
from pxedoctor.road.refusing import Refused, subject, told

META = Meta(
    code="NF009",
    name="host-firewall-drops-tftp",
    stage=Stage.FILTER,
    needs=("netfilter", "bridges"),
    consults=("networks", "processes", "sockets", "links", "routes", "sysctls", "firewall_files"),
    fix="sometimes",
)
_ASKED = (PacketName.TFTP_RRQ, PacketName.TFTP_DATA, PacketName.TFTP_ACK)
_HOOKS = (*TO_HOST, *FROM_HOST, *TO_HOST6, *FROM_HOST6)
_WORDS = {
    PacketName.TFTP_RRQ: "the request for the boot file",
    PacketName.TFTP_DATA: "the boot file's first block",
    PacketName.TFTP_ACK: "the guest's acknowledgement of a block",
}


def check(facts: Facts, target: Target) -> Outcome:
    if road_of(facts, target, PacketName.TFTP_RRQ) is None:
        return NotApplicable("no boot file by TFTP is known for it")
    found = ended(facts, target, _ASKED, _HOOKS)
    if isinstance(found, Refused):
        return _broken(target, found)
    return found if isinstance(found, Unknown) else Fine("no rule of this host ends its TFTP")


def _broken(target: Target, found: Refused) -> Broken:
    bridge = target.bridge or ""
    netboots = target.client is not None and target.client.firmware
    return Broken(
        headline=f"{subject(found.rule)} drops {_WORDS[found.packet]} on {bridge}.",
        subject=bridge,
        scope="bridge",
        hop=found.hop.hop,
        leg=found.packet.leg,
        severity="broken" if netboots else "risk",
        evidence=told(found),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.firewall_opening import Opening

    answers = finding.first is not None and _is_answer(facts, finding.first)
    wants = Opening(interface=finding.broken.subject, service="tftp", direction="out" if answers else "in")
    return opened(facts, finding.first, _ASKED, _HOOKS, wants)


def _is_answer(facts: Facts, target: Target) -> bool:
    found = ended(facts, target, _ASKED, _HOOKS)
    return isinstance(found, Refused) and found.packet is PacketName.TFTP_DATA
