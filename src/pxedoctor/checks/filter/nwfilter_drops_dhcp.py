"""A filter of libvirt's on the guest's own tap (nwfilter) drops the exchange: DISCOVER, OFFER, or the boot file.

What it does
    For a running guest, walks each packet of its boot through the rules on its tap, and names the first that a rule of
    libvirt's nwfilter ends: chains libvirt-I-vnet0, I-vnet0-ipv4 and their like of ebtables, FI-vnet0 of iptables, and
    the tables of the newer driver. A guest that is off has no such rules yet.

Why the guest fails
    <filterref filter='...'/> in a guest's definition makes libvirt filter what passes its tap, before any bridge or
    firewall sees it. no-mac-broadcast drops every DISCOVER, unless allow-dhcp comes before it. allow-dhcp alone with a
    drop of all else lets DHCP pass, and neither TFTP nor a renewal nor a boot server's port 4011. no-ip-spoofing with a
    fixed IP passes DHCP and drops all that the guest sends from another address. clean-traffic drops all of IPv6.

What you see
    tcpdump on vnet0 shows the DISCOVER, and on the bridge there is none; or the address is there and no boot file.
    Without the <filterref> the same guest boots. `virsh nwfilter-binding-list` names vnet0, and the counters of
    `ebtables -t nat -L --Lc` grow at the rule.

Fix
    In the filter that the guest names (virsh nwfilter-edit FILTER): <filterref filter='allow-dhcp'/> before what drops
    it, and what else the boot needs. It holds at once, for every guest that has the filter.

Fix safety
    There is no repair: what a guest may send is somebody's policy, and one filter serves many guests.

References
    https://libvirt.org/formatnwfilter.html; libvirt src/nwfilter/nwfilter_ebiptables_driver.c, src/nwfilter/xml;
    corpus of reports: subuk/vmango#13, subuk/vmango#12
"""

from pxedoctor.findings.finding import Finding
from pxedoctor.findings.meta import Meta, Stage
from pxedoctor.findings.outcome import Broken, Evidence, Fine, NotApplicable, Outcome, Severity, Unknown
from pxedoctor.model.target import Facts, Target
from pxedoctor.netfilter.owner_names import Owner
from pxedoctor.plans.plan import NoPlan
from pxedoctor.road.exchange import needed, road_of, roads
from pxedoctor.road.hop import Fate, RoadHop
from pxedoctor.road.refusing import Refused, refused, subject, told

META = Meta(
    code="NF011",
    name="nwfilter-drops-dhcp",
    stage=Stage.FILTER,
    needs=("netfilter", "bridges", "domains"),
    consults=("networks", "processes", "sockets", "links", "sysctls"),
    fix="never",
    explains=(
        "host-firewall-drops-dhcp",
        "dhcp-reply-dropped",
        "host-firewall-drops-tftp",
        "host-firewall-drops-http-boot",
        "host-firewall-drops-dhcpv6",
    ),
)


def check(facts: Facts, target: Target) -> Outcome:
    if target.tap is None or target.kind not in {"nic", "tap"}:
        return NotApplicable("it has no tap now: libvirt writes the filter's rules when the guest starts")
    stopped = _stops_boot(facts, target)
    if stopped is not None:
        return _broken(target, stopped, "broken")
    doubt = next((hop for road in roads(facts, target) if (hop := road.decisive) and _is_doubt(hop)), None)
    if doubt is not None and doubt.rule is not None:
        missing = f"what libvirt's filter on {target.tap} does with it: {doubt.why}"
        return Unknown(missing=missing, would_help=f"see `{doubt.rule.origin}`", on_road=True)
    some = next((found for road in roads(facts, target) if (found := refused(road)) and _is_filter(found)), None)
    if some is not None:
        return _broken(target, some, "risk")
    return Fine(f"no filter of libvirt's on {target.tap} ends a packet of its boot")


def _stops_boot(facts: Facts, target: Target) -> Refused | None:
    """The first packet that its boot cannot do without; of several that serve one end, all must die."""
    for group in needed(facts, target):
        found = [refused(road_of(facts, target, name)) for name in group]
        ours = [entry for entry in found if entry is not None and _is_filter(entry)]
        if ours and None not in found:
            return ours[0]
    return None


def _is_filter(found: Refused) -> bool:
    return found.rule.owner == Owner.NWFILTER


def _is_doubt(hop: RoadHop) -> bool:
    return hop.predicted is Fate.UNKNOWN and hop.rule is not None and hop.rule.owner == Owner.NWFILTER


def _broken(target: Target, found: Refused, severity: Severity) -> Broken:
    guest = target.guest or "the guest"
    return Broken(
        headline=f"{subject(found.rule)}, on the tap of {guest}, drops the {found.packet}.",
        subject=target.tap or "",
        hop=found.hop.hop,
        leg=found.packet.leg,
        severity=severity,
        evidence=(
            *told(found),
            Evidence("the filter's name", f"virsh nwfilter-binding-dumpxml {target.tap}: filterref"),
        ),
    )


def plan(finding: Finding, facts: Facts) -> NoPlan:
    return NoPlan(
        "what a guest may send is somebody's policy, and one filter serves many guests",
        (
            f"virsh nwfilter-binding-dumpxml {finding.broken.subject} names the filter",
            "virsh nwfilter-edit FILTER: <filterref filter='allow-dhcp'/> before what drops it, and what the boot "
            "needs besides; it holds at once",
        ),
    )
