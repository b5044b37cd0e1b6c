"""A rule or policy of this host's firewall drops the guest's connection to the HTTP server with the boot file.

What it does
    Where the network names a boot file by URL on this host, walks the guest's SYN to that port and the answer through
    every base chain on their ways. Names the rule or policy that ends one of them, and whose it is.

Why the guest fails
    UEFI HTTP boot and iPXE's chain fetch the loader over TCP from a web server on the host. Firewalls open 22 by
    default, and 80 or 443 only where somebody asked; libvirt opens DHCP, DNS and TFTP for its bridge, nothing for HTTP.

What you see
    An address, then "Error: Could not retrieve NBP file size from HTTP server" (EDK2), PXE-E99, or iPXE's "Connection
    timed out (ipxe.org/4c0a6035)" after the URL. Nothing in the web server's log.

Fix
    One accept of that TCP port from this bridge, in the words of the program whose rule refuses.

Fix safety
    SAFE: one port of this host from one bridge of guests.

References
    UEFI specification 2.10 section 24.7 (HTTP boot), libvirt formatnetwork.html (bootp file), src/network/
    network_iptables.c networkAddIPv4FirewallRules
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
    code="NF010",
    name="host-firewall-drops-http-boot",
    stage=Stage.FILTER,
    needs=("netfilter", "bridges"),
    consults=("networks", "processes", "sockets", "links", "routes", "sysctls", "firewall_files"),
    fix="sometimes",
)
_ASKED = (PacketName.HTTP_SYN, PacketName.HTTP_SYN_ACK)
_HOOKS = (*TO_HOST, *FROM_HOST, *TO_HOST6, *FROM_HOST6)


def check(facts: Facts, target: Target) -> Outcome:
    if road_of(facts, target, PacketName.HTTP_SYN) is None:
        return NotApplicable("no boot file by HTTP is known for it")
    found = ended(facts, target, _ASKED, _HOOKS)
    if isinstance(found, Refused):
        return _broken(target, found)
    return found if isinstance(found, Unknown) else Fine("no rule of this host ends its HTTP boot")


def _broken(target: Target, found: Refused) -> Broken:
    bridge = target.bridge or ""
    netboots = target.client is not None and target.client.firmware
    what = "the guest's connection to the boot server" if found.packet is PacketName.HTTP_SYN else "the server's answer"
    return Broken(
        headline=f"{subject(found.rule)} drops {what} (HTTP boot) on {bridge}.",
        subject=bridge,
        scope="bridge",
        hop=found.hop.hop,
        leg=found.packet.leg,
        severity="broken" if netboots else "risk",
        evidence=told(found),
    )


def plan(finding: Finding, facts: Facts) -> Plan | NoPlan:
    from pxedoctor.plans.firewall_opening import Opening

    return opened(facts, finding.first, _ASKED, _HOOKS, Opening(interface=finding.broken.subject, service="http"))
